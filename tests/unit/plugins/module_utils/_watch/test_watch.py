# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events of a watch about campaigns that start late, change and end, with and without a state file."""

from __future__ import annotations

import pathlib
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import iso
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import StoredEvent
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    MINUTE,
    Campaign,
    FakeClock,
    seconds_until,
    status,
)
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import Process, Reports, WatchWorld, short

END: t.Final = seconds_until("2026-03-11")
WEEK: t.Final = Campaign([(END, status("CampaignEnded"))])
# The maximum time between two polls of a campaign, and therefore the maximum delay of an event.
CEILING: t.Final = 5400.0


def ids(*names: str, **more: t.Any) -> dict[str, t.Any]:
    """Options that name campaigns."""
    return {"campaign_id": list(names), **more}


def shorts(process: Process, until: float = 60 * DAY) -> list[str]:
    """The events of a process, in short."""
    return [short(event) for event in process.run(until)]


def test_a_campaign_is_told_at_the_start_and_at_its_end() -> None:
    process = Process(WatchWorld({"c1": WEEK}), ids("c1"))
    assert shorts(process) == ["present c1 scheduled again", "changed c1 ended succeeded", "done ended"]
    assert process.outcome is not None and process.outcome.is_reached
    ended = process.events[1]
    assert ended["previous"] == {"state": "scheduled", "outcome": "pending", "threshold": "not_set"}
    assert ended["changed"] == ["state", "outcome"]
    assert ended["campaign"]["device_summary"]["total"] == 1
    assert ended["message"].endswith(" is ended [CampaignEnded], outcome succeeded, 1 of 1 devices upgraded.")


def test_the_end_is_noticed_soon_and_with_few_requests() -> None:
    process = Process(WatchWorld({"c1": WEEK}), ids("c1"))
    process.run()
    assert 0 <= process.world.clock.seconds - END <= 15 * MINUTE
    assert len(process.world.log) <= 300


@pytest.mark.parametrize("word", ["CampaignCancelled", "CampaignFailed", "CampaignRequestFailed", "CampaignAborted"])
def test_every_other_end_is_told_with_its_outcome(word: str) -> None:
    process = Process(WatchWorld({"c1": Campaign([(DAY, status(word))])}), ids("c1", present=False))
    changed, done = process.run()
    assert changed["campaign"]["outcome"] == {"CampaignCancelled": "cancelled", "CampaignAborted": "cancelled"}.get(
        word, "failed"
    )
    assert done["watch"] == {"campaigns": 1, "over": 1, "in_trouble": 0}


class Flickering(Campaign):
    """Shows an end for one single read."""

    has_flickered = False

    def body(self, campaign_id: str, moment: float) -> dict[str, t.Any]:
        """Return an end once, and then the real state."""
        if moment >= DAY and not self.has_flickered:
            self.has_flickered = True
            return {**super().body(campaign_id, moment), **status("CampaignEnded")}
        return super().body(campaign_id, moment)


def test_no_end_is_told_that_a_second_read_denies() -> None:
    campaign = Flickering([(END, status("CampaignEnded"))])
    process = Process(WatchWorld({"c1": campaign}), ids("c1", present=False))
    assert shorts(process) == ["changed c1 ended succeeded", "done ended"]
    assert campaign.has_flickered
    assert process.events[0]["at"] >= "2026-03-11"


def test_the_same_state_is_told_once_however_often_it_is_polled() -> None:
    back_and_forth = [(2 * DAY, status("CampaignQueued")), (3 * DAY, status("CampaignScheduled"))]
    process = Process(WatchWorld({"c1": Campaign(back_and_forth)}), ids("c1"))
    first, queued, again = process.run(20 * DAY)
    assert [short(event) for event in (queued, again)] == ["changed c1 queued", "changed c1 scheduled"]
    # The same content has the same ID, so that a consumer can recognize it.
    assert first["id"] == again["id"] != queued["id"]


def test_an_unknown_status_is_told_and_ends_nothing() -> None:
    process = Process(WatchWorld({"c1": Campaign([(DAY, status("CampaignPaused"))])}), ids("c1"))
    assert shorts(process, 30 * DAY) == ["present c1 scheduled again", "changed c1 unknown"]
    assert process.events[1]["campaign"]["status"] == "CampaignPaused"
    assert len(process.world.warnings) == 1


def test_a_threshold_that_fails_is_told_at_once_and_only_once() -> None:
    world = WatchWorld({"c1": WEEK})
    world.every_report = True
    few, many = ["UpgradeSuccess"] * 99 + ["UpgradeFailed"], ["UpgradeFailed"] * 6 + ["UpgradeSuccess"] * 94
    world.reports = Reports({"c1": lambda moment: few if moment < 5 * DAY else many})
    process = Process(world, ids("c1", max_failure_percent=5, report_every=1))
    assert shorts(process) == [
        "present c1 scheduled again",
        "changed c1 scheduled",
        "changed c1 ended partial",
        "done ended",
    ]
    present, failed, ended = process.events[:3]
    assert present["threshold"] == {"verdict": "open", "message": None}
    assert failed["changed"] == ["threshold"]
    assert failed["threshold"]["verdict"] == ended["threshold"]["verdict"] == "failed"
    assert "6 of 100 devices have failed (max_failure_percent is 5)" in failed["message"]
    assert ended["changed"] == ["state", "outcome"]


def test_a_threshold_is_met_only_when_the_campaign_is_over() -> None:
    process = Process(WatchWorld({"c1": WEEK}), ids("c1", min_success_percent=95, present=False))
    ended, _done = process.run()
    assert ended["threshold"] == {"verdict": "met", "message": None}
    assert ended["changed"] == ["state", "outcome", "threshold"]


@pytest.mark.parametrize("skew", [-HOUR, 0.0, 3 * DAY])
def test_events_have_the_time_of_the_service(skew: float) -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))])}, FakeClock(skew=skew))
    process = Process(world, ids("c1", present=False))
    ended, done = process.run()
    for event, moment in zip((ended, done), process.moments):
        assert event["at"] == iso(FakeClock.date(moment))
    # The polls are planned by the time of the service, too.
    assert DAY <= process.moments[0] <= DAY + CEILING


def test_a_watch_ends_when_its_last_event_was_delivered() -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))])})
    process = Process(world, ids("c1", present=False))
    sent: list[StoredEvent] = []
    process.watch._context = replace(process.watch._context, send=sent.append)

    def deliver() -> None:
        while sent:
            process.watch.mark_delivered(sent.pop())

    world.clock.plan(2 * DAY, deliver)
    process.run()
    assert sent == [] and 2 * DAY <= world.clock.seconds <= 2 * DAY + 2 * MINUTE


def test_device_reports_of_campaigns_that_are_over_are_forgotten() -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))]), "c2": WEEK})
    forgotten: list[str] = []
    process = Process(world, ids("c1", "c2"))
    process.watch._context = replace(process.watch._context, forget=forgotten.extend)
    process.run()
    assert {"c1", "c2"} <= set(forgotten)


class TestLists:
    """Campaigns from the lists."""

    OPTIONS: t.Final = {"campaign_state": ["queued", "scheduled"]}

    def test_a_campaign_that_is_scheduled_tomorrow_is_seen_and_followed(self) -> None:
        soon = [(0, status("CampaignDraft")), (DAY, status("CampaignScheduled")), (END, status("CampaignEnded"))]
        world = WatchWorld({"c1": WEEK, "c2": Campaign(soon)})
        process = Process(world, self.OPTIONS)
        assert shorts(process, 30 * DAY) == [
            "present c1 scheduled again",
            "changed c2 scheduled",
            "changed c1 ended succeeded",
            "changed c2 ended succeeded",
        ]
        new = process.events[1]
        assert (new["previous"], new["changed"], new["repeated"]) == (None, ["state"], False)
        assert process.outcome is None

    def test_one_that_is_over_before_is_no_business_of_the_watch(self) -> None:
        world = WatchWorld({"c1": Campaign([(0, status("CampaignEnded"))]), "c2": WEEK})
        assert [one.split()[1] for one in shorts(Process(world, self.OPTIONS), 5 * DAY)] == ["c2"]

    def test_one_that_is_new_is_noticed_within_the_interval_of_the_lists(self) -> None:
        soon = [(0, status("CampaignDraft")), (DAY, status("CampaignScheduled"))]
        world = WatchWorld({"c1": Campaign(soon)})
        process = Process(world, {**self.OPTIONS, "list_interval": "10m"})
        process.run(2 * DAY)
        (moment,) = process.moments
        assert DAY <= moment <= DAY + 601

    def test_a_new_state_in_a_list_is_told_within_the_interval_of_the_lists(self) -> None:
        moment = DAY + HOUR
        steps = [(0, status("CampaignRequestQueued")), (moment, status("CampaignScheduled"))]
        world = WatchWorld({"c1": Campaign(steps, "2026-06-01", "2026-06-30")})
        slow = {"wait_interval": "6h", "wait_max_interval": "6h", "list_interval": "10m", "present": False}
        process = Process(world, {**self.OPTIONS, **slow})
        assert shorts(process, 2 * DAY) == ["changed c1 scheduled"]
        assert moment <= process.moments[0] <= moment + 601

    def test_a_list_that_is_old_decides_nothing(self) -> None:
        world = WatchWorld({"c1": WEEK})
        world.list_lag = 3 * HOUR
        process = Process(world, self.OPTIONS)
        assert shorts(process, 30 * DAY) == ["present c1 scheduled again", "changed c1 ended succeeded"]


class TestMemory:
    """The next process knows which events were sent."""

    def test_a_restart_tells_nothing_again_that_was_told_long_ago(self, tmp_path: pathlib.Path) -> None:
        world, options = WatchWorld({"c1": WEEK}), ids("c1", state_file=str(tmp_path / "state"))
        assert shorts(Process(world, options), 5 * DAY) == ["present c1 scheduled"]
        assert shorts(Process(world, options), 6 * DAY) == []
        assert shorts(Process(world, options)) == ["changed c1 ended succeeded", "done ended"]
        world.clock.pass_time(DAY)
        before = len(world.log)
        # The previous process ended right after its events, so nobody knows whether a rule acted on them.
        assert shorts(Process(world, options)) == ["changed c1 ended succeeded again", "done ended"]
        # A campaign that is over is not read again.
        assert len(world.log) == before

    def test_a_change_that_happened_meanwhile_is_told_as_a_change(self, tmp_path: pathlib.Path) -> None:
        world, options = WatchWorld({"c1": WEEK}), ids("c1", state_file=str(tmp_path / "state"))
        Process(world, options).run(5 * DAY)
        world.clock.pass_time(END + DAY)
        changed, _done = Process(world, options).run()
        assert (changed["type"], changed["previous"]["state"], changed["repeated"]) == ("changed", "scheduled", False)

    def test_what_was_told_just_before_is_told_again_and_says_so(self, tmp_path: pathlib.Path) -> None:
        world, options = WatchWorld({"c1": WEEK}), ids("c1", state_file=str(tmp_path / "state"))
        (first,) = Process(world, options).run(5 * MINUTE)
        (second,) = Process(world, options).run(DAY)
        assert second == {**first, "repeated": True}
        assert Process(world, options).run(2 * DAY) == []

    def test_found_campaigns_are_followed_after_a_restart_and_new_ones_are_new(self, tmp_path: pathlib.Path) -> None:
        soon = [(0, status("CampaignDraft")), (6 * DAY, status("CampaignScheduled"))]
        world = WatchWorld({"c1": WEEK, "c2": Campaign(soon)})
        options = {**TestLists.OPTIONS, "state_file": str(tmp_path / "state")}
        assert shorts(Process(world, options), 5 * DAY) == ["present c1 scheduled"]
        world.clock.pass_time(END - 5 * DAY)
        process = Process(world, options)
        assert sorted(shorts(process, END + DAY)) == ["changed c1 ended succeeded", "changed c2 scheduled"]

    def test_the_ids_are_the_same_in_every_process(self, tmp_path: pathlib.Path) -> None:
        with_file = Process(WatchWorld({"c1": WEEK}), ids("c1", state_file=str(tmp_path / "state"))).run()
        without = Process(WatchWorld({"c1": WEEK}), ids("c1", present=False)).run()
        assert with_file[1]["id"] == without[0]["id"]
        assert all(event["meta"]["uuid"] == event["id"] for event in with_file)

    def test_campaigns_that_were_over_before_a_restart_count(self, tmp_path: pathlib.Path) -> None:
        soon = Campaign([(DAY, status("CampaignEnded"))])
        world, options = WatchWorld({"c1": soon, "c2": WEEK}), ids("c1", "c2", state_file=str(tmp_path / "state"))
        Process(world, options).run(3 * DAY)
        done = Process(world, options).run()[-1]
        assert done["message"] == "All campaigns are over: 2."
        assert done["watch"] == {"campaigns": 2, "over": 2, "in_trouble": 0}


class TestClock:
    """A controller that is suspended, and one that is not."""

    def test_after_a_suspension_everything_is_polled_soon(self) -> None:
        world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))], "2026-06-01", "2026-06-30")})
        options = ids("c1", present=False, wait_interval="6h", wait_max_interval="6h")
        world.clock.plan(12 * HOUR + 30, lambda: world.clock.suspend(2 * DAY))
        process = Process(world, options)
        process.run()
        woken = 12 * HOUR + 30 + 2 * DAY
        assert woken <= process.moments[0] <= woken + 6 * HOUR
        # The shortest interval since the last poll is still respected, on the clock that was stopped too.
        gaps = [
            after.at - before.at for before, after in zip(world.log, world.log[1:]) if after.call != before.call + 1
        ]
        assert all(gap >= 6 * HOUR - 60 for gap in gaps)

    def test_after_a_suspension_a_poll_that_is_not_too_early_is_made_at_once(self) -> None:
        world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))], "2026-06-01", "2026-06-30")})
        world.clock.plan(15 * HOUR, lambda: world.clock.suspend(2 * DAY))
        process = Process(world, ids("c1", present=False, wait_interval="10m", wait_max_interval="6h"))
        process.run()
        assert 15 * HOUR + 2 * DAY <= process.moments[0] <= 15 * HOUR + 2 * DAY + 2 * MINUTE

    @pytest.mark.parametrize("seconds", [5 * MINUTE, HOUR, 2 * DAY])
    def test_after_a_suspension_the_lists_are_read_at_once(self, seconds: float) -> None:
        world = WatchWorld({"c1": WEEK})
        world.clock.plan(HOUR, lambda: world.clock.suspend(seconds))
        Process(world, {"campaign_state": ["scheduled"], "list_interval": "1d"}).run(HOUR + seconds + 5 * MINUTE)
        assert world.list_reads == 2

    def test_without_a_suspension_the_lists_are_read_once_an_interval(self) -> None:
        world = WatchWorld({"c1": WEEK})
        Process(world, {"campaign_state": ["scheduled"], "list_interval": "10m"}).run(DAY)
        assert 143 <= world.list_reads <= 145

    def test_a_wall_clock_that_is_set_by_less_than_a_minute_changes_nothing(self) -> None:
        world = WatchWorld({"c1": WEEK})
        for hour in range(1, 20):
            world.clock.plan(hour * HOUR, lambda: world.clock.adjust_wall_clock(50.0))
        Process(world, {"campaign_state": ["scheduled"], "list_interval": "1d"}).run(DAY - 60)
        assert world.list_reads == 1
