# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rulebooks with the campaign source, the simulator, the stand-in for the controller, and the jobs of AWX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from integration.leaks import leaks_in
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, as_environment

from awx.controller.app import LaunchFault
from awx.controller.tables import Item
from awx.controller.variables import as_awx_writes
from eda.controller import LAUNCHER_TOKEN, RUNNER_TOKEN, Jobs, ShippedController
from eda.rulebooks import Rulebook, Rulebooks, until
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT

ID = "00000000-0000-4000-8000-000000000001"
DAY = 86400
GATE = "ThingSpace - gate"


class Awx:
    """Runs the jobs that launch once, with the permissions described in the documentation."""

    def __init__(self, playbooks: Playbooks, controller: ShippedController) -> None:
        self._playbooks = playbooks
        self._controller = controller
        self.outputs: list[str] = []

    def run(self, job: Item) -> str:
        """Run a job, and return its status."""
        own = {
            "awx_job_id": job["id"],
            "awx_job_template_id": job["unified_job_template"],
            "awx_job_launch_type": "manual",
            "awx_once_retry_seconds": 1,
        }
        done = self._playbooks.run(
            "fleetops.thingspace.awx_launch_once",
            variables=as_awx_writes({**job["extra_vars"], **own}),
            environment=self._controller.controller.environment_for(self._controller.runner),
            verbosity=0,
        )
        self.outputs.append(done.output)
        return "successful" if done.code == 0 else "failed"


@pytest.fixture
def awx(playbooks: Playbooks, controller: ShippedController) -> Awx:
    return Awx(playbooks, controller)


def add_campaign(control: Control, failed: int = 0) -> None:
    """Add a campaign of two weeks that begins tomorrow. A test has to end it."""
    day = str(control.clock()["now"])[:10]
    devices: dict[str, Any] = {
        "count": 20,
        "groups": [{"count": failed, "status": "UpgradeFailed", "reason": "Other."}],
    }
    body = {"campaignName": "Trackers", "startDate": day, "endDate": "2099-12-31"}
    timeline = [{"after": 0, "status": "CampaignScheduled"}]
    control.add_campaign(ID, body=body, timeline=timeline, devices=devices)


def watching(rulebooks: Rulebooks, name: str, simulator: SimulatorProcess, **variables: Any) -> Rulebook:
    """Return a rulebook that polls this campaign."""
    given = {"thingspace_account_name": ACCOUNT, "thingspace_campaign_id": [ID], **variables}
    return rulebooks.fast(name, given, as_environment({"api_url": simulator.url, **CREDENTIALS}))


def polls(control: Control) -> int:
    return int(control.counters()["reads_by_campaign"].get(ID, 0))


def polled(rulebook: Rulebook, control: Control) -> None:
    """Wait for two polls of the campaign, so that one of them has started after the call."""
    before = polls(control)
    rulebook.until(lambda: polls(control) >= before + 2, "poll")


def check_secrets(rulebook: Rulebook, control: Control) -> None:
    issued = control.state()["issued"]
    secrets = {*CREDENTIALS.values(), LAUNCHER_TOKEN, RUNNER_TOKEN, *issued["access_tokens"], *issued["session_tokens"]}
    assert leaks_in(rulebook.output, secrets) == []


def test_two_weeks_with_a_rulebook_that_is_killed(
    rulebooks: Rulebooks, controller: ShippedController, control: Control, simulator: SimulatorProcess, awx: Awx
) -> None:
    """It has no state file, so it repeats earlier events. The first launch fails."""
    add_campaign(control)
    rulebook = watching(rulebooks, "continue_workflow", simulator, thingspace_min_success_percent=95)
    controller.controller.fail_launches(LaunchFault(503))
    with Jobs(controller, awx.run):
        with rulebook:
            polled(rulebook, control)
        control.advance(7 * DAY)
        with rulebook:
            polled(rulebook, control)
            assert controller.asked == []
            control.advance(7 * DAY)
            # The kill is between the first poll that shows the end and the launch, or after both.
            control.set_status(ID, "CampaignEnded")
        with rulebook:
            rulebook.until(lambda: len(controller.asked) > 0, "launch")
            before = len(controller.asked)
        # Two simultaneous activations. Each exits when its job has ended, because the campaign is over.
        with rulebook, replace(rulebook, log=rulebook.log.with_suffix(".second")) as second:
            assert (rulebook.wait(), second.wait()) == (0, 0)
        assert len(controller.asked) >= before + 2
        until(lambda: all(job["status"] == "successful" for job in controller.asked), "end of all jobs")
    (launched,) = controller.launched
    assert launched["name"] == GATE
    assert launched["extra_vars"].pop("thingspace_event_id").startswith("event-")
    message = launched["extra_vars"].pop("thingspace_message")
    ended = f"Campaign Trackers ({ID}) is ended [CampaignEnded], outcome succeeded, 20 of 20 devices upgraded."
    assert message == ended
    assert launched["extra_vars"] == {
        "campaign_wait_account_name": f"{ACCOUNT} ",
        "campaign_wait_api_version": "v2",
        "campaign_wait_campaign_id": ID,
        "campaign_wait_min_success_percent": 95,
        "thingspace_launch_name": f"ThingSpace launched once, {ACCOUNT} v2 {ID}",
    }
    assert len(awx.outputs) >= 3
    assert sum("It is not launched again." in output for output in awx.outputs) == len(awx.outputs) - 1
    check_secrets(rulebook, control)


def test_a_service_that_is_started_again(
    rulebooks: Rulebooks, controller: ShippedController, awx: Awx, control: Control, tmp_path: Path
) -> None:
    """After its restart, it knows no tokens. One of the campaign's 20 devices has failed, which is just allowed."""
    with SimulatorProcess(["--speed", "0"]) as own, Jobs(controller, awx.run):
        known = Control(own.admin_url)
        add_campaign(known, failed=1)
        given = {"thingspace_min_success_percent": 95, "thingspace_state_file": str(tmp_path / "told.sqlite")}
        rulebook = watching(rulebooks, "continue", own, **given)
        with rulebook:
            polled(rulebook, known)
            own.kill()
            own.start()
            add_campaign(known, failed=1)
            polled(rulebook, known)
            assert controller.asked == []
            known.set_status(ID, "CampaignEnded")
            assert rulebook.wait() == 0, rulebook.output
        check_secrets(rulebook, known)
    (launched,) = controller.launched
    assert launched["name"] == "ThingSpace - wait and continue"
    assert [job["status"] for job in controller.asked] == ["successful"]
    assert "outcome partial" in launched["extra_vars"]["thingspace_message"]


def test_too_many_failures_are_reviewed_while_it_is_under_way(
    rulebooks: Rulebooks, controller: ShippedController, control: Control, simulator: SimulatorProcess, awx: Awx
) -> None:
    add_campaign(control)
    first, second = [device["id"] for device in control.devices(ID)][:2]
    with Jobs(controller, awx.run), watching(rulebooks, "review", simulator) as rulebook:
        control.set_device(ID, first, "UpgradeFailed", "Other.")
        polled(rulebook, control)
        # One failure of 20 is still allowed.
        assert controller.asked == []
        control.set_device(ID, second, "UpgradeFailed", "Other.")
        rulebook.until(lambda: len(controller.launched) == 1, "review")
    (launched,) = controller.launched
    assert launched["name"] == "ThingSpace - review a campaign"
    assert launched["extra_vars"]["campaign_wait_campaign_id"] == ID
