# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors during a wait: which ones it tolerates, how long, and which ones end it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    CertificateRefused,
    ConnectionFailed,
    LoginRefused,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.error_policy import (
    never_reached_service,
    outcome_if_unanswered,
    outcome_of_error,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    Asked,
    Campaign,
    Fault,
    World,
    one,
    run_wait,
    status,
    wait_settings,
)

FIXED: t.Final = Pace(60.0, 60.0)
TRANSIENT: t.Final = (ConnectionFailed("reset"), ServiceTrouble("busy", 503), BadResponse("HTML"))
SUSPECT: t.Final = (WrongAddress("redirect"), CertificateRefused("expired"))
FATAL: t.Final = (LoginRefused("wrong"), AccessRefused("again"), RequestRefused("no"))


def _name(error: object) -> str:
    return type(error).__name__


def failing(error: ThingSpaceError, first: int, count: int) -> Fault:
    """Return a fault with this error for C(count) polls, starting with index C(first)."""

    def fault(asked: Asked) -> ThingSpaceError | None:
        return error if first <= asked.times < first + count else None

    return fault


def ends_after_a_day() -> World:
    return one(Campaign([(DAY, status("CampaignEnded"))]))


@pytest.mark.parametrize("first", [0, 5])
@pytest.mark.parametrize("error", TRANSIENT, ids=_name)
def test_trouble_that_passes_does_not_end_a_wait(error: ThingSpaceError, first: int) -> None:
    world = ends_after_a_day()
    world.fault = failing(error, first, 10)
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.is_reached
    assert finished.result["errors"] == 10
    assert finished.only["errors"] == 10


@pytest.mark.parametrize("error", FATAL, ids=_name)
def test_a_refusal_ends_a_wait_at_once(error: ThingSpaceError) -> None:
    world = ends_after_a_day()
    world.fault = failing(error, 5, 1)
    finished = run_wait(world, pace=FIXED)
    assert (finished.outcome.reason, finished.outcome.message) == (error.reason, error.message)
    assert finished.polls == 6
    assert finished.only["state"] == "scheduled"


@pytest.mark.parametrize("error", SUSPECT, ids=_name)
def test_an_odd_address_is_fatal_before_the_first_good_poll_only(error: ThingSpaceError) -> None:
    world = ends_after_a_day()
    world.fault = failing(error, 0, 1)
    assert run_wait(world, pace=FIXED).outcome.reason == error.reason
    world = ends_after_a_day()
    world.fault = failing(error, 1, 10)
    assert run_wait(world, pace=FIXED).outcome.is_reached


def test_the_count_budget_allows_so_many_errors_in_a_row() -> None:
    world = ends_after_a_day()
    world.fault = failing(ConnectionFailed("reset"), 5, 20)
    assert run_wait(world, pace=FIXED).outcome.is_reached
    world = ends_after_a_day()
    world.fault = failing(ConnectionFailed("reset"), 5, 21)
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.reason == "too_many_errors"
    assert finished.polls == 26
    assert "reset" in finished.outcome.message and "max_consecutive_errors" in finished.outcome.message


def test_no_count_at_all_ends_a_wait_with_the_first_error() -> None:
    world = ends_after_a_day()
    world.fault = failing(ConnectionFailed("reset"), 5, 1)
    assert run_wait(world, max_consecutive_errors=0).outcome.reason == "too_many_errors"


@pytest.mark.parametrize(("seconds", "is_over"), [(1000.0, True), (1500.0, False), (0.0, False)])
def test_the_time_budget_counts_from_the_first_error_in_a_row(seconds: float, is_over: bool) -> None:
    world = ends_after_a_day()
    world.fault = failing(ConnectionFailed("reset"), 5, 20)
    finished = run_wait(world, pace=FIXED, max_consecutive_errors=1000, max_error_seconds=seconds)
    assert (finished.outcome.reason == "too_many_errors") is is_over
    if is_over:
        assert finished.result["elapsed"] == 5 * 60 + 1020


def test_a_good_poll_resets_both_budgets() -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: ConnectionFailed("reset") if asked.times % 4 and asked.moment < DAY else None
    finished = run_wait(world, pace=FIXED, max_consecutive_errors=3, max_error_seconds=200.0)
    assert finished.outcome.is_reached
    assert finished.result["errors"] > 900


def test_the_last_errors_are_kept_and_only_those() -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: ConnectionFailed(f"number {asked.times}") if asked.times < 9 else None
    errors = run_wait(world, pace=FIXED).result["last_errors"]
    assert [error["message"] for error in errors] == [f"number {number}" for number in range(4, 9)]
    assert set(errors[0]) == {"campaign_id", "at", "message"}
    assert errors[0]["at"] == "2026-03-01T12:04:00Z"


@pytest.mark.parametrize("seed", range(5))
def test_the_pauses_after_errors_grow_and_stay_between_floor_and_ceiling(seed: int) -> None:
    world = ends_after_a_day()
    world.fault = failing(ConnectionFailed("reset"), 0, 12)
    run_wait(world, seed, pace=Pace(10.0, 640.0), max_error_seconds=0.0)
    gaps = [after.at - before.at for before, after in zip(world.log[:12], world.log[1:13])]
    assert all(10.0 <= gap <= 640.0 for gap in gaps)
    assert gaps[0] <= 20.0
    assert sum(gaps[-6:]) > 3 * sum(gaps[:3])


def test_retry_after_is_a_minimum_even_beyond_the_ceiling() -> None:
    world = ends_after_a_day()
    world.fault = failing(ServiceTrouble("slow down", 429, 1000.0), 3, 1)
    run_wait(world, pace=FIXED)
    assert world.log[4].at - world.log[3].at >= 1000.0


def test_retry_after_does_not_move_the_deadline() -> None:
    world = ends_after_a_day()
    world.fault = failing(ServiceTrouble("slow down", 429, 10 * DAY), 3, 1)
    finished = run_wait(world, pace=FIXED, timeout=HOUR)
    assert finished.result["elapsed"] == HOUR
    assert finished.polls == 5


def test_retry_after_speaks_for_all_campaigns() -> None:
    campaigns = {f"c{number}": Campaign([(DAY, status("CampaignEnded"))]) for number in range(4)}
    world = World(campaigns)

    def fault(asked: Asked) -> ThingSpaceError | None:
        return ServiceTrouble("slow down", 429, 1000.0) if (asked.campaign_id, asked.times) == ("c2", 5) else None

    world.fault = fault
    run_wait(world, pace=Pace(50.0, 70.0), timeout=HOUR)
    told = next(seen.at for seen in world.log if seen.error is not None)
    assert [seen.campaign_id for seen in world.log if told < seen.at < told + 1000.0] == []


def test_a_campaign_just_created_may_be_missing_for_a_while() -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: CampaignNotFound("no such campaign") if asked.moment < 500 else None
    assert run_wait(world, pace=FIXED, not_found_grace=600.0).outcome.is_reached
    world = ends_after_a_day()
    world.fault = lambda asked: CampaignNotFound("no such campaign") if asked.moment < 500 else None
    finished = run_wait(world, pace=FIXED, not_found_grace=200.0)
    assert finished.outcome.reason == "not_found"
    assert 200.0 <= finished.result["elapsed"] <= 260.0


@pytest.mark.parametrize("error", [AccessRefused("no"), RequestRefused("no"), LoginRefused("no")])
def test_the_grace_for_a_campaign_just_created_is_for_nothing_else(error: ThingSpaceError) -> None:
    world = ends_after_a_day()
    world.fault = lambda _asked: error
    finished = run_wait(world, pace=FIXED, not_found_grace=HOUR)
    assert (finished.outcome.reason, finished.polls) == (error.reason, 1)


def test_a_campaign_that_is_not_there_ends_a_wait_without_grace_at_once() -> None:
    world = ends_after_a_day()
    world.fault = lambda _asked: CampaignNotFound("no such campaign")
    finished = run_wait(world)
    assert (finished.outcome.reason, finished.polls) == ("not_found", 1)


def test_a_grace_longer_than_the_count_budget_is_a_grace() -> None:
    world = ends_after_a_day()
    world.fault = lambda asked: CampaignNotFound("no such campaign") if asked.moment < 40 * 60 else None
    assert run_wait(world, pace=FIXED, not_found_grace=HOUR, max_consecutive_errors=3).outcome.is_reached


def test_a_campaign_that_was_there_is_missed_only_when_it_is_missing_twice() -> None:
    world = ends_after_a_day()
    world.fault = failing(CampaignNotFound("no such campaign"), 5, 1)
    assert run_wait(world, pace=FIXED).outcome.is_reached
    world = ends_after_a_day()
    world.fault = failing(CampaignNotFound("no such campaign"), 5, 2)
    finished = run_wait(world, pace=FIXED)
    assert (finished.outcome.reason, finished.polls) == ("not_found", 7)
    assert finished.only["state"] == "scheduled"


def test_the_grace_is_not_for_a_campaign_that_was_there() -> None:
    world = ends_after_a_day()
    world.fault = failing(CampaignNotFound("no such campaign"), 5, 2)
    finished = run_wait(world, pace=FIXED, not_found_grace=HOUR)
    assert (finished.outcome.reason, finished.polls) == ("not_found", 7)


def test_missing_once_among_other_trouble_is_missing_once() -> None:
    errors = {
        5: ServiceTrouble("restarting", 503),
        6: CampaignNotFound("not yet"),
        7: ServiceTrouble("restarting", 503),
    }
    world = ends_after_a_day()
    world.fault = lambda asked: errors.get(asked.times)
    assert run_wait(world, pace=FIXED).outcome.is_reached


def test_an_error_of_one_campaign_leaves_the_facts_of_the_others() -> None:
    world = World({"c1": Campaign(), "c2": Campaign(), "c3": Campaign()})
    world.fault = lambda asked: RequestRefused("no") if asked.campaign_id == "c2" else None
    finished = run_wait(world)
    assert finished.outcome.reason == "request_refused"
    assert [part["state"] for part in finished.result["waits"]] == ["scheduled", None, "scheduled"]


def test_a_refusal_after_a_campaign_was_missing_once_ends_a_wait() -> None:
    errors = {5: CampaignNotFound("not there"), 6: RequestRefused("no")}
    world = ends_after_a_day()
    world.fault = lambda asked: errors.get(asked.times)
    finished = run_wait(world, pace=FIXED)
    assert (finished.outcome.reason, finished.polls) == ("request_refused", 7)


@pytest.mark.parametrize(("failing_for", "is_over"), [(599.9, False), (600.0, True)])
def test_the_time_budget_is_over_at_its_last_second(failing_for: float, is_over: bool) -> None:
    tracker = Tracker("c1", 0.0)
    for moment in (100.0, 100.0 + failing_for):
        tracker.record_error(ConnectionFailed("reset"), moment)
    settings = wait_settings(max_error_seconds=600.0)
    outcome = outcome_of_error(tracker, ConnectionFailed("reset"), settings, 100.0 + failing_for, 0.0, True)
    assert (outcome is not None) is is_over
    if outcome is not None:
        assert outcome.message == (
            "The retry budget of campaign c1 is used up: 2 polls in a row failed within 10m (max_consecutive_errors, "
            "max_error_seconds). It was never read. reset"
        )


@pytest.mark.parametrize(("missing_for", "is_over"), [(199.9, False), (200.0, True)])
def test_the_grace_counts_from_the_start_of_the_wait(missing_for: float, is_over: bool) -> None:
    error = CampaignNotFound("no such campaign")
    settings = wait_settings(not_found_grace=200.0)
    outcome = outcome_of_error(Tracker("c1", 50.0), error, settings, 50.0 + missing_for, 50.0, True)
    assert (outcome is not None) is is_over


@pytest.mark.parametrize(
    ("first_answer", "waited", "is_over"), [(120.0, 119.9, False), (120.0, 120.0, True), (0.0, 1e6, False)]
)
def test_how_long_a_service_may_be_out_of_reach_at_the_start(first_answer: float, waited: float, is_over: bool) -> None:
    settings = wait_settings(first_answer=first_answer)
    outcome = outcome_if_unanswered(ConnectionFailed("Refused."), settings, 50.0 + waited, 50.0)
    assert (outcome is not None) is is_over
    if outcome is not None:
        assert (outcome.reason, outcome.is_reached) == ("too_many_errors", False)
        assert outcome.message == (
            "No request has reached the service within 2m of the start of the wait (wait_first_answer). Refused. Check "
            "api_url, and the network of the host that sends the requests: DNS, firewall, proxy."
        )


@pytest.mark.parametrize(
    ("error", "is_certain"),
    [
        (ConnectionFailed("refused", maybe_processed=False), True),
        (ConnectionFailed("reset", maybe_processed=True), False),
        (ServiceTrouble("busy", 503), False),
        (RequestRefused("no"), False),
    ],
)
def test_which_requests_have_certainly_not_reached_the_service(error: ThingSpaceError, is_certain: bool) -> None:
    assert never_reached_service(error) is is_certain
