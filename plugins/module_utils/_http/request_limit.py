# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What holds one request: its limit in time and in bytes, and how far it has come.

No setting of requests and urllib3 bounds a request in total. Their time-outs begin anew with every byte, for every
address of a name and for every step with a proxy, and the system's name resolution knows none at all. So each request
runs in a thread of its own, and its caller waits no longer than the limit, whatever the thread is doing; there is no
step that this could miss. A request that is late is left to itself: its socket is shut down, which ends its thread at
once, and what it still brings is not looked at. Only a thread that resolves a name lives on until the system gives up.
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

_Outcome = t.TypeVar("_Outcome")
# Of an answer before its body, and of a proxy's answer. Servers send some KiB; parsed, they take ten times their size.
MOST_HEAD_BYTES: t.Final = 256 * 1024
# Of one request in all: also a proxy's answer, headers and the framing of chunks.
_MOST_BYTES: t.Final = MAX_BODY_BYTES + 1024 * 1024
# Seconds by which a time-out of a socket comes after the limit, which is to be the first.
_SLACK: t.Final = 1.0


class Stage(enum.IntEnum):
    """How far a request has come. Before C(SENT) nothing of it has reached the service."""

    RESOLVING = 1
    CONNECTING = 2
    AT_PROXY = 3
    HANDSHAKE = 4
    SENT = 5
    ANSWERING = 6


class HeadTooLarge(Exception):
    """The headers have more bytes than any answer's may have."""


class TooLate(Exception):
    """The request took longer than it may."""


class RequestLimit:
    """Holds one request; use it once.

    C(must_be_fresh) keeps the request off connections that have served another one. C(monotonic) is a clock in seconds.
    """

    def __init__(self, must_be_fresh: bool, monotonic: Callable[[], float]) -> None:
        self.must_be_fresh = must_be_fresh
        self.monotonic = monotonic
        self.stage = Stage.RESOLVING
        self.is_tunneling = False
        self.status: int | None = None
        self._received = 0
        self._is_reused = True
        self._until = 0.0
        self._lock = threading.Lock()
        self._is_over = False
        self._is_abandoned = False
        self._done = threading.Event()
        self._twins: list[socket.socket] = []

    def carry(self, work: Callable[[], _Outcome], seconds: float) -> _Outcome:
        """What C(work) returns or raises, if it does within so many seconds. Raises TooLate otherwise."""
        outcomes: list[_Outcome] = []
        errors: list[BaseException] = []

        def run() -> None:
            _PRESENT.request_limit = self
            try:
                outcomes.append(work())
            except BaseException as error:
                errors.append(error)
            finally:
                self._done.set()

        self._until = self.monotonic() + seconds
        is_done = False
        try:
            # A daemon: the end of the program does not wait for it.
            threading.Thread(target=run, name="thingspace-request", daemon=True).start()
            is_done = self._done.wait(seconds) and not self._is_abandoned
        finally:
            # Also after an interruption, such as Ctrl+C.
            self._end(hang_up=not is_done)
        if not is_done:
            raise TooLate
        if errors:
            raise errors.pop()
        return outcomes[0]

    def abandon(self) -> None:
        """End the request now, as if its time were over; from another thread."""
        self._is_abandoned = True
        self._done.set()

    def start_afresh(self) -> None:
        """Begin the same request once more, on a connection of its own; its limits stay as they are."""
        self.must_be_fresh = True
        self.stage = Stage.RESOLVING

    @property
    def died_unanswered_on_a_reused_connection(self) -> bool:
        """True if what broke may be just the connection, which the other side had given up before the request."""
        return self._is_reused and not self._received and self.stage is Stage.SENT and not self._is_over

    def hold(self, sock: t.Any, is_new: bool) -> None:
        """Have this socket shut down when the time is over. Raises TooLate if it is over already.

        What is held is a second descriptor of the same connection, because TLS takes the first one over.
        """
        twin = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._is_reused = self._is_reused and not is_new
            if not self._is_over:
                self._twins.append(twin)
                return
        twin.close()
        raise TooLate

    def connect(
        self, host: str, port: int, family: socket.AddressFamily, options: Sequence[tuple[int, int, int | bytes]]
    ) -> socket.socket:
        """A connected socket.

        Each address of the host gets its share of the time: one that is dead, such as that of IPv6 on a line without
        it, must not use up the time of the others.
        """
        self.stage = Stage.RESOLVING
        addresses = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        self.stage = Stage.CONNECTING
        failure: OSError | None = None
        for number, (its_family, kind, protocol, _name, address) in enumerate(addresses):
            sock = socket.socket(its_family, kind, protocol)
            try:
                self.hold(sock, is_new=True)
                for option in options:
                    sock.setsockopt(*option)
                sock.settimeout(max(self._until - self.monotonic(), 0.01) / (len(addresses) - number))
                sock.connect(address)
                sock.settimeout(max(self._until - self.monotonic(), 0.0) + _SLACK)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure or OSError(f"{host} has no address")

    def took(self, count: int) -> None:
        """Count received bytes. Raises HeadTooLarge, TooLarge, or TooLate for a request that is over."""
        self._received += count
        if self.stage < Stage.ANSWERING and self._received > MOST_HEAD_BYTES:
            raise HeadTooLarge
        if self._received > _MOST_BYTES:
            raise TooLarge
        self.check()

    def check(self) -> None:
        """Raises TooLate for a request that is over: its thread need not go on."""
        if self._is_over:
            raise TooLate

    def _end(self, hang_up: bool) -> None:
        with self._lock:
            self._is_over = True
            twins, self._twins = self._twins, []
        for twin in twins:
            if hang_up:
                with contextlib.suppress(OSError):
                    twin.shutdown(socket.SHUT_RDWR)
            twin.close()


_PRESENT: t.Final = threading.local()


def present() -> RequestLimit:
    """The request limit of the request that runs in this thread."""
    return t.cast(RequestLimit, _PRESENT.request_limit)


class MeteredReader(io.RawIOBase):
    """Reads from another raw stream, and has the request limit count what comes."""

    def __init__(self, raw: io.RawIOBase, request_limit: RequestLimit) -> None:
        super().__init__()
        self._raw = raw
        self._lifeline = request_limit

    def readable(self) -> bool:
        """True, as any reader says."""
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        """As the other stream does."""
        count = t.cast("int | None", self._raw.readinto(buffer))
        self._lifeline.took(count or 0)
        return count

    def close(self) -> None:
        """Close both streams."""
        try:
            self._raw.close()
        finally:
            super().close()
