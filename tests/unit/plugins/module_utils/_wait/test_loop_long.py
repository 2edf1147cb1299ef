# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits of days and weeks: when the loop polls, and that the duration of the wait does not matter."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import WAIT_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    DEFAULT_PACE,
    HOUR,
    MINUTE,
    Campaign,
    one,
    run_wait,
    seconds_until,
    status,
)

ENDED = status("CampaignEnded")

pytestmark = pytest.mark.slow


def test_the_default_pace_of_these_tests_is_that_of_the_options() -> None:
    defaults = {option.name: option.default for option in WAIT_OPTIONS}
    assert Pace(float(defaults["wait_interval"]), float(defaults["wait_max_interval"])) == DEFAULT_PACE


def test_thirty_days_with_a_heartbeat() -> None:
    end = seconds_until("2026-03-31")
    world = one(Campaign([(end, ENDED)], start="2026-03-02", end="2026-03-30"))
    finished = run_wait(world, progress_interval=240.0)
    assert finished.outcome.is_reached
    assert finished.result["elapsed"] >= 29 * DAY
    assert len(world.lines) >= 29 * DAY / 240


@pytest.mark.parametrize("windows", [[], [(20, 21)], [(0, 6), (22, 24)], [(9, 17)]])
@pytest.mark.parametrize("seed", range(5))
def test_three_days_of_lead_and_seven_of_run_are_at_most_300_polls(windows: list[tuple[int, int]], seed: int) -> None:
    end = seconds_until("2026-03-11")
    world = one(Campaign([(end, ENDED)], start="2026-03-04", end="2026-03-10", windows=windows))
    finished = run_wait(world, seed)
    assert finished.outcome.is_reached
    assert finished.polls <= 300
    assert finished.result["elapsed"] - end <= 15 * MINUTE


def test_a_lead_in_of_weeks_costs_few_polls_and_the_start_is_seen_soon() -> None:
    start = seconds_until("2026-04-12")
    world = one(
        Campaign([(0, status("CampaignQueued")), (start, status("CampaignScheduled"))], "2026-04-12", "2026-04-20")
    )
    finished = run_wait(world, target_states=("scheduled",))
    assert finished.outcome.is_reached
    assert finished.polls <= 6 * 7 * 24
    assert finished.result["elapsed"] - start <= 15 * MINUTE


@pytest.mark.parametrize("edge", ["2026-03-05T02:00", "2026-03-05T05:00"])
def test_there_is_a_poll_soon_after_a_window_opens_and_closes(edge: str) -> None:
    world = one(Campaign(windows=[(2, 5)], end="2026-03-20"))
    run_wait(world, timeout=7 * DAY)
    moment = seconds_until(edge)
    assert any(moment <= seen.moment <= moment + 30 * MINUTE for seen in world.log)


def test_equal_floor_and_ceiling_are_a_fixed_interval() -> None:
    world = one(Campaign())
    run_wait(world, timeout=HOUR, pace=Pace(60.0, 60.0))
    assert [seen.moment for seen in world.log] == [60.0 * number for number in range(61)]


def test_an_end_day_moved_later_moves_the_polls_along() -> None:
    later = [(2 * DAY, status("CampaignScheduled", endDate="2026-03-20")), (seconds_until("2026-03-21"), ENDED)]
    world = one(Campaign(later, end="2026-03-05"))
    finished = run_wait(world)
    assert finished.result["elapsed"] - seconds_until("2026-03-21") <= 15 * MINUTE
    old_end = [seen for seen in world.log if abs(seen.moment - seconds_until("2026-03-06")) < 3 * HOUR]
    assert len(old_end) <= 6


def test_an_end_day_moved_earlier_is_noticed() -> None:
    steps = [(2 * DAY, status("CampaignScheduled", endDate="2026-03-05")), (seconds_until("2026-03-06"), ENDED)]
    finished = run_wait(one(Campaign(steps, end="2026-03-20")))
    assert finished.result["elapsed"] - seconds_until("2026-03-06") <= 15 * MINUTE


def test_an_early_end_is_noticed_within_the_ceiling() -> None:
    early = seconds_until("2026-03-07") + 1000.0
    finished = run_wait(one(Campaign([(early, ENDED)], end="2026-03-25")))
    assert 0 <= finished.result["elapsed"] - early <= DEFAULT_PACE.ceiling


def test_a_campaign_past_its_end_day_is_called_overdue_after_a_day() -> None:
    world = one(Campaign(end="2026-03-05"))
    finished = run_wait(world, timeout=seconds_until("2026-03-09"), progress_interval=HOUR)
    assert finished.only["overdue"] is True
    overdue = [moment for moment, line in world.lines if "past its end day" in line]
    assert seconds_until("2026-03-07") <= overdue[0] <= seconds_until("2026-03-07") + HOUR + MINUTE
    early = run_wait(one(Campaign(end="2026-03-05")), timeout=seconds_until("2026-03-06") + HOUR)
    assert early.only["overdue"] is False


def test_a_campaign_without_dates_is_polled_at_the_minimum_interval() -> None:
    world = one(Campaign(start=None, end=None))
    run_wait(world, timeout=DAY)
    gaps = [after.moment - before.moment for before, after in zip(world.log, world.log[1:])]
    assert all(300.0 <= gap <= 330.0 for gap in gaps[:-1])


@pytest.mark.parametrize("day", ["9999-12-30", "9999-12-31", "0001-01-01"])
def test_the_ends_of_the_calendar_are_days_like_others(day: str) -> None:
    finished = run_wait(one(Campaign([(DAY, ENDED)], start="0001-01-01", end=day, windows=[(0, 24)])))
    assert finished.outcome.is_reached
