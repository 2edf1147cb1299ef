# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: which certificates are trusted, and the errors for others."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CertificateRefused,
    ConnectionFailed,
    OptionError,
)
from client.hostile import Peer, error_of, serving, transport_to
from client.test_reads import Rig
from simulator.control import Control, SimulatorProcess, TlsFiles, write_tls_files
from simulator.stock import V2_ID


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return write_tls_files(tmp_path_factory.mktemp("tls"), ["127.0.0.1"])


@pytest.fixture(scope="module")
def tls_url(files: TlsFiles) -> Iterator[str]:
    with SimulatorProcess(["--speed", "0", *files.options()]) as process:
        yield process.url


@pytest.fixture(autouse=True)
def _no_authorities_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def test_a_private_authority_is_believed_when_it_is_named(tls_url: str, files: TlsFiles) -> None:
    assert Rig(tls_url, options={"ca_path": files.ca_file}).read().body["id"] == V2_ID


def test_a_private_authority_is_not_believed_by_itself(tls_url: str, files: TlsFiles) -> None:
    control = Control(tls_url.removesuffix("/api") + "/_simulator", files.ca_file)
    control.reset()
    rig = Rig(tls_url, retries=2)

    error = rig.error()

    assert isinstance(error, CertificateRefused)
    # The rest of the message is the reason from OpenSSL, whose wording differs between versions.
    assert error.message.startswith(f"The TLS certificate of {rig.transport.host} was refused: ")
    assert "ca_path" in error.message
    # No credentials were sent, and there was no retry.
    assert control.counters()["total"] == 0
    assert rig.client.requests == 1


def test_an_authority_that_is_not_there_is_named(tls_url: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="ca_path does not exist on the host that sends the requests"):
        Rig(tls_url, options={"ca_path": str(tmp_path / "none.pem")})


def test_the_environment_may_name_the_authority(tls_url: str, files: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", files.ca_file)
    assert Rig(tls_url).read().body["id"] == V2_ID


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_the_environment_does_not_override_the_option(
    tls_url: str, files: TlsFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = write_tls_files(tmp_path, ["127.0.0.1"])
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other.ca_file)
    assert Rig(tls_url, options={"ca_path": files.ca_file}).read().body["id"] == V2_ID
    assert Rig(tls_url, options={"validate_certs": False}).read().body["id"] == V2_ID

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", files.ca_file)
    assert isinstance(Rig(tls_url, options={"ca_path": other.ca_file}).error(), CertificateRefused)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    elsewhere = write_tls_files(tmp_path, ["elsewhere.example"])
    with SimulatorProcess(["--speed", "0", *elsewhere.options()]) as process:
        error = Rig(process.url, options={"ca_path": elsewhere.ca_file}).error()

    assert isinstance(error, CertificateRefused)
    # The first message is that of OpenSSL, the second that of urllib3 1.26.
    assert "IP address mismatch" in error.message or "doesn't match 'elsewhere.example'" in error.message
    assert "127.0.0.1" in error.message


def test_tls_to_a_plain_address(api_url: str) -> None:
    error = Rig(api_url.replace("http://", "https://")).error()

    assert isinstance(error, ConnectionFailed)
    assert "The port does not seem to use TLS: check api_url" in error.message
    assert not error.maybe_processed


def test_plain_http_to_a_tls_address(tls_url: str) -> None:
    error = Rig(tls_url.replace("https://", "http://")).error()

    assert isinstance(error, ConnectionFailed)


def test_no_answer_in_time_over_tls(tls_url: str, files: TlsFiles) -> None:
    control = Control(tls_url.removesuffix("/api") + "/_simulator", files.ca_file)
    control.reset()
    control.fault("hang", kind="campaign_read")

    error = Rig(tls_url, options={"ca_path": files.ca_file, "request_timeout": 1.0}).error()
    control.clear_faults()

    assert isinstance(error, ConnectionFailed)
    assert "did not respond within 1 seconds (request_timeout)" in error.message


BUNDLES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no certificate\n"),
    "a key": lambda path: write_tls_files(path.parent, ["x.example"]) and (path.parent / "server.key").rename(path),
    "DER": lambda path: path.write_bytes(ssl.PEM_cert_to_DER_cert(_one_certificate(path.parent))),
    "damaged": lambda path: path.write_text(_one_certificate(path.parent).replace("M", "!", 9)),
    "damaged behind a good one": lambda path: path.write_text(
        _one_certificate(path.parent) + "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n"
    ),
    "an empty folder": lambda path: path.mkdir(),
    "a folder without hashes": lambda path: write_tls_files(_made(path), ["x.example"]),
}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _one_certificate(folder: Path) -> str:
    return Path(write_tls_files(folder, ["x.example"]).ca_file).read_text()


@pytest.mark.parametrize("setting", ["ca_path", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("name", BUNDLES)
def test_authorities_that_are_none_end_the_task_at_once(
    name: str, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle.pem"
    BUNDLES[name](path)
    options = {"ca_path": str(path)} if setting == "ca_path" else {}
    if setting != "ca_path":
        monkeypatch.setenv(setting, str(path))
    with pytest.raises(OptionError) as caught:
        Rig("https://127.0.0.1:9/api", options=options)

    assert caught.value.message.startswith(f"{setting} ")
    assert str(path) in caught.value.message


def test_a_bad_bundle_that_is_not_used_is_harmless(
    api_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    assert Rig(api_url).read().body["id"] == V2_ID
    assert Rig("https://127.0.0.1:9/api", options={"validate_certs": False})


def test_a_folder_of_authorities(tls_url: str, files: TlsFiles, tmp_path: Path) -> None:
    command = ["openssl", "x509", "-hash", "-noout", "-in", files.ca_file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shutil.copy(files.ca_file, tmp_path / f"{done.stdout.strip()}.0")
    assert Rig(tls_url, options={"ca_path": str(tmp_path)}).read().body["id"] == V2_ID


def _server_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert_file, files.key_file)
    return context


def _client_certificate(files: TlsFiles) -> ssl.SSLContext:
    context = _server_context(files)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(files.ca_file)
    return context


def _client_certificate_before_1_3(files: TlsFiles) -> ssl.SSLContext:
    context = _client_certificate(files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _old_version(files: TlsFiles) -> ssl.SSLContext:
    context = _server_context(files)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def _foreign_cipher(files: TlsFiles) -> ssl.SSLContext:
    context = _server_context(files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    # The server does not have a key for this cipher.
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    return context


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_client_certificate, "certificate required"),
        (_client_certificate_before_1_3, "handshake failure|certificate"),
        (_old_version, "protocol|version"),
        (_foreign_cipher, "handshake failure|cipher"),
    ],
)
def test_what_openssl_says_is_said(make: Callable[[TlsFiles], ssl.SSLContext], reason: str, files: TlsFiles) -> None:
    context = make(files)

    def act(peer: Peer) -> None:
        with context.wrap_socket(peer.sock, server_side=True, do_handshake_on_connect=False) as sock:
            with contextlib.suppress(ssl.SSLError):
                sock.do_handshake()
            # Closing a connection with unread data would reset it, and discard the alert.
            plain = socket.socket(fileno=sock.detach())
            plain.shutdown(socket.SHUT_WR)
            peer.sock = plain
            peer.silence()
            plain.close()

    with serving(act) as server:
        url = server.url.replace("http:", "https:")
        error = error_of(transport_to(url, ca_path=files.ca_file, request_timeout=5))

    assert isinstance(error, ConnectionFailed)
    assert re.search(f"No TLS connection to 127.0.0.1:[0-9]+: OpenSSL says [a-z0-9 ]*({reason})", error.message)
    assert "https address" not in error.message
    assert not error.maybe_processed


@pytest.mark.parametrize("first", [b"HTTP/1.0 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", b"\0" * 64])
def test_something_without_tls(first: bytes) -> None:
    with serving(lambda peer: peer.sock.sendall(first)) as server:
        error = error_of(transport_to(server.url.replace("http:", "https:")))

    assert isinstance(error, ConnectionFailed)
    assert "OpenSSL says" in error.message
    assert not error.maybe_processed
