# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: uvicorn with a few changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.tls_files import TlsFiles

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TransportProtocol(H11Protocol):
    """HTTP/1.1 that passes its transport to the application, as ``scope["state"]["transport"]``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Server(uvicorn.Server):
    """A server that reports when it listens, and that a signal stops with exit code 0."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A fault can make a request hang. uvicorn would wait for it, and then answer it with 500.
        for connection in list(self.server_state.connections):
            if isinstance(connection, TransportProtocol):
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            # Only the main thread receives signals. The owner of this thread stops the server.
            yield
            return
        # uvicorn itself would raise the signal again at the end, and so the process would end as if killed.
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to host and port (0: any free port). Raises OSError if that is not possible."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # asyncio sets TCP_NODELAY only if the protocol is given; without it, each answer takes 40 ms longer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound


def make_server(
    app: ASGIApp,
    *,
    tls: TlsFiles | None = None,
    access_log: bool = False,
    on_listening: Callable[[], None],
    is_misnamed: Callable[[], bool] = lambda: False,
) -> Server:
    """Return a server whose ``run(sockets=[...])`` serves until a signal arrives or ``should_exit`` is set.

    ``is_misnamed`` is called for each new TLS connection. If it returns True, the client gets the other certificate.
    """
    config = uvicorn.Config(
        app,
        http=TransportProtocol,
        ws="none",
        lifespan="off",
        # The Date header follows the simulated clock.
        date_header=False,
        server_header=False,
        log_level="info" if access_log else "warning",
        access_log=access_log,
        ssl_certfile=tls.cert_file if tls else None,
        ssl_keyfile=tls.key_file if tls else None,
        timeout_graceful_shutdown=1,
    )
    config.load()
    if config.ssl is not None and tls is not None and tls.other_file is not None:
        _let_misname(config.ssl, tls.other_file, is_misnamed)
    return Server(config, on_listening)


def _let_misname(context: ssl.SSLContext, other_file: str, is_misnamed: Callable[[], bool]) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.load_cert_chain(other_file)

    def choose(connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        if is_misnamed():
            connection.context = other

    # This is also called for clients that send no name because they connect to an IP address.
    context.sni_callback = choose


def write_ready_file(path: Path, url: str, admin_url: str) -> None:
    """Write the ready file atomically."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": url, "admin_url": admin_url, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(path)
