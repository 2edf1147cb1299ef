# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in, served on a free port of this machine by a thread, so that a test sees its state."""

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
    """Tells when it takes connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


class Controller:
    """A running controller; a context manager."""

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
        """Method and path of each request so far that could change something."""
        return self._routes.log

    @property
    def is_up(self) -> bool:
        """Whether the API answers."""
        return self._routes.is_up

    @is_up.setter
    def is_up(self, value: bool) -> None:
        self._routes.is_up = value

    def go_down_after(self, answers: int | None) -> None:
        """Go down after so many answers; None to come back."""
        self._routes.answers_left = answers
        self._routes.is_up = True

    def fail_launches(self, *faults: LaunchFault) -> None:
        """What becomes of the next launches."""
        self._routes.launch_faults += faults

    def each_step(self, action: Callable[[], None]) -> None:
        """From now on do this twice for each request: before it has an effect, and before it is answered."""
        self._routes.on_step = action

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return self._routes.under_way == 0

    def add_user(self, name: str, token: str) -> User:
        """A user who may do nothing yet."""
        user = User(name, token)
        self._users.append(user)
        return user

    @property
    def environment(self) -> dict[str, str]:
        """What the credential of the administrator injects into a job."""
        return self.environment_for(self.admin)

    def environment_for(self, user: User) -> dict[str, str]:
        """What a credential for the controller injects into a job: AWX gives everything under its old name as well."""
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
