# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that polls once and schedules its successor: one schedule until the wait is over, and none afterwards."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks

from awx.chain import FORMAT, ID, Chain, moment, next_poll_at, told, written
from awx.conftest import add_campaign, state_after_first_job
from awx.controller.service import real_time
from awx.controller.serving import Controller
from awx.sharing import made_once
from simulator.control import Control, SimulatorProcess
from tools.environments import RUNS_ALL

OVER = "Print why there is no further poll"


@pytest.fixture
def chain(playbooks: Playbooks, controller: Controller, api_url: str) -> Chain:
    return Chain(playbooks, controller, api_url)


@pytest.fixture(scope="module")
def planned_state(lane: Lane, simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The state of a controller after a first job, which is run once for all tests that start with it."""

    def make() -> Any:
        folder = tmp_path_factory.mktemp("first-job")
        return state_after_first_job(lane, simulator, folder, add_campaign, real_time)

    return made_once(tmp_path_factory, "first-job", make)


@pytest.fixture
def planned(chain: Chain, campaign: Control, planned_state: Any) -> Chain:
    """A chain whose first job has polled, and has scheduled the second one."""
    chain.controller.service.restore(planned_state)
    assert len(chain.schedules) == 1
    return chain


def own_form(text: str) -> str:
    """Return a time in the format of the jobs."""
    return text.replace("T", " ").replace("Z", " UTC")


def test_one_schedule_until_the_target_is_reached(chain: Chain, campaign: Control) -> None:
    way: dict[str, Any] = {"campaign_wait_request_timeout": "20 s", "campaign_wait_validate_certs": False}
    first = chain.job(campaign_wait_min_success_percent=95, campaign_wait_interval=600, **way)
    assert first.code == 0, first.output
    due = next_poll_at(first)
    assert moment(0).strftime(FORMAT) < due < written(0.1)
    (planned,) = chain.schedules
    # The printed time is the scheduled time.
    assert planned["next_run"] == due
    assert f"The next poll is due at {own_form(due)}" in told(first)
    assert "FREQ=MINUTELY" in planned["rrule"]
    assert "COUNT" not in planned["rrule"]
    handed_on = planned["extra_data"]
    deadline = datetime.datetime.strptime(handed_on["awx_wait_deadline"], "%Y-%m-%d %H:%M:%S UTC")
    assert abs(deadline - moment(14).replace(tzinfo=None)) < datetime.timedelta(minutes=5)
    assert handed_on.pop("awx_wait_token").startswith("wait-42-")
    assert handed_on == {
        "campaign_wait_campaign_id": ID,
        "campaign_wait_min_success_percent": 95,
        "campaign_wait_interval": 600,
        **way,
        "awx_wait_deadline": handed_on["awx_wait_deadline"],
        "awx_wait_then": "Gate",
        "awx_wait_min_minutes": 5,
        "awx_wait_max_minutes": 90,
    }
    assert "[DEPRECATION WARNING]" not in first.output

    campaign.set_status(ID, "CampaignEnded")
    last = chain.next_job()
    assert last.code == 2, last.output
    assert "only 9 of 10 devices were upgraded" in last.failure(OVER)["msg"]
    assert chain.schedules == []


def test_the_workflow_starts_once_when_the_target_is_reached(planned: Chain, campaign: Control) -> None:
    (schedule,) = planned.schedules
    campaign.set_status(ID, "CampaignEnded")
    last = planned.next_job()
    assert last.code == 0, last.output
    assert planned.schedules == []
    assert planned.started == [{"campaign_wait_campaign_id": ID}]

    # A job that was queued behind the last one neither polls, starts nor schedules anything.
    polls = campaign.count("campaign_read")
    queued = planned.job(**schedule["extra_data"], awx_job_launch_type="scheduled")
    assert queued.code == 0, queued.output
    assert "The wait is over" in queued.result("Print why there is nothing to do")["msg"]
    assert (planned.schedules, len(planned.started)) == ([], 1)
    assert campaign.count("campaign_read") == polls


def test_a_job_that_ends_between_the_start_and_the_removal(planned: Chain, campaign: Control) -> None:
    """The next job finds the workflow, and does not start it again."""
    campaign.set_status(ID, "CampaignEnded")
    (schedule,) = planned.controller.tables.all("schedules")
    schedule["created_by"] = "somebody"
    planned.planner.roles[planned.template["id"]] = {"execute"}
    variables = {**schedule["extra_data"], "awx_job_launch_type": "manual"}
    started = {"awx_wait_token": schedule["extra_data"]["awx_wait_token"], "campaign_wait_campaign_id": ID}
    planned.controller.tables.add(
        "workflow_jobs", {"unified_job_template": planned.workflow["id"], "extra_vars": started}
    )
    schedule["created_by"] = "planner"
    last = planned.job(**variables)
    assert last.code == 0, last.output
    assert (planned.schedules, len(planned.started)) == ([], 1)


def test_a_job_that_comes_too_early_does_not_poll(planned: Chain, campaign: Control) -> None:
    """Like a job that AWX has queued behind another: there is only one poll per due time."""
    polls = campaign.count("campaign_read")
    (schedule,) = planned.schedules
    early = planned.job(**schedule["extra_data"], awx_job_launch_type="scheduled")
    assert early.code == 0, early.output
    assert "The next poll is due at" in early.result("Print why there is nothing to do")["msg"]
    assert campaign.count("campaign_read") == polls
    assert planned.schedules == [schedule]


def test_no_next_poll_when_the_target_can_no_longer_be_reached(planned: Chain, campaign: Control) -> None:
    campaign.set_status(ID, "CampaignFailed")
    last = planned.next_job()
    assert last.code == 2
    said = last.failure(OVER)["msg"]
    assert "ended can no longer be reached" in said
    assert said.endswith("No further poll is planned.")
    assert (planned.schedules, planned.started) == ([], [])


def test_no_next_poll_after_a_refused_login(planned: Chain, campaign: Control) -> None:
    campaign.scenario({"credentials": {"password": "another-password"}})
    last = planned.next_job()
    assert last.code == 2
    assert campaign.counters()["logins_refused"] == 1
    assert "was refused" in last.failure(OVER)["msg"]
    assert planned.schedules == []


def test_a_first_job_that_fails_leaves_nothing(chain: Chain, campaign: Control) -> None:
    campaign.scenario({"credentials": {"password": "another-password"}})
    run = chain.job()
    assert run.code == 2
    assert campaign.counters()["logins_refused"] == 1
    assert chain.schedules == []


# The wait itself is tested with all kinds at lower levels, in less time.
@pytest.mark.parametrize("kind", ["campaign_read", *(["session_login", "oauth_token"] if RUNS_ALL else [])])
def test_after_a_transient_error_it_polls_again(chain: Chain, campaign: Control, kind: str) -> None:
    campaign.fault("status", status=503, kind=kind)
    run = chain.job()
    assert run.code == 0, run.output
    assert [planned["next_run"] is not None for planned in chain.schedules] == [True]


def test_a_service_that_is_not_there_does_not_end_the_wait(chain: Chain, campaign: Control) -> None:
    chain.environment["THINGSPACE_API_URL"] = "http://127.0.0.1:9/api"
    run = chain.job()
    assert run.code == 0, run.output
    assert len(chain.schedules) == 1


def test_the_last_poll_is_at_the_deadline(chain: Chain, campaign: Control) -> None:
    soon = written(10 / 1440)
    assert chain.job(awx_wait_deadline=soon).code == 0
    (planned,) = chain.schedules
    assert planned["next_run"] == soon
    polls = campaign.count("campaign_read")
    run = chain.next_job()
    assert run.code == 2
    assert "No further poll is planned" in run.failure("Print that the deadline is over")["msg"]
    assert campaign.count("campaign_read") == polls + 1
    assert (chain.schedules, chain.started) == ([], [])


def test_a_time_that_is_nearly_over_is_not_planned(chain: Chain, campaign: Control) -> None:
    """AWX never starts a schedule whose time was over when it was saved."""
    campaign.fault("date", value=moment(-0.1).strftime("%a, %d %b %Y %H:%M:%S GMT"))
    run = chain.job(campaign_wait_interval=1, campaign_wait_max_interval=1)
    assert run.code == 0, run.output
    (planned,) = chain.schedules
    assert planned["next_run"] is not None
    assert next_poll_at(run) < written(0)


def test_what_somebody_has_turned_off_stays_off(planned: Chain, campaign: Control) -> None:
    (schedule,) = planned.controller.tables.all("schedules")
    schedule.update(enabled=False, next_run=None)
    run = planned.job()
    assert run.code == 0, run.output
    assert "The schedule is turned off" in told(run)
    assert [one["enabled"] for one in planned.schedules] == [False]


@pytest.mark.parametrize(
    ("variables", "environment", "says"),
    [
        ({"awx_job_template_id": 99}, {}, "could not be found"),
        ({}, {"CONTROLLER_OAUTH_TOKEN": "wrong"}, "Invalid authentication credentials"),
        # Without the collection awx.awx.
        ({}, {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}, "awx.awx.controller_api"),
    ],
)
def test_what_is_needed_is_said_before_anything_is_polled(
    chain: Chain, campaign: Control, variables: dict[str, Any], environment: dict[str, str], says: str
) -> None:
    chain.environment.update(environment)
    run = chain.job(**variables)
    assert run.code == 2
    said = run.failure("Print the requirements of the next poll")["msg"]
    assert "needs the collection awx.awx" in said
    assert says in said
    assert campaign.counters()["total"] == 0


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("organization", "Read on the organization"),
        ("workflow", "there must be one workflow Gate"),
        ("schedule", "If another user created the schedule"),
    ],
)
def test_rights_that_are_missing_are_reported_before_anything_is_polled(
    chain: Chain, campaign: Control, planned_state: Any, missing: str, says: str
) -> None:
    if missing == "schedule":
        chain.controller.service.restore(planned_state)
        chain.controller.tables.all("schedules")[0]["created_by"] = "somebody"
    else:
        number = {"organization": chain.organization, "workflow": chain.workflow}[missing]["id"]
        del chain.planner.roles[number]
    run = chain.job()
    assert run.code == 2
    assert says in run.output
    assert campaign.counters()["total"] == 0


@pytest.mark.parametrize(
    ("variables", "task", "says"),
    [
        ({"campaign_wait_campaign_id": ""}, "Look for the ID of a campaign", "campaign_wait_campaign_id is missing"),
        (
            {"campaign_wait_campaign_id": 12345678},
            "Check the ID of the campaign",
            "which is not a string: set it to the ID",
        ),
        ({"awx_wait_days": "a few"}, "Check the number of days", "must be a number of 1 or more, not a few."),
        (
            {"awx_wait_max_minutes": 1},
            "Check the minutes between polls",
            "must not be less, not 5 and 1.",
        ),
        (
            {"campaign_wait_timeout": 60},
            "Refuse variables that a wait of days does not use",
            "campaign_wait_timeout cannot be set here",
        ),
        (
            {"campaign_wait_device_id": "990003425730531", "campaign_wait_until_end_plus": "2 d"},
            "Refuse variables that a wait of days does not use",
            "campaign_wait_device_id and campaign_wait_until_end_plus cannot be set here",
        ),
        (
            {"awx_wait_deadline": "tomorrow"},
            "Print the format of a deadline",
            'as "2026-03-15T00:00:00Z", not tomorrow.',
        ),
        ({"awx_wait_deadline": ""}, "Print the format of a deadline", "awx_wait_deadline must be a time in UTC"),
        ({"awx_wait_deadline": "2026-03-15"}, "Print the format of a deadline", "must be a time in UTC"),
        ({"awx_wait_deadline": "2026-03-15T00:00:00+02:00"}, "Print the format of a deadline", "must be a time in UTC"),
    ],
)
def test_bad_input(chain: Chain, campaign: Control, variables: dict[str, Any], task: str, says: str) -> None:
    run = chain.job(**variables)
    assert run.code == 2
    assert says in run.failure(task)["msg"]
    assert campaign.counters()["total"] == 0
    assert chain.schedules == []
