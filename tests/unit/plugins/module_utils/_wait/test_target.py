# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait for several targets continues until each is met or out of reach. The end of one does not affect others."""

from __future__ import annotations

import random
import typing as t
from collections.abc import Callable, Mapping

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    LoginRefused,
    RequestRefused,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import CampaignWait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import outcome_of as outcome_of_target
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    START,
    Asked,
    Campaign,
    Interrupted,
    World,
    outcome_of,
    seconds_until,
    status,
    wait_settings,
)

FIXED: t.Final = Pace(60.0, 60.0)


def ends(hours: float, word: str = "CampaignEnded") -> Campaign:
    """Return a campaign that gets its last status after this number of hours."""
    return Campaign([(hours * HOUR, status(word))])


def target(*ids: str, needed: int | None = None) -> Target:
    """Return a target that needs all of these campaigns, or only some of them."""
    return Target(ids, len(ids) if needed is None else needed)


class Told:
    """A finished wait for several targets: its outcome, and that of each target, by the IDs of its campaigns."""

    def __init__(self, world: World, targets: t.Sequence[Target], **changes: t.Any) -> None:
        changes = {"pace": FIXED, "needed": len(world.campaigns), **changes}
        self.world = world
        self.wait = Wait(
            world,
            list(world.campaigns),
            wait_settings(**changes),
            world.clock,
            world,
            random.Random(1),
            targets=targets,
        )
        try:
            self.outcome = self.wait.run()
        except Interrupted:
            self.outcome = self.wait.interruption()
        self._targets = {one.ids: one for one in targets}

    def of(self, *ids: str) -> WaitOutcome:
        """Return the outcome of the target."""
        return outcome_of(self.wait, self._targets[ids], self.outcome, len(self._targets))

    def waits(self, *ids: str) -> list[CampaignWait]:
        """Return the entries of the target's campaigns in the result of the wait."""
        result = self.wait.result(self.outcome)
        return [part for name in ids for part in result["waits"] if part["campaign_id"] == name]

    def last_look(self, campaign_id: str) -> float:
        """Return when a campaign was polled last."""
        return self.world.polls_of(campaign_id)[-1].moment


def fails_for(campaign_id: str, error: Callable[[], ThingSpaceError], since: float = 0.0) -> Callable[[Asked], t.Any]:
    """Return a fault of one campaign."""
    return lambda asked: error() if asked.campaign_id == campaign_id and asked.moment >= since else None


def test_it_continues_until_each_target_is_met() -> None:
    told = Told(World({"c1": ends(1), "c2": ends(5), "c3": ends(9)}), [target("c1"), target("c2", "c3"), target("c2")])
    assert told.outcome.is_reached
    assert told.world.clock.seconds == 9 * HOUR
    assert [told.of("c1").reason, told.of("c2", "c3").reason, told.of("c2").reason] == ["reached"] * 3
    assert [told.last_look(name) for name in ("c1", "c2", "c3")] == [HOUR, 5 * HOUR, 9 * HOUR]


@pytest.mark.parametrize(("needed", "hours"), [(1, 1), (2, 5), (3, 9)])
def test_each_target_needs_as_many_as_it_says(needed: int, hours: int) -> None:
    world = World({"c1": ends(9), "c2": ends(1), "c3": ends(5)})
    told = Told(world, [target("c1", "c2", "c3", needed=needed), target("c2")])
    assert told.outcome.is_reached
    assert told.world.clock.seconds == hours * HOUR
    assert told.of("c1", "c2", "c3").is_reached


LOST: t.Final[Mapping[str, tuple[Campaign, Callable[[], ThingSpaceError] | None, str]]] = {
    "cancelled": (ends(2, "CampaignCancelled"), None, "not_reachable"),
    "aborted from the start": (ends(0, "CampaignAborted"), None, "not_reachable"),
    "not found": (Campaign(), lambda: CampaignNotFound("It is not there."), "not_found"),
    "refused": (Campaign(), lambda: RequestRefused("No."), "request_refused"),
    "troubled": (Campaign(), lambda: BadResponse("HTML."), "too_many_errors"),
    "unknown": (Campaign([(HOUR, status("Hesitating"))]), None, "unknown_state"),
}


@pytest.mark.parametrize("name", LOST)
def test_one_that_is_lost_ends_only_the_targets_that_want_it(name: str) -> None:
    lost, error, reason = LOST[name]
    world = World({"lost": lost, "good": ends(20)})
    if error is not None:
        world.fault = fails_for("lost", error)
    told = Told(world, [target("lost"), target("lost", "good"), target("good")], unknown_fails=True)
    assert told.of("lost").reason == told.of("lost", "good").reason == reason
    assert not told.of("lost").is_reached
    assert told.of("good") == WaitOutcome(
        "reached", "Campaign good has reached ended: it is ended [CampaignEnded].", True
    )
    assert world.clock.seconds == 20 * HOUR
    # The message of the whole wait describes what failed.
    assert told.outcome == told.of("lost")
    assert "lost" in told.outcome.message or told.outcome.message in ("It is not there.", "No.")


@pytest.mark.parametrize("name", LOST)
def test_with_one_target_the_same_ends_the_wait(name: str) -> None:
    lost, error, reason = LOST[name]
    world = World({"lost": lost, "good": ends(20)})
    if error is not None:
        world.fault = fails_for("lost", error)
    told = Told(world, [target("lost", "good")], unknown_fails=True)
    assert told.outcome.reason == reason
    assert world.clock.seconds < 10 * HOUR


def test_with_one_target_one_that_is_not_found_ends_the_wait_even_if_others_would_do() -> None:
    world = World({"lost": Campaign(), "good": ends(5)})
    world.fault = fails_for("lost", lambda: CampaignNotFound("It is not there."))
    assert Told(world, [target("lost", "good", needed=1)]).outcome == WaitOutcome("not_found", "It is not there.")


def test_one_that_is_lost_does_not_end_a_target_that_can_do_without() -> None:
    world = World({"lost": Campaign(), "good": ends(5)})
    world.fault = fails_for("lost", lambda: CampaignNotFound("It is not there."))
    told = Told(world, [target("lost", "good", needed=1), target("good")])
    assert told.of("lost", "good").is_reached
    assert len(world.polls_of("lost")) == 1


@pytest.mark.parametrize("error", [LoginRefused, AccessRefused])
def test_refused_credentials_end_all(error: type[ThingSpaceError]) -> None:
    world = World({"c1": ends(1), "c2": ends(20), "c3": ends(0, "CampaignFailed"), "c4": ends(20)})
    world.fault = fails_for("c2", lambda: error("They were refused."), since=2 * HOUR)
    told = Told(world, [target("c1"), target("c2"), target("c3"), target("c1", "c2"), target("c4")])
    assert told.outcome.reason == error.reason
    assert world.clock.seconds == 2 * HOUR
    # They end all targets that were not decided before.
    assert told.of("c1").is_reached
    assert told.of("c3").reason == "not_reachable"
    assert told.of("c2") == told.of("c1", "c2") == told.of("c4") == told.outcome
    assert told.wait.result(told.outcome)["reason"] == error.reason


def test_a_target_out_of_reach_stays_so_and_its_campaigns_are_left_alone() -> None:
    # The second campaign reaches the target later, but the target has already failed because of the first one.
    world = World({"bad": ends(1, "CampaignFailed"), "fine": ends(3), "other": ends(9)})
    told = Told(world, [target("bad", "fine"), target("other")])
    assert told.of("bad", "fine").reason == "not_reachable"
    assert told.last_look("bad") == told.last_look("fine") == HOUR
    assert told.of("other").is_reached
    waits = told.waits("bad", "fine")
    assert [part["verdict"] for part in waits] == ["not_reachable", "waiting"]
    assert [part["next_poll_at"] for part in waits] == [None, None]


def test_a_target_that_is_left_again_while_others_wait_is_not_reached() -> None:
    left = Campaign([(0, status("CampaignScheduled")), (600, status("CampaignQueued"))])
    late = Campaign([(0, status("CampaignQueued")), (1200, status("CampaignScheduled"))])
    told = Told(
        World({"left": left, "late": late}),
        [target("left"), target("late")],
        target_states=("scheduled",),
        timeout=HOUR,
    )
    assert told.outcome.reason == told.of("left").reason == "timed_out"
    assert told.of("late").is_reached
    assert told.last_look("left") == HOUR


def test_a_campaign_that_another_target_wants_is_still_polled() -> None:
    world = World({"bad": ends(1, "CampaignFailed"), "fine": ends(3), "other": ends(9)})
    told = Told(world, [target("bad", "fine"), target("fine"), target("other")])
    assert told.last_look("fine") == 3 * HOUR
    assert told.of("fine").is_reached
    # It has reached its state now, but the target has already failed.
    assert told.of("bad", "fine").reason == "not_reachable"


def test_a_campaign_is_left_alone_once_the_last_target_that_wants_it_is_out_of_reach() -> None:
    world = World(
        {"bad": ends(1, "CampaignFailed"), "worse": ends(3, "CampaignAborted"), "slow": ends(20), "end": ends(9)}
    )
    told = Told(world, [target("bad", "slow"), target("worse", "slow"), target("end")])
    assert told.last_look("slow") == 3 * HOUR
    assert world.clock.seconds == 9 * HOUR


def test_a_campaign_that_flaps_does_not_bring_a_target_back() -> None:
    # An unknown state in one poll makes the target fail, even if the campaign is scheduled again later.
    flapping = Campaign([(HOUR, status("Hesitating")), (2 * HOUR, status("CampaignScheduled")), (3 * HOUR, ENDED)])
    world = World({"flapping": flapping, "steady": ends(6), "other": ends(9)})
    targets = [target("flapping"), target("flapping", "steady"), target("flapping", "other", needed=1)]
    told = Told(world, targets, unknown_fails=True)
    assert told.of("flapping").reason == told.of("flapping", "steady").reason == "unknown_state"
    assert told.of("flapping", "other").is_reached
    assert "unknown status 'Hesitating'" in told.of("flapping", "steady").message


ENDED: t.Final = status("CampaignEnded")


def test_a_timeout_tells_each_target_of_its_own_campaigns() -> None:
    world = World({"c1": ends(1), "c2": ends(50), "c3": ends(50), "c4": ends(1, "CampaignFailed")})
    told = Told(world, [target("c1"), target("c1", "c2"), target("c3"), target("c4")], timeout=10 * HOUR)
    assert told.outcome.reason == "timed_out"
    assert [told.of("c1").reason, told.of("c4").reason] == ["reached", "not_reachable"]
    for ids, named in ((("c1", "c2"), "c2"), (("c3",), "c3")):
        assert told.of(*ids).message == (
            f"ended was not reached within 10h: campaign {named} is scheduled [CampaignScheduled]. "
            "To wait longer, raise wait_timeout or wait_until_end_plus."
        )
        assert (told.of(*ids).reason, told.of(*ids).is_reached) == ("timed_out", False)
    assert (told.of("c1").reason, told.of("c1").is_reached) == ("reached", True)


@pytest.mark.parametrize("at", [0.0, 4 * HOUR])
def test_an_interruption_tells_each_target_of_its_own_campaigns(at: float) -> None:
    world = World({"c1": ends(1), "c2": ends(50), "c3": ends(2, "CampaignFailed")})

    def strike(asked: Asked) -> None:
        if asked.moment >= at:
            raise Interrupted

    world.fault = strike
    told = Told(world, [target("c1"), target("c2"), target("c3")])
    assert told.outcome.reason == told.of("c2").reason == "interrupted"
    assert "campaign c2 is" in told.of("c2").message and "c1" not in told.of("c2").message
    expected = ["reached", "not_reachable"] if at else ["interrupted", "interrupted"]
    assert [told.of("c1").reason, told.of("c3").reason] == expected


def test_the_result_of_a_wait_has_the_campaigns_of_all_targets() -> None:
    world = World({"c1": ends(1), "c2": ends(2), "c3": ends(3)})
    world.fault = lambda asked: BadResponse(f"Bad {asked.campaign_id}.") if asked.moment == 1800.0 else None
    told = Told(world, [target("c3", "c1"), target("c2")])
    result = told.wait.result(told.outcome)
    assert [part["campaign_id"] for part in result["waits"]] == ["c1", "c2", "c3"]
    assert {row["campaign_id"] for row in result["history"]} == {"c1", "c2", "c3"}
    assert [error["message"] for error in result["last_errors"]] == ["Bad c1.", "Bad c2.", "Bad c3."]
    for part in result["waits"]:
        assert part["polls"] == len(world.polls_of(part["campaign_id"]))
        assert part["errors"] == 1


def test_a_wait_tells_its_last_five_errors() -> None:
    world = World({"noisy": Campaign(), "quiet": Campaign()})
    world.fault = fails_for("noisy", lambda: BadResponse(f"At {world.clock.seconds:g}."))
    changes = {"timeout": HOUR, "max_consecutive_errors": 100, "max_error_seconds": 0.0}
    told = Told(world, [target("noisy"), target("quiet")], **changes)
    times = [seen.moment for seen in world.polls_of("noisy")][-5:]
    errors = told.wait.result(told.outcome)["last_errors"]
    assert [error["message"] for error in errors] == [f"At {at:g}." for at in times]


def test_an_outage_of_the_service_uses_up_the_budget_of_each_campaign() -> None:
    world = World({"c1": ends(1), "c2": ends(9), "c3": ends(9)})
    world.fault = lambda asked: ConnectionFailed("It broke.") if asked.moment > 2 * HOUR else None
    told = Told(world, [target("c1"), target("c2"), target("c3")], max_consecutive_errors=3)
    assert told.of("c1").is_reached
    assert told.of("c2").reason == told.of("c3").reason == "too_many_errors"
    assert "c3" in told.of("c3").message and "c2" not in told.of("c3").message


def test_the_end_day_of_a_campaign_that_nobody_wants_any_more_delays_nothing() -> None:
    far = Campaign(end="2026-06-30")
    near = Campaign(end="2026-03-05")
    told = Told(
        World({"bad": ends(1, "CampaignFailed"), "far": far, "near": near}),
        [target("bad", "far"), target("near")],
        timeout=None,
        until_end_plus=HOUR,
        pace=Pace(HOUR, HOUR),
    )
    assert told.of("near").reason == "timed_out"
    assert told.world.clock.seconds == pytest.approx(seconds_until("2026-03-05") + DAY + HOUR, abs=60.0)


@pytest.mark.parametrize("order", [("c1", "c2"), ("c2", "c1")])
def test_targets_may_be_given_in_any_order(order: tuple[str, str]) -> None:
    told = Told(World({"c1": ends(1, "CampaignFailed"), "c2": ends(3)}), [target(name) for name in order])
    assert told.outcome.reason == "not_reachable"
    assert [told.of("c1").reason, told.of("c2").reason] == ["not_reachable", "reached"]
    assert told.world.clock.seconds == 3 * HOUR


@pytest.mark.parametrize(
    ("verdict", "others"),
    [("not_reachable", "waiting"), ("too_many_failures", "unknown_state"), ("unknown_state", "reached")],
)
def test_the_sentence_names_the_campaigns_that_are_the_cause_and_no_others(verdict: str, others: str) -> None:
    trackers = [Tracker(name, 0.0) for name in ("first", "second", "third")]
    for tracker, judged in zip(trackers, (others, verdict, others)):
        tracker.record_report(campaign_facts({"id": tracker.campaign_id, "status": "Mystery"}, "v2", START.date()))
        tracker.judge(judged, "it has failed devices")
    outcome = outcome_of_target(trackers, 3, ["ended"])
    assert outcome is not None and (outcome.reason, outcome.is_reached) == (verdict, False)
    assert [name for name in ("first", "second", "third") if name in outcome.message] == ["second"]
