# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in, served on a free port of this machine by a thread, so that a test sees its state."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from types import TracebackType

import uvicorn

from awx.controller.app import Routes
from awx.controller.service import Service

_START_SECONDS = 30.0


class Controller:
    """A running controller; a context manager."""

    def __init__(self, project: Path, token: str) -> None:
        self.service = Service(project)
        self.tables = self.service.tables
        self.token = token
        self._routes = Routes(self.service, token)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(self._routes.app(), log_level="warning", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def changes(self) -> list[str]:
        """Method and path of each request so far that could change something."""
        return self._routes.log

    @property
    def environment(self) -> dict[str, str]:
        """What the credential for the controller injects into a job."""
        return {"CONTROLLER_HOST": self.url, "CONTROLLER_OAUTH_TOKEN": self.token, "CONTROLLER_VERIFY_SSL": "False"}

    def __enter__(self) -> Controller:
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline:
                raise RuntimeError("the stand-in for the controller did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
        self._socket.close()
