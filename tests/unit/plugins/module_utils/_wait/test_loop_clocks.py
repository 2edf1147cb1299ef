# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong clocks of the controller, clock changes, and a suspended machine."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    MINUTE,
    Campaign,
    FakeClock,
    one,
    run_wait,
    seconds_until,
    status,
)

END = seconds_until("2026-03-06")
SHORT = Campaign([(END, status("CampaignEnded"))], start="2026-03-02", end="2026-03-05")


@pytest.mark.parametrize("hours", [-30, -5, 5, 30])
def test_a_wrong_wall_clock_changes_nothing(hours: int) -> None:
    wrong, right = (run_wait(one(SHORT, FakeClock(skew=skew))) for skew in (hours * HOUR, 0.0))
    assert [seen.moment for seen in wrong.world.log] == pytest.approx([seen.moment for seen in right.world.log], abs=60)
    assert wrong.result["elapsed"] - END <= 15 * MINUTE
    assert wrong.result["history"] == right.result["history"]


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_end_day_deadline_is_in_the_time_of_the_service(hours: int) -> None:
    clock = FakeClock(skew=hours * HOUR)
    finished = run_wait(one(Campaign(end="2026-03-05"), clock), timeout=None, until_end_plus=600.0)
    assert finished.outcome.reason == "timed_out"
    assert finished.result["elapsed"] == pytest.approx(END + 600.0, abs=2)
    assert "2026-03-06T00:09:59Z" <= finished.result["deadline"] <= "2026-03-06T00:10:01Z"


@pytest.mark.parametrize("jump", [-HOUR, HOUR, 1.0, -1.0])
def test_a_turn_of_the_wall_clock_is_no_harm(jump: float) -> None:
    # DST does not change UTC, but a leap second does, or a user who confuses the two.
    clock = FakeClock()
    clock.plan(DAY, lambda: clock.adjust_wall_clock(jump))
    finished = run_wait(one(SHORT, clock))
    assert finished.outcome.is_reached
    assert 0 <= finished.result["elapsed"] - END <= 15 * MINUTE
    assert finished.polls <= 300


@pytest.mark.parametrize("jump", [-40 * DAY, 40 * DAY])
def test_a_turn_of_the_wall_clock_by_weeks_does_not_end_a_wait_by_its_end_day(jump: float) -> None:
    clock = FakeClock()
    clock.plan(DAY + 17, lambda: clock.adjust_wall_clock(jump))
    finished = run_wait(one(Campaign(end="2026-03-05"), clock), timeout=None, until_end_plus=600.0)
    assert finished.result["elapsed"] == pytest.approx(END + 600.0, abs=5500)
    assert finished.result["elapsed"] >= END


def test_a_wall_clock_that_is_corrected_all_the_time_does_not_cause_more_polls_than_the_floor() -> None:
    clock = FakeClock()
    for minute in range(5, 24 * 60, 3):
        clock.plan(minute * MINUTE, lambda: clock.adjust_wall_clock(HOUR))
    finished = run_wait(one(Campaign(end="2026-03-25"), clock), timeout=DAY)
    gaps = [after.at - before.at for before, after in zip(finished.world.log, finished.world.log[1:])]
    assert min(gaps[:-1]) >= 300.0


def test_after_a_suspension_there_is_a_poll_at_once() -> None:
    clock = FakeClock()
    # The controller has an uptime of three years.
    clock._monotonic = 1e8
    clock.plan(DAY + 100, lambda: clock.suspend(5 * DAY))
    finished = run_wait(one(SHORT, clock))
    assert finished.outcome.is_reached
    # The campaign ended while the machine was suspended, when the monotonic clock was stopped.
    assert clock.seconds <= DAY + 100 + 5 * DAY + 6 * MINUTE
    assert finished.result["elapsed"] < 2 * DAY


def test_a_suspension_does_not_use_up_the_timeout() -> None:
    clock = FakeClock()
    clock.plan(HOUR, lambda: clock.suspend(5 * DAY))
    finished = run_wait(one(Campaign(end="2026-05-01"), clock), timeout=2 * HOUR)
    assert finished.outcome.reason == "timed_out"
    assert finished.result["elapsed"] == 2 * HOUR


def test_clocks_that_tick_while_they_are_read_end_a_wait_too() -> None:
    finished = run_wait(one(Campaign(end="2026-03-05"), FakeClock(tick=1e-6)), timeout=None, until_end_plus=600.0)
    assert finished.outcome.reason == "timed_out"
    assert finished.result["elapsed"] == pytest.approx(END + 600.0, abs=2)
    assert finished.polls < 300
    assert len(finished.world.clock.naps) < 2 * END / MINUTE
