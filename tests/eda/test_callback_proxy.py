# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shipped configuration of nginx in a real nginx, between a sender and an event stream."""

from __future__ import annotations

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from eda.test_callback_source import free_port
from simulator.tls_files import TlsFiles, write_tls_files
from tools import nginx
from tools.paths import ROOT

SHIPPED = ROOT / "extensions" / "eda" / "callback-proxy.conf"
PATH, TOKEN = "/6f1c-secret-path", "token-5555-not-a-real-token"
STREAM_PATH = "/eda-event-streams/api/eda/v1/external_event_stream/c0ffee00-0000-4000-8000-000000000000/post/"
BODY = b'{"accountName": "0242072320-00001", "type": "upgradeProgress"}'
ALLOWED, STRANGER = "127.0.0.1", "127.0.0.2"


@pytest.fixture(scope="module")
def program() -> str:
    path = nginx.found()
    if path is None:
        pytest.skip(nginx.MISSING)
    return path


@dataclass
class Stream:
    """An event stream that notes what it gets."""

    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@contextmanager
def event_stream(files: TlsFiles) -> Iterator[Stream]:
    stream = Stream()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stream.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.cert_file, files.key_file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        stream.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stream
        finally:
            server.shutdown()
            thread.join()


def as_told(shipped: str, settings: dict[str, str]) -> str:
    """The shipped file with what its head tells to set; each of them is in the file."""
    for old, new in settings.items():
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    return shipped


@dataclass(frozen=True)
class Proxy:
    """nginx while it runs, and who trusts it."""

    url: str
    folder: Path
    ca_file: str

    def post(
        self, path: str = PATH, sender: str = ALLOWED, body: bytes = BODY, headers: dict[str, str] | None = None
    ) -> int:
        """The status that a sender with this address gets."""
        with requests.Session() as session:
            session.mount("https://", _From(sender))
            session.trust_env = False
            response = session.post(f"{self.url}{path}", data=body, headers=headers, verify=self.ca_file, timeout=60)
        return response.status_code

    @property
    def logged(self) -> str:
        """All that it has written."""
        return "\n".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))


class _From(HTTPAdapter):
    """Sends from an address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        super().init_poolmanager(*args, **keywords, source_address=(self._address, 0))


@contextmanager
def running(program: str, folder: Path, stream_port: int, trusted: TlsFiles) -> Iterator[Proxy]:
    """The shipped server in an nginx of its own, which trusts this authority."""
    own, port = write_tls_files(folder, ["localhost"]), free_port()
    settings = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "callbacks.example.com": "localhost",
        "/etc/pki/callbacks/fullchain.pem": own.cert_file,
        "/etc/pki/callbacks/privkey.pem": own.key_file,
        "/the-secret-path": PATH,
        "the-token": TOKEN,
        "/etc/pki/tls/certs/ca-bundle.crt": trusted.ca_file,
        "https://eda.example.com/the/address/of/the/event/stream/": f"https://localhost:{stream_port}{STREAM_PATH}",
        "/var/log/nginx/callbacks.log": str(folder / "callbacks.log"),
        "allow 3.87.163.45;": f"allow {ALLOWED};",
    }
    server = folder / "callback-proxy.conf"
    server.write_text(as_told(SHIPPED.read_text(encoding="utf-8"), settings), encoding="utf-8")
    # What a distribution's nginx.conf has around the files of conf.d.
    temporary = "".join(f"{kind}_temp_path tmp-{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid nginx.pid; error_log {folder}/error.log info; events {{}}"
        f"http {{ access_log {folder}/access.log; client_body_temp_path tmp-body; {temporary} include {server}; }}",
        encoding="utf-8",
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60, check=False)
    assert tested.returncode == 0 and "[warn]" not in tested.stderr, tested.stderr
    process = subprocess.Popen(command)
    proxy = Proxy(f"https://localhost:{port}", folder, own.ca_file)
    try:
        wait_until_it_listens(proxy, process)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until_it_listens(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            proxy.post("/is-it-there")
        except requests.ConnectionError:
            continue
        return
    raise AssertionError(proxy.logged)


@pytest.fixture(scope="module")
def stream_files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return write_tls_files(tmp_path_factory.mktemp("stream"), ["localhost"])


@pytest.fixture(scope="module")
def stream(stream_files: TlsFiles) -> Iterator[Stream]:
    with event_stream(stream_files) as stream:
        yield stream


@pytest.fixture(scope="module")
def proxy(
    program: str, stream: Stream, stream_files: TlsFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    with running(program, tmp_path_factory.mktemp("nginx"), stream.port, stream_files) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def forget(request: pytest.FixtureRequest) -> None:
    if "stream" in request.fixturenames:
        request.getfixturevalue("stream").requests.clear()


def test_a_callback_reaches_the_event_stream_with_the_token(proxy: Proxy, stream: Stream) -> None:
    assert proxy.post(headers={"Content-Type": "application/json", "Authorization": "what-a-sender-claims"}) == 200
    ((path, headers, body),) = stream.requests
    assert (path, body) == (STREAM_PATH, BODY)
    assert headers["authorization"] == TOKEN
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"localhost:{stream.port}"


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (403, {"sender": STRANGER}),
        (404, {"path": "/"}),
        (404, {"path": f"{PATH}/more"}),
        (404, {"path": PATH[:-1]}),
        (413, {"body": b"x" * (64 * 1024 + 1)}),
    ],
)
def test_nothing_else_reaches_it(proxy: Proxy, stream: Stream, status: int, sent: dict[str, Any]) -> None:
    assert proxy.post(**sent) == status
    assert stream.requests == []


def test_no_log_has_the_secret_path_or_the_token(proxy: Proxy, stream: Stream) -> None:
    senders: list[dict[str, Any]] = [{}, {"sender": STRANGER}, {"body": b"x" * 70_000}, {"path": f"{PATH}/more"}]
    statuses = [proxy.post(**sent) for sent in senders]
    # It is of use all the same: each request, from where, and how it was answered.
    for address, status in zip((ALLOWED, STRANGER, ALLOWED, ALLOWED), statuses, strict=True):
        assert re.search(rf"^{address} .* {status}\b", proxy.logged, re.MULTILINE), proxy.logged
    for secret in (PATH, TOKEN, STREAM_PATH):
        assert secret not in proxy.logged, proxy.logged


def test_the_token_goes_to_nobody_whose_certificate_is_not_trusted(
    program: str, stream: Stream, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = write_tls_files(tmp_path / "other", ["localhost"])
    with running(program, tmp_path, stream.port, trusted=other) as proxy:
        assert proxy.post() == 502
        assert stream.requests == []
        assert PATH not in proxy.logged and STREAM_PATH not in proxy.logged
