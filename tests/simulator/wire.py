# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends answers, correctly or with faults, if necessary directly to the socket."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator

from starlette.types import Receive, Send

from simulator.answer import Answer

HANG_SECONDS = 120.0
_MIB = 1024 * 1024


class Wire:
    """Sends one answer to a client. ``date`` is the default of the Date header."""

    def __init__(self, receive: Receive, send: Send, transport: asyncio.Transport, date: str) -> None:
        self._receive = receive
        self._send = send
        self._transport = transport
        self._date = date

    async def answer(self, answer: Answer, seconds_per_byte: float | None = None) -> None:
        """Send an answer, as a whole or byte by byte."""
        dated = self._dated(answer).with_header("Content-Length", str(len(answer.body)))
        await self._start(dated)
        if seconds_per_byte is None:
            await self._send({"type": "http.response.body", "body": answer.body})
            return
        await self._stream(_drip(answer.body, seconds_per_byte))

    async def half(self, answer: Answer) -> None:
        """Announce the complete body, but send only its first half."""
        # Bypasses the HTTP library, which would not send less than announced.
        whole = self._dated(answer)
        lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in whole.headers)]
        lines += [f"Content-Length: {len(answer.body)}", "", ""]
        self._transport.write("\r\n".join(lines).encode("latin-1") + answer.body[: len(answer.body) // 2])

    async def huge(self, mib: int, is_compressed: bool = False) -> None:
        """Send a valid JSON object of ``mib`` MiB, in chunks, so that the client does not know its size in advance."""
        answer = self._dated(Answer(200, b"", (("Content-Type", "application/json"),)))
        await self._start(answer.with_header("Content-Encoding", "gzip") if is_compressed else answer)
        await self._stream(_compressed(_padding(mib)) if is_compressed else _padding(mib))

    async def close(self) -> None:
        """Close the connection normally, without the rest of the answer."""
        self._transport.close()
        await self._gone()

    async def reset(self) -> None:
        """Close the connection with a TCP reset."""
        connection = self._transport.get_extra_info("socket")
        # A zero linger time makes the kernel send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self._gone()

    async def hang(self) -> None:
        """Send nothing until the client disconnects, at most for HANG_SECONDS, then close."""
        try:
            await asyncio.wait_for(self._gone(), HANG_SECONDS)
        except asyncio.TimeoutError:
            await self.close()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _dated(self, answer: Answer) -> Answer:
        if any(name.lower() == "date" for name, _value in answer.headers):
            return answer
        return answer.with_header("Date", self._date)

    async def _start(self, answer: Answer) -> None:
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def _stream(self, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            if self._transport.is_closing():
                await self._gone()
                return
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})


async def _drip(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    for index in range(len(body)):
        yield body[index : index + 1]
        await asyncio.sleep(seconds)


async def _padding(mib: int) -> AsyncIterator[bytes]:
    yield b'{"padding": "'
    for _piece in range(mib):
        yield b"x" * _MIB
    yield b'"}'


async def _compressed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    # Adding 16 to the window size selects the gzip format.
    squeeze = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS + 16)
    async for piece in pieces:
        if squeezed := squeeze.compress(piece):
            yield squeezed
    yield squeeze.flush()
