# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on one campaign, compared with an independent form of the rule for every state and target."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES, TARGETS
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import verdict_on

GOOD_PATH: t.Final = ("request_pending", "queued", "pre_scheduled", "scheduled", "in_progress", "ended")
DEAD_ENDS: t.Final = ("request_failed", "failed", "cancelled", "aborted")


def expected(state: str, target: str) -> str:
    """The rule, expressed with positions on the path without failures instead of ranks."""
    if state == target:
        return "reached"
    if state in DEAD_ENDS:
        return "not_reachable"
    if target in DEAD_ENDS:
        return "not_reachable" if state == "ended" else "waiting"
    return "past_target" if GOOD_PATH.index(state) > GOOD_PATH.index(target) else "waiting"


def test_the_rule_is_about_every_state() -> None:
    assert set(GOOD_PATH) | set(DEAD_ENDS) == set(TARGETS) == set(STATES) - {"unknown"}


@pytest.mark.parametrize("state", GOOD_PATH + DEAD_ENDS)
@pytest.mark.parametrize("target", TARGETS)
def test_one_target(state: str, target: str) -> None:
    assert verdict_on(state, [target]) == expected(state, target)
    assert verdict_on(state, (target, target), unknown_fails=True) == expected(state, target)


@pytest.mark.parametrize("state", GOOD_PATH + DEAD_ENDS)
def test_of_several_targets_the_luckiest_decides(state: str) -> None:
    luck = ["reached", "past_target", "waiting", "not_reachable"]
    for target_states in itertools.chain(itertools.permutations(TARGETS, 2), itertools.combinations(TARGETS, 3)):
        verdicts = {expected(state, target) for target in target_states}
        best = min(verdicts, key=luck.index)
        assert verdict_on(state, target_states) == best, target_states


def test_no_campaign_waits_forever() -> None:
    for state in (name for name, row in STATES.items() if row.terminal):
        for size in (1, 2, len(TARGETS)):
            for target_states in itertools.combinations(TARGETS, size):
                assert verdict_on(state, target_states) != "waiting"


@pytest.mark.parametrize("target_states", [["ended"], ["cancelled"], ["request_pending", "failed"], list(TARGETS)])
def test_an_unknown_state(target_states: list[str]) -> None:
    assert verdict_on("unknown", target_states) == "waiting"
    assert verdict_on("unknown", target_states, unknown_fails=True) == "unknown_state"


def test_targets_may_be_any_iterable() -> None:
    assert verdict_on("scheduled", iter(["cancelled", "queued"])) == "past_target"
