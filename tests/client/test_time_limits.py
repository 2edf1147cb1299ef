# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request ends at its timeout, whatever the other side does, and its memory is limited."""

from __future__ import annotations

import functools
import gzip
import signal
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse, ConnectionFailed
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from client import hostile
from client.hostile import (
    GOOD,
    LATE,
    LIMIT,
    Act,
    Peer,
    answering,
    error_of,
    outcome_of,
    serving,
    through,
    timed,
)
from simulator.tls_files import write_tls_files

transport_to = functools.partial(hostile.transport_to, request_timeout=LIMIT)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\n"


def gzipped(head: bytes) -> bytes:
    return head.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")


GZIP_HEADER_WITH_A_NAME = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"
EMPTY_BLOCK = b"\0\0\0\xff\xff"
# The bytes that are sent once, and those that are repeated.
ENDLESS = {
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "header": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (PLAIN, b" "),
    "body without a length": (TO_THE_END, b" "),
    "chunk size": (CHUNKED, b"0"),
    "chunk extension": (CHUNKED + b"1;", b"x"),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
    "trailer": (CHUNKED + b"0\r\nX: ", b"y"),
    "gzip header": (gzipped(TO_THE_END) + GZIP_HEADER_WITH_A_NAME, b"n"),
    "empty gzip blocks": (gzipped(TO_THE_END) + gzip.compress(b"")[:10], EMPTY_BLOCK),
    "empty gzip members": (gzipped(TO_THE_END), gzip.compress(b"")),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: /y\r\n\r\n", b" "),
    "error": (b"HTTP/1.1 503 Busy\r\n\r\n", b" "),
}


def sending(once: bytes, again: bytes, how: Callable[[Peer, bytes], None]) -> Act:
    def act(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(once)
        how(peer, again)

    return act


@pytest.mark.parametrize("name", ENDLESS)
def test_what_drips_on_forever(name: str) -> None:
    with serving(sending(*ENDLESS[name], Peer.drip)) as server:
        elapsed, error = timed(lambda: error_of(transport_to(server.url)))

    assert elapsed < LIMIT + LATE
    assert isinstance(error, ConnectionFailed)
    assert "within 0.4 seconds (request_timeout)" in error.message
    assert error.maybe_processed


@pytest.mark.parametrize("name", ENDLESS)
def test_what_floods_forever(name: str) -> None:
    tracemalloc.start()
    with serving(sending(ENDLESS[name][0], ENDLESS[name][1] * 10_000, Peer.flood)) as server:
        elapsed, outcome = timed(lambda: outcome_of(transport_to(server.url, request_timeout=1)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert elapsed < 1 + LATE
    assert isinstance(outcome, (ConnectionFailed, BadResponse)) or name == "body"
    assert peak < 70_000_000


def test_a_drip_is_as_bounded_on_a_kept_connection() -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(GOOD)
        peer.request()
        peer.sock.sendall(PLAIN)
        peer.drip(b" ")

    with serving(act) as server:
        transport = transport_to(server.url)
        transport.send("GET", ("x",), {})
        elapsed, error = timed(lambda: error_of(transport))
        assert server.connections == 1

    assert elapsed < LIMIT + LATE
    assert "did not complete its response within 0.4 seconds" in error.message


@pytest.mark.parametrize("name", ENDLESS)
def test_a_proxy_that_never_ends_its_answer_to_connect(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(sending(*ENDLESS[name], Peer.drip)) as proxy:
        through(monkeypatch, proxy.url, "https_proxy")
        elapsed, error = timed(lambda: error_of(transport_to("https://thingspace.example/api")))

    assert elapsed < LIMIT + LATE
    assert isinstance(error, ConnectionFailed) or name == "redirect"
    assert not getattr(error, "maybe_processed", False)


@pytest.mark.parametrize("name", ["header", "body", "trailers"])
def test_a_proxy_that_never_ends_what_it_forwards(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(sending(*ENDLESS[name], Peer.drip)) as proxy:
        through(monkeypatch, proxy.url)
        elapsed, error = timed(lambda: error_of(transport_to("http://thingspace.example/api")))

    assert elapsed < LIMIT + LATE
    assert "within 0.4 seconds (request_timeout)" in error.message


def test_a_tls_handshake_that_drips() -> None:
    # The header of a handshake record of 16 KiB, whose content never ends.
    with serving(sending_at_once(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xf0", b"\0")) as server:
        url = server.url.replace("http:", "https:")
        elapsed, error = timed(lambda: error_of(transport_to(url)))

    assert elapsed < LIMIT + LATE
    assert isinstance(error, ConnectionFailed)
    assert "did not complete the TLS handshake within 0.4 seconds (request_timeout)" in error.message
    assert not error.maybe_processed


def sending_at_once(once: bytes, again: bytes) -> Act:
    def act(peer: Peer) -> None:
        peer.sock.sendall(once)
        peer.drip(again)

    return act


@pytest.mark.parametrize("name", ["header", "body", "chunk size"])
def test_what_drips_within_tls(name: str, tmp_path: Path) -> None:
    files = write_tls_files(tmp_path, ["127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert_file, files.key_file)
    once, again = ENDLESS[name]

    def act(peer: Peer) -> None:
        with context.wrap_socket(peer.sock, server_side=True) as sock:
            peer.sock = sock
            sending(once, again, Peer.drip)(peer)

    with serving(act) as server:
        url = server.url.replace("http:", "https:")
        elapsed, error = timed(lambda: error_of(transport_to(url, ca_path=files.ca_file)))

    assert elapsed < LIMIT + LATE
    assert isinstance(error, ConnectionFailed)
    assert error.maybe_processed


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_a_socks_proxy_that_drips(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    with serving(lambda peer: peer.drip(b"\x05\0" if "5" in scheme else b"\0")) as proxy:
        through(monkeypatch, proxy.url.replace("http", scheme))
        elapsed, error = timed(lambda: error_of(transport_to("http://127.0.0.1:9/api")))

    assert elapsed < LIMIT + LATE
    assert not isinstance(error, ConnectionFailed) or not error.maybe_processed


@pytest.mark.parametrize("seconds", [LIMIT * 3, 10])
def test_a_name_whose_resolution_hangs(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    over = threading.Event()
    connected: list[object] = []
    with serving(connected.append) as server:

        def slow(*_args: object, **_more: object) -> object:
            over.wait(seconds)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

        monkeypatch.setattr(socket, "getaddrinfo", slow)
        elapsed, error = timed(lambda: error_of(transport_to("http://thingspace.example/api")))
        over.set()
        _end_of_requests()
        assert connected == []

    assert elapsed < LIMIT + LATE
    assert error.message == (
        "The host name of thingspace.example:80 was not resolved within 0.4 seconds (request_timeout)."
    )
    assert isinstance(error, ConnectionFailed)
    assert not error.maybe_processed


def _end_of_requests() -> None:
    for thread in threading.enumerate():
        if thread.name == "thingspace-request":
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("name", ["header", "body", "trailers", "empty gzip members"])
def test_what_is_left_to_itself_ends_at_once(name: str) -> None:
    with serving(sending(*ENDLESS[name], Peer.drip)) as server:
        error_of(transport_to(server.url))
        _end_of_requests()


def test_a_dead_address_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener, serving(answering(GOOD)) as server:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        wait_settings = [socket.socket() for _number in range(4)]
        for one in wait_settings:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        places = [("127.0.0.1", listener.getsockname()[1]), ("127.0.0.1", server.port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
        outcome = outcome_of(transport_to("http://thingspace.example/api", request_timeout=2))
        for one in wait_settings:
            one.close()

    assert isinstance(outcome, Response)


@functools.cache
def bomb() -> bytes:
    return gzip.compress(b" " * 40 * 2**20, 1)


CODINGS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", bomb),
    "deflate": ("deflate", lambda: zlib.compress(b" " * 40 * 2**20, 1)),
    "raw deflate": ("deflate", lambda: zlib.compress(b" " * 40 * 2**20, 1)[2:-4]),
    "twice": ("gzip, gzip", lambda: gzip.compress(bomb())),
    "unknown": ("br", lambda: b"x"),
    "none of it": ("gzip", lambda: b"{}"),
    "cut off": ("gzip", lambda: gzip.compress(b"{}" * 1000)[:-12]),
    "rubbish behind": ("gzip", lambda: gzip.compress(b"{}") + b"rubbish"),
}


@pytest.mark.parametrize("status", [200, 302, 503])
@pytest.mark.parametrize("name", CODINGS)
def test_a_compressed_answer_that_is_not_read(name: str, status: int) -> None:
    coding, make = CODINGS[name]
    body = make()
    head = f"HTTP/1.1 {status} X\r\nLocation: /y\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    tracemalloc.start()
    with serving(answering(head.encode() + body)) as server:
        error = error_of(transport_to(server.url, request_timeout=10))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(error, BadResponse)
    assert error.status == status
    assert peak < 70_000_000


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b'{"a": 1}')),
        ("GZIP", gzip.compress(b'{"a": ') + gzip.compress(b"1}")),
        ("x-gzip", gzip.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}')[2:-4]),
        ("identity", b'{"a": 1}'),
    ],
    ids=["one member", "two members", "old name", "zlib", "raw", "identity"],
)
def test_a_compressed_answer_that_is_read(coding: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving(answering(head + body)) as server:
        outcome = outcome_of(transport_to(server.url))

    assert isinstance(outcome, Response)
    assert outcome.body == b'{"a": 1}'


def test_no_compression_is_requested() -> None:
    seen: list[bytes] = []

    def act(peer: Peer) -> None:
        seen.append(peer.request().lower())
        peer.sock.sendall(GOOD)

    with serving(act) as server:
        outcome_of(transport_to(server.url))

    assert b"\r\naccept-encoding: identity\r\n" in seen[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"ffffffffffffffffffffff\r\n{}",
        CHUNKED + b"zz\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n" + b"x" * 10,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n{}",
        b"\0" * 100,
        b"HTTP/1.1 99999999999999999999 OK\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_is_not_http_is_an_error_of_the_family(answer: bytes) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(answer)

    with serving(act) as server:
        outcome = outcome_of(transport_to(server.url, request_timeout=5))

    assert isinstance(outcome, (BadResponse, ConnectionFailed, Response))


@pytest.mark.parametrize("most", [100, 20, 3000])
def test_headers_without_measure(most: int) -> None:
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"y" * (400_000 // most)) for number in range(most))
    with serving(answering(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n{}")) as server:
        error = error_of(transport_to(server.url, request_timeout=5))

    assert isinstance(error, (BadResponse, ConnectionFailed))


@pytest.mark.parametrize("left", [0.2, 0.1, 0.06])
def test_the_end_of_the_wait_bounds_a_request(left: float) -> None:
    with serving(Peer.silence) as server:
        transport = transport_to(server.url, request_timeout=30)
        transport.give_up_at = time.monotonic() + left
        elapsed, error = timed(lambda: error_of(transport))

    assert elapsed < left + LATE
    assert isinstance(error, ConnectionFailed)
    assert "(wait_timeout)" in error.message
    assert error.maybe_processed


@pytest.mark.parametrize("left", [0.04, 0.0, -5.0])
def test_after_the_end_of_the_wait_nothing_is_sent(left: float) -> None:
    with serving(answering(GOOD)) as server:
        transport = transport_to(server.url, monotonic=lambda: 1000.0)
        transport.give_up_at = 1000 + left
        error = error_of(transport)
        assert server.connections == 0

    assert isinstance(error, ConnectionFailed)
    assert "(wait_timeout)" in error.message
    assert not error.maybe_processed
    assert transport.requests == 0


def test_a_request_timeout_below_the_floor_is_respected() -> None:
    with serving(Peer.silence) as server:
        elapsed, error = timed(lambda: error_of(transport_to(server.url, request_timeout=0.01)))

    assert elapsed < 0.01 + LATE
    assert "(request_timeout)" in error.message


class Interrupted(BaseException):
    """An interruption, like Ansible's timeout of a task or Ctrl+C."""


def test_an_interruption_ends_a_request() -> None:
    def interrupt(_signal: int, _frame: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with serving(Peer.silence) as server:
            transport = transport_to(server.url, request_timeout=30)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Interrupted):
                transport.send("GET", ("x",), {})
            _end_of_requests()
    finally:
        signal.signal(signal.SIGALRM, before)
