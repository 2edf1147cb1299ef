# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what a wait has learned -> the part of a task's result that tells it."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._schedule import later
from ansible_collections.fleetops.thingspace.plugins.module_utils._verdict import WAITING
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch, iso

# A timedelta has a greatest value, and a wait_timeout has not.
_CENTURIES: t.Final = 1e11
# Times are told in whole seconds, to the nearest.
_HALF: t.Final = 0.5


@dataclass(frozen=True)
class Times:
    """The moments of a wait: three of the monotonic clock in seconds, and the service's time at C(now)."""

    started: float
    now: float
    deadline: float
    service_now: datetime.datetime

    def at(self, moment: float) -> str:
        """A moment of the monotonic clock as the service's time."""
        seconds = round(min(moment - self.now, _CENTURIES), 3)
        return iso(later(self.service_now, datetime.timedelta(seconds=seconds + _HALF)))


def wait_facts(watches: Sequence[Watch], times: Times, may_go_on: bool) -> dict[str, t.Any]:
    """Counts, times and history, in total and for each campaign.

    C(may_go_on) tells whether a later wait could still reach the target: only then there is a next poll.
    """
    waiting = [watch for watch in watches if may_go_on and watch.verdict == WAITING]
    return {
        "elapsed": round(times.now - times.started, 3),
        "polls": sum(watch.polls for watch in watches),
        "errors": sum(watch.errors for watch in watches),
        "deadline": times.at(times.deadline),
        "next_poll_at": _next_poll_at(waiting, times),
        "history": [entry for watch in watches for entry in watch.history],
        "waits": [_facts_of(watch, times, watch in waiting) for watch in watches],
    }


def _facts_of(watch: Watch, times: Times, is_waiting: bool) -> dict[str, t.Any]:
    return {
        "campaign_id": watch.campaign_id,
        "state": watch.state,
        "verdict": watch.verdict,
        "overdue": watch.is_overdue(times.service_now),
        "polls": watch.polls,
        "errors": watch.errors,
        "next_poll_at": _next_poll_at([watch] if is_waiting else [], times),
        "history": watch.history,
    }


def _next_poll_at(watches: Sequence[Watch], times: Times) -> str | None:
    pending = [watch.due_at for watch in watches if not watch.settled]
    return times.at(max(min(pending), times.now)) if pending else None
