# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server for callbacks. The decisions about a request are in C(_listener)."""

from __future__ import annotations

import asyncio
import collections
import logging
import math
import time
import typing as t
from collections.abc import Callable

from aiohttp import web

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError, expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import (
    RateLimit,
    client_of,
    is_within,
    same_secret,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint, Message, message_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import ListenerSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable

_LOG = logging.getLogger("fleetops.thingspace.callback")
# Seconds between two checks of the connections, and between two log lines about refused requests.
_SWEEP_SECONDS: t.Final = 0.5
_SUMMARY_SECONDS: t.Final = 60.0
# The service never has more connections open at once.
_MAX_CONNECTIONS: t.Final = 200

_FORBIDDEN: t.Final = 403
_UNEXPECTED_ERROR: t.Final = 500
# Never sent: the connection is aborted.
_TOO_MANY_CONNECTIONS: t.Final = 503
_REASONS: t.Final = {
    400: "no JSON object",
    _FORBIDDEN: "from an address that is not allowed, or with a wrong user or password",
    404: "to another path",
    405: "with another method",
    408: "too slow",
    413: "too large",
    415: "compressed",
    429: "too many in a minute",
    _UNEXPECTED_ERROR: "with an unexpected error",
    _TOO_MANY_CONNECTIONS: "too many connections at once",
}


class CallbackServer:
    """Listens until C(stop), and calls C(on_hint) with each hint. C(on_hint) must not block."""

    def __init__(
        self,
        settings: ListenerSettings,
        on_hint: Callable[[Hint], None],
        names: Names = str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._on_hint = on_hint
        self._names = names
        self._monotonic = monotonic
        self._rate = RateLimit(settings.max_per_minute)
        self._refused: collections.Counter[int] = collections.Counter()
        self._summary_at = -math.inf
        self._first_seen: dict[t.Any, float] = {}
        # aiohttp logs invalid requests with their content.
        silent = logging.getLogger("fleetops.thingspace.callback.silent")
        silent.disabled = True
        self._http = web.Server(
            self._handle, access_log=None, logger=silent, keepalive_timeout=0, auto_decompress=False
        )
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port of the server. Raises RuntimeError if it is not listening."""
        if self._server is None:
            raise RuntimeError("The listener has not begun.")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Start to listen. Raises OptionError if the address or port cannot be used."""
        settings, loop = self._settings, asyncio.get_running_loop()
        handshake = None if settings.tls is None else settings.request_timeout
        try:
            self._server = await loop.create_server(
                self._http, settings.host, settings.port, ssl=settings.tls, ssl_handshake_timeout=handshake
            )
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or type(error).__name__
            raise OptionError(
                f"The listener cannot use {self._names('port')} {settings.port} of {self._names('host')} "
                f"{printable(settings.host)}: {printable(said, 120)}. Use another one, or "
                "stop the program that uses it.",
                option="port",
            ) from None
        self._sweeper = loop.create_task(self._sweep())

    async def stop(self) -> None:
        """Stop at once, and abort open connections."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._server is not None:
            self._server.close()
        for connection in self._http.connections:
            self._abort(connection)
        await self._http.shutdown(0.1)

    async def _sweep(self) -> None:
        """Abort connections that are too old, and the oldest ones if there are too many."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                self._sweep_once(self._monotonic())
            except Exception as error:
                # Without these checks, slow connections would add up.
                _LOG.error("%s", expected(error).message)

    def _sweep_once(self, now: float) -> None:
        connections = list(self._http.connections)
        self._first_seen = {one: self._first_seen.get(one, now) for one in connections}
        oldest_first = sorted(connections, key=lambda one: self._first_seen[one])
        too_many = oldest_first[: max(len(connections) - _MAX_CONNECTIONS, 0)]
        for one in oldest_first:
            is_slow = now - self._first_seen[one] > self._settings.request_timeout + 1
            if is_slow or one in too_many:
                self._refused[408 if is_slow else _TOO_MANY_CONNECTIONS] += 1
                self._abort(one)
        self._summarize(now)

    @staticmethod
    def _abort(connection: t.Any) -> None:
        transport = connection.transport
        if transport is not None:
            transport.abort()

    def _summarize(self, now: float) -> None:
        """Log refused requests in at most one line a minute, without their content."""
        if not self._refused or now - self._summary_at < _SUMMARY_SECONDS:
            return
        said = ", ".join(f"{count} {_REASONS.get(status, status)}" for status, count in sorted(self._refused.items()))
        _LOG.warning("Refused callbacks: %s.", said)
        self._refused.clear()
        self._summary_at = now

    async def _handle(self, request: t.Any) -> web.Response:
        try:
            status, headers = await self._process(request)
        except Exception as error:
            # aiohttp's own log of it is silent, because it contains the request.
            _LOG.error("%s", expected(error).message)
            status, headers = _UNEXPECTED_ERROR, {}
        if status != 200:
            self._refused[status] += 1
        response = web.Response(status=status, headers={"Server": "callbacks", **headers})
        # One request for each connection, because the time limit applies to the connection.
        response.force_close()
        return response

    async def _process(self, request: t.Any) -> tuple[int, dict[str, str]]:
        status, headers = self._refusal(request)
        if status:
            return status, headers
        try:
            body = await asyncio.wait_for(self._body_of(request), self._settings.request_timeout)
        except asyncio.TimeoutError:
            return 408, {}
        if body is None:
            return 413, {}
        message = message_of(body)
        if message is None:
            return 400, {}
        if not self._is_authenticated(message):
            return _FORBIDDEN, {}
        self._on_hint(message.hint)
        return 200, {}

    def _refusal(self, request: t.Any) -> tuple[int, dict[str, str]]:
        """Return the status and headers to refuse a request without reading its body, or status 0."""
        settings = self._settings
        forwarded = request.headers.getall("X-Forwarded-For", [])
        client = client_of(str(request.remote or ""), forwarded, settings.trusted_proxies)
        if client is None or not is_within(client, settings.allowed):
            return _FORBIDDEN, {}
        wait = self._rate.seconds_to_wait(client, self._monotonic())
        if wait:
            return 429, {"Retry-After": str(math.ceil(wait))}
        if not same_secret(request.raw_path, settings.path):
            return 404, {}
        if request.method != "POST":
            return 405, {"Allow": "POST"}
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return 415, {}
        if (request.content_length or 0) > settings.max_body_bytes:
            return 413, {}
        return 0, {}

    async def _body_of(self, request: t.Any) -> bytes | None:
        """Return the body, or None if it is too large. Content-Length can be missing."""
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > self._settings.max_body_bytes:
                return None
        return bytes(body)

    def _is_authenticated(self, message: Message) -> bool:
        """Return whether the user and password match. Always compare both, so that the time reveals nothing."""
        settings = self._settings
        if settings.username is None or settings.password is None:
            return True
        is_user = same_secret(message.username, settings.username)
        is_password = same_secret(message.password, settings.password)
        return is_user and is_password
