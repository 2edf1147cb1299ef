# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what the state of a campaign means for the target of a wait.

=====================  ==========================================  ==============
state seen             target                                      verdict
=====================  ==========================================  ==============
on the success path    the same state                              reached
on the success path    an earlier one of that path                 past_target
on the success path    only later ones, and not terminal           waiting
off the success path   the same state                              reached
terminal               anything else                               not_reachable
not terminal           only states off the success path            waiting
unknown                anything, C(wait_unknown_state) is wait     waiting
unknown                anything, C(wait_unknown_state) is fail     unknown_state
=====================  ==========================================  ==============

A poll can miss a state, so a target on the success path counts as reached once the campaign is past it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES, UNKNOWN

REACHED = "reached"
PAST_TARGET = "past_target"
WAITING = "waiting"
NOT_REACHABLE = "not_reachable"
UNKNOWN_STATE = "unknown_state"
TOO_MANY_FAILURES = "too_many_failures"
GIVEN_UP = "given_up"

SATISFIED: t.Final = frozenset({REACHED, PAST_TARGET})
# In the order of precedence when several apply.
HOPELESS: t.Final = (NOT_REACHABLE, TOO_MANY_FAILURES, UNKNOWN_STATE, GIVEN_UP)


def verdict_on(state: str, target_states: Iterable[str], unknown_fails: bool = False) -> str:
    """One of V(reached), V(past_target), V(waiting), V(not_reachable), V(unknown_state); see the table above.

    C(state) and C(target_states) are states of the state table. C(target_states) has at least one.
    """
    if state == UNKNOWN:
        return UNKNOWN_STATE if unknown_fails else WAITING
    target_states = set(target_states)
    if state in target_states:
        return REACHED
    seen = STATES[state]
    ranks = [rank for rank in (STATES[target].rank for target in target_states) if rank is not None]
    if seen.rank is not None and ranks and seen.rank > min(ranks):
        return PAST_TARGET
    return NOT_REACHABLE if seen.terminal else WAITING


def overall(verdicts: Iterable[str], needed: int) -> str:
    """The verdict on several campaigns of which C(needed) must be satisfied.

    V(reached) or V(past_target) once enough are satisfied. V(not_reachable), V(too_many_failures), V(unknown_state) or
    V(given_up) once too few still can be. Otherwise V(waiting). C(verdict_on) never returns two of them:
    V(too_many_failures) comes from thresholds, and V(given_up) from an error of one campaign in a wait with several
    targets.
    """
    verdicts = list(verdicts)
    satisfied = [verdict for verdict in verdicts if verdict in SATISFIED]
    hopeless = [verdict for verdict in verdicts if verdict in HOPELESS]
    if len(satisfied) >= needed:
        return PAST_TARGET if satisfied and all(verdict == PAST_TARGET for verdict in satisfied) else REACHED
    if len(verdicts) - len(hopeless) < needed:
        return next(verdict for verdict in HOPELESS if verdict in hopeless)
    return WAITING
