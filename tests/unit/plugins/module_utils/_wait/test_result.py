# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a wait: its keys, which never change, its values, and its size, which does not grow with time."""

from __future__ import annotations

import json
import random
import tracemalloc
import typing as t
from collections.abc import Callable, Sequence

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CampaignNotFound,
    ConnectionFailed,
    LoginRefused,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.result import Times, wait_result
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    HOUR,
    START,
    Asked,
    Campaign,
    FakeClock,
    Fault,
    FinishedWait,
    Interrupted,
    World,
    make_wait,
    one,
    run_wait,
    status,
    wait_settings,
)

FIXED: t.Final = Pace(60.0, 60.0)
KEYS: t.Final = {
    "reached",
    "timed_out",
    "reason",
    "message",
    "last_errors",
    "elapsed",
    "polls",
    "errors",
    "deadline",
    "next_poll_at",
    "history",
    "waits",
}
CAMPAIGN_KEYS: t.Final = {
    "campaign_id",
    "state",
    "verdict",
    "overdue",
    "polls",
    "errors",
    "next_poll_at",
    "history",
}


def _after(seconds: float, word: str) -> World:
    return one(Campaign([(seconds, status(word))]))


def _with(fault: Fault) -> World:
    world = one(Campaign())
    world.fault = fault
    return world


ENDINGS: t.Final[dict[str, Callable[[], FinishedWait]]] = {
    "reached": lambda: run_wait(_after(HOUR, "CampaignEnded")),
    "past_target": lambda: run_wait(_after(0, "CampaignEnded"), target_states=("scheduled",)),
    "not_reachable": lambda: run_wait(_after(HOUR, "CampaignFailed")),
    "unknown_state": lambda: run_wait(_after(HOUR, "Hesitating"), unknown_fails=True),
    "timed_out": lambda: run_wait(one(Campaign()), timeout=HOUR),
    "too_many_errors": lambda: run_wait(_with(lambda _asked: ConnectionFailed("It broke."))),
    "not_found": lambda: run_wait(_with(lambda _asked: CampaignNotFound("It is not there."))),
    "login_refused": lambda: run_wait(
        _with(lambda asked: LoginRefused("It was refused.") if asked.times > 3 else None)
    ),
    "interrupted": lambda: interrupt_sleep(one(Campaign()), 3),
}


def interrupt_sleep(world: World, nap: int) -> FinishedWait:
    """Run a wait that is interrupted from outside during one of its sleeps."""
    wait = make_wait(world)
    sleep, slept = world.clock.sleep, [0]

    def interrupted(seconds: float) -> None:
        slept[0] += 1
        if slept[0] == nap:
            raise Interrupted
        sleep(seconds)

    world.clock.sleep = interrupted  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        wait.run()
    return FinishedWait(world, wait, wait.interruption())


@pytest.mark.parametrize("reason", ENDINGS)
def test_every_ending_has_the_same_keys(reason: str) -> None:
    finished = ENDINGS[reason]()
    result = finished.result
    assert result["reason"] == reason
    assert set(result) == KEYS
    assert set(finished.only) == CAMPAIGN_KEYS
    assert result["reached"] is (reason in ("reached", "past_target"))
    assert result["timed_out"] is (reason == "timed_out")
    assert result["message"].endswith(".")
    assert result["polls"] == finished.polls == finished.only["polls"]
    assert json.loads(json.dumps(result)) == result


def test_an_interrupted_wait_keeps_what_it_knows() -> None:
    finished = interrupt_sleep(_after(0, "CampaignQueued"), 5)
    assert finished.only["state"] == "queued"
    assert finished.result["elapsed"] == 240.0
    assert "interrupted after 4m" in finished.outcome.message


@pytest.mark.parametrize("poll", [0, 1, 4])
def test_a_wait_interrupted_in_a_poll_has_a_result_too(poll: int) -> None:
    world = one(Campaign())

    def fault(asked: Asked) -> None:
        if asked.times == poll:
            raise Interrupted

    world.fault = fault
    wait = make_wait(world, pace=FIXED)
    with pytest.raises(Interrupted):
        wait.run()
    finished = FinishedWait(world, wait, wait.interruption())
    assert set(finished.result) == KEYS
    assert finished.only["state"] == (None if poll == 0 else "scheduled")


def test_history_has_a_row_a_state_with_times_and_polls() -> None:
    steps = [(0, status("CampaignQueued")), (300, status("CampaignScheduled")), (900, status("CampaignEnded"))]
    finished = run_wait(one(Campaign(steps), FakeClock(skew=-HOUR)), pace=FIXED)
    rows = [[row[key] for key in ("state", "first_seen", "last_seen", "polls")] for row in finished.result["history"]]
    assert rows == [
        ["queued", "2026-03-01T12:00:00Z", "2026-03-01T12:04:00Z", 5],
        ["scheduled", "2026-03-01T12:05:00Z", "2026-03-01T12:14:00Z", 10],
        ["ended", "2026-03-01T12:15:00Z", "2026-03-01T12:15:00Z", 2],
    ]
    assert finished.only["history"] == finished.result["history"]


def test_the_history_of_a_state_that_flaps_is_bounded_and_keeps_both_ends() -> None:
    world = one(Campaign([(0, status("CampaignRequestPending"))]))
    words = ("CampaignQueued", "CampaignScheduled")
    steps = [(60.0 * number, status(words[number % 2])) for number in range(1, 600)]
    world.campaigns["c1"].steps = [(0, status("CampaignRequestPending")), *steps]
    finished = run_wait(world, pace=FIXED, timeout=600 * 60.0)
    history = finished.result["history"]
    assert len(history) <= 100
    assert history[0]["state"] == "request_pending"
    assert history[-1]["last_seen"] == "2026-03-01T22:00:00Z"


TIMES: t.Final = Times(started=1000.0, now=1600.0004, deadline=1660.0, service_now=START)


def tracker_of(campaign_id: str, verdict: str, due_at: float) -> Tracker:
    """Return a campaign with this verdict, whose next poll is planned."""
    tracker = Tracker(campaign_id, 0.0)
    tracker.judge(verdict, None)
    tracker.plan(due_at, 0.0)
    return tracker


@pytest.mark.parametrize("reason", ["timed_out", "interrupted", "reached", "too_many_errors"])
def test_the_next_poll_is_that_of_the_first_campaign_that_still_waits(reason: str) -> None:
    trackers = [
        tracker_of("c1", "waiting", 1720.0),
        tracker_of("c2", "waiting", 1630.0),
        tracker_of("c3", "reached", 1610.0),
        tracker_of("c4", "waiting", 1605.0),
        tracker_of("c5", "waiting", 1500.0),
    ]
    trackers[3].finish()
    result = wait_result(WaitOutcome(reason, "It has ended."), trackers[:4], TIMES)
    each = [part["next_poll_at"] for part in result["waits"]]
    if reason not in ("timed_out", "interrupted"):
        assert (result["next_poll_at"], each) == (None, [None] * 4)
        return
    assert each == ["2026-03-01T12:02:00Z", "2026-03-01T12:00:30Z", None, None]
    assert result["next_poll_at"] == "2026-03-01T12:00:30Z"
    # A poll that is overdue is due now.
    late = wait_result(WaitOutcome(reason, "It has ended."), trackers, TIMES)
    assert late["next_poll_at"] == late["waits"][4]["next_poll_at"] == "2026-03-01T12:00:00Z"


def test_times_are_rounded_and_a_deadline_may_be_beyond_every_date() -> None:
    result = wait_result(WaitOutcome("timed_out", "Over."), [], TIMES)
    assert (result["elapsed"], result["deadline"]) == (600.0, "2026-03-01T12:01:00Z")
    endless = Times(0.0, 0.0, float("inf"), START)
    assert wait_result(WaitOutcome("timed_out", "Over."), [], endless)["deadline"] == "5195-01-14T21:46:40Z"
    nearly = Times(0.0, 0.0004, 29.5, START)
    assert wait_result(WaitOutcome("timed_out", "Over."), [], nearly)["deadline"] == "2026-03-01T12:00:30Z"


def test_the_last_five_errors_are_in_the_result() -> None:
    errors = [{"campaign_id": "c1", "at": "", "message": str(number)} for number in range(7)]
    for count in (0, 3, 5, 7):
        result = wait_result(WaitOutcome("timed_out", "Over."), [], TIMES, errors[:count])  # type: ignore[arg-type]
        assert [error["message"] for error in result["last_errors"]] == [str(n) for n in range(count)][-5:]


def memory_after(polls: int) -> int:
    """Return the memory of a wait in bytes after this number of polls, with constant changes and errors."""
    clock = FakeClock()
    words = ("CampaignQueued", "CampaignScheduled", "Hesitating")
    facts = [campaign_facts({"id": "c1", "status": word}, "v2", clock.now().date()) for word in words]

    def poller(
        ids: Sequence[str], kind: PollKind = PollKind.FIRST, deadline: float = 0.0, give_up_at: float = 0.0
    ) -> dict[str, Poll]:
        number = int((clock.now() - START).total_seconds() / 60)
        if number % 7 == 0:
            return {"c1": Poll(error=ConnectionFailed(f"broke at {number}"))}
        return {"c1": Poll(facts={**facts[number // 3 % 3]}, service_time=clock.now())}

    tracemalloc.start()
    try:
        wait = Wait(
            poller, ["c1"], wait_settings(pace=FIXED, timeout=polls * 60.0), clock, ProgressReporter(), random.Random(1)
        )
        wait.run()
        assert wait.trackers[0].polls > polls
        clock.naps.clear()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_ten_thousand_polls_cost_no_more_memory_than_a_hundred() -> None:
    memory_after(10)
    few, many = memory_after(100), memory_after(10_000)
    # Only the rest of a history of one hundred rows can be added.
    assert many - few < 64 * 1024
