# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Limits one request in time and in bytes, and tracks how far it has come.

requests and urllib3 cannot limit the total duration of a request. Their timeouts restart with every byte, for every
address of a name and for every step with a proxy, and name resolution has no timeout at all. So each request runs in
its own thread, and the caller waits no longer than the limit, whatever the thread is doing. After a timeout the socket
is shut down, which ends the thread, and its result is ignored. Only a thread that resolves a name lives on until the
system gives up.
"""

from __future__ import annotations

import contextlib
import enum
import io
import os
import socket
import threading
import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.decoding import MAX_BODY_BYTES, TooLarge

_T = t.TypeVar("_T")
# Bytes of a response before its body, and of a proxy's response. Servers send a few KiB; parsed, headers take ten times
# their size.
MAX_HEAD_BYTES: t.Final = 256 * 1024
# Bytes of one request in total, including a proxy's response, headers and chunk framing.
_MAX_BYTES: t.Final = MAX_BODY_BYTES + 1024 * 1024
# Seconds. Socket timeouts come this much after the limit, so that the limit is hit first.
_SLACK: t.Final = 1.0


class Stage(enum.IntEnum):
    """How far a request has come. Before C(SENT), nothing of it has reached the service."""

    RESOLVING = 1
    CONNECTING = 2
    AT_PROXY = 3
    HANDSHAKE = 4
    SENT = 5
    ANSWERING = 6


class HeadTooLarge(Exception):
    """The headers are larger than those of any valid response."""


class TooLate(Exception):
    """The request took longer than allowed."""


class RequestLimit:
    """The limit of one request. An instance is used once.

    C(needs_new_connection) keeps the request off reused connections. C(monotonic) is a clock in seconds.
    """

    def __init__(self, needs_new_connection: bool, monotonic: Callable[[], float]) -> None:
        self.needs_new_connection = needs_new_connection
        self.monotonic = monotonic
        self.stage = Stage.RESOLVING
        self.is_tunneling = False
        self.status: int | None = None
        self._received = 0
        self._is_reused = True
        self._deadline = 0.0
        self._lock = threading.Lock()
        self._is_over = False
        self._is_abandoned = False
        self._done = threading.Event()
        self._sockets: list[socket.socket] = []

    def run_within(self, work: Callable[[], _T], seconds: float) -> _T:
        """Return or raise what C(work) does. Raises TooLate if it takes longer than this many seconds."""
        outcomes: list[_T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                _CURRENT.request_limit = self
                outcomes.append(work())
            except BaseException as error:
                errors.append(error)
            finally:
                self._done.set()

        self._deadline = self.monotonic() + seconds
        is_done = False
        try:
            # A daemon thread, so that the program can exit without it.
            threading.Thread(target=run, name="thingspace-request", daemon=True).start()
            is_done = self._done.wait(seconds) and not self._is_abandoned
        finally:
            # Also after an interruption, such as Ctrl+C.
            self._end(shut_down=not is_done)
        if not is_done:
            raise TooLate
        if errors:
            raise errors.pop()
        return outcomes[0]

    def abandon(self) -> None:
        """End the request now as if it had timed out. Called from another thread."""
        self._is_abandoned = True
        self._done.set()

    def restart(self) -> None:
        """Repeat the same request on a new connection. Its limits stay the same."""
        self.needs_new_connection = True
        self.stage = Stage.RESOLVING

    @property
    def failed_on_stale_connection(self) -> bool:
        """True if the request may have failed only because the peer had already dropped the reused connection."""
        return self._is_reused and not self._received and self.stage is Stage.SENT and not self._is_over

    def track(self, sock: t.Any, is_new: bool) -> None:
        """Shut this socket down when the time is over. Raises TooLate if it already is.

        A duplicate descriptor is stored, because TLS takes over the original one.
        """
        duplicate = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._is_reused = self._is_reused and not is_new
            if not self._is_over:
                self._sockets.append(duplicate)
                return
        duplicate.close()
        raise TooLate

    def connect(
        self, host: str, port: int, family: socket.AddressFamily, options: Sequence[tuple[int, int, int | bytes]]
    ) -> socket.socket:
        """A connected socket.

        Each address of the host gets a share of the time, so that a dead one (such as IPv6 without a route) does not
        use up the time of the others.
        """
        self.stage = Stage.RESOLVING
        addresses = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        self.stage = Stage.CONNECTING
        failure: OSError | None = None
        for number, (its_family, kind, protocol, _name, address) in enumerate(addresses):
            sock = socket.socket(its_family, kind, protocol)
            try:
                self.track(sock, is_new=True)
                for option in options:
                    sock.setsockopt(*option)
                sock.settimeout(max(self._deadline - self.monotonic(), 0.01) / (len(addresses) - number))
                sock.connect(address)
                sock.settimeout(max(self._deadline - self.monotonic(), 0.0) + _SLACK)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure or OSError(f"{host} has no address")

    def count_received(self, count: int) -> None:
        """Count received bytes. Raises HeadTooLarge, TooLarge, or TooLate if the request is over."""
        self._received += count
        if self.stage < Stage.ANSWERING and self._received > MAX_HEAD_BYTES:
            raise HeadTooLarge
        if self._received > _MAX_BYTES:
            raise TooLarge
        self.check()

    def check(self) -> None:
        """Raise TooLate if the request is over, to end its thread."""
        if self._is_over:
            raise TooLate

    def _end(self, shut_down: bool) -> None:
        with self._lock:
            self._is_over = True
            sockets, self._sockets = self._sockets, []
        for duplicate in sockets:
            if shut_down:
                with contextlib.suppress(OSError):
                    duplicate.shutdown(socket.SHUT_RDWR)
            duplicate.close()


_CURRENT: t.Final = threading.local()


def current_limit() -> RequestLimit:
    """The request limit of the current thread."""
    return t.cast(RequestLimit, _CURRENT.request_limit)


class MeteredReader(io.RawIOBase):
    """Reads from a raw stream and counts the bytes in the request limit."""

    def __init__(self, raw: io.RawIOBase, request_limit: RequestLimit) -> None:
        super().__init__()
        self._raw = raw
        self._request_limit = request_limit

    def readable(self) -> bool:
        """Always True."""
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        """Read from the raw stream."""
        count = t.cast("int | None", self._raw.readinto(buffer))
        self._request_limit.count_received(count or 0)
        return count

    def close(self) -> None:
        """Close both streams."""
        try:
            self._raw.close()
        finally:
            super().close()
