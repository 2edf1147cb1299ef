# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An end, and a new state from a list, is told only after a second read that agrees and has the device report."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    CampaignNotFound,
    ConnectionFailed,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import DAY, HOUR, Asked, Campaign, status
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import Process, WatchWorld, short

ENDS: t.Final = Campaign([(DAY, status("CampaignEnded"))])
NAMED: t.Final = {"campaign_id": ["c1"], "present": False}
LISTS: t.Final = {"campaign_state": ["queued", "scheduled"], "present": False, "list_interval": "10m"}


def second_reads_fail(until: float, error: ThingSpaceError) -> Callable[[Asked], ThingSpaceError | None]:
    """Return a fault of the second reads."""
    return lambda asked: error if asked.is_second and asked.moment < until else None


@pytest.mark.parametrize(
    "error", [ConnectionFailed("reset"), ServiceTrouble("broken", 500), ServiceTrouble("busy", 503)], ids=repr
)
def test_an_end_whose_second_read_fails_is_told_once_one_succeeds(error: ThingSpaceError) -> None:
    world = WatchWorld({"c1": ENDS})
    world.fault = second_reads_fail(DAY + HOUR / 2, error)
    process = Process(world, NAMED)
    assert [short(event) for event in process.run()] == ["changed c1 ended succeeded", "done ended"]
    assert DAY + HOUR / 2 <= process.moments[0] <= DAY + 3 * HOUR


@pytest.mark.parametrize("error", [ServiceTrouble("broken", 500), ConnectionFailed("reset")], ids=repr)
def test_an_end_whose_device_report_fails_is_told_once_there_is_one(error: ThingSpaceError) -> None:
    world = WatchWorld({"c1": ENDS})
    world.report_fault = lambda: error if world.clock.seconds < DAY + HOUR / 2 else None
    process = Process(world, NAMED)
    assert [short(event) for event in process.run()] == ["changed c1 ended succeeded", "done ended"]
    assert DAY + HOUR / 2 <= process.moments[0] <= DAY + 3 * HOUR


def test_a_device_report_that_is_missing_once_may_still_come() -> None:
    world = WatchWorld({"c1": ENDS})
    missing = iter([CampaignNotFound("It has no device report.")])
    world.report_fault = lambda: next(missing, None)
    assert [short(event) for event in Process(world, NAMED).run()] == ["changed c1 ended succeeded", "done ended"]


def test_refused_credentials_at_a_second_read_end_the_watch() -> None:
    world = WatchWorld({"c1": ENDS})
    world.fault = second_reads_fail(99 * DAY, AccessRefused("Refused again."))
    assert [short(event) for event in Process(world, NAMED).run()] == ["done access_refused"]


class Reviving(Campaign):
    """Shows an end at its first read after a day, and then another state."""

    reads = 0

    def body(self, campaign_id: str, moment: float) -> dict[str, t.Any]:
        """Return the end once."""
        self.reads += moment >= DAY
        word = {0: "CampaignScheduled", 1: "CampaignEnded"}.get(self.reads, "CampaignQueued")
        return {**super().body(campaign_id, moment), "status": word}


def test_a_second_read_that_shows_a_running_campaign_is_what_is_told() -> None:
    campaign = Reviving(end="2099-12-31")
    process = Process(WatchWorld({"c1": campaign}), NAMED)
    assert [short(event) for event in process.run(DAY + 8 * HOUR)] == ["changed c1 queued"]
    (ended,) = [seen.moment for seen in process.world.log if seen.facts and seen.facts["state"] == "ended"]
    assert process.moments == [ended] and campaign.reads > 2


class Changing(Campaign):
    """Shows another end at each of its first reads after a day."""

    reads = 0

    def body(self, campaign_id: str, moment: float) -> dict[str, t.Any]:
        """Return one end after the other."""
        self.reads += moment >= DAY
        words = ["CampaignScheduled", "CampaignEnded", "CampaignFailed", "CampaignEnded"]
        return {**super().body(campaign_id, moment), "status": words[min(self.reads, 3)]}


def test_two_ends_that_differ_are_no_end() -> None:
    process = Process(WatchWorld({"c1": Changing(end="2099-12-31")}), NAMED)
    assert [short(event) for event in process.run()] == ["changed c1 ended succeeded", "done ended"]
    assert process.moments[0] > DAY


def test_an_old_list_does_not_bring_back_an_old_state() -> None:
    """The list still shows the state before: the campaign itself has the last word."""
    world = WatchWorld({"c1": Campaign([(-DAY, status("CampaignRequestQueued")), (DAY, status("CampaignScheduled"))])})
    world.campaigns["c1"].end = "2099-12-31"
    world.list_lag = 6 * HOUR
    events = Process(world, LISTS).run(3 * DAY)
    assert [short(event) for event in events] == ["changed c1 scheduled"]


def test_a_campaign_that_leaves_its_list_is_polled_at_once() -> None:
    moment = DAY + HOUR
    world = WatchWorld({"c1": Campaign([(moment, status("CampaignInProgress"))], "2026-06-01", "2026-06-30")})
    process = Process(world, {**LISTS, "wait_interval": "6h", "wait_max_interval": "6h"})
    assert [short(event) for event in process.run(3 * DAY)] == ["changed c1 in_progress"]
    assert moment <= process.moments[0] <= moment + 700
    polls = len(world.log)
    # It has left once, and is polled at its own pace again.
    assert polls <= 3 * 4 + 3


def test_during_an_outage_no_second_read_is_sent() -> None:
    """The first campaign has ended, but the poll of the second one shows an outage."""
    world = WatchWorld({"c1": ENDS, "c2": Campaign(end="2099-12-31")})
    error = ServiceTrouble("Busy.", 429, HOUR)
    world.fault = lambda asked: error if asked.campaign_id == "c2" and DAY <= asked.moment < DAY + 3 * HOUR else None
    process = Process(world, {"campaign_id": ["c1", "c2"], "present": False})
    events = process.run(3 * DAY)
    place = next(place for place, seen in enumerate(world.log) if seen.error is not None)
    ended, failed, following = world.log[place - 1 : place + 2]
    assert ended.facts is not None and ended.facts["state"] == "ended" and ended.call == failed.call
    assert following.moment >= failed.moment + HOUR
    assert [short(event) for event in events if event["campaign"]] == ["changed c1 ended succeeded"]


def test_a_watch_that_is_stopped_sends_no_second_read() -> None:
    world = WatchWorld({"c1": ENDS})
    process = Process(world, NAMED)
    world.fault = lambda asked: process.watch.stop() if asked.moment >= DAY else None
    assert process.run(3 * DAY) == []
    assert [seen.facts["state"] for seen in world.log if seen.facts and seen.moment >= DAY] == ["ended"]
