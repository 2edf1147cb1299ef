# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for AWX on the oldest and the newest ansible-core, with the modules of awx.awx from their bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS

from awx.chain import ID, Chain
from awx.controller.serving import Controller
from awx.shipped import EXTENSIONS
from simulator.control import Control
from tools.environments import AWX, CORE_LANES, Environment

CONTROLLER_TOKEN = "controller-token-7777-not-a-real-token"


@pytest.fixture(params=[CORE_LANES[0], CORE_LANES[-1]], ids=lambda environment: str(environment.name))
def other_lane(request: pytest.FixtureRequest, lane: Lane, tmp_path: Path) -> Lane:
    """Another ansible-core; its collections are ours and awx.awx."""
    environment: Environment = request.param
    if not environment.folder.exists():
        pytest.skip(f".venv/{environment.name} is not there: its Python is missing, or make setup has not run")
    (modules,) = AWX.folder.glob("lib/python3*/site-packages/ansible_collections/awx")
    collections = tmp_path / "collections" / "ansible_collections"
    collections.mkdir(parents=True)
    shutil.copytree(lane.collections / "ansible_collections" / "fleetops", collections / "fleetops")
    (collections / "awx").symlink_to(modules, target_is_directory=True)
    return Lane(environment.folder, collections.parent)


@pytest.fixture
def other_controller() -> Iterator[Controller]:
    with Controller(EXTENSIONS / "project", CONTROLLER_TOKEN) as controller:
        yield controller


def test_a_look_is_planned_and_the_gate_started(
    other_lane: Lane, tmp_path: Path, campaign: Control, other_controller: Controller, api_url: str
) -> None:
    playbooks = Playbooks(other_lane, tmp_path, campaign)
    playbooks.know_secrets({**CREDENTIALS, "controller": CONTROLLER_TOKEN})
    chain = Chain(playbooks, other_controller, api_url)
    first = chain.job()
    assert first.code == 0, first.output
    assert [planned["next_run"] is not None for planned in chain.schedules] == [True]
    campaign.set_status(ID, "CampaignEnded")
    last = chain.next_job()
    assert last.code == 0, last.output
    assert (chain.schedules, chain.started) == ([], [{"campaign_wait_campaign_id": ID}])
