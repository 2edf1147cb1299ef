# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for AWX on the oldest and the newest ansible-core, with the modules of awx.awx from their bundle."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks, as_yaml
from integration.tasks import CREDENTIALS

from awx.chain import ID, Chain, written
from awx.controller.serving import Controller
from awx.controller.variables import as_awx_writes
from awx.shipped import EXTENSIONS
from simulator.control import Control
from simulator.stock import ACCOUNT
from tools.environments import AWX, CORE_LANES, Environment

# None of these values may be changed by YAML on any way to the next job.
ODD: dict[str, Any] = {
    "campaign_wait_state": "ended",
    "campaign_wait_api_version": "v2",
    "campaign_wait_min_success_percent": 50,
    "campaign_wait_account_name": f"{ACCOUNT} ",
}
CONTROLLER_TOKEN = "controller-token-7777-not-a-real-token"


@pytest.fixture(params=[CORE_LANES[0], CORE_LANES[-1]], ids=lambda environment: str(environment.name))
def other_lane(request: pytest.FixtureRequest, lane: Lane, tmp_path: Path) -> Lane:
    """Another version of ansible-core, with our collection and awx.awx."""
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


def test_a_poll_is_planned_and_the_gate_started(
    other_lane: Lane, tmp_path: Path, campaign: Control, other_controller: Controller, api_url: str
) -> None:
    playbooks = Playbooks(other_lane, tmp_path, campaign)
    playbooks.know_secrets({**CREDENTIALS, "controller": CONTROLLER_TOKEN})
    chain = Chain(playbooks, other_controller, api_url)
    first = chain.job(awx_wait_deadline=written(2), **ODD)
    assert first.code == 0, first.output
    (planned,) = chain.schedules
    assert planned["next_run"] is not None
    # A second job gets the variables of the first one, as AWX writes them, and passes on the same ones.
    again = chain.next_job()
    assert again.code == 0, again.output
    (planned_again,) = chain.schedules
    assert planned_again["id"] == planned["id"]
    assert planned_again["next_run"] > planned["next_run"]
    assert planned_again["extra_data"] == planned["extra_data"]
    assert chain.started == []
    assert {name: planned["extra_data"][name] for name in ODD} == ODD
    campaign.set_status(ID, "CampaignEnded")
    last = chain.next_job()
    assert last.code == 0, last.output
    assert (chain.schedules, chain.started) == ([], [{"campaign_wait_campaign_id": ID, **ODD}])


def test_what_is_passed_to_the_next_node_comes_back_as_the_page_says(other_lane: Lane, tmp_path: Path) -> None:
    """Artifacts as AWX writes them, read by this ansible-core with the filters on the page."""
    facts = {
        "end_date": "2026-11-27",
        "next_poll_at": "2026-11-27T04:24:34Z",
        "success_percent": 98.5,
        "state": "ended",
    }
    comparisons = {
        "end_date": "{{ item.end_date | string < '2026-12-01' and item.end_date | string == '2026-11-27' }}",
        "next_poll_at": "{{ (item.next_poll_at | string)[:19] | replace('T', ' ') == '2026-11-27 04:24:34' }}",
        "success_percent": "{{ item.success_percent | float >= 98.5 }}",
        "state": "{{ item.state == 'ended' }}",
    }
    shown = {
        "name": "show",
        "ansible.builtin.set_fact": {"seen": comparisons},
        "vars": {"item": f"{{{{ thingspace_campaigns['{ID}'] }}}}"},
    }
    variables = tmp_path / "artifacts.yml"
    variables.write_text(as_yaml(as_awx_writes({"thingspace_campaigns": {ID: facts}})), encoding="utf-8")
    play = tmp_path / "compare.yml"
    play.write_text(as_yaml([{"hosts": "localhost", "gather_facts": False, "tasks": [shown]}]), encoding="utf-8")
    done = subprocess.run(
        [*other_lane.program("ansible-playbook"), "-e", f"@{variables}", "-v", str(play)],
        env=other_lane.environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("true") + done.stdout.count('"True"') == len(comparisons), done.stdout
