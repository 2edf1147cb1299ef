# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what an event says about a campaign, and which part of it has changed.

==============  ==================================================================
verdict         when
==============  ==================================================================
V(not_set)      the user set no threshold
V(open)         the campaign is running, and the thresholds can still be met
V(met)          the campaign is over, and the thresholds are met
V(failed)       the thresholds are not met, or can no longer be met
==============  ==================================================================
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds, threshold_failure

NOT_SET: t.Final = "not_set"
OPEN: t.Final = "open"
MET: t.Final = "met"
FAILED: t.Final = "failed"
VERDICTS: t.Final = (NOT_SET, OPEN, MET, FAILED)


@dataclass(frozen=True)
class Standing:
    """The state, the outcome and the threshold verdict (see above) of a campaign."""

    state: str
    outcome: str
    threshold: str


@dataclass(frozen=True)
class Assessment:
    """The standing of a campaign. C(failure) says in a part of a sentence why a threshold is not met, or is None."""

    standing: Standing
    failure: str | None


def assess(facts: Facts, thresholds: Thresholds) -> Assessment:
    """Assess a campaign. In a terminal state, the facts must include the device report, if there is one."""
    is_over = bool(facts["terminal"])
    failure, verdict = None, NOT_SET
    if thresholds.are_set:
        failure = threshold_failure(facts["device_summary"], thresholds, is_over)
        verdict = FAILED if failure is not None else MET if is_over else OPEN
    return Assessment(Standing(facts["state"], facts["outcome"], verdict), failure)


def changed_fields(before: Standing | None, now: Standing) -> tuple[str, ...]:
    """Return which of V(state), V(outcome) and V(threshold) have changed, in this order.

    For a campaign that is seen for the first time, a pending outcome and an open threshold are not changes. A threshold
    that the user has set or removed between two runs is not a change of the campaign.
    """
    return tuple(
        name
        for name, old, new in (
            ("state", None if before is None else before.state, now.state),
            ("outcome", "pending" if before is None else before.outcome, now.outcome),
            ("threshold", _comparable(None if before is None else before.threshold), _comparable(now.threshold)),
        )
        if old != new
    )


def _comparable(verdict: str | None) -> str:
    return OPEN if verdict in (None, NOT_SET) else str(verdict)
