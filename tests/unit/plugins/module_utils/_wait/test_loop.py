# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop handles states: missed, flapping, unknown, seen once, seen in a status list."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    ConnectionFailed,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    Campaign,
    Spared,
    World,
    one,
    run_wait,
    status,
)

FIXED = Pace(60.0, 60.0)


def test_a_state_that_no_poll_saw_counts_as_reached_once_the_campaign_is_past_it() -> None:
    steps = [(0, status("CampaignQueued")), (61, status("CampaignScheduled")), (119, status("CampaignEnded"))]
    finished = run_wait(one(Campaign(steps)), target_states=("scheduled",), pace=FIXED)
    assert (finished.outcome.reason, finished.outcome.is_reached) == ("past_target", True)
    assert [entry["state"] for entry in finished.result["history"]] == ["queued", "ended"]


def test_a_terminal_state_is_read_twice() -> None:
    finished = run_wait(one(Campaign([(0, status("CampaignEnded"))])))
    assert finished.outcome.is_reached
    assert finished.polls == 2


@pytest.mark.parametrize("word", ["CampaignEnded", "CampaignFailed", "CampaignCancelled"])
def test_a_terminal_state_seen_only_once_is_not_believed(word: str) -> None:
    # The first poll, at 0.6 seconds, shows it, but the confirming one, at 1.2 seconds, does not.
    steps = [(0, status(word)), (1.0, status("CampaignScheduled")), (DAY, status("CampaignEnded"))]
    world = one(Campaign(steps))
    world.poll_seconds = 0.6
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.is_reached
    assert finished.result["elapsed"] >= DAY
    assert len(finished.result["history"]) == 3


def test_a_state_that_flaps_at_every_read_never_decides() -> None:
    flips = [(float(second), status("CampaignEnded" if second % 2 else "CampaignScheduled")) for second in range(1300)]
    world = one(Campaign(flips))
    world.poll_seconds = 1.0
    finished = run_wait(world, timeout=1200.0, pace=Pace(7.0, 7.0))
    assert finished.outcome.reason == "timed_out"


@pytest.mark.parametrize("trouble", [ConnectionFailed("reset"), Spared(ServiceTrouble("busy", 503))])
def test_a_second_read_that_fails_confirms_nothing(trouble: ThingSpaceError | Spared) -> None:
    world = one(Campaign([(0, status("CampaignEnded")), (1, status("CampaignScheduled"))]))
    world.fault = lambda asked: trouble if asked.is_second else None
    finished = run_wait(world, timeout=HOUR, pace=FIXED)
    assert finished.outcome.reason == "timed_out"
    assert finished.only["verdict"] == "waiting"


def test_a_second_read_that_is_refused_ends_the_wait() -> None:
    world = one(Campaign([(0, status("CampaignEnded"))]))
    world.fault = lambda asked: AccessRefused("no") if asked.is_second else None
    finished = run_wait(world, timeout=HOUR, pace=FIXED)
    assert (finished.outcome.reason, finished.polls, finished.result["elapsed"]) == ("access_refused", 2, 0.0)


def test_one_second_read_of_several_that_is_refused_ends_the_wait() -> None:
    ended = Campaign([(0, status("CampaignEnded"))])
    world = World({"c1": ended, "c2": ended, "c3": Campaign()})
    world.fault = lambda asked: AccessRefused("no") if asked.is_second and asked.campaign_id == "c2" else None
    finished = run_wait(world, timeout=HOUR, pace=FIXED)
    assert (finished.outcome.reason, finished.polls, finished.result["elapsed"]) == ("access_refused", 5, 0.0)


def test_a_second_read_that_failed_is_made_good_later() -> None:
    world = one(Campaign([(0, status("CampaignEnded"))]))
    world.fault = lambda asked: ConnectionFailed("reset") if asked.times == 1 else None
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.is_reached
    assert finished.polls == 4


def test_a_campaign_that_may_have_left_its_target_for_good_has_not_reached_it() -> None:
    # When the last campaign reaches the target, the first one seems to be aborted, but the second read always fails.
    left = Campaign([(0, status("CampaignScheduled")), (600, status("CampaignAborted"))])
    late = Campaign([(0, status("CampaignQueued")), (600, status("CampaignScheduled"))])
    world = World({"c1": left, "c2": late})
    world.fault = lambda asked: ConnectionFailed("reset") if asked.is_second else None
    finished = run_wait(world, target_states=("scheduled",), timeout=900.0, pace=FIXED)
    assert finished.outcome.reason == "timed_out"
    assert [part["verdict"] for part in finished.result["waits"]] == ["waiting", "reached"]


def test_a_second_read_that_always_fails_uses_up_the_retries() -> None:
    world = one(Campaign([(0, status("CampaignEnded"))]))
    world.fault = lambda asked: ConnectionFailed("reset") if asked.is_second else None
    finished = run_wait(world, timeout=DAY, pace=FIXED, max_consecutive_errors=3)
    assert (finished.outcome.reason, finished.result["errors"]) == ("too_many_errors", 4)


def test_no_second_read_is_sent_while_the_service_wants_a_pause() -> None:
    world = World({"c1": Campaign([(0, status("CampaignEnded"))]), "c2": Campaign()})
    busy = ServiceTrouble("busy", 503, 30.0)
    world.fault = lambda asked: busy if asked.campaign_id == "c2" and asked.times == 0 else None
    finished = run_wait(world, needed=1, timeout=HOUR, pace=FIXED)
    assert finished.outcome.is_reached
    assert [seen.moment for seen in world.polls_of("c1")] == [0.0, 60.0, 60.0]


def test_a_state_that_is_not_terminal_needs_no_second_read() -> None:
    finished = run_wait(one(Campaign()), target_states=("scheduled",), pace=FIXED)
    assert (finished.outcome.is_reached, finished.polls) == (True, 1)


def test_two_terminal_states_in_a_row_that_differ_confirm_nothing() -> None:
    steps = [(0, status("CampaignEnded")), (1.0, status("CampaignAborted"))]
    world = one(Campaign(steps))
    world.poll_seconds = 0.6
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.reason == "not_reachable"
    assert finished.result["elapsed"] >= 60.0
    assert finished.polls == 4


@pytest.mark.parametrize("word", ["CampaignFailed", "CampaignCancelled", "CampaignAborted", "CampaignRequestFailed"])
def test_a_state_that_excludes_the_target_ends_the_wait(word: str) -> None:
    finished = run_wait(one(Campaign([(DAY, status(word))])), pace=FIXED)
    assert finished.outcome.reason == "not_reachable"
    assert word in finished.outcome.message
    assert finished.result["elapsed"] <= DAY + 61.0


def test_an_unknown_state_is_warned_of_once_a_word_and_waited_through() -> None:
    steps = [
        (0, status("CampaignHesitating")),
        (HOUR, status("CampaignPondering")),
        (2 * HOUR, status("CampaignHesitating")),
        (3 * HOUR, status("CampaignEnded")),
    ]
    world = one(Campaign(steps, name="Spring"))
    finished = run_wait(world, pace=FIXED)
    assert finished.outcome.is_reached
    assert len(world.warnings) == 2
    assert "CampaignHesitating" in world.warnings[0] and "Spring" in world.warnings[0]
    assert "CampaignPondering" in world.warnings[1]


def test_a_missing_status_is_an_unknown_state() -> None:
    world = one(Campaign([(0, status(None)), (HOUR, status("CampaignEnded"))]))
    assert run_wait(world, pace=FIXED).outcome.is_reached
    assert len(world.warnings) == 1


def test_an_unknown_state_fails_where_the_user_wants_that() -> None:
    finished = run_wait(one(Campaign([(HOUR, status("CampaignHesitating"))])), unknown_fails=True, pace=FIXED)
    assert finished.outcome.reason == "unknown_state"
    assert "CampaignHesitating" in finished.outcome.message
    assert finished.result["elapsed"] == HOUR


def test_a_foreign_word_cannot_break_the_line_of_a_warning() -> None:
    world = one(Campaign([(0, status("Evil\n\x1b[31mword" + "x" * 500))]))
    run_wait(world, timeout=0.0)
    assert "\x1b" not in world.warnings[0] and "\n" not in world.warnings[0]
    assert len(world.warnings[0]) < 300


def test_what_a_list_says_decides_nothing_until_a_read_alone_agrees() -> None:
    world = one(Campaign([(0, status("CampaignQueued")), (HOUR, status("CampaignScheduled"))]))
    world.listed = frozenset({"c1"})
    finished = run_wait(world, target_states=("scheduled",), pace=FIXED)
    assert finished.outcome.is_reached
    assert world.log[-1].is_listed is False
    assert all(seen.is_listed for seen in world.log[:-1])


@pytest.mark.parametrize("trouble", [ConnectionFailed("reset"), Spared(ServiceTrouble("busy", 503))])
def test_a_list_decides_nothing_when_the_read_alone_fails(trouble: ThingSpaceError | Spared) -> None:
    world = one(Campaign())
    world.listed = frozenset({"c1"})
    world.fault = lambda asked: trouble if asked.is_second else None
    finished = run_wait(world, target_states=("scheduled",), timeout=600.0, pace=FIXED)
    assert finished.outcome.reason == "timed_out"


def test_a_list_decides_nothing_either_when_the_next_poll_fails_too() -> None:
    world = one(Campaign())
    world.listed = frozenset({"c1"})
    world.fault = lambda asked: ConnectionFailed("reset") if asked.times > 0 else None
    finished = run_wait(world, target_states=("scheduled",), timeout=600.0, pace=FIXED)
    assert finished.outcome.reason == "timed_out"
    assert finished.only["state"] == "scheduled"


def test_a_list_that_lags_behind_is_overruled_by_the_read_alone() -> None:
    # The list still says scheduled, but the campaign is queued again.
    world = one(Campaign([(0, status("CampaignScheduled")), (10, status("CampaignQueued"))]))
    world.listed = frozenset({"c1"})
    world.list_lag = DAY
    world.clock.pass_time(20.0)
    finished = run_wait(world, target_states=("scheduled",), timeout=HOUR, pace=FIXED)
    assert finished.outcome.reason == "timed_out"
    assert finished.only["state"] == "queued"


def test_the_second_read_is_for_those_that_need_one() -> None:
    world = World({"c1": Campaign([(0, status("CampaignEnded"))]), "c2": Campaign()})
    run_wait(world, timeout=0.0)
    assert [seen.campaign_id for seen in world.log] == ["c1", "c2", "c1"]
