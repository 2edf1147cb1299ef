# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One installed collection for each worker, and a controller for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS

from awx.controller.serving import Controller
from awx.fixtures import control, pytest_configure, simulator
from eda.controller import LAUNCHER_TOKEN, PROJECT, RUNNER_TOKEN, ShippedController
from eda.rulebooks import Rulebooks
from simulator.control import Control
from tools import collection
from tools.environments import AWX, EDA

__all__ = ["control", "pytest_configure", "simulator"]

_ADMIN_TOKEN = "admin-token-7777-not-a-real-token"


@pytest.fixture(scope="session")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Lane:
    folder = tmp_path_factory.mktemp("collections")
    collection.install(collection.build(folder / "dist", EDA.folder), folder, EDA.folder)
    return Lane(EDA.folder, folder)


@pytest.fixture
def controller() -> Iterator[ShippedController]:
    with Controller(PROJECT, _ADMIN_TOKEN) as controller:
        yield ShippedController(controller)


@pytest.fixture
def playbooks(lane: Lane, tmp_path: Path, control: Control) -> Playbooks:
    """Runs the playbooks that AWX would run, with the collection awx.awx."""
    (tmp_path / "awx").mkdir()
    playbooks = Playbooks(Lane(AWX.folder, lane.collections), tmp_path / "awx", control)
    playbooks.know_secrets({**CREDENTIALS, "launcher": LAUNCHER_TOKEN, "runner": RUNNER_TOKEN})
    return playbooks


@pytest.fixture
def rulebooks(lane: Lane, tmp_path: Path, controller: ShippedController) -> Rulebooks:
    return Rulebooks(lane, tmp_path, controller.controller.url)
