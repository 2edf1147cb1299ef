# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what a target needs of its campaigns, and whether it is reached.

A task has one target. A wait for a whole fleet has several, because each host needs its own campaigns.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import messages as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import (
    GIVEN_UP,
    HOPELESS,
    NOT_REACHABLE,
    SATISFIED,
    TOO_MANY_FAILURES,
    UNKNOWN_STATE,
    overall,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome

_SENTENCES: t.Final = {
    NOT_REACHABLE: sentences.not_reachable,
    TOO_MANY_FAILURES: sentences.too_many_failures,
}


@dataclass(frozen=True)
class Target:
    """C(needed) of the campaigns in C(ids) must reach a target state."""

    ids: tuple[str, ...]
    needed: int


def outcome_of(
    trackers: Sequence[Tracker], needed: int, target_states: Sequence[str], names: Names = str
) -> WaitOutcome | None:
    """The outcome of a target that is reached or can no longer be reached, None while it is undecided."""
    verdict = overall((tracker.verdict for tracker in trackers), needed)
    if verdict in SATISFIED:
        return WaitOutcome(verdict, sentences.reached(trackers, target_states), is_reached=True)
    if verdict not in HOPELESS:
        return None
    why = [tracker for tracker in trackers if tracker.verdict == verdict]
    if verdict == GIVEN_UP:
        return next(tracker.give_up_outcome for tracker in why if tracker.give_up_outcome is not None)
    if verdict == UNKNOWN_STATE:
        return WaitOutcome(verdict, sentences.unknown_state(why, target_states, names))
    return WaitOutcome(verdict, _SENTENCES[verdict](why, target_states))
