# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of all waits, with arbitrary timelines, faults, clocks, intervals and deadlines."""

from __future__ import annotations

import copy
import random
import typing as t
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    LoginRefused,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
    TransientError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    Asked,
    Campaign,
    FakeClock,
    FinishedWait,
    Interrupted,
    Seen,
    Spared,
    World,
    make_wait,
    outcome_of,
    seconds_until,
    status,
    trackers_of,
    wait_settings,
)

GOOD_PATH: t.Final = ("request_pending", "queued", "pre_scheduled", "scheduled", "in_progress", "ended")

pytestmark = pytest.mark.slow
OVER: t.Final = ("ended", "request_failed", "failed", "cancelled", "aborted")
WORDS: t.Final = (
    "CampaignRequestPending",
    "CampaignQueued",
    "CampaignScheduled",
    "CampaignScheduled",
    "CampaignHesitating",
    "CampaignEnded",
    "CampaignEnded",
    "CampaignCancelled",
    "CampaignFailed",
    None,
)
DAYS: t.Final = ("2026-02-20", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-05", None)
LONGEST_PLAN: t.Final = 3 * DAY


@dataclass(frozen=True)
class Trouble:
    """The faults of a service: a random share of its answers."""

    share: float
    kinds: tuple[str, ...]
    seed: int

    def __call__(self, asked: Asked) -> ThingSpaceError | Spared | None:
        chance = random.Random(f"{self.seed} {asked.campaign_id} {asked.moment} {asked.times} {asked.is_second}")
        if not self.kinds or chance.random() >= self.share:
            return None
        return TROUBLES[chance.choice(self.kinds)](chance)


TROUBLES: t.Final[dict[str, t.Callable[[random.Random], ThingSpaceError | Spared]]] = {
    "connection": lambda _chance: ConnectionFailed("It broke."),
    "busy": lambda chance: ServiceTrouble(
        "Busy.", chance.choice([429, 503, 500]), chance.choice([None, 0.0, 7.0, 2e4])
    ),
    "html": lambda _chance: BadResponse("HTML."),
    "spared": lambda chance: Spared(ServiceTrouble("Busy.", 503, chance.choice([None, 100.0]))),
    "redirect": lambda _chance: WrongAddress("Redirect."),
    "missing": lambda _chance: CampaignNotFound("Not there."),
    "refused": lambda _chance: RequestRefused("No."),
    "login": lambda _chance: LoginRefused("No."),
}
LIVABLE: t.Final = ("connection", "busy", "html", "spared")

moments = st.one_of(st.integers(0, 3600), st.integers(0, int(LONGEST_PLAN))).map(float)
changes = st.builds(
    lambda word, end: status(word) if end == "same" else status(word, endDate=end),
    st.sampled_from(WORDS),
    st.sampled_from(("same", "same", *DAYS)),
)
campaigns = st.builds(
    Campaign,
    steps=st.lists(st.tuples(moments, changes), max_size=6).map(lambda steps: sorted(steps, key=lambda step: step[0])),
    start=st.sampled_from(DAYS),
    end=st.sampled_from(DAYS),
    windows=st.lists(st.tuples(st.integers(0, 23), st.integers(0, 24)), max_size=2),
)
troubles = st.builds(
    Trouble,
    share=st.sampled_from([0.0, 0.1, 0.5, 0.9]),
    kinds=st.one_of(
        st.lists(st.sampled_from(LIVABLE), max_size=3).map(tuple),
        st.lists(st.sampled_from(sorted(TROUBLES)), max_size=4).map(tuple),
    ),
    seed=st.integers(0, 1000),
)
paces = st.tuples(st.sampled_from([300.0, 1000.0, 9000.0]), st.sampled_from([1.0, 3.0, 30.0])).map(
    lambda pair: Pace(pair[0], pair[0] * pair[1])
)


@st.composite
def worlds(draw: st.DrawFn, poll_seconds: float = 0.0) -> World:
    """Generate a service with one to three campaigns, some of them in lists, and a controller with odd clocks."""
    clock = FakeClock(
        skew=draw(st.sampled_from([0.0, 0.0, -7 * HOUR, 40 * HOUR])), tick=draw(st.sampled_from([0, 1e-6]))
    )
    world = World({f"c{number}": draw(campaigns) for number in range(draw(st.integers(1, 3)))}, clock)
    world.fault = draw(troubles)
    world.listed = frozenset(name for name in world.campaigns if draw(st.booleans()))
    world.list_lag = draw(st.sampled_from([0.0, 3600.0, DAY]))
    world.poll_seconds = poll_seconds
    for moment in draw(st.lists(moments, max_size=3)):
        if draw(st.booleans()):
            clock.plan(moment, lambda: clock.suspend(5 * HOUR))
        else:
            jump = draw(st.sampled_from([-DAY, -1.0, 1.0, 3 * HOUR]))
            clock.plan(moment, lambda jump=jump: clock.adjust_wall_clock(jump))  # type: ignore[misc]
    return world


@st.composite
def task_settings(draw: st.DrawFn) -> dict[str, t.Any]:
    """Generate options of a wait. C(needed) is a share of the campaigns, from 0 to 1."""
    return {
        "target_states": draw(
            st.sampled_from([("ended",), ("scheduled",), ("cancelled", "aborted"), ("queued", "failed")])
        ),
        "timeout": draw(st.sampled_from([0.0, 1000.0, DAY, 2 * DAY])),
        "until_end_plus": draw(st.sampled_from([None, None, 0.0, 5000.0])),
        "pace": draw(paces),
        "unknown_fails": draw(st.booleans()),
        "not_found_grace": draw(st.sampled_from([0.0, 3000.0])),
        "max_consecutive_errors": draw(st.sampled_from([0, 3, 20, 10_000])),
        "max_error_seconds": draw(st.sampled_from([0.0, 3600.0])),
        "progress_interval": draw(st.sampled_from([0.0, 1000.0, 50_000.0])),
        "seed": draw(st.integers(0, 1000)),
        "share": draw(st.floats(0.0, 1.0)),
    }


def live_through(world: World, wish: dict[str, t.Any]) -> FinishedWait:
    """Run the wait, which must not raise any exception."""
    wish = dict(wish)
    needed = max(1, round(wish.pop("share") * len(world.campaigns)))
    wait = make_wait(world, needed=needed, **wish)
    return FinishedWait(world, wait, wait.run())


def satisfies(state: str, target_states: t.Sequence[str]) -> bool:
    """The documented rule, expressed with positions: at the target, or after it on the path without failures."""
    if state in target_states:
        return True
    aims = [GOOD_PATH.index(target) for target in target_states if target in GOOD_PATH]
    return state in GOOD_PATH and bool(aims) and GOOD_PATH.index(state) > min(aims)


def confirmed_states(seen: t.Sequence[Seen]) -> list[str]:
    """Return the states that can decide: from single reads, and terminal ones only if two reads of a round agree."""
    good = [one for one in seen if one.facts is not None]
    states = []
    for before, now in zip([None, *good], good):
        state = now.facts["state"] if now.facts else ""
        if now.is_listed:
            continue
        twice = before is not None and before.facts is not None and before.round == now.round
        if state not in OVER or (twice and before is not None and before.facts and before.facts["state"] == state):
            states.append(state)
    return states


def check_ids(finished: FinishedWait, wish: dict[str, t.Any]) -> None:
    """Check the properties of every campaign."""
    for part in finished.result["waits"]:
        seen = finished.world.polls_of(part["campaign_id"])
        good = [one.facts for one in seen if one.facts is not None]
        states = confirmed_states(seen)
        if part["verdict"] in ("reached", "past_target"):
            assert states and satisfies(states[-1], wish["target_states"])
        elif part["verdict"] == "not_reachable":
            assert states and states[-1] in OVER and not satisfies(states[-1], wish["target_states"])
        elif part["verdict"] == "unknown_state":
            assert states and states[-1] == "unknown" and wish["unknown_fails"]
        # Facts are never lost, whatever happens after them.
        assert part["state"] == (good[-1]["state"] if good else None)
        assert part["polls"] == len(seen)
        assert part["errors"] == len([one for one in seen if one.error is not None])
        rows = [(row["state"], row["status"]) for row in part["history"]]
        assert (
            rows
            == [
                (now["state"], now["status"])
                for before, now in zip([None, *good], good)
                if before is None or (before["state"], before["status"]) != (now["state"], now["status"])
            ]
            or len(rows) >= 100
        )
        assert sum(row["polls"] for row in part["history"]) == len(good) or len(rows) >= 100


def is_late(finished: FinishedWait, wish: dict[str, t.Any], now: Seen) -> bool:
    """Whether a poll was, or can have been, the one at the deadline."""
    started = finished.wait._started
    return bool(now.at >= started + wish["timeout"] - 1e-3 or wish["until_end_plus"] is not None)


def check_pace(finished: FinishedWait, wish: dict[str, t.Any]) -> None:
    """Check that polls respect the minimum interval, and the service's Retry-After."""
    rest_until = next_rest_until = 0.0
    for before, now in zip([None, *finished.world.log], finished.world.log):
        if before is None or before.call != now.call:
            # The polls of one call are simultaneous.
            rest_until = next_rest_until
        if not is_late(finished, wish, now):
            assert now.at >= rest_until - 1e-3
        if isinstance(now.error, TransientError) and now.error.affects_all:
            next_rest_until = max(next_rest_until, now.at + (now.error.retry_after or 0.0))
    for name in finished.world.campaigns:
        seen = finished.world.polls_of(name)
        for before, now in zip(seen, seen[1:]):
            if before.round == now.round or is_late(finished, wish, now):
                continue
            assert now.at - before.at >= wish["pace"].floor - 1e-3
            if isinstance(before.error, TransientError):
                assert now.at - before.at >= (before.error.retry_after or 0.0) - 1e-3


# Examples are already small. Shrinking them takes minutes if a wait is wrong.
relaxed = settings(
    max_examples=200,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@relaxed
@given(worlds(), task_settings())
def test_any_wait_ends_in_time_and_says_only_what_it_has_seen(world: World, wish: dict[str, t.Any]) -> None:
    finished = live_through(world, wish)
    # Only the tick of a clock that advances while it is read can be added.
    assert finished.result["elapsed"] <= wish["timeout"] + 0.1
    check_ids(finished, wish)
    check_pace(finished, wish)
    verdicts = [part["verdict"] in ("reached", "past_target") for part in finished.result["waits"]]
    needed = max(1, round(wish["share"] * len(world.campaigns)))
    assert finished.outcome.is_reached is (finished.outcome.reason in ("reached", "past_target"))
    if finished.outcome.is_reached:
        assert sum(verdicts) >= needed
    if wish["timeout"] == 0.0:
        assert max((seen.round for seen in world.log), default=0) <= 1


@relaxed
@given(worlds(), task_settings())
def test_the_end_day_is_a_limit_of_its_own(world: World, wish: dict[str, t.Any]) -> None:
    world.clock._happenings.clear()
    wish = {**wish, "timeout": None, "until_end_plus": 5000.0}
    finished = live_through(world, wish)
    ends = [seen.facts["end_date"] for seen in world.log if seen.facts and seen.facts["end_date"]]
    last = (max(seconds_until(day) for day in ends) + DAY + 5000.0) if ends else 0.0
    assert finished.result["elapsed"] <= max(last, HOUR) + 1.1
    check_ids(finished, wish)


@relaxed
@given(worlds(poll_seconds=20.0), task_settings())
def test_polls_that_take_time_delay_the_end_by_the_last_rounds_only(world: World, wish: dict[str, t.Any]) -> None:
    finished = live_through(world, wish)
    # The round in progress at the deadline, and the last one, each with two reads per campaign.
    assert finished.result["elapsed"] <= wish["timeout"] + 4 * 20.0 * len(world.campaigns) + 0.1
    check_ids(finished, wish)


@settings(relaxed, max_examples=100)
@given(worlds(), task_settings(), st.integers(0, 40), st.booleans())
def test_an_interruption_anywhere_leaves_a_result(
    world: World, wish: dict[str, t.Any], number: int, in_look: bool
) -> None:
    trouble, sleep, count = world.fault, world.clock.sleep, [0]

    def strike() -> None:
        count[0] += 1
        if count[0] > number:
            raise Interrupted

    def fault(asked: Asked) -> ThingSpaceError | Spared | None:
        if in_look:
            strike()
        return trouble(asked)

    def nap(seconds: float) -> None:
        if not in_look:
            strike()
        sleep(seconds)

    world.fault, world.clock.sleep = fault, nap  # type: ignore[method-assign]
    wish = dict(wish)
    del wish["share"]
    wait = make_wait(world, needed=1, **wish)
    try:
        outcome = wait.run()
    except Interrupted:
        outcome = wait.interruption()
        assert outcome.reason == "interrupted"
    finished = FinishedWait(world, wait, outcome)
    for part in finished.result["waits"]:
        good = [seen.facts for seen in world.polls_of(part["campaign_id"]) if seen.facts is not None]
        assert part["state"] in [None, *(facts["state"] for facts in good)]
        if part["verdict"] in ("reached", "past_target"):
            assert satisfies(confirmed_states(world.polls_of(part["campaign_id"]))[-1], wish["target_states"])


def wait_with(world: World, wish: dict[str, t.Any], targets: t.Sequence[Target]) -> Wait:
    """Return a wait for these targets."""
    wish = {name: value for name, value in wish.items() if name not in ("share", "seed")}
    ids, randomness = list(world.campaigns), random.Random(1)
    return Wait(world, ids, wait_settings(needed=len(ids), **wish), world.clock, world, randomness, targets=targets)


@settings(relaxed, max_examples=100)
@given(worlds(), task_settings())
def test_a_wait_with_its_one_target_is_one_without_targets(world: World, wish: dict[str, t.Any]) -> None:
    # The planned actions of a clock cannot be copied.
    world.clock._happenings.clear()
    twin = copy.deepcopy(world)
    needed = max(1, round(wish["share"] * len(world.campaigns)))
    one = Target(tuple(world.campaigns), needed)
    plain = live_through(world, {**wish, "seed": 1})
    wait = wait_with(twin, wish, [one])
    outcome = wait.run()
    assert outcome == plain.outcome
    assert wait.result(outcome) == plain.result
    assert [(seen.campaign_id, seen.at) for seen in twin.log] == [(seen.campaign_id, seen.at) for seen in world.log]
    assert (twin.lines, twin.warnings) == (world.lines, world.warnings)


@st.composite
def goals_of(draw: st.DrawFn, ids: t.Sequence[str]) -> list[Target]:
    """Generate one or more targets that together need all campaigns."""
    chosen = draw(st.lists(st.permutations(ids).map(tuple), max_size=3))
    sizes = [draw(st.integers(1, len(ids))) for _goal in chosen]
    wanted = [names[:size] for names, size in zip(chosen, sizes)]
    rest = tuple(name for name in ids if not any(name in names for names in wanted))
    return [Target(names, draw(st.integers(1, len(names)))) for names in [*wanted, rest] if names]


@relaxed
@given(worlds(), task_settings(), st.data())
def test_a_wait_with_any_targets_ends_in_time_and_tells_each_what_it_has_seen(
    world: World, wish: dict[str, t.Any], data: st.DataObject
) -> None:
    targets = data.draw(goals_of(list(world.campaigns)))
    wait = wait_with(world, wish, targets)
    outcome = wait.run()
    finished = FinishedWait(world, wait, outcome)
    assert finished.result["elapsed"] <= wish["timeout"] + 0.1
    check_pace(finished, wish)
    check_ids(finished, wish)
    outcomes = {target: outcome_of(wait, target, outcome, len(targets)) for target in targets}
    for target, own in outcomes.items():
        satisfied = [tracker for tracker in trackers_of(wait, target) if tracker.verdict in ("reached", "past_target")]
        assert own.is_reached is (own.reason in ("reached", "past_target"))
        assert not own.is_reached or len(satisfied) >= target.needed
        assert own.reason != "timed_out" or outcome.reason == "timed_out"
    assert outcome.is_reached is all(own.is_reached for own in outcomes.values())


@pytest.mark.parametrize("state", [*GOOD_PATH, *OVER])
def test_the_rule_of_these_tests_is_that_of_the_documentation(state: str) -> None:
    assert satisfies(state, [state])
    assert satisfies("ended", [state]) is (state in GOOD_PATH)
    assert satisfies("cancelled", ["ended"]) is False
