# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator and one installed collection for each worker, and a stand-in for the controller for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS

from awx.chain import ID, Chain, written
from awx.controller.service import Clock
from awx.controller.serving import Controller
from awx.fixtures import control, pytest_configure, simulator
from awx.shipped import EXTENSIONS
from simulator.control import Control, SimulatorProcess
from tools import collection
from tools.environments import AWX

__all__ = ["control", "pytest_configure", "simulator"]

TOKEN = "controller-token-4444-not-a-real-token"
# The files with the longest tests, longest first.
_LONGEST = ("test_days", "test_jobs", "test_setup", "test_poll_and_come_back", "test_lanes", "test_progress")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, so that no worker has to run one at the end."""
    items.sort(key=lambda item: [*_LONGEST, item.path.stem].index(item.path.stem))


@pytest.fixture
def api_url(simulator: SimulatorProcess, control: Control) -> str:
    return simulator.url


@pytest.fixture(scope="session")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Lane:
    """The environment with awx.awx, and the collection installed from its tarball."""
    folder = tmp_path_factory.mktemp("collections")
    collection.install(collection.build(folder / "dist", AWX.folder), folder, AWX.folder)
    return Lane(AWX.folder, folder)


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller(EXTENSIONS / "project", TOKEN) as controller:
        yield controller


@pytest.fixture
def playbooks(lane: Lane, tmp_path: Path, control: Control) -> Playbooks:
    playbooks = Playbooks(lane, tmp_path, control)
    playbooks.know_secrets({**CREDENTIALS, "controller": TOKEN})
    return playbooks


def add_campaign(control: Control) -> None:
    """Add a campaign that starts in ten days. One of its ten devices will fail."""
    days = {"startDate": written(10)[:10], "endDate": written(20)[:10]}
    devices = {"count": 10, "groups": [{"count": 1, "status": "UpgradeFailed", "reason": "Other."}]}
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}]
    control.add_campaign(ID, body=days, timeline=timeline, devices=devices)


@pytest.fixture
def campaign(control: Control) -> Control:
    add_campaign(control)
    return control


def state_after_first_job(
    lane: Lane,
    simulator: SimulatorProcess,
    folder: Path,
    prepare: Callable[[Control], object],
    clock: Clock,
    **job: Any,
) -> Any:
    """Return the state of a new controller after the first job of a wait. ``job`` are variables of the job."""
    control = Control(simulator.admin_url)
    control.reset()
    prepare(control)
    playbooks = Playbooks(lane, folder, control)
    playbooks.know_secrets({**CREDENTIALS, "controller": TOKEN})
    with Controller(EXTENSIONS / "project", TOKEN, clock) as controller:
        run = Chain(playbooks, controller, simulator.url).job(**job)
        assert run.code == 0, run.output
        return controller.service.state()
