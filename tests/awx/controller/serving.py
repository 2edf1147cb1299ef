# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serves the stand-in on a free local port in a thread, so that tests can access its state."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import uvicorn

from awx.controller.app import LaunchFault, Routes
from awx.controller.service import Clock, Service, real_time
from awx.controller.users import User

_START_SECONDS = 30.0


class _Server(uvicorn.Server):
    """Reports when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


class Controller:
    """A running controller, as a context manager."""

    def __init__(self, project: Path, token: str, clock: Clock = real_time) -> None:
        self.service = Service(project, clock)
        self.tables = self.service.tables
        self.admin = User("admin", token, is_admin=True)
        self._users = [self.admin]
        self._routes = Routes(self.service, self._users)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(self._routes.app(), log_level="warning", lifespan="off")
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def changes(self) -> list[str]:
        """Return the method and path of each request so far that could change something."""
        return self._routes.log

    @property
    def is_up(self) -> bool:
        """Whether the API answers."""
        return self._routes.is_up

    @is_up.setter
    def is_up(self, value: bool) -> None:
        self._routes.is_up = value

    def go_down_after(self, answers: int | None) -> None:
        """Go down after this number of answers, or with None, come back."""
        self._routes.answers_left = answers
        self._routes.is_up = True

    def fail_launches(self, *faults: LaunchFault) -> None:
        """Set the errors of the next launches."""
        self._routes.launch_faults += faults

    def each_step(self, action: Callable[[], None]) -> None:
        """Call ``action`` twice for each request from now on: before it takes effect, and before it is answered."""
        self._routes.on_step = action

    @property
    def is_idle(self) -> bool:
        """Whether no request is in progress."""
        return self._routes.under_way == 0

    def add_user(self, name: str, token: str) -> User:
        """Add a user without any permissions."""
        user = User(name, token)
        self._users.append(user)
        return user

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that the administrator's credential injects into a job."""
        return self.environment_for(self.admin)

    def environment_for(self, user: User) -> dict[str, str]:
        """Return the variables that a credential for the controller injects into a job, with their old names, too."""
        values = {"HOST": self.url, "OAUTH_TOKEN": user.token, "VERIFY_SSL": "False", "USERNAME": "", "PASSWORD": ""}
        return {f"{prefix}_{name}": value for prefix in ("CONTROLLER", "TOWER") for name, value in values.items()}

    def __enter__(self) -> Controller:
        self._thread.start()
        if not self._server.is_up.wait(_START_SECONDS):
            raise RuntimeError("the stand-in for the controller did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
        self._socket.close()
