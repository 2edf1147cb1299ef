# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: uvicorn, with the few changes that the simulator needs."""

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
    """HTTP/1.1 that shows the application its transport, as ``scope["state"]["transport"]``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Server(uvicorn.Server):
    """A server that says when it listens, and that a signal ends with exit code 0."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A disturbed request may be meant to hang; uvicorn would wait for it, and then answer it with a 500.
        for connection in list(self.server_state.connections):
            if isinstance(connection, TransportProtocol):
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            # Signals are the main thread's; whoever started this one ends it.
            yield
            return
        # uvicorn's own way raises the signal again when all is done, which ends the process as if killed.
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to host and port (0: any free one). Raises OSError when that is not possible."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # asyncio sets TCP_NODELAY only where the protocol is named; without it every answer takes 40 ms longer.
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
    """A server whose ``run(sockets=[...])`` serves until a signal comes, or ``should_exit`` is set.

    ``is_misnamed`` is asked at each new TLS connection for the other certificate.
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

    # It is called for clients that send no name, too: those that connect to an address.
    context.sni_callback = choose


def write_ready_file(path: Path, url: str, admin_url: str) -> None:
    """Write the ready file in one step: who sees it, sees it whole."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": url, "admin_url": admin_url, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(path)
