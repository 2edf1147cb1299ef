# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends random byte streams with random pauses at any point of an HTTP exchange, directly and through a proxy.

Usage: ``python -m client.fuzz SEED COUNT``. It prints a JSON object with the outcomes by kind, with the numbers of the
requests that ended too late (``late``) or with an error other than ThingSpaceError (``strange``), and with the maximum
memory of the process in MiB. The misbehaving server runs in its own process, so that its memory does not count.
"""

from __future__ import annotations

import collections
import gzip
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from client.hostile import LATE, Peer, serving, transport_to

# Seconds.
LIMIT = 0.2
_BOMB = gzip.compress(b" " * 40 * 2**20, 1)
_LINES = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /y\r\n",
    b"HTTP/1.1 407 No\r\n",
    b"HTTP/1.1 204 No\r\n",
    b"Content-Length: 2\r\n",
    b"Content-Length: 99999999\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Content-Encoding: gzip, gzip\r\n",
    b"Connection: close\r\n",
    b"Set-Cookie: a=b; expires=" + b"9" * 4000 + b"\r\n",
    b"X: " + b"y" * 60000 + b"\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"{}",
    b"1\r\n \r\n",
    b"-1\r\n",
    b"ffffffffffffffff\r\n",
    b"10000\r\n" + b" " * 65536 + b"\r\n",
    b"0\r\n",
    b"0\r\n\r\n",
    b"T: railer\r\n",
    b"\x1f\x8b\x08\x08\0\0\0\0\0\x03",
    b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    b"\0\0\0\xff\xff" * 1000,
    gzip.compress(b""),
    gzip.compress(b"{}"),
    _BOMB,
    gzip.compress(_BOMB),
    b" " * 2**20,
)
# The first bytes of answers that reach later stages of the parser.
_HEADS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 503 No\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
)


def _pieces(randomness: random.Random) -> Iterator[bytes]:
    if randomness.random() < 0.8:
        yield randomness.choice(_HEADS)
    if randomness.random() < 0.3:
        return
    for _number in range(randomness.randrange(12)):
        piece = randomness.choice(_LINES)
        how = randomness.random()
        if how < 0.15:
            piece = randomness.randbytes(randomness.randrange(2000))
        elif how < 0.3:
            piece = piece[: randomness.randrange(len(piece) + 1)]
        yield piece


def _play(randomness: random.Random, peer: Peer) -> None:
    """Handle one connection. It ends with a close, a reset, silence, or one repeated piece."""
    if randomness.random() < 0.9 and not peer.request():
        return
    for piece in _pieces(randomness):
        if randomness.random() < 0.3:
            time.sleep(randomness.choice((0.001, 0.01, 0.1, LIMIT)))
        peer.sock.sendall(piece)
    again = randomness.choice(_LINES)
    end = randomness.randrange(5)
    if end == 1:
        peer.reset()
    elif end == 2:
        peer.silence()
    elif end == 3:
        peer.drip(again[:100], 0.01)
    elif end == 4:
        peer.flood(again * (1 + 2**20 // len(again)))


def _serve(seed: int, pipe: multiprocessing.connection.Connection) -> None:
    def act(peer: Peer) -> None:
        _play(random.Random(f"{seed} {peer.number}"), peer)

    with serving(act) as server:
        pipe.send(server.port)
        pipe.recv()


class _Fuzz:
    """Sends requests, and records their outcomes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.late: list[int] = []
        self.strange: list[str] = []

    def send(self, number: int) -> None:
        """Send one request, or two on the same transport. A quarter uses the proxy directly, a quarter with CONNECT."""
        transport = transport_to(self._address(number), request_timeout=LIMIT)
        for method in ("GET", "GET") if number % 3 == 0 else ("POST" if number % 7 == 0 else "GET",):
            started = time.monotonic()
            try:
                kind = type(transport.send(method, ("x",), {})).__name__
            except ThingSpaceError as error:
                kind = type(error).__name__
            except Exception as error:
                kind = "strange"
                self.strange.append(f"{number}: {error!r}")
            self.outcomes[kind] += 1
            if time.monotonic() - started > LIMIT + LATE:
                self.late.append(number)

    def _address(self, number: int) -> str:
        # Proxies are only configured for these two names, see below.
        names = ("http://proxied.example", "https://proxied.example")
        return names[number % 2] if number % 4 < 2 else f"http://127.0.0.1:{self._port}"


def _most_mebibytes() -> int:
    """Return the maximum memory of this program. On Linux, rusage includes that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return (
            int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:"))) // 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20


def main(seed: int, count: int) -> None:
    """Run this number of random exchanges, and print the result."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(seed, theirs), daemon=True)
    server.start()
    port = ours.recv()
    os.environ.update(
        http_proxy=f"http://127.0.0.1:{port}", https_proxy=f"http://127.0.0.1:{port}", no_proxy="127.0.0.1"
    )
    fuzz = _Fuzz(port)
    # One after the other, because the memory limit is that of one request.
    for number in range(count):
        fuzz.send(number)
    ours.send("over")
    server.join(10)
    seen = {
        "count": count,
        "outcomes": fuzz.outcomes,
        "late": fuzz.late,
        "strange": fuzz.strange,
        "mebibytes": _most_mebibytes(),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
