# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose behavior on the socket a test defines, and a transport to it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import connection_of

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LIMIT = 0.4
# The accepted delay after a limit.
LATE = 1.0


class Peer:
    """The server side of one connection."""

    def __init__(self, sock: socket.socket, number: int, over: threading.Event) -> None:
        self.sock = sock
        self.number = number
        self._over = over

    def request(self) -> bytes:
        """Return the head and the body of the next request, or empty bytes if the client has disconnected."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.sock.recv(65536)
            if not chunk:
                return b""
            data += chunk
        head, _blank, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += self.sock.recv(65536)
        return head + b"\r\n\r\n" + body

    def drip(self, piece: bytes, seconds: float = 0.02) -> None:
        """Send this piece repeatedly, with pauses, until the client disconnects."""
        while not self._over.wait(seconds):
            self.sock.sendall(piece)

    def flood(self, piece: bytes) -> None:
        """Send this piece repeatedly, without pauses, until the client disconnects."""
        while not self._over.is_set():
            self.sock.sendall(piece)

    def silence(self) -> None:
        """Send nothing until the client disconnects."""
        with contextlib.suppress(OSError):
            while self.sock.recv(65536):
                pass

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()


Act = Callable[[Peer], None]


class Server:
    """Handles each connection with ``act``, in its own thread."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self._listener.accept()
                self.connections += 1
                peer = Peer(sock, self.connections, self._over)
                threading.Thread(target=self._play, args=(peer,), daemon=True).start()

    def _play(self, peer: Peer) -> None:
        with peer.sock, contextlib.suppress(OSError):
            self._act(peer)

    def close(self) -> None:
        """Stop accepting connections, and end open ones."""
        self._over.set()
        # A close alone does not interrupt accept() in another thread.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def serving(act: Act) -> Iterator[Server]:
    """Run a server within the block."""
    server = Server(act)
    try:
        yield server
    finally:
        server.close()


def answering(*pieces: bytes) -> Act:
    """Answer each request of a connection with the next piece. The last piece is repeated."""

    def act(peer: Peer) -> None:
        wait_settings = list(pieces)
        while peer.request():
            peer.sock.sendall(wait_settings.pop(0) if len(wait_settings) > 1 else wait_settings[0])

    return act


def transport_to(url: str, monotonic: Callable[[], float] = time.monotonic, **options: Any) -> Transport:
    """Return a transport as a task has it."""
    params = {name: spec.get("default") for name, spec in argument_spec().items()}
    params.update({"api_url": url, "request_timeout": 10.0, **options})
    return Transport(connection_of(params), monotonic=monotonic)


def outcome_of(transport: Transport, method: str = "GET") -> Response | ThingSpaceError:
    """Return the answer to one request, or its ThingSpaceError. Other errors are not caught."""
    try:
        return transport.send(method, ("x",), {"Authorization": "Bearer secret-token"})
    except ThingSpaceError as error:
        return error


def error_of(transport: Transport, method: str = "GET") -> ThingSpaceError:
    """Return the error of one request."""
    outcome = outcome_of(transport, method)
    assert isinstance(outcome, ThingSpaceError), outcome.status
    assert outcome.message.isprintable()
    assert "secret" not in outcome.message
    return outcome


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the duration of some work in seconds, and its result."""
    started = time.monotonic()
    outcome = work()
    return time.monotonic() - started, outcome


def through(monkeypatch: Any, proxy: str, variable: str = "http_proxy") -> None:
    """Set the only proxy variable of the environment."""
    for name in ("no_proxy", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(variable, proxy)
