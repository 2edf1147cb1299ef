# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what one party of a wait wants of which campaigns, and how that stands.

A task has one goal. A wait for a whole fleet has several: each host wants its own campaigns.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils import _sentences as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._thresholds import Names
from ansible_collections.fleetops.thingspace.plugins.module_utils._verdict import (
    GIVEN_UP,
    HOPELESS,
    NOT_REACHABLE,
    SATISFIED,
    TOO_MANY_FAILURES,
    UNKNOWN_STATE,
    overall,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch

_SENTENCES: t.Final = {
    NOT_REACHABLE: sentences.not_reachable,
    TOO_MANY_FAILURES: sentences.too_many_failures,
}


@dataclass(frozen=True)
class Goal:
    """C(needed) of the campaigns of C(ids) must reach a target state."""

    ids: tuple[str, ...]
    needed: int


def ending_of(watches: Sequence[Watch], needed: int, targets: Sequence[str], names: Names = str) -> Ending | None:
    """The ending of a goal that is met or can no longer be met, None while neither is so."""
    verdict = overall((watch.verdict for watch in watches), needed)
    if verdict in SATISFIED:
        return Ending(verdict, sentences.reached(watches, targets), is_reached=True)
    if verdict not in HOPELESS:
        return None
    why = [watch for watch in watches if watch.verdict == verdict]
    if verdict == GIVEN_UP:
        return next(watch.given_up_by for watch in why if watch.given_up_by is not None)
    if verdict == UNKNOWN_STATE:
        return Ending(verdict, sentences.unknown_state(why, targets, names))
    return Ending(verdict, _SENTENCES[verdict](why, targets))
