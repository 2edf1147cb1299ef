# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that launches the job for an event: exactly once, regardless of repeated requests and errors."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from integration.playbooks import Playbooks, Run

from awx.chain import ID
from awx.controller.app import LaunchFault
from awx.controller.serving import Controller
from awx.controller.tables import KINDS, Item
from awx.controller.users import User
from awx.controller.variables import as_awx_writes
from awx.shipped import load
from simulator.stock import ACCOUNT

PLAYBOOK = "fleetops.thingspace.awx_launch_once"
RUNNER_TOKEN = "runner-token-9999-not-a-real-token"
CLAIM = f"ThingSpace launched once, {ACCOUNT} v2 {ID}"
EVENT = "event-0123456789abcdef0123456789abcdef"
OTHER_EVENT = f"event-{'f' * 32}"
TOLD = "Print what was launched"


class Launches:
    """The template of the job in a controller, a workflow and a job template to launch, and runs of the job."""

    def __init__(self, playbooks: Playbooks, controller: Controller) -> None:
        self._playbooks = playbooks
        self.controller = controller
        self.tables = controller.tables
        organization = self.tables.find("organizations", "Default")["id"]
        survey = {"spec": [{"variable": "campaign_wait_campaign_id", "type": "text", "required": True}]}
        named = {"organization": organization, "ask_variables_on_launch": True}
        asking = {**named, "survey_enabled": True, "survey_spec": survey}
        self.own = self.tables.add("job_templates", {**named, "name": "Once"})
        self.workflow = self.tables.add("workflow_job_templates", {**asking, "name": "Gate"})
        self.template = self.tables.add("job_templates", {**asking, "name": "Continue"})
        self.user = controller.add_user("runner", RUNNER_TOKEN)
        self.user.roles = {organization: {"read"}}
        self.user.roles |= {one["id"]: {"execute"} for one in (self.own, self.workflow, self.template)}
        playbooks.know_secrets({"runner": RUNNER_TOKEN})

    def variables(self, number: int) -> dict[str, Any]:
        """Return the variables of a job with this ID that a rulebook has launched."""
        return {
            "campaign_wait_campaign_id": ID,
            "campaign_wait_account_name": ACCOUNT,
            "campaign_wait_min_success_percent": 95,
            "thingspace_launch": "Gate",
            "thingspace_event_id": EVENT,
            "thingspace_message": "Campaign x has ended: 19 of 20 devices are upgraded.",
            "awx_job_id": number,
            "awx_job_template_id": self.own["id"],
            "awx_job_launch_type": "manual",
            "awx_once_retry_seconds": 0,
        }

    def job(self, number: int, **variables: Any) -> Run:
        """Run a job with this ID and these additional variables."""
        return self._playbooks.run(
            PLAYBOOK,
            variables=as_awx_writes({**self.variables(number), **variables}),
            environment=self.controller.environment_for(self.user),
        )

    def add_claim(self, template: Item, name: str, description: str) -> None:
        """Add the claim of an earlier job on this template."""
        given = {
            "unified_job_template": template["id"],
            "extra_data": {"campaign_wait_campaign_id": ID},
            "rrule": "DTSTART:20260101T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1",
            "enabled": False,
        }
        self.tables.add("schedules", {**given, "name": name, "description": description, "created_by": "runner"})

    @property
    def everything(self) -> dict[str, list[Item]]:
        """Return a copy of all objects in AWX."""
        return {kind: copy.deepcopy(self.tables.all(kind)) for kind in KINDS}

    @property
    def launched(self) -> list[Item]:
        """Return the launched jobs and workflows."""
        return [*self.tables.all("workflow_jobs"), *self.tables.all("jobs")]

    @property
    def claims(self) -> list[tuple[str, str]]:
        """Return the names and descriptions of the claims."""
        return [(one["name"], one["description"]) for one in self.tables.all("schedules")]


@pytest.fixture
def launches(playbooks: Playbooks, controller: Controller) -> Launches:
    return Launches(playbooks, controller)


def test_one_launch_however_often_it_is_requested(launches: Launches) -> None:
    first = launches.job(42)
    assert first.code == 0, first.output
    (launched,) = launches.launched
    said = f"Launched Gate as workflow job {launched['id']}."
    assert launched["extra_vars"] == {
        "campaign_wait_campaign_id": ID,
        "campaign_wait_account_name": f"{ACCOUNT} ",
        "campaign_wait_min_success_percent": 95,
        "thingspace_event_id": EVENT,
        "thingspace_message": "Campaign x has ended: 19 of 20 devices are upgraded.",
        "thingspace_launch_name": CLAIM,
    }
    assert first.result(TOLD)["msg"] == said
    assert launches.claims == [(CLAIM, said)]
    assert launches.tables.all("schedules")[0]["next_run"] is None
    # Even if AWX has deleted its old jobs in the meantime, and for another event about the same campaign.
    launches.tables.remove("workflow_jobs", launched["id"])
    again = launches.job(43, thingspace_event_id=OTHER_EVENT)
    assert again.code == 0, again.output
    assert again.result(TOLD)["msg"] == f"{said} It is not launched again."
    assert launches.launched == []


def test_a_job_template_once_for_each_event(launches: Launches) -> None:
    """There is a claim for another event about the same campaign."""
    other = (f"ThingSpace launched once, {OTHER_EVENT}", "Launched Continue as job 1.")
    launches.add_claim(launches.template, *other)
    for number in (2, 3):
        done = launches.job(number, thingspace_launch="Continue", thingspace_once_per="event")
        assert done.code == 0, done.output
    (launched,) = launches.tables.all("jobs")
    assert launched["extra_vars"]["thingspace_event_id"] == EVENT
    said = f"Launched Continue as job {launched['id']}."
    assert launches.claims == [other, (f"ThingSpace launched once, {EVENT}", said)]


def test_any_name_is_launched_once(launches: Launches) -> None:
    """AWX lists the variables of a job as JSON, in which some characters are escaped."""
    for number in (42, 43):
        done = launches.job(number, campaign_wait_account_name='Fl\u00f6tte "b\\c')
        assert done.code == 0, done.output
        # The second job must find the first launch in AWX.
        launches.tables.all("schedules")[0]["description"] = "Job 43"
    assert len(launches.launched) == 1


def test_a_launch_that_awx_does_not_list_is_not_repeated(launches: Launches, monkeypatch: pytest.MonkeyPatch) -> None:
    service = launches.controller.service
    shown = service.shown

    def without_variables(item: Item, user: User) -> Item:
        return {**shown(item, user), **({"extra_vars": ""} if item["type"] == "workflow_job" else {})}

    monkeypatch.setattr(service, "shown", without_variables)
    done = launches.job(42)
    assert done.code == 0, done.output
    (launched,) = launches.launched
    assert launches.claims == [(CLAIM, f"Launched Gate as workflow job {launched['id']}.")]


def test_launches_that_are_answered_with_an_error(launches: Launches) -> None:
    """The first did not take place, the second did: the job checks that in AWX before it tries again."""
    launches.controller.fail_launches(LaunchFault(502), LaunchFault(502, is_launched=True))
    done = launches.job(42)
    assert done.code == 0, done.output
    assert len([line for line in launches.controller.changes if line.endswith("/launch/")]) == 2
    assert len(launches.launched) == 1
    assert launches.claims == [(CLAIM, f"Launched Gate as workflow job {launches.launched[0]['id']}.")]


def test_a_launch_that_never_works_can_be_requested_again(launches: Launches) -> None:
    """Nothing is left of the job, so the next one finds what the first one has found."""
    before = launches.everything
    launches.controller.fail_launches(LaunchFault(500))
    done = launches.job(42, awx_once_tries=1)
    assert done.code == 2
    assert done.failure("Print that nothing was launched")["msg"].startswith("Gate was not launched: ")
    assert len([line for line in launches.controller.changes if line.endswith("/launch/")]) == 1
    assert launches.everything == before


def test_a_claim_of_a_job_that_has_died(launches: Launches) -> None:
    """It is not known whether the dead job has launched, so only a user who relaunches the job can decide."""
    launches.add_claim(launches.workflow, CLAIM, "Job 41")
    refused = launches.job(42)
    assert refused.code == 2
    assert "Job 41 has claimed this launch, but has not launched Gate, so this job has not" in refused.output
    assert launches.launched == []
    relaunched = launches.job(43, awx_job_launch_type="relaunch")
    assert relaunched.code == 0, relaunched.output
    assert len(launches.launched) == 1


def test_of_two_jobs_that_claim_at_the_same_time_one_launches(
    launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other job claims between our check and our claim. AWX refuses a second schedule with the same name."""
    service = launches.controller.service
    create = service.create

    def create_second(kind: str, given: Any, user: User) -> Item:
        if kind == "schedules":
            create(kind, {**given, "description": "Job 41"}, user)
        return create(kind, given, user)

    monkeypatch.setattr(service, "create", create_second)
    done = launches.job(42)
    assert done.code == 2
    assert "Job 41 has claimed this launch" in done.output
    assert launches.launched == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"campaign_wait_campaign_id": f"{ID},{ID[:-1]}2"}, "campaign_wait_campaign_id must be the ID of one campaign"),
        ({"campaign_wait_account_name": ""}, "campaign_wait_account_name is missing"),
        ({"thingspace_launch": "Nothing"}, "there must be one job template or workflow Nothing"),
        ({"thingspace_once_per": "event", "thingspace_event_id": ""}, "and the ID of the event: not event and"),
    ],
)
def test_what_cannot_be_launched_is_refused(launches: Launches, wrong: dict[str, Any], sentence: str) -> None:
    done = launches.job(42, **wrong)
    assert done.code == 2
    assert sentence in done.output
    assert (launches.launched, launches.claims) == ([], [])


def test_what_accepts_no_variables_is_not_launched(launches: Launches) -> None:
    launches.workflow["ask_variables_on_launch"] = False
    done = launches.job(42)
    assert done.code == 2
    assert "AWX would ignore the variables for which Gate has no survey question" in done.output
    assert (launches.launched, launches.claims) == ([], [])


def test_the_shipped_templates_can_launch_and_be_launched() -> None:
    templates = {one["name"]: one for one in load("job_templates.yml")["controller_templates"]}
    once = templates["ThingSpace - launch once"]
    assert once["ask_variables_on_launch"] and once["allow_simultaneous"] is False
    for name in ("ThingSpace - wait and continue", "ThingSpace - notify", "ThingSpace - review a campaign"):
        assert templates[name]["ask_variables_on_launch"]
