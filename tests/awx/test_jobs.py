# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of AWX, from the credential to the artifacts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from integration.lane import Lane
from integration.leaks import basic_pair, leaks_in
from integration.tasks import CREDENTIALS

from awx.jobs import DEVICE, Event, Job, Jobs
from simulator.control import Control
from simulator.stock import ACCOUNT

ID = "00000000-0000-4000-8000-000000000001"
STATS_KEY = "thingspace_campaigns"
FAST = {"campaign_wait_interval": 0.3, "campaign_wait_max_interval": 0.3}


@pytest.fixture
def jobs(lane: Lane, tmp_path: Path) -> Jobs:
    return Jobs(lane, tmp_path)


@pytest.fixture
def inputs(api_url: str) -> dict[str, str]:
    """What somebody has typed into the credential."""
    return {"account_name": ACCOUNT, "api_url": api_url, **CREDENTIALS}


@pytest.fixture
def campaign(control: Control) -> Control:
    """A campaign that is over at its third look."""
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 3, "status": "CampaignEnded"}]
    control.add_campaign(ID, body={"endDate": "2099-12-31"}, timeline=timeline)
    return control


def leaks(job: Job, control: Control) -> list[str]:
    """The secrets that can be found in anything that a job leaves."""
    issued = control.state()["issued"]
    pairs = {basic_pair(CREDENTIALS["api_key"], CREDENTIALS["api_secret"])}
    secrets = {*CREDENTIALS.values(), *pairs, *issued["access_tokens"], *issued["session_tokens"]}
    return leaks_in("\n".join([str(job.events), job.stdout, job.left_behind]), secrets)


def processes_in(folder: Path) -> list[int]:
    """The processes that work for a job: those with its folder in their environment."""
    mark = f"AWX_ISOLATED_DATA_DIR={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def waiting(events: list[Event]) -> bool:
    """Whether the wait has told its first line."""
    return any("next poll in" in event["stdout"] for event in events)


def test_the_result_reaches_the_next_node_and_no_secret_is_told(
    jobs: Jobs, inputs: dict[str, str], campaign: Control
) -> None:
    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST}, verbosity=4)
    assert job.status == "successful", job.stdout
    facts = job.artifacts[STATS_KEY][ID]
    assert (facts["state"], facts["reached"], facts["account_name"]) == ("ended", True, ACCOUNT)
    assert leaks(job, campaign) == []
    # The search sees what there is to see.
    assert ID in job.left_behind
    assert "ansible-playbook [core" in job.stdout


def test_a_refused_login_is_told_without_a_secret(jobs: Jobs, inputs: dict[str, str], campaign: Control) -> None:
    campaign.scenario({"credentials": {**CREDENTIALS, "password": "another-password"}})
    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST}, verbosity=4)
    assert job.status == "failed"
    assert "was refused" in job.stdout
    assert campaign.counters()["logins_refused"] == 1
    assert leaks(job, campaign) == []


def test_the_nodes_of_the_gate_one_after_the_other(jobs: Jobs, inputs: dict[str, str], control: Control) -> None:
    """As AWX runs them: each gets the answers of the workflow's survey, and what the nodes before have left."""
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 3, "status": "CampaignEnded"}]
    devices = {"count": 20, "groups": [{"count": 1, "status": "UpgradeFailed", "reason": "Other."}]}
    control.add_campaign(ID, body={"endDate": "2099-12-31"}, timeline=timeline, devices=devices)
    answers = {"campaign_wait_campaign_id": ID, "campaign_wait_min_success_percent": 95, **FAST}

    wait = jobs.run("campaign_wait.yml", inputs, answers)
    assert wait.status == "successful", wait.stdout
    verify = jobs.run("campaign_verify.yml", inputs, {**wait.artifacts, **answers})
    assert verify.status == "successful", verify.stdout
    last = jobs.run("continue.yml", {}, {**wait.artifacts, **verify.artifacts, **answers})
    assert last.status == "successful", last.stdout
    (shown,) = [event["event_data"] for event in last.events if event["event"] == "runner_on_ok"]
    assert shown["host"] == DEVICE
    seen = shown["res"][STATS_KEY][ID]
    assert (seen["outcome"], float(seen["success_percent"])) == ("partial", 95.0)

    # The way on failure: red, and then the report, which is green.
    strict = {**answers, "campaign_wait_min_success_percent": 96}
    refused = jobs.run("campaign_verify.yml", inputs, {**wait.artifacts, **strict})
    assert refused.status == "failed", refused.stdout
    assert refused.artifacts[STATS_KEY][ID]["reason"] == "too_many_failures"
    report = jobs.run("campaign_report.yml", inputs, {**refused.artifacts, **strict})
    assert report.status == "successful", report.stdout
    assert report.artifacts[STATS_KEY][ID]["state"] == "ended"


def test_the_gate_in_one_job(jobs: Jobs, inputs: dict[str, str], campaign: Control) -> None:
    campaign.set_status(ID, "CampaignFailed")
    job = jobs.run("wait_and_continue.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST})
    assert job.status == "failed"
    assert "ended can no longer be reached" in job.stdout
    assert "Go on with the devices" not in job.stdout


@pytest.mark.parametrize(("heartbeat", "status"), [(1, "successful"), (0, "timeout")])
def test_the_heartbeat_keeps_a_job_alive(
    jobs: Jobs, inputs: dict[str, str], control: Control, heartbeat: int, status: str
) -> None:
    """The wait takes a third longer than AWX's idle time-out, and sees no change."""
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    wait = {"campaign_wait_timeout": 16, "campaign_wait_on_timeout": "continue"}
    variables = {"campaign_wait_campaign_id": ID, "campaign_wait_progress_interval": heartbeat, **wait}
    job = jobs.run("campaign_wait.yml", inputs, variables, settings={"idle_timeout": 12})
    assert job.status == status, job.stdout
    assert waiting(job.events) == (heartbeat > 0)


def cancel_when_it_waits(jobs: Jobs, inputs: dict[str, str]) -> tuple[Job, float]:
    """Cancel a job in the middle of its wait; the job, and how many seconds that took."""
    moments: list[float] = []

    def cancel(events: list[Event]) -> bool:
        if waiting(events):
            moments.append(time.monotonic())
        return bool(moments)

    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID}, cancel=cancel)
    return job, time.monotonic() - moments[0]


def end_container(job: Job) -> list[int]:
    """End every process of a job, as the end of its container does; those that were still there."""
    left = processes_in(job.folder)
    for number in left:
        os.kill(number, signal.SIGKILL)
    return left


def test_cancel_ends_a_job_within_seconds(jobs: Jobs, inputs: dict[str, str], control: Control) -> None:
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    job, seconds = cancel_when_it_waits(jobs, inputs)
    end_container(job)
    assert job.status == "canceled"
    assert seconds < 10
    # It was in the middle of its wait: logged in, and without a result.
    assert control.count("session_login") == 1
    assert STATS_KEY not in job.artifacts
    assert leaks(job, control) == []
    home = "\n".join(path.read_text(errors="replace") for path in jobs.home.rglob("*") if path.is_file())
    assert leaks_in(home, CREDENTIALS.values()) == []


def test_cancel_leaves_no_process_even_without_a_container(
    jobs: Jobs, inputs: dict[str, str], control: Control
) -> None:
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    job, _seconds = cancel_when_it_waits(jobs, inputs)
    deadline = time.monotonic() + 10
    while processes_in(job.folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert end_container(job) == []
