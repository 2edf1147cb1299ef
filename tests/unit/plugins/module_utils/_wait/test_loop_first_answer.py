# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait whose requests never reach the service retries quickly, and ends soon."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ConnectionFailed,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    Campaign,
    World,
    one,
    outcome_of,
    run_wait,
    status,
    wait_settings,
)


def unreached(during_login: bool = False) -> ConnectionFailed:
    return ConnectionFailed(
        "No connection to thingspace:443: Connection refused.", maybe_processed=False, during_login=during_login
    )


ANSWERS: t.Final = (ServiceTrouble("busy", 503), BadResponse("HTML"), ConnectionFailed("reset"))


def failing_until(world: World, moment: float, error: ThingSpaceError) -> World:
    world.fault = lambda asked: error if asked.moment < moment else None
    return world


def ends_after_a_day() -> World:
    return one(Campaign([(DAY, status("CampaignEnded"))]))


@pytest.mark.parametrize("during_login", [False, True])
@pytest.mark.parametrize("patience", [120.0, 10.0, 600.0])
def test_it_gives_up_when_nothing_was_ever_reached(patience: float, during_login: bool) -> None:
    world = failing_until(ends_after_a_day(), DAY, unreached(during_login))
    finished = run_wait(world, first_answer=patience)
    assert finished.outcome.reason == "too_many_errors"
    assert "Connection refused. Check api_url" in finished.outcome.message
    assert "(wait_first_answer)" in finished.outcome.message
    assert patience <= world.clock.seconds <= patience + 1
    assert patience / 60 <= finished.polls <= patience / 4 + 2


@pytest.mark.parametrize("passes_after", [1.0, 20.0, 100.0])
def test_it_continues_when_the_way_opens_in_time(passes_after: float) -> None:
    world = failing_until(ends_after_a_day(), passes_after, unreached())
    finished = run_wait(world, first_answer=120.0)
    assert finished.outcome.is_reached
    good = next(seen for seen in world.log if seen.error is None)
    # Not after an interval of many minutes.
    assert good.moment <= passes_after + 33


@pytest.mark.parametrize("error", ANSWERS, ids=lambda error: type(error).__name__)
def test_any_answer_counts_as_the_first(error: ThingSpaceError) -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: (error if asked.times == 0 else unreached()) if asked.moment < HOUR / 2 else None
    finished = run_wait(world, first_answer=120.0)
    assert finished.outcome.is_reached
    assert finished.polls < 30 + DAY / 300


def test_after_the_first_answer_such_trouble_is_like_any_other() -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: unreached() if 1 <= asked.times < 4 else None
    finished = run_wait(world, first_answer=120.0)
    assert finished.outcome.is_reached
    failed = [seen.moment for seen in world.log if seen.error is not None]
    assert all(later - earlier >= 300 for earlier, later in zip(failed, failed[1:]))


def test_it_can_be_turned_off() -> None:
    world = failing_until(ends_after_a_day(), HOUR / 2, unreached())
    finished = run_wait(world, first_answer=0.0)
    assert finished.outcome.is_reached


def test_a_short_wait_ends_at_its_own_limit() -> None:
    world = failing_until(ends_after_a_day(), DAY, unreached())
    finished = run_wait(world, first_answer=120.0, timeout=60.0)
    assert finished.outcome.reason == "timed_out"


def test_intervals_that_are_shorter_stay_so() -> None:
    finished = run_wait(
        failing_until(one(Campaign([(60.0, status("CampaignEnded"))])), 20.0, unreached()),
        first_answer=120.0,
        pace=Pace(1.0, 1.0),
    )
    assert finished.outcome.is_reached
    assert finished.polls > 50


def test_every_target_ends_at_once() -> None:
    world = World({name: Campaign([(DAY, status("CampaignEnded"))]) for name in "abc"})
    failing_until(world, DAY, unreached())
    targets = [Target((name,), 1) for name in "abc"]
    wait = Wait(world, list("abc"), wait_settings(first_answer=120.0), world.clock, world, targets=targets)
    outcome = wait.run()
    assert {outcome_of(wait, target, outcome).reason for target in targets} == {"too_many_errors"}
    assert world.clock.seconds <= 121
