# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway in front of the simulator that adds an invalid header line to each answer, with the complete request."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Parrot(ThreadingHTTPServer):
    """The server. ``url`` is its URL. ``said`` has the lines that it has added."""

    daemon_threads = True

    def __init__(self, service: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.said: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Parrot

    def do_GET(self) -> None:  # noqa: N802
        self._repeat()

    def do_POST(self) -> None:  # noqa: N802
        self._repeat()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def _repeat(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(self.server.service, timeout=20)
        try:
            connection.request(self.command, self.path, content, dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        heard = [self.headers.get(name, "-") for name in ("Authorization", "VZ-M2M-Token")]
        said = f"understood {' '.join(heard)} {content.decode('utf-8', 'replace')}"
        self.server.said.append(said)
        head = [f"HTTP/1.1 {answer.status} OK", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.wfile.write("\r\n".join([*head, said, "Connection: close", "", ""]).encode() + body)
        self.close_connection = True


@contextmanager
def repeating(service: str) -> Iterator[Parrot]:
    """Run a parrot within the block. ``service`` is the host and port of the simulator."""
    with Parrot(service) as parrot:
        thread = threading.Thread(target=parrot.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield parrot
        finally:
            parrot.shutdown()
            thread.join()
