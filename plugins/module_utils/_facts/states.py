# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the states of a campaign.

C(status) is the service's own string. C(state) is one of a fixed set. The service's documents and its SDK disagree on
spellings (CampaignQueued and CampaignRequestQueued), version 1 has its own statuses (InProgress, Finished), and forms
without a prefix occur.
"""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._text import bare_word

UNKNOWN = "unknown"


@dataclass(frozen=True)
class State:
    """One row of the state table.

    C(rank) orders the states of a campaign that succeeds; None is for any other state. C(words) are the service's
    spellings: lower case, letters and digits only, without the prefix "Campaign".
    """

    name: str
    terminal: bool
    rank: int | None
    words: tuple[str, ...]


STATES: t.Final = {
    state.name: state
    for state in (
        State("request_pending", False, 1, ("requestpending",)),
        State("queued", False, 2, ("queued", "requestqueued")),
        State("pre_scheduled", False, 3, ("prescheduled",)),
        State("scheduled", False, 4, ("scheduled",)),
        State("in_progress", False, 5, ("inprogress",)),
        State("ended", True, 6, ("ended", "finished")),
        State("request_failed", True, None, ("requestfailed",)),
        State("failed", True, None, ("failed", "upgradefailed")),
        State("cancelled", True, None, ("cancelled", "canceled")),
        State("aborted", True, None, ("aborted",)),
        State(UNKNOWN, False, None, ()),
    )
}

TARGETS: t.Final = tuple(name for name in STATES if name != UNKNOWN)

_STATE_OF_WORD: t.Final = {word: state.name for state in STATES.values() for word in state.words}


def state_of(status: object) -> str:
    """The C(state) of a status, ignoring case and prefix; V(unknown) for anything else."""
    word = bare_word(status)
    return _STATE_OF_WORD.get(word) or _STATE_OF_WORD.get(word.removeprefix("campaign"), UNKNOWN)


def is_terminal(state: str) -> bool:
    """True if a campaign never leaves this state (inferred: no document shows a transition out of it)."""
    return STATES[state].terminal


def phase_of(state: str, start_date: str | None, today: datetime.date) -> str:
    """The phase of a campaign: V(requested), V(scheduled), V(running), V(over) or V(unknown).

    A version 2 or 3 campaign stays in CampaignScheduled while its devices are upgraded, so only its start date (UTC)
    shows whether it is running.
    """
    if state == UNKNOWN:
        return UNKNOWN
    if is_terminal(state):
        return "over"
    if state in ("request_pending", "queued"):
        return "requested"
    if state == "in_progress":
        return "running"
    return "running" if start_date is not None and start_date <= today.isoformat() else "scheduled"
