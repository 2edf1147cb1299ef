# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of progress in a job, with the callbacks of ansible-runner as AWX brings them, old and new."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_runner.display_callback import callback
from integration.lane import Lane
from integration.tasks import CREDENTIALS

from awx.jobs import Jobs
from simulator.control import Control
from simulator.stock import ACCOUNT
from tools.environments import AWX, CORE_LANES, Environment

ID = "00000000-0000-4000-8000-000000000001"
# Until 2.4.0, ansible-runner also wrote its markers around lines in processes that only forward them.
OLD = "\n_ANSIBLE_214 = False\n"
LANES = [AWX, CORE_LANES[0], CORE_LANES[-1]]


def callback_folder(folder: Path, is_old: bool) -> Path:
    """Return the folder with the callback plugin that AWX copies into a job."""
    folder.mkdir()
    text = (Path(next(iter(callback.__path__))) / "awx_display.py").read_text(encoding="utf-8")
    assert "_ANSIBLE_214 = " in text
    (folder / "awx_display.py").write_text(text + (OLD if is_old else ""), encoding="utf-8")
    return folder


@pytest.mark.parametrize("is_old", [True, False], ids=["old callback", "new callback"])
@pytest.mark.parametrize("environment", LANES, ids=lambda one: str(one.name))
def test_progress_without_warnings(
    lane: Lane, tmp_path: Path, control: Control, api_url: str, environment: Environment, is_old: bool
) -> None:
    if not environment.folder.exists():
        pytest.skip(f".venv/{environment.name} is not there: its Python is missing, or make setup has not run")
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 3, "status": "CampaignEnded"}]
    control.add_campaign(ID, body={"endDate": "2099-12-31"}, timeline=timeline)
    jobs = Jobs(Lane(environment.folder, lane.collections), tmp_path)
    job = jobs.run(
        "campaign_wait.yml",
        {"account_name": ACCOUNT, "api_url": api_url, **CREDENTIALS},
        {"campaign_wait_campaign_id": ID, "campaign_wait_interval": 0.3, "campaign_wait_max_interval": 0.3},
        environment={"AWX_LIB_DIRECTORY": str(callback_folder(tmp_path / "callback", is_old))},
    )
    assert job.status == "successful", job.stdout
    assert "next poll" in job.stdout
    assert "errantly" not in job.stdout
    # Each line is a separate event.
    lines = [event["stdout"] for event in job.events if "next poll" in event["stdout"]]
    assert lines
    assert all(line.count("next poll") == 1 for line in lines)
