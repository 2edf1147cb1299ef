# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several campaigns in one wait."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ServiceTrouble, WrongAddress
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    MINUTE,
    Campaign,
    FakeClock,
    Spared,
    World,
    run_wait,
    seconds_until,
    status,
)

FIXED: t.Final = Pace(60.0, 60.0)
ENDED: t.Final = status("CampaignEnded")


def ending_at(*hours: float) -> dict[str, Campaign]:
    return {f"c{number}": Campaign([(hour * HOUR, ENDED)]) for number, hour in enumerate(hours, 1)}


@pytest.mark.parametrize(("needed", "hours"), [(1, 5), (2, 10), (3, 20)])
def test_a_wait_is_over_when_enough_have_ended(needed: int, hours: int) -> None:
    finished = run_wait(World(ending_at(20, 5, 10)), needed=needed, pace=FIXED)
    assert finished.outcome.is_reached
    assert finished.result["elapsed"] == hours * HOUR


@pytest.mark.parametrize(("needed", "hour"), [(1, 15.0), (2, 10.0), (3, 5.0)])
def test_a_wait_is_over_when_too_few_still_can(needed: int, hour: float) -> None:
    failing = {
        f"c{number}": Campaign([(at * HOUR, status("CampaignAborted"))]) for number, at in enumerate((15, 5, 10))
    }
    finished = run_wait(World(failing), needed=needed, pace=FIXED)
    assert finished.outcome.reason == "not_reachable"
    assert finished.result["elapsed"] == hour * HOUR


def test_a_campaign_that_is_decided_is_not_read_any_more() -> None:
    world = World(ending_at(1, 20))
    run_wait(world, pace=FIXED)
    assert [seen.moment for seen in world.polls_of("c1")][-2:] == [HOUR, HOUR]
    assert world.polls_of("c2")[-1].moment == 20 * HOUR


@pytest.mark.slow
def test_each_campaign_is_polled_by_its_own_dates() -> None:
    near = Campaign([(seconds_until("2026-03-03"), ENDED)], "2026-03-01", "2026-03-02")
    far = Campaign([(seconds_until("2026-04-21"), ENDED)], "2026-04-10", "2026-04-20")
    world = World({"near": near, "far": far})
    finished = run_wait(world)
    assert finished.outcome.is_reached
    assert world.polls_of("near")[-1].moment - seconds_until("2026-03-03") <= 15 * MINUTE
    assert finished.result["elapsed"] - seconds_until("2026-04-21") <= 15 * MINUTE
    first_day = {name: sum(1 for seen in world.polls_of(name) if seen.moment < 1.5 * DAY) for name in ("near", "far")}
    assert first_day["near"] > 1.3 * first_day["far"]


def test_one_that_cannot_and_one_that_has_are_both_reported() -> None:
    world = World({**ending_at(1), "c2": Campaign([(2 * HOUR, status("CampaignFailed"))])})
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.reason == "not_reachable"
    assert "c2" in finished.outcome.message and "c1" not in finished.outcome.message
    assert [part["verdict"] for part in finished.result["waits"]] == ["reached", "not_reachable"]


def test_a_state_that_is_left_again_does_not_count_later() -> None:
    back = [(0, status("CampaignScheduled")), (600, status("CampaignQueued"))]
    late = [(0, status("CampaignQueued")), (1200, status("CampaignScheduled"))]
    world = World({"c1": Campaign(back), "c2": Campaign(late)})
    finished = run_wait(world, target_states=("scheduled",), timeout=HOUR, pace=FIXED)
    assert finished.outcome.reason == "timed_out"
    assert [part["verdict"] for part in finished.result["waits"]] == ["waiting", "reached"]


@pytest.mark.slow
def test_five_hundred_campaigns() -> None:
    campaigns = {f"c{number}": Campaign([(HOUR + number, ENDED)]) for number in range(500)}
    world = World(campaigns)
    finished = run_wait(world, pace=Pace(300.0, 300.0))
    assert finished.outcome.is_reached
    assert len(finished.result["waits"]) == 500
    assert all(part["verdict"] == "reached" for part in finished.result["waits"])


@pytest.mark.slow
@pytest.mark.parametrize("pace", [Pace(300.0, 5400.0), Pace(300.0, 300.0)])
def test_campaigns_of_the_same_dates_are_polled_together(pace: Pace) -> None:
    # Clocks advance while they are read.
    campaigns = {f"c{number}": Campaign(start="2026-03-02", end="2026-03-03") for number in range(60)}
    world = World(campaigns, FakeClock(tick=1e-5))
    finished = run_wait(world, pace=pace, timeout=DAY)
    rounds = len({seen.round for seen in world.log})
    assert finished.polls / rounds >= 40


def test_polling_together_never_breaks_the_floor() -> None:
    world = World({"c1": Campaign(), "c2": Campaign()})
    # Shortly before the time of the other campaign, the first one is polled again, alone.
    late = ServiceTrouble("busy", 500, 580.0)
    world.fault = lambda asked: late if (asked.campaign_id, asked.times) == ("c1", 2) else None
    run_wait(world, pace=Pace(300.0, 300.0), timeout=HOUR)
    assert [seen.moment for seen in world.polls_of("c2")] == [300.0 * number for number in range(13)]
    assert 600.0 + 580.0 in [seen.moment for seen in world.polls_of("c1")]


def test_a_campaign_that_was_left_out_because_of_an_error_is_retried_with_the_others() -> None:
    world = World({"c1": Campaign(), "c2": Campaign()})
    error = ServiceTrouble("busy", 503)
    world.fault = lambda asked: (
        (error if asked.campaign_id == "c1" else Spared(error)) if 0 < asked.moment <= 5400 else None
    )
    run_wait(world, timeout=DAY)
    (_first, failed, retried), (_first, spared) = world.polls_of("c1")[:3], world.polls_of("c2")[:2]
    assert (failed.error, retried.error) == (error, None)
    assert spared.moment == retried.moment < failed.moment + 600


def test_an_address_that_works_for_one_campaign_is_not_wrong_for_another() -> None:
    world = World(ending_at(1, 1))
    world.fault = lambda asked: WrongAddress("no") if (asked.campaign_id, asked.times) == ("c2", 0) else None
    assert run_wait(world, pace=FIXED).outcome.is_reached


def test_campaigns_that_are_nearly_due_are_polled_together() -> None:
    """Campaigns are polled early by up to a tenth of their own interval. Others are polled at their own time."""
    # A quarter of the distance to each end: 4.9, 5.1 and 8 days.
    days = {"c1": "2026-03-20", "c2": "2026-03-21", "c3": "2026-04-01"}
    ends = {name: [(seconds_until("2026-05-01"), ENDED)] for name in days}
    world = World({name: Campaign(ends[name], "2025-01-01", day) for name, day in days.items()})
    # The controller has an uptime of three years.
    world.clock._monotonic = 1e8
    run_wait(world, pace=Pace(60.0, 30 * DAY), timeout=20 * DAY)
    rounds = [{seen.campaign_id for seen in world.log if seen.round == number} for number in (1, 2)]
    assert rounds == [{"c1", "c2", "c3"}, {"c1", "c2"}]


def test_a_campaign_with_trouble_is_not_polled_before_its_time() -> None:
    world = World(ending_at(20, 20))
    world.fault = lambda asked: ServiceTrouble("broken", 500, 65.0) if asked.campaign_id == "c2" else None
    run_wait(world, pace=FIXED, timeout=300.0)
    moments = [seen.moment for seen in world.polls_of("c2")]
    assert all(later - earlier >= 65.0 for earlier, later in zip(moments, moments[1:-1]))
