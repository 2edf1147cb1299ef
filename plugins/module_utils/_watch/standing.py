# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what there is to tell of a campaign, and what of it is new.

==============  =============================================================
verdict         when
==============  =============================================================
V(not_set)      the user demands nothing of the devices
V(open)         the campaign goes on, and the demands can still be met
V(met)          the campaign is over, and the demands are met
V(failed)       the demands are not met, or can no longer be
==============  =============================================================
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
    """How a campaign stands: words of the state table, of the outcomes, and of the verdicts above."""

    state: str
    outcome: str
    threshold: str


@dataclass(frozen=True)
class Judged:
    """How a campaign stands, and why its demands are not met, as a part of a sentence; None if that is not so."""

    standing: Standing
    failure: str | None


def judged(facts: Facts, thresholds: Thresholds) -> Judged:
    """How a campaign with these facts stands. Of a terminal state they must have the device report, if there is one."""
    is_over = bool(facts["terminal"])
    failure, verdict = None, NOT_SET
    if thresholds.are_set:
        failure = threshold_failure(facts["device_summary"], thresholds, is_over)
        verdict = FAILED if failure is not None else MET if is_over else OPEN
    return Judged(Standing(facts["state"], facts["outcome"], verdict), failure)


def news(before: Standing | None, now: Standing) -> tuple[str, ...]:
    """What has changed, of V(state), V(outcome) and V(threshold), in this order.

    Of a campaign that is seen for the first time only what says something is new. That demands are made, or no longer
    made, is the user's doing and no news of the campaign.
    """
    return tuple(
        name
        for name, old, new in (
            ("state", None if before is None else before.state, now.state),
            ("outcome", "pending" if before is None else before.outcome, now.outcome),
            ("threshold", _told(None if before is None else before.threshold), _told(now.threshold)),
        )
        if old != new
    )


def _told(verdict: str | None) -> str:
    return OPEN if verdict in (None, NOT_SET) else str(verdict)
