# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator in a thread of the caller's process, for tests that move its clock at every step."""

from __future__ import annotations

import threading
from types import TracebackType

from simulator.app import API_PREFIX, make_app
from simulator.process import START_SECONDS, STOP_SECONDS
from simulator.server import listen, make_server
from simulator.world import World


class SimulatorThread:
    """A context manager that serves a world on a free port of 127.0.0.1. ``url`` is the ``api_url`` for clients.

    Between two requests, the caller can change the world.
    """

    def __init__(self, world: World) -> None:
        self._bound = listen("127.0.0.1", 0)
        self._listening = threading.Event()
        self._server = make_server(make_app(world), on_listening=self._listening.set)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._bound]}, daemon=True)
        self.world = world
        self.url = f"http://127.0.0.1:{self._bound.getsockname()[1]}{API_PREFIX}"

    def __enter__(self) -> SimulatorThread:
        self._thread.start()
        if not self._listening.wait(START_SECONDS):
            raise RuntimeError("the simulator does not listen")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._bound.close()
