# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies: their own errors, invalid proxy URLs, and that their passwords are never shown."""

from __future__ import annotations

import importlib.util
import socket
import ssl
import threading
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CertificateRefused,
    ConnectionFailed,
    OptionError,
    ProxyRefused,
    Severity,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from client.hostile import GOOD, Act, Peer, answering, error_of, outcome_of, serving, through, transport_to
from client.test_reads import Rig
from simulator.tls_files import TlsFiles, write_tls_files

PASSWORD = "proxy-secret"
HTTPS, HTTP = "https://thingspace.example/api", "http://thingspace.example/api"


def with_password(url: str) -> str:
    return url.replace("://", f"://somebody:{PASSWORD}@")


def refusing(status: int, more: str = "") -> Act:
    return answering(f"HTTP/1.1 {status} Said so: {PASSWORD}\r\n{more}Content-Length: 2\r\n\r\n{{}}".encode())


@pytest.mark.parametrize("api_url", [HTTPS, HTTP])
@pytest.mark.parametrize("header", ["", 'Proxy-Authenticate: Basic realm="x"\r\n', "Proxy-Authenticate: NTLM\r\n"])
def test_a_proxy_that_refuses_the_password(api_url: str, header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"{api_url.split(':')[0]}_proxy"
    with serving(refusing(407, header)) as proxy:
        through(monkeypatch, with_password(proxy.url), variable)
        transport = transport_to(api_url)
        first, second = error_of(transport), error_of(transport)
        # The same password is never sent twice.
        assert proxy.connections == 1

    assert first.message == second.message
    assert first.message == (
        f"The proxy for {transport.host} refused access (HTTP 407): check its user and password in {variable}."
    )
    assert isinstance(first, ProxyRefused)
    assert isinstance(second, ProxyRefused)
    assert (first.reason, first.severity) == ("proxy_refused", Severity.FATAL)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 451, 302])
def test_a_proxy_that_refuses_the_host(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(refusing(status)) as proxy:
        through(monkeypatch, with_password(proxy.url), "HTTPS_PROXY")
        error = error_of(transport_to(HTTPS))

    assert isinstance(error, ProxyRefused)
    assert f"refused the connection (HTTP {status}): check HTTPS_PROXY and no_proxy" in error.message
    assert "api_key" not in error.message


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_a_proxy_that_cannot_reach_the_host_for_now(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(refusing(status)) as proxy:
        through(monkeypatch, proxy.url, "https_proxy")
        error = error_of(transport_to(HTTPS))

    assert isinstance(error, ConnectionFailed)
    assert f"could not connect: HTTP {status}" in error.message
    assert not error.maybe_processed


def test_a_403_that_is_the_services_own_is_not_blamed_on_a_proxy() -> None:
    with serving(answering(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n{}")) as server:
        outcome = outcome_of(transport_to(server.url))

    assert isinstance(outcome, Response)
    assert outcome.status == 403


def test_a_client_asks_a_proxy_that_refuses_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(refusing(407)) as proxy:
        through(monkeypatch, with_password(proxy.url), "https_proxy")
        rig = Rig(HTTPS, retries=3)
        with pytest.raises(ProxyRefused):
            rig.read()
        assert proxy.connections == 1
    assert rig.clock.slept == []


@pytest.mark.parametrize("how", ["silent", "closing", "no HTTP", "nobody"])
def test_a_proxy_that_is_none(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    acts: dict[str, Act] = {
        "silent": Peer.silence,
        "closing": lambda peer: peer.drip(b"", 0) if not peer.request() else None,
        "no HTTP": lambda peer: peer.sock.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "nobody": Peer.reset,
    }
    with serving(acts[how]) as proxy:
        if how == "nobody":
            proxy.close()
        through(monkeypatch, with_password(proxy.url), "https_proxy")
        error = error_of(transport_to(HTTPS, request_timeout=1))

    assert isinstance(error, ConnectionFailed)
    assert "proxy for thingspace.example:443" in error.message
    assert "check https_proxy and no_proxy" in error.message
    assert not error.maybe_processed


def test_a_proxy_whose_name_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    through(monkeypatch, with_password("http://no-such-proxy.invalid:3128"), "https_proxy")
    error = error_of(transport_to(HTTPS, request_timeout=10))

    assert "The host name of the proxy for thingspace.example:443 cannot be resolved" in error.message
    assert "check https_proxy" in error.message


NO_ADDRESSES = {
    "# in the password": f"http://somebody:{PASSWORD}#1@proxy.example:3128",
    "# behind digits": f"http://somebody:12#{PASSWORD}@proxy.example:3128",
    "/ in the password": f"http://somebody:{PASSWORD}/1@proxy.example:3128",
    "/ behind digits": f"http://somebody:12/{PASSWORD}@proxy.example:3128",
    "? in the password": f"http://somebody:12?{PASSWORD}@proxy.example:3128",
    "[ in the password": f"http://somebody:[{PASSWORD}@proxy.example:3128",
    "] in the password": f"http://somebody:]{PASSWORD}@proxy.example:3128",
    "backslash": f"http://somebody:\\{PASSWORD}@proxy.example:3128",
    "blank": f"http://somebody:{PASSWORD} 1@proxy.example:3128",
    "line break": "http://proxy.example:3128\n",
    "ftp": f"ftp://somebody:{PASSWORD}@proxy.example:21",
    "file": "file:///etc/proxy",
    "no scheme that exists": f"htp://somebody:{PASSWORD}@proxy.example:3128",
    "no host": "http://",
    "only a port": "http://:3128",
    "no port at all": "http://proxy.example:abc",
    "a port too far": "http://proxy.example:99999",
    "port 0": "http://proxy.example:0",
    "a path": "http://proxy.example:3128/proxy.pac",
    "an empty label": "http://proxy..example:3128",
    "a long label": f"http://{'a' * 64}.example:3128",
    "a euro in the password": f"http://somebody:{PASSWORD}%E2%82%AC@proxy.example:3128",
}


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("name", NO_ADDRESSES)
def test_an_address_that_is_none_ends_the_task_at_once(
    name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    through(monkeypatch, NO_ADDRESSES[name], variable)
    with pytest.raises(OptionError) as caught:
        transport_to(HTTPS)

    assert caught.value.message.startswith(variable)
    assert PASSWORD not in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("scheme", ["socks5h", "socks5", "socks4"])
def test_a_socks_proxy_without_its_library(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def without_socks(name: str, *more: Any) -> Any:
        return None if name == "socks" else find_spec(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without_socks)
    through(monkeypatch, f"{scheme}://somebody:{PASSWORD}@proxy.example:1080", "https_proxy")
    with pytest.raises(OptionError, match="https_proxy names a SOCKS proxy.*PySocks.*pip install PySocks") as caught:
        transport_to(HTTPS)
    assert PASSWORD not in caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "{host}",
        "http://{host}",
        "HTTP://{host}/",
        "http://somebody:p%23%2F%40%5B@{host}",
        "http://somebody:p@ss@{host}",
    ],
)
def test_an_address_that_is_one(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(GOOD)) as proxy:
        through(monkeypatch, address.format(host=f"127.0.0.1:{proxy.port}"))
        assert isinstance(outcome_of(transport_to(HTTP)), Response)


@pytest.mark.parametrize("no_proxy", ["*", "127.0.0.1", "127.0.0.0/8", "localhost,127.0.0.1"])
def test_a_bad_proxy_that_is_not_used_is_harmless(no_proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(GOOD)) as server:
        through(monkeypatch, NO_ADDRESSES["ftp"])
        monkeypatch.setenv("no_proxy", no_proxy)
        assert isinstance(outcome_of(transport_to(server.url)), Response)


def relay(peer: Peer, host: str, port: int) -> None:
    """Forward bytes in both directions until one side closes."""
    with socket.create_connection((host, port)) as other:

        def back() -> None:
            while data := other.recv(65536):
                peer.sock.sendall(data)
            peer.sock.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=back, daemon=True).start()
        while data := peer.sock.recv(65536):
            other.sendall(data)


def connecting(peer: Peer) -> None:
    """Handle CONNECT, but always connect to 127.0.0.1."""
    port = int(peer.request().split(b" ")[1].rpartition(b":")[2])
    peer.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    relay(peer, "127.0.0.1", port)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return write_tls_files(tmp_path_factory.mktemp("tls"), ["127.0.0.1", "thingspace.example"])


def in_tls(act: Act, files: TlsFiles) -> Act:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert_file, files.key_file)

    def wrapped(peer: Peer) -> None:
        with context.wrap_socket(peer.sock, server_side=True) as sock:
            peer.sock = sock
            act(peer)

    return wrapped


@pytest.mark.parametrize("is_tls_proxy", [False, True])
def test_https_through_a_proxy(is_tls_proxy: bool, files: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    act = in_tls(connecting, files) if is_tls_proxy else connecting
    with serving(in_tls(answering(GOOD), files)) as server, serving(act) as proxy:
        through(monkeypatch, proxy.url.replace("http:", "https:") if is_tls_proxy else proxy.url, "https_proxy")
        transport = transport_to(f"https://thingspace.example:{server.port}", ca_path=files.ca_file, request_timeout=5)
        for _number in range(3):
            assert isinstance(outcome_of(transport), Response)
        assert proxy.connections == 1


def test_a_plain_proxy_that_is_called_https(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda peer: peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as proxy:
        through(monkeypatch, with_password(proxy.url.replace("http:", "https:")), "https_proxy")
        error = error_of(transport_to(HTTPS))

    assert isinstance(error, ConnectionFailed)
    assert "No TLS connection to the proxy for thingspace.example:443: OpenSSL says" in error.message
    assert "https_proxy begins with http:// for most proxies" in error.message


def test_the_certificate_of_a_proxy(files: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(in_tls(connecting, files)) as proxy:
        through(monkeypatch, proxy.url.replace("http:", "https:"), "https_proxy")
        error: ThingSpaceError = error_of(transport_to(HTTPS))

    assert isinstance(error, CertificateRefused)
    assert "of the proxy for thingspace.example:443 was refused" in error.message
    assert "Check https_proxy" in error.message


def socks5(method: bytes, status: bytes = b"") -> Act:
    """A SOCKS 5 proxy that selects this authentication method, and then sends this status."""

    def act(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.sock.sendall(b"\x05" + method)
        peer.sock.recv(65536)
        if method == b"\x02":
            peer.sock.sendall(b"\x01\x01")
            return
        port = int.from_bytes(b"\0\0", "big")
        peer.sock.sendall(b"\x05" + status + b"\0\x01\x7f\0\0\x01" + port.to_bytes(2, "big"))
        if status == b"\0":
            answering(GOOD)(peer)

    return act


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        (socks5(b"\x02"), ProxyRefused, "refused access: check its user and password in http_proxy"),
        (socks5(b"\xff"), ProxyRefused, "refused access: check its user and password in http_proxy"),
        (socks5(b"\0", b"\x02"), ProxyRefused, "refused the connection: check http_proxy"),
        (socks5(b"\0", b"\x04"), ConnectionFailed, "proxy for thingspace.example:80 could not be used"),
        (socks5(b"\0", b"\x05"), ConnectionFailed, "proxy for thingspace.example:80 could not be used"),
    ],
    ids=["wrong password", "no way to log in", "ruleset", "unreachable", "refused"],
)
def test_what_a_socks_proxy_refuses(
    act: Act, kind: type[ThingSpaceError], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("socks")
    with serving(act) as proxy:
        through(monkeypatch, with_password(proxy.url.replace("http:", "socks5h:")))
        error = error_of(transport_to(HTTP, request_timeout=5))

    assert isinstance(error, kind), error.message
    assert said in error.message


def test_through_a_socks_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    with serving(socks5(b"\0", b"\0")) as proxy:
        through(monkeypatch, proxy.url.replace("http:", "socks5h:"))
        transport = transport_to(HTTP, request_timeout=5)
        assert isinstance(outcome_of(transport), Response)
        assert isinstance(outcome_of(transport), Response)
        assert proxy.connections == 1


@pytest.mark.parametrize("name", ["settings", "bypass"])
def test_settings_of_the_operating_system_are_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS they come from a library that crashes in a forked process."""
    import urllib.request

    def crash(*_args: object) -> None:
        raise AssertionError("read from the system")

    monkeypatch.setattr(urllib.request, "getproxies", crash)
    monkeypatch.setattr("requests.utils.getproxies", crash)
    if name == "bypass":
        monkeypatch.setattr("requests.utils.proxy_bypass", crash)
    with serving(answering(GOOD)) as server:
        for variable in ("no_proxy", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(variable, raising=False)
            monkeypatch.delenv(variable.upper(), raising=False)
        assert isinstance(outcome_of(transport_to(server.url)), Response)
