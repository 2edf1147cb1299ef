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
        self._lock = threading.Lock()
        self._awaited: dict[int, tuple[float, socket.socket]] = {}
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watch(self, sock: socket.socket, seconds: float) -> Iterator[None]:
        """Hang up if the block takes longer than this."""
        with self._lock:
            self._awaited[id(sock)] = (time.monotonic() + seconds, sock)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._awaited[id(sock)]

    def _run(self) -> None:
        while True:
            with self._lock:
                now = time.monotonic()
                late = [sock for deadline, sock in self._awaited.values() if deadline <= now]
                coming = [deadline for deadline, _sock in self._awaited.values() if deadline > now]
                if not coming and not late:
                    self._thread = None
                    return
            for sock in late:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            # All requests of a session have the same time-out, so none that comes meanwhile is due earlier.
            time.sleep(min(coming) - now if coming else _AGAIN_SECONDS)


_WATCHMAN: t.Final = _Watchman()
# A connection that was hung up on needs a moment to notice.
_AGAIN_SECONDS: t.Final = 0.1


class _BoundedConnection(HTTPConnection):
    def getresponse(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """The answer, its headers read within the read time-out as a whole."""
        seconds = self.sock.gettimeout() if self.sock is not None else None
        if seconds is None:
            return super().getresponse(*args, **kwargs)
        with _WATCHMAN.watch(self.sock, seconds):
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
