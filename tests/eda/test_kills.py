# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rulebooks that are repeatedly killed with SIGKILL at random times within two weeks: there is exactly one launch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awx.chance import chance
from eda.controller import Jobs, ShippedController
from eda.rulebooks import Rulebook, Rulebooks, until
from eda.test_campaigns import DAY, GATE, ID, Awx, awx, check_secrets, watching
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT

__all__ = ["awx"]

_KILLS = 4
_WEEKS = 14 * DAY
# The maximum number of requests, to the service and the controller, before a kill. The launch needs ten requests.
_LONGEST = 12


def add_campaign(control: Control) -> None:
    """Add a campaign that follows a timeline of two weeks, with four states."""
    day = str(control.clock()["now"])[:10]
    states = ("CampaignRequestPending", "CampaignQueued", "CampaignScheduled", "CampaignEnded")
    timeline = [{"after": after, "status": state} for after, state in zip((0, DAY, 2 * DAY, _WEEKS), states)]
    body = {"campaignName": "Trackers", "startDate": day, "endDate": "2099-12-31"}
    control.add_campaign(ID, body=body, timeline=timeline, devices={"count": 20})


class Lives:
    """The runs of one rulebook, each until the next SIGKILL."""

    def __init__(self, rulebook: Rulebook, control: Control, controller: ShippedController) -> None:
        self._rulebook = rulebook
        self._control = control
        self._controller = controller.controller
        self._steps = 0
        self._controller.each_step(self._step)

    def _step(self) -> None:
        self._steps += 1

    @property
    def requests(self) -> int:
        """The number of requests to the service and the controller so far."""
        return int(self._control.counters()["total"]) + self._steps // 2

    def one(self, seconds: float, requests: int) -> None:
        """Start it, advance the time at once, and kill it after this number of requests, unless it has exited."""
        with self._rulebook as running:
            before = self.requests
            running.until(lambda: running.has_ended or self.requests > before, "request")
            self._control.advance(seconds)
            before = self.requests
            until(lambda: running.has_ended or self.requests >= before + requests, "request")

    def last(self) -> None:
        """Run it until the campaign and the launched jobs have ended."""
        with self._rulebook as running:
            assert running.wait() == 0, running.output


@pytest.mark.parametrize("has_state_file", [False, True])
def test_one_launch_however_often_the_rulebook_is_killed(
    has_state_file: bool,
    rulebooks: Rulebooks,
    controller: ShippedController,
    control: Control,
    simulator: SimulatorProcess,
    awx: Awx,
    tmp_path: Path,
) -> None:
    random = chance()
    add_campaign(control)
    given: dict[str, Any] = {"thingspace_min_success_percent": 95}
    if has_state_file:
        given["thingspace_state_file"] = str(tmp_path / "told.sqlite")
    rulebook = watching(rulebooks, "continue_workflow", simulator, **given)
    lives = Lives(rulebook, control, controller)
    # The last kill is at the end of the campaign: between the poll that shows it and the launch, or after that.
    moments = [*sorted(random.uniform(0, _WEEKS) for _kill in range(_KILLS - 1)), _WEEKS + 1.0]
    passed = 0.0
    with Jobs(controller, awx.run):
        for moment in moments:
            requests = random.randint(0, _LONGEST)
            print(f"killed on day {moment / DAY:.2f}, after {requests} requests")
            lives.one(moment - passed, requests)
            passed = moment
            # Before the end of the campaign, nothing is launched.
            assert moment > _WEEKS or controller.asked == []
        lives.last()
        until(lambda: all(job["status"] == "successful" for job in controller.asked), "end of all jobs")
    (launched,) = controller.launched
    assert launched["name"] == GATE
    own = dict(launched["extra_vars"])
    event_id = own.pop("thingspace_event_id")
    assert own.pop("thingspace_message").startswith(f"Campaign Trackers ({ID}) is ended")
    assert own == {
        "campaign_wait_account_name": f"{ACCOUNT} ",
        "campaign_wait_api_version": "v2",
        "campaign_wait_campaign_id": ID,
        "campaign_wait_min_success_percent": 95,
        "thingspace_launch_name": f"ThingSpace launched once, {ACCOUNT} v2 {ID}",
    }
    # The event has the same ID, whichever process has sent it.
    assert {job["extra_vars"]["thingspace_event_id"] for job in controller.asked} == {event_id}
    check_secrets(rulebook, control)
