# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A requests adapter that bounds the time until an answer's headers are complete.

A read time-out starts again with every byte, so a server that drips its headers could hold a request for hours.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import typing as t
from collections.abc import Iterator

try:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:
    # Only to be imported without them, by tools that look at the code: nothing here works then.
    HTTPAdapter = HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]


class _Watchman:
    """Hangs up on every answer that is late. One thread, which lives only while answers are awaited."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._awaited: dict[int, tuple[float, socket.socket]] = {}
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    @contextlib.contextmanager
    def watch(self, sock: socket.socket, seconds: float) -> Iterator[None]:
        """Hang up if the block takes longer than this. Raises socket.timeout then, however the block ended."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._awaited[id(sock)] = (deadline, sock)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            elif deadline < self._wakes_at:
                self._changed.notify()
        try:
            yield
        except Exception as error:
            self._complain(deadline, error)
            raise
        else:
            # A header that was cut off looks like the last one, so a late success is none.
            self._complain(deadline, None)
        finally:
            with self._changed:
                del self._awaited[id(sock)]

    @staticmethod
    def _complain(deadline: float, cause: Exception | None) -> None:
        if time.monotonic() >= deadline:
            raise socket.timeout("the headers did not arrive in time") from cause

    def _run(self) -> None:
        with self._changed:
            while self._awaited:
                now = time.monotonic()
                for deadline, sock in self._awaited.values():
                    if deadline <= now:
                        with contextlib.suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)
                coming = [deadline for deadline, _sock in self._awaited.values() if deadline > now]
                self._wakes_at = min(coming, default=now + _AGAIN_SECONDS)
                self._changed.wait(self._wakes_at - now)
            self._thread = None


_WATCHMAN: t.Final = _Watchman()
# A connection that was hung up on needs a moment to notice.
_AGAIN_SECONDS: t.Final = 0.1
# A server that sends nothing at all is the read time-out's business, which must not race with this.
_PATIENCE: t.Final = 1.25


class _BoundedConnection(HTTPConnection):
    def getresponse(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """The answer, its headers read within little more than the read time-out as a whole."""
        seconds = self.sock.gettimeout() if self.sock is not None else None
        if seconds is None:
            return super().getresponse(*args, **kwargs)
        with _WATCHMAN.watch(self.sock, seconds * _PATIENCE):
            return super().getresponse(*args, **kwargs)


class _BoundedTlsConnection(_BoundedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection


_POOLS: t.Final = {"http": _Pool, "https": _TlsPool}


class BoundedAdapter(HTTPAdapter):
    """As its parent, direct and through proxies, with that bound."""

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Let every direct connection be a bounded one."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: t.Any, **kwargs: t.Any) -> t.Any:
        """Let every connection through a proxy be a bounded one."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
