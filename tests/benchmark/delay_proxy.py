# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy on 127.0.0.1 that delays every byte. Usage: ``python -m benchmark.delay_proxy PORT MS``.

It prints the port on which it listens, and runs until it is stopped.
"""

from __future__ import annotations

import asyncio
import sys


class _Side(asyncio.Protocol):
    """One side of a connection. It forwards data to the other side after ``delay`` seconds."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: _Side | None = None
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        for data in self._early:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        other = self.other
        if other is not None:
            asyncio.get_running_loop().call_later(self.delay, other.send, data)

    def connection_lost(self, exc: Exception | None) -> None:
        other = self.other
        if other is not None:
            asyncio.get_running_loop().call_later(self.delay, other.close)

    def send(self, data: bytes) -> None:
        """Write data, or buffer it until the connection is open."""
        if self.transport is None:
            self._early.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def close(self) -> None:
        """Close this side, too."""
        if self.transport is not None:
            self.transport.close()


class _Front(_Side):
    """The client side, which opens the connection to the server. The delay is on the way back."""

    def __init__(self, port: int, delay: float) -> None:
        super().__init__(0.0)
        self._port = port
        self._back = _Side(delay)
        self._opening: asyncio.Task[object] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.other, self._back.other = self._back, self
        opening = asyncio.get_running_loop().create_connection(lambda: self._back, "127.0.0.1", self._port)
        self._opening = asyncio.ensure_future(opening)


async def serve(port: int, delay: float) -> None:
    """Listen on a free port, print it, and serve forever."""
    server = await asyncio.get_running_loop().create_server(lambda: _Front(port, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
