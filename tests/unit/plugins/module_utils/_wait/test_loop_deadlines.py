# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines depend on time, not on attempts. The last poll is at the deadline."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ConnectionFailed, ServiceTrouble
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import DEFAULT_TIMEOUT
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    MINUTE,
    Campaign,
    FakeClock,
    World,
    one,
    run_wait,
    seconds_until,
    status,
)


@pytest.mark.parametrize("tick", [0.0, 1e-6])
def test_no_time_is_one_poll(tick: float) -> None:
    finished = run_wait(one(Campaign(), FakeClock(tick=tick)), timeout=0.0)
    assert finished.outcome.reason == "timed_out"
    assert finished.polls == 1
    assert finished.world.clock.naps == []


def test_no_time_is_enough_for_a_campaign_that_is_there_already() -> None:
    assert run_wait(one(Campaign([(0, status("CampaignEnded"))])), timeout=0.0).outcome.is_reached


def test_the_last_poll_happens_at_the_deadline() -> None:
    finished = run_wait(one(Campaign()), timeout=1000.0, pace=Pace(300.0, 300.0))
    assert [seen.moment for seen in finished.world.log] == [0.0, 300.0, 600.0, 900.0, 1000.0]


def test_what_the_last_poll_shows_counts() -> None:
    finished = run_wait(one(Campaign([(999.0, status("CampaignEnded"))])), timeout=1000.0, pace=Pace(300.0, 300.0))
    assert finished.outcome.is_reached
    assert finished.result["elapsed"] == 1000.0


def test_without_any_limit_it_is_an_hour() -> None:
    finished = run_wait(one(Campaign()), timeout=None)
    assert (finished.outcome.reason, finished.result["elapsed"]) == ("timed_out", DEFAULT_TIMEOUT)


def test_the_deadline_and_the_next_poll_are_reported_in_the_time_of_the_service() -> None:
    finished = run_wait(one(Campaign()), timeout=HOUR)
    assert finished.result["deadline"] == "2026-03-01T13:00:00Z"
    assert "2026-03-01T13:05:00Z" <= finished.result["next_poll_at"] <= "2026-03-01T14:31:00Z"
    assert finished.only["next_poll_at"] == finished.result["next_poll_at"]


@pytest.mark.parametrize("word", ["CampaignEnded", "CampaignFailed"])
def test_the_deadline_in_the_result_is_the_one_that_was_in_force(word: str) -> None:
    decided = Campaign([(5 * DAY, status(word))], end="2026-03-10")
    finished = run_wait(one(decided), timeout=None, until_end_plus=HOUR)
    # The Date header only has full seconds.
    assert "2026-03-11T00:59:59Z" <= finished.result["deadline"] <= "2026-03-11T01:00:01Z"


def test_the_end_day_is_followed_when_it_is_moved_later() -> None:
    moved = Campaign([(DAY, status("CampaignScheduled", endDate="2026-03-20"))], end="2026-03-05")
    finished = run_wait(one(moved), timeout=None, until_end_plus=HOUR)
    assert finished.result["elapsed"] == pytest.approx(seconds_until("2026-03-21") + HOUR, abs=2)


def test_the_end_day_is_followed_when_it_is_moved_earlier() -> None:
    moved = Campaign([(DAY, status("CampaignScheduled", endDate="2026-03-05"))], end="2026-03-20")
    finished = run_wait(one(moved), timeout=None, until_end_plus=HOUR)
    assert finished.result["elapsed"] == pytest.approx(seconds_until("2026-03-06") + HOUR, abs=2)


def test_an_end_day_moved_at_the_very_last_moment_is_seen_by_the_last_poll() -> None:
    end = seconds_until("2026-03-06")
    moved = Campaign([(end + HOUR - 1, status("CampaignScheduled", endDate="2026-03-07"))], end="2026-03-05")
    finished = run_wait(one(moved), timeout=None, until_end_plus=HOUR, pace=Pace(5000.0, 20000.0))
    assert finished.result["elapsed"] == pytest.approx(end + 2 * DAY + HOUR, abs=2)


@pytest.mark.parametrize("tick", [0.0, 1e-6])
def test_an_end_day_long_past_leaves_time_for_a_poll(tick: float) -> None:
    finished = run_wait(one(Campaign(end="2025-12-31"), FakeClock(tick=tick)), timeout=None, until_end_plus=HOUR)
    assert finished.outcome.reason == "timed_out"
    assert finished.polls <= 2
    assert finished.result["elapsed"] < 1.0


def test_without_an_end_day_it_is_an_hour() -> None:
    finished = run_wait(one(Campaign(end=None)), timeout=None, until_end_plus=DAY)
    assert finished.result["elapsed"] == DEFAULT_TIMEOUT


@pytest.mark.parametrize(("timeout", "expected"), [(HOUR, HOUR), (90 * DAY, seconds_until("2026-03-11") + 60)])
def test_of_two_limits_the_first_one_counts(timeout: float, expected: float) -> None:
    finished = run_wait(one(Campaign()), timeout=timeout, until_end_plus=60.0)
    assert finished.result["elapsed"] == pytest.approx(expected, abs=2)


def test_of_several_campaigns_the_last_end_counts() -> None:
    world = World({"c1": Campaign(end="2026-03-05"), "c2": Campaign(end="2026-03-08")})
    finished = run_wait(world, timeout=None, until_end_plus=60.0)
    assert finished.result["elapsed"] == pytest.approx(seconds_until("2026-03-09") + 60, abs=2)


@pytest.mark.parametrize("word", ["CampaignEnded", "CampaignCancelled"])
def test_a_campaign_that_is_decided_no_longer_moves_the_deadline(word: str) -> None:
    decided = Campaign([(0, status(word))], end="2026-06-01")
    world = World({"c1": decided, "c2": Campaign(end="2026-03-05"), "c3": Campaign(end="2026-03-06")})
    needed = 3 if word == "CampaignEnded" else 2
    finished = run_wait(world, needed=needed, timeout=None, until_end_plus=600.0)
    assert finished.outcome.reason == "timed_out"
    assert finished.result["elapsed"] == pytest.approx(seconds_until("2026-03-07") + 600, abs=2)


def test_a_campaign_that_has_reached_its_target_but_still_runs_does_not_move_the_deadline_either() -> None:
    world = World({"c1": Campaign(end="2026-06-01"), "c2": Campaign([(0, status("CampaignQueued"))], end="2026-03-05")})
    finished = run_wait(world, target_states=("scheduled",), timeout=None, until_end_plus=600.0)
    assert [part["verdict"] for part in finished.result["waits"]] == ["reached", "waiting"]
    assert finished.result["elapsed"] == pytest.approx(seconds_until("2026-03-06") + 600, abs=2)


def test_a_poll_in_flight_at_the_deadline_is_not_the_last_one_of_other_campaigns() -> None:
    world = World({"c1": Campaign(), "c2": Campaign([(800, status("CampaignEnded"))])})
    world.poll_seconds = 10.0
    late = ServiceTrouble("busy", 500, 480.0)
    world.fault = lambda asked: late if (asked.campaign_id, asked.times) == ("c1", 1) else None
    assert run_wait(world, needed=1, timeout=825.0, pace=Pace(300.0, 300.0)).outcome.is_reached


def test_polls_that_take_long_delay_the_end_by_the_last_ones_only() -> None:
    world = one(Campaign())
    world.poll_seconds = 50.0
    finished = run_wait(world, timeout=1000.0, pace=Pace(60.0, 60.0))
    assert 1000.0 <= finished.result["elapsed"] <= 1100.0


def test_the_deadline_also_ends_a_wait_that_sees_nothing_but_errors() -> None:
    world = one(Campaign())
    world.fault = lambda _asked: ConnectionFailed("no route")
    finished = run_wait(world, timeout=1800.0, max_consecutive_errors=10_000, max_error_seconds=0.0)
    assert finished.outcome.reason == "timed_out"
    assert finished.result["elapsed"] == 1800.0
    assert "no route" in finished.outcome.message


def test_a_timeout_beyond_the_calendar_is_only_long() -> None:
    finished = run_wait(one(Campaign([(MINUTE, status("CampaignEnded"))])), timeout=1e300)
    assert finished.outcome.is_reached
    assert finished.result["deadline"] is None or finished.result["deadline"] > "2026"
