# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP proxy that forwards requests, and records all of them."""

from __future__ import annotations

import http.client
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener(ThreadingHTTPServer):
    """The server. ``seen`` has a line such as ``GET http://name/path`` for each request. ``url`` is its own URL.

    :param forward_to: host and port to which all requests are forwarded, for any host. With None, they are refused.
    """

    daemon_threads = True

    def __init__(self, forward_to: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forward_to = forward_to
        self.seen: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:  # noqa: N802
        self._take()

    def do_POST(self) -> None:  # noqa: N802
        self._take()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def _take(self) -> None:
        self.server.seen.append(f"{self.command} {self.path}")
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.forward_to is None:
            self.send_error(403)
            return
        url = urllib.parse.urlsplit(self.path)
        connection = http.client.HTTPConnection(self.server.forward_to, timeout=20)
        try:
            connection.request(self.command, url.path, content, dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def listening(forward_to: str | None = None) -> Iterator[Listener]:
    """Run a listener within the block."""
    with Listener(forward_to) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            listener.shutdown()
            thread.join()
