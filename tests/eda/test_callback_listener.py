# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listener with real sockets: accepted and refused requests, and clients that must not block it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils import callback_server
from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.callback_server import CallbackServer
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint, Message
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import listener_settings_of
from eda.test_callback_source import free_port
from simulator.tls_files import write_tls_files

SECRET = "a-path-secret-of-many-characters"
CAMPAIGN = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
BODY = {"accountName": "0402196254-00001", "type": "upgradeProgress", "upgradeProgress": {"upgradeId": CAMPAIGN}}
HINT = Hint(CAMPAIGN, "0402196254-00001", "upgradeProgress")
# Long enough for any machine. No successful test waits this long.
LIMIT_SECONDS = 60.0


@dataclass
class Listener:
    """A running listener, and its hints so far."""

    server: CallbackServer
    port: int
    scheme: str
    hints: list[Hint] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def post(self, body: Any = None, path: str = f"/{SECRET}", method: str = "POST", **more: Any) -> int:
        """Send a request, and return the status of the answer."""
        data = body if isinstance(body, bytes) else json.dumps(BODY if body is None else body).encode()
        timeout = aiohttp.ClientTimeout(total=LIMIT_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, f"{self.url}{path}", data=data, **more) as answer,
        ):
            assert await answer.read() == b""
            return int(answer.status)


@contextlib.asynccontextmanager
async def listening(**options: Any) -> AsyncIterator[Listener]:
    """Run a listener with these options, by default for clients on this machine."""
    given = {"port": free_port(), "path": SECRET, "allowed_addresses": ["127.0.0.0/8"], **options}
    settings = listener_settings_of(given)
    hints: list[Hint] = []
    server = CallbackServer(settings, hints.append)
    await server.start()
    try:
        yield Listener(server, server.port, "http" if settings.tls is None else "https", hints)
    finally:
        await server.stop()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within_the_limit() -> None:
        await asyncio.wait_for(test(), LIMIT_SECONDS)

    asyncio.run(within_the_limit())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.02)


def test_a_callback_is_a_hint() -> None:
    async def test() -> None:
        async with listening() as listener:
            assert await listener.post() == 200
            # A replayed callback only gives the same hint again.
            assert await listener.post() == 200
            assert await listener.post({"unknown": "structure"}) == 200
            assert listener.hints == [HINT, HINT, Hint(None, None, None)]

    run(test)


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (404, {"path": "/"}),
        (404, {"path": f"/{SECRET}x"}),
        (404, {"path": f"/{SECRET}/"}),
        (404, {"path": f"/{SECRET}?x=1"}),
        (404, {"path": f"/{SECRET[:-1]}"}),
        (404, {"path": "/", "headers": {"X-Forwarded-Path": f"/{SECRET}"}}),
        (405, {"method": "GET"}),
        (405, {"method": "PUT"}),
        (405, {"method": "DELETE"}),
        (400, {"body": b""}),
        (400, {"body": b"no JSON"}),
        (400, {"body": b"[1]"}),
        (400, {"body": b'{"a":' * 10_000}),
        (400, {"body": b"\xff\xfe\x00"}),
        (413, {"body": b'{"a": "' + b"x" * 70_000 + b'"}'}),
        (415, {"body": b"{}", "headers": {"Content-Encoding": "gzip"}}),
        (415, {"body": b"{}", "headers": {"Content-Encoding": "br"}}),
    ],
)
def test_what_starts_nothing(status: int, request_: dict[str, Any]) -> None:
    async def test() -> None:
        async with listening() as listener:
            assert await listener.post(**request_) == status
            assert listener.hints == []
            assert await listener.post() == 200

    run(test)


def test_an_unexpected_error_is_logged_without_the_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def is_authenticated(_self: CallbackServer, message: Message) -> bool:
        raise KeyError(SECRET, message.password)

    async def test() -> None:
        async with listening() as listener:
            with monkeypatch.context() as patched:
                patched.setattr(CallbackServer, "_is_authenticated", is_authenticated)
                assert await listener.post({"password": "a-password-of-the-body"}) == 500
            assert await listener.post() == 200

    run(test)
    assert "An unexpected error: KeyError, at " in caplog.text
    assert SECRET not in caplog.text and "a-password-of-the-body" not in caplog.text


def test_slow_connections_are_aborted_also_after_an_unexpected_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The first check of the connections fails. Later ones must not be missing."""
    checks: list[float] = []
    sweep_once = CallbackServer._sweep_once

    def fail_once(self: CallbackServer, now: float) -> None:
        checks.append(now)
        if len(checks) == 1:
            raise KeyError(SECRET)
        sweep_once(self, now)

    async def test() -> None:
        monkeypatch.setattr(callback_server, "_SWEEP_SECONDS", 0.01)
        monkeypatch.setattr(CallbackServer, "_sweep_once", fail_once)
        async with listening():
            await until(lambda: len(checks) > 2)

    run(test)
    assert caplog.text.count("An unexpected error: KeyError, at ") == 1 and SECRET not in caplog.text


def test_a_body_that_is_too_large_and_does_not_say_so() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _number in range(100):
            yield b"x" * 10_000

    async def test() -> None:
        async with listening() as listener, aiohttp.ClientSession() as session:
            try:
                async with session.post(f"{listener.url}/{SECRET}", data=pieces()) as answer:
                    assert answer.status == 413
            except aiohttp.ClientConnectionError:
                # The connection can be closed while the client still sends.
                pass
            assert listener.hints == []
            assert await listener.post() == 200

    run(test)


PAIR = {"callback_username": "body-user", "callback_password": "body-word"}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"username": "body-user", "password": "body-word"}, 200),
        ({"username": "body-user", "password": "other"}, 403),
        ({"username": "other", "password": "body-word"}, 403),
        ({"username": "body-user"}, 403),
        ({"username": "body-user", "password": None}, 403),
        ({"username": ["body-user"], "password": {"body-word": 1}}, 403),
        ({}, 403),
    ],
)
def test_user_and_password_of_the_body(given: dict[str, Any], status: int) -> None:
    async def test() -> None:
        async with listening(**PAIR) as listener:
            assert await listener.post({**BODY, **given}) == status
            assert len(listener.hints) == (status == 200)

    run(test)


def forwarded(*texts: str) -> dict[str, Any]:
    return {"headers": [("X-Forwarded-For", text) for text in texts]}


@pytest.mark.parametrize(
    ("options", "request_", "status"),
    [
        # The default addresses are those of the service, to which this machine does not belong.
        ({"allowed_addresses": ["3.87.163.45"]}, {}, 403),
        ({"allowed_addresses": ["3.87.163.45"]}, forwarded("3.87.163.45"), 403),
        ({"allowed_addresses": ["3.87.163.45"], "trusted_proxies": ["127.0.0.1"]}, forwarded("3.87.163.45"), 200),
        ({"allowed_addresses": ["3.87.163.45"], "trusted_proxies": ["127.0.0.1"]}, {}, 403),
        (
            {"allowed_addresses": ["3.87.163.45"], "trusted_proxies": ["127.0.0.1"]},
            forwarded("3.87.163.45, 198.51.100.9"),
            403,
        ),
        (
            {"allowed_addresses": ["3.87.163.45"], "trusted_proxies": ["127.0.0.1"]},
            forwarded("3.87.163.45", "198.51.100.9"),
            403,
        ),
        ({"allowed_addresses": ["127.0.0.0/8"], "trusted_proxies": ["10.0.0.0/8"]}, forwarded("198.51.100.9"), 200),
    ],
)
def test_addresses(options: dict[str, Any], request_: dict[str, Any], status: int) -> None:
    async def test() -> None:
        async with listening(**options) as listener:
            assert await listener.post(**request_) == status
            assert len(listener.hints) == (status == 200)

    run(test)


def test_a_flood_is_answered_with_429(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with listening(max_per_minute=5) as listener, aiohttp.ClientSession() as session:
            statuses = [await listener.post() for _number in range(10)]
            assert statuses[:5] == [200] * 5 and statuses.count(429) >= 4
            async with session.post(f"{listener.url}/{SECRET}", data=b"{}") as answer:
                assert answer.status == 429 and 1 <= int(answer.headers["Retry-After"]) <= 60
            # Requests with a wrong path are counted, too.
            assert await listener.post(path="/guess") == 429
            await until(lambda: "too many in a minute" in caplog.text)

    with caplog.at_level(logging.WARNING):
        run(test)
    assert SECRET not in caplog.text and "guess" not in caplog.text
    assert len([record for record in caplog.records if "Refused callbacks" in record.message]) == 1


def slow_client(port: int, first: bytes) -> socket.socket:
    """Send these bytes, and keep the connection open."""
    connection = socket.create_connection(("127.0.0.1", port), LIMIT_SECONDS)
    connection.sendall(first)
    return connection


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"POST /",
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\n".encode(),
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{{".encode(),
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{{".encode(),
    ],
)
def test_slow_ones_hold_nothing(first: bytes) -> None:
    """While fifty slow clients are connected, others are served, and each of the fifty is disconnected."""

    async def test() -> None:
        async with listening(request_timeout="1") as listener:
            slow = [await asyncio.to_thread(slow_client, listener.port, first) for _number in range(50)]
            assert await listener.post() == 200
            for connection in slow:
                heard = b""
                with contextlib.suppress(ConnectionError):
                    while piece := await asyncio.to_thread(connection.recv, 1000):
                        heard += piece
                connection.close()
                # There is an answer if the head was complete. The connection is always closed.
                assert heard.startswith(b"HTTP/1.1 408 " if b"\r\n\r\n" in first else b"")
            assert await listener.post() == 200
            assert listener.hints == [HINT, HINT]

    run(test)


def test_of_too_many_connections_the_oldest_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    """201, one more than the limit, and the first of them has had less than its time."""

    async def test() -> None:
        async with listening(request_timeout="1h") as listener:
            oldest = await asyncio.to_thread(slow_client, listener.port, b"POST /")
            await until(lambda: len(listener.server._first_seen) == 1)
            others = [await asyncio.to_thread(slow_client, listener.port, b"POST /") for _number in range(200)]
            with contextlib.suppress(ConnectionError):
                assert await asyncio.to_thread(oldest.recv, 1000) == b""
            await until(lambda: len(listener.server._first_seen) == 200)
            assert await listener.post() == 200
            for connection in [oldest, *others]:
                connection.close()

    with caplog.at_level(logging.WARNING):
        run(test)
    assert "Refused callbacks: 1 too many connections at once." in caplog.text


def test_a_body_that_drips_ends_at_the_limit() -> None:
    """Each byte arrives in time, but all of them take too long."""
    ended = threading.Event()

    def drip(port: int) -> None:
        connection = slow_client(port, f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            while not ended.is_set():
                connection.sendall(b" ")
                time.sleep(0.05)
        ended.set()

    async def test() -> None:
        async with listening(request_timeout="1") as listener:
            dripping = asyncio.create_task(asyncio.to_thread(drip, listener.port))
            try:
                await until(ended.is_set)
            finally:
                ended.set()
                await dripping
            assert listener.hints == []

    run(test)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 50\r\n\r\n{{}}".encode(),
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{{}}".encode(),
        f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
    ],
)
def test_garbage_is_cut_off_and_not_logged(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with listening(request_timeout="2") as listener:
            connection = await asyncio.to_thread(slow_client, listener.port, garbage)
            with contextlib.suppress(ConnectionError):
                while await asyncio.to_thread(connection.recv, 1000):
                    pass
            connection.close()
            assert listener.hints == []
            assert await listener.post() == 200

    with caplog.at_level(logging.DEBUG):
        run(test)
    assert SECRET not in caplog.text and "yyyy" not in caplog.text


def test_tls(tmp_path: Path) -> None:
    files = write_tls_files(tmp_path, ["127.0.0.1"])
    trusting = ssl.create_default_context(cafile=files.ca_file)

    async def test() -> None:
        async with listening(certfile=files.cert_file, keyfile=files.key_file, request_timeout="2") as listener:
            assert listener.scheme == "https"
            assert await listener.post(ssl=trusting) == 200
            with pytest.raises(aiohttp.ClientConnectionError):
                await listener.post()
            # Clients without TLS get no answer, and a missing handshake runs into a timeout.
            connection = await asyncio.to_thread(slow_client, listener.port, b"")
            with contextlib.suppress(ConnectionError):
                assert await asyncio.to_thread(connection.recv, 1000) == b""
            connection.close()
            old = ssl.create_default_context(cafile=files.ca_file)
            old.maximum_version = ssl.TLSVersion.TLSv1_2
            assert await listener.post(ssl=old) == 200
            assert listener.hints == [HINT, HINT]

    run(test)


@pytest.mark.parametrize("kind", ["other key", "no key in it", "encrypted", "no file"])
def test_certificates_that_cannot_be_used(tmp_path: Path, kind: str) -> None:
    from cryptography.hazmat.primitives import serialization

    for name in ("own", "other"):
        (tmp_path / name).mkdir()
    files, other = (write_tls_files(tmp_path / name, ["127.0.0.1"]) for name in ("own", "other"))
    key = serialization.load_pem_private_key(Path(files.key_file).read_bytes(), None)
    (tmp_path / "encrypted.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"word"),
        )
    )
    keyfiles: Mapping[str, tuple[str | None, str]] = {
        "other key": (other.key_file, "certfile and keyfile cannot be used (key values mismatch)"),
        "no key in it": (None, "certfile and keyfile cannot be used"),
        "encrypted": (str(tmp_path / "encrypted.pem"), "keyfile is encrypted, and there is nobody to ask"),
        "no file": (str(tmp_path / "none.pem"), "cannot be read: No such file or directory."),
    }
    keyfile, says = keyfiles[kind]
    options = {"port": 9001, "path": SECRET, "certfile": files.cert_file, "keyfile": keyfile}
    with pytest.raises(OptionError) as caught:
        listener_settings_of({name: value for name, value in options.items() if value is not None})
    assert says in caught.value.message


def test_a_port_that_is_taken() -> None:
    async def test() -> None:
        async with listening() as listener:
            with pytest.raises(OptionError, match=f"cannot use port {listener.port} of host 127.0.0.1: .*in use"):
                async with listening(port=listener.port):
                    pass

    run(test)


def test_stopping_cuts_what_is_under_way() -> None:
    async def test() -> None:
        async with listening(request_timeout="600") as listener:
            connection = await asyncio.to_thread(slow_client, listener.port, b"POST /")
            assert await listener.post() == 200
        with contextlib.suppress(ConnectionError):
            assert await asyncio.to_thread(connection.recv, 1000) == b""
        connection.close()

    run(test)
