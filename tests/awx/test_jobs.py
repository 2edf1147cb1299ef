# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of AWX, from the credential to the artifacts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.endings import left_after
from integration.lane import Lane
from integration.leaks import basic_pair, leaks_in
from integration.tasks import CREDENTIALS

from awx.controller.workflow_rules import Node, Outcome
from awx.controller.workflow_rules import run as run_workflow
from awx.jobs import DEVICE, Event, Job, Jobs
from awx.shipped import gate_nodes
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
    """The user's input for the credential."""
    return {"account_name": ACCOUNT, "api_url": api_url, **CREDENTIALS}


@pytest.fixture
def campaign(control: Control) -> Control:
    """A campaign that ends at its third poll."""
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 3, "status": "CampaignEnded"}]
    control.add_campaign(ID, body={"endDate": "2099-12-31"}, timeline=timeline)
    return control


def leaks(job: Job, control: Control) -> list[str]:
    """Return the secrets in the output and the remaining files of a job."""
    issued = control.state()["issued"]
    pairs = {basic_pair(CREDENTIALS["api_key"], CREDENTIALS["api_secret"])}
    secrets = {*CREDENTIALS.values(), *pairs, *issued["access_tokens"], *issued["session_tokens"]}
    return leaks_in("\n".join([str(job.events), job.stdout, job.left_behind]), secrets)


def processes_in(folder: Path) -> list[int]:
    """Return the processes of a job, which have its folder in their environment."""
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
    """Whether the wait has printed its first progress line."""
    return any("next poll" in event["stdout"] for event in events)


def test_the_result_reaches_the_next_node_and_no_secret_is_shown(
    jobs: Jobs, inputs: dict[str, str], campaign: Control
) -> None:
    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST}, verbosity=4)
    assert job.status == "successful", job.stdout
    facts = job.artifacts[STATS_KEY][ID]
    assert (facts["state"], facts["reached"], facts["account_name"]) == ("ended", True, ACCOUNT)
    assert leaks(job, campaign) == []
    # The search would find secrets: it finds the ID, which is not secret.
    assert ID in job.left_behind
    assert "ansible-playbook [core" in job.stdout


def test_a_refused_login_is_reported_without_a_secret(jobs: Jobs, inputs: dict[str, str], campaign: Control) -> None:
    campaign.scenario({"credentials": {**CREDENTIALS, "password": "another-password"}})
    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST}, verbosity=4)
    assert job.status == "failed"
    assert "was refused" in job.stdout
    assert campaign.counters()["logins_refused"] == 1
    assert leaks(job, campaign) == []


class Gate:
    """Our workflow. AWX's rules select the nodes to run. Each node is a job with the variables that AWX passes on."""

    def __init__(self, jobs: Jobs, inputs: dict[str, str], answers: dict[str, Any]) -> None:
        self._jobs = jobs
        self._inputs = inputs
        self._answers = answers
        self._artifacts: dict[str, Any] = {}
        self.cancel: Callable[[list[Event]], bool] | None = None
        self.approval = "successful"
        self.jobs: dict[str, Job] = {}

    def run(self, approval: bool = False) -> Outcome:
        """Run it to its end. A job that has already run is not repeated, but has the same result."""
        return run_workflow(gate_nodes(approval), self._start)

    def _start(self, node: Node) -> str:
        if node.identifier == "approve":
            return self.approval
        if node.identifier in self.jobs:
            return self.jobs[node.identifier].status
        playbook, inputs = {"verify": ("campaign_verify.yml", self._inputs), "continue": ("continue.yml", {})}[
            node.identifier
        ]
        job = self._jobs.run(playbook, inputs, {**self._answers, **self._artifacts}, cancel=self.cancel)
        self._artifacts.update(job.artifacts)
        self.jobs[node.identifier] = job
        return {"timeout": "failed"}.get(job.status, job.status)


def campaign_of_twenty(control: Control, last: str = "CampaignEnded") -> None:
    """Add a campaign with 20 devices that reaches its last state at the third poll. One of its devices fails."""
    timeline = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 3, "status": last}]
    devices = {"count": 20, "groups": [{"count": 1, "status": "UpgradeFailed", "reason": "Other."}]}
    control.add_campaign(ID, body={"endDate": "2099-12-31"}, timeline=timeline, devices=devices)


def test_the_gate_is_green_when_enough_devices_were_upgraded_and_somebody_approves(
    jobs: Jobs, inputs: dict[str, str], control: Control
) -> None:
    campaign_of_twenty(control)
    gate = Gate(jobs, inputs, {"campaign_wait_campaign_id": ID, "campaign_wait_min_success_percent": 95, **FAST})
    for approval in ("failed", "canceled"):
        gate.approval = approval
        outcome = gate.run(approval=True)
        assert (outcome.status, list(outcome.nodes)) == ("failed", ["verify", "approve"])
        assert list(gate.jobs) == ["verify"]
    gate.approval = "successful"
    outcome = gate.run(approval=True)
    assert (outcome.status, list(outcome.nodes)) == ("successful", ["verify", "approve", "continue"])
    last = gate.jobs["continue"]
    (shown,) = [
        event["event_data"]
        for event in last.events
        if event["event"] == "runner_on_ok" and ID in str(event["event_data"].get("res", {}).get("msg"))
    ]
    assert shown["host"] == DEVICE
    seen = shown["res"]["msg"][ID]
    assert (seen["outcome"], float(seen["success_percent"])) == ("partial", 95.0)
    # With the filter on the page, the user's comparison works.
    assert str(seen["end_date"]) == "2099-12-31"


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("failed", "ended can no longer be reached"),
        ("too few", "Too few devices were upgraded"),
        ("timed out", "was not reached within"),
        ("login", "was refused"),
        ("not found", "does not know this campaign"),
    ],
)
def test_the_gate_is_red_on_each_bad_ending_of_its_wait(
    jobs: Jobs, inputs: dict[str, str], control: Control, ending: str, says: str
) -> None:
    answers: dict[str, Any] = {"campaign_wait_campaign_id": ID, "campaign_wait_min_success_percent": 95, **FAST}
    if ending == "too few":
        answers["campaign_wait_min_success_percent"] = 96
    if ending == "timed out":
        answers["campaign_wait_timeout"] = 0
    if ending == "login":
        control.scenario({"credentials": {**CREDENTIALS, "password": "another-password"}})
    if ending != "not found":
        campaign_of_twenty(control, "CampaignFailed" if ending == "failed" else "CampaignEnded")
    else:
        answers["campaign_wait_not_found"] = 0
    gate = Gate(jobs, inputs, answers)
    outcome = gate.run()
    assert (outcome.status, outcome.nodes) == ("failed", {"verify": "failed"})
    # The node itself has printed the reason. A refused login is not repeated.
    assert says in gate.jobs["verify"].stdout
    assert control.counters()["logins_refused"] == (1 if ending == "login" else 0)
    assert leaks(gate.jobs["verify"], control) == []


def test_the_gate_is_red_when_the_job_of_its_wait_is_cancelled(
    jobs: Jobs, inputs: dict[str, str], control: Control
) -> None:
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    gate = Gate(jobs, inputs, {"campaign_wait_campaign_id": ID})
    gate.cancel = waiting
    outcome = gate.run()
    end_container(gate.jobs["verify"])
    assert (outcome.status, outcome.nodes) == ("failed", {"verify": "canceled"})


def test_the_gate_in_one_job(jobs: Jobs, inputs: dict[str, str], campaign: Control) -> None:
    campaign.set_status(ID, "CampaignFailed")
    job = jobs.run("wait_and_continue.yml", inputs, {"campaign_wait_campaign_id": ID, **FAST})
    assert job.status == "failed"
    assert "ended can no longer be reached" in job.stdout
    assert "Print the results of the previous nodes" not in job.stdout


def test_the_gate_in_one_job_outside_awx(jobs: Jobs, inputs: dict[str, str], control: Control) -> None:
    """Outside AWX, nothing passes the statistics on."""
    campaign_of_twenty(control)
    answers = {"campaign_wait_campaign_id": ID, "campaign_wait_min_success_percent": 95, **FAST}
    job = jobs.run("wait_and_continue.yml", inputs, answers)
    assert job.status == "successful", job.stdout
    assert "Print the results of the previous nodes" in job.stdout


@pytest.mark.parametrize("limit", [DEVICE, f"all:!{DEVICE}:!localhost"])
def test_a_limit_does_not_open_the_gate_in_one_job(
    jobs: Jobs, inputs: dict[str, str], campaign: Control, limit: str
) -> None:
    job = jobs.run("wait_and_continue.yml", inputs, {"campaign_wait_campaign_id": ID}, arguments=f"--limit {limit}")
    assert "Print the results of the previous nodes" not in job.stdout
    if limit == DEVICE:
        assert job.status == "failed", job.stdout
        assert "let no host of localhost continue" in job.stdout
    assert campaign.count("campaign_read") == 0


@pytest.mark.parametrize(("heartbeat", "status"), [(1, "successful"), (0, "timeout")])
def test_the_heartbeat_keeps_a_job_alive(
    jobs: Jobs, inputs: dict[str, str], control: Control, heartbeat: int, status: str
) -> None:
    """The wait takes a third longer than AWX's idle timeout, and there is no change of the campaign."""
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    wait = {"campaign_wait_timeout": 11, "campaign_wait_on_timeout": "continue"}
    variables = {"campaign_wait_campaign_id": ID, "campaign_wait_progress_interval": heartbeat, **wait}
    job = jobs.run("campaign_wait.yml", inputs, variables, settings={"idle_timeout": 8})
    assert job.status == status, job.stdout
    assert waiting(job.events) == (heartbeat > 0)


def cancel_when_it_waits(jobs: Jobs, inputs: dict[str, str]) -> tuple[Job, float]:
    """Cancel a job during its wait. Returns the job, and how many seconds that took."""
    moments: list[float] = []

    def cancel(events: list[Event]) -> bool:
        if waiting(events):
            moments.append(time.monotonic())
        return bool(moments)

    job = jobs.run("campaign_wait.yml", inputs, {"campaign_wait_campaign_id": ID}, cancel=cancel)
    return job, time.monotonic() - moments[0]


def end_container(job: Job) -> list[int]:
    """Kill all processes of a job, like the end of its container, and return those that were still running."""
    left = processes_in(job.folder)
    for number in left:
        os.kill(number, signal.SIGKILL)
    return left


def test_cancel_ends_a_job_within_seconds(jobs: Jobs, inputs: dict[str, str], control: Control) -> None:
    """No process remains, even without the end of a container."""
    control.add_campaign(ID, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}])
    job, seconds = cancel_when_it_waits(jobs, inputs)
    left_after(10.0, lambda: processes_in(job.folder))
    assert end_container(job) == []
    assert job.status == "canceled"
    assert seconds < 10
    # The job was waiting: it had logged in, and had no result.
    assert control.count("session_login") == 1
    assert STATS_KEY not in job.artifacts
    assert leaks(job, control) == []
    home = "\n".join(path.read_text(errors="replace") for path in jobs.home.rglob("*") if path.is_file())
    assert leaks_in(home, CREDENTIALS.values()) == []
