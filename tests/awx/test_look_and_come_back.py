# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that looks and comes back: exactly one next run while it is too early, and none afterwards."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from integration.playbooks import Playbooks

from awx.chain import FORMAT, ID, Chain, moment, next_poll_at, written
from awx.controller.serving import Controller
from simulator.control import Control


@pytest.fixture
def chain(playbooks: Playbooks, controller: Controller, api_url: str) -> Chain:
    return Chain(playbooks, controller, api_url)


def test_one_next_run_until_the_target_is_reached(chain: Chain, campaign: Control) -> None:
    first = chain.job(campaign_wait_min_success_percent=95, campaign_wait_interval=600)
    assert first.code == 0, first.output
    due = next_poll_at(first)
    assert moment(0).strftime(FORMAT) < due < written(0.1)
    (planned,) = chain.schedules
    assert planned["next_run"] == due
    assert planned["rrule"].endswith("RRULE:FREQ=MINUTELY;INTERVAL=1;COUNT=1")
    handed_on = planned["extra_data"]
    deadline = datetime.datetime.strptime(handed_on.pop("awx_wait_deadline"), FORMAT)
    assert abs(deadline - moment(14).replace(tzinfo=None)) < datetime.timedelta(minutes=5)
    assert handed_on == {
        "campaign_wait_campaign_id": ID,
        "campaign_wait_min_success_percent": 95,
        "campaign_wait_interval": 600,
        "awx_wait_then": "Gate",
    }

    # The next run, and one that somebody starts by hand in between: still one schedule, with the first deadline.
    again = chain.next_job()
    assert again.code == 0, again.output
    (planned_again,) = chain.schedules
    assert planned_again["id"] == planned["id"]
    assert planned_again["next_run"] == next_poll_at(again)
    assert planned_again["extra_data"]["awx_wait_deadline"] == deadline.strftime(FORMAT)
    assert chain.started == []

    campaign.set_status(ID, "CampaignEnded")
    last = chain.next_job()
    assert last.code == 2, last.output
    assert "only 9 of 10 devices were upgraded" in last.failure("Tell why there is no further look")["msg"]
    assert chain.schedules == []


def test_the_workflow_starts_once_when_the_target_is_reached(chain: Chain, campaign: Control) -> None:
    assert chain.job().code == 0
    campaign.set_status(ID, "CampaignEnded")
    last = chain.next_job()
    assert last.code == 0, last.output
    assert chain.schedules == []
    assert chain.started == [{"campaign_wait_campaign_id": ID}]
    # In this order: what is planned must not start it a second time.
    assert [line.split("/")[0] + line.split("/")[3] for line in chain.controller.changes[-2:]] == [
        "DELETE schedules",
        "POST workflow_job_templates",
    ]


def test_no_next_run_when_the_target_can_no_longer_be_reached(chain: Chain, campaign: Control) -> None:
    assert chain.job().code == 0
    assert len(chain.schedules) == 1
    campaign.set_status(ID, "CampaignFailed")
    last = chain.next_job()
    assert last.code == 2
    said = last.failure("Tell why there is no further look")["msg"]
    assert "ended can no longer be reached" in said
    assert said.endswith("No further look is planned.")
    assert (chain.schedules, chain.started) == ([], [])


def test_no_next_run_after_a_refused_login(chain: Chain, campaign: Control) -> None:
    assert chain.job().code == 0
    campaign.scenario({"credentials": {"password": "another-password"}})
    last = chain.next_job()
    assert last.code == 2
    assert campaign.counters()["logins_refused"] == 1
    assert "was refused" in last.failure("Tell why there is no further look")["msg"]
    assert chain.schedules == []


def test_trouble_that_may_pass_is_looked_at_again(chain: Chain, campaign: Control) -> None:
    campaign.fault("status", status=503, kind="campaign_read")
    run = chain.job()
    assert run.code == 0, run.output
    assert [planned["next_run"] is not None for planned in chain.schedules] == [True]


def test_the_last_look_is_at_the_deadline(chain: Chain, campaign: Control) -> None:
    soon = written(10 / 1440)
    assert chain.job(awx_wait_deadline=soon).code == 0
    (planned,) = chain.schedules
    assert planned["next_run"] == soon

    run = chain.job(awx_wait_deadline=written(-0.01))
    assert run.code == 2
    assert "no further look is planned" in run.failure("Tell that the time is over")["msg"]
    assert (chain.schedules, chain.started) == ([], [])


def test_a_time_that_is_nearly_over_is_not_planned(chain: Chain, campaign: Control) -> None:
    """AWX never starts what was over when it was saved."""
    campaign.fault("date", value=moment(-0.1).strftime("%a, %d %b %Y %H:%M:%S GMT"))
    run = chain.job(campaign_wait_interval=1, campaign_wait_max_interval=1)
    assert run.code == 0, run.output
    (planned,) = chain.schedules
    assert planned["next_run"] is not None
    assert next_poll_at(run) < written(0)


@pytest.mark.parametrize(
    ("variables", "environment", "says"),
    [
        ({"awx_job_template_id": 99}, {}, "could not be found"),
        ({}, {"CONTROLLER_OAUTH_TOKEN": "wrong"}, "Invalid authentication credentials"),
        # Where the collection is missing.
        ({}, {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}, "awx.awx.controller_api"),
    ],
)
def test_what_is_needed_is_said_before_anything_is_looked_at(
    chain: Chain, campaign: Control, variables: dict[str, Any], environment: dict[str, str], says: str
) -> None:
    chain._environment.update(environment)
    run = chain.job(**variables)
    assert run.code == 2
    said = run.failure("Tell what is needed to plan a look")["msg"]
    assert "needs the collection awx.awx" in said
    assert says in said
    assert campaign.counters()["total"] == 0


@pytest.mark.parametrize(
    ("variables", "task", "says"),
    [
        ({"campaign_wait_campaign_id": ""}, "Look for the ID of a campaign", "campaign_wait_campaign_id is missing"),
        ({"awx_wait_days": "a few"}, "Check the number of days", "must be a number from 1 on, not a few."),
        ({"awx_wait_deadline": "tomorrow"}, "Check the deadline", 'such as "2026-03-15T00:00:00Z", not tomorrow.'),
        ({"awx_wait_deadline": ""}, "Check the deadline", "awx_wait_deadline must be a time in UTC"),
    ],
)
def test_bad_input(chain: Chain, campaign: Control, variables: dict[str, Any], task: str, says: str) -> None:
    run = chain.job(**variables)
    assert run.code == 2
    assert says in run.failure(task)["msg"]
    assert campaign.counters()["total"] == 0
    assert chain.schedules == []
