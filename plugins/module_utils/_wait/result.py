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

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.dates import later
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import CampaignWait, FailedPoll, WaitResult
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker, iso
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import WAITING
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import (
    INTERRUPTED,
    TIMED_OUT,
    WaitOutcome,
)

# A timedelta has a greatest value, and a wait_timeout has not.
_CENTURIES: t.Final = 1e11
# Times are told in whole seconds, to the nearest.
_HALF: t.Final = 0.5
MOST_LAST_ERRORS: t.Final = 5


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


def wait_result(
    outcome: WaitOutcome, trackers: Sequence[Tracker], times: Times, last_errors: Sequence[FailedPoll] = ()
) -> WaitResult:
    """Every key of a wait's result, the same ones for each outcome: counts, times and history, in total and for each.

    There is a next poll only if a later wait could still reach the target.
    """
    may_go_on = outcome.reason in (TIMED_OUT, INTERRUPTED)
    waiting = [tracker for tracker in trackers if may_go_on and tracker.verdict == WAITING]
    return {
        "reached": outcome.is_reached,
        "timed_out": outcome.reason == TIMED_OUT,
        "reason": outcome.reason,
        "message": outcome.message,
        "last_errors": list(last_errors)[-MOST_LAST_ERRORS:],
        "elapsed": round(times.now - times.started, 3),
        "polls": sum(tracker.polls for tracker in trackers),
        "errors": sum(tracker.errors for tracker in trackers),
        "deadline": times.at(times.deadline),
        "next_poll_at": _next_poll_at(waiting, times),
        "history": [entry for tracker in trackers for entry in tracker.history],
        "waits": [_of_one(tracker, times, tracker in waiting) for tracker in trackers],
    }


def _of_one(tracker: Tracker, times: Times, is_waiting: bool) -> CampaignWait:
    return {
        "campaign_id": tracker.campaign_id,
        "state": tracker.state,
        "verdict": tracker.verdict,
        "overdue": tracker.is_overdue(times.service_now),
        "polls": tracker.polls,
        "errors": tracker.errors,
        "next_poll_at": _next_poll_at([tracker] if is_waiting else [], times),
        "history": tracker.history,
    }


def _next_poll_at(trackers: Sequence[Tracker], times: Times) -> str | None:
    pending = [tracker.due_at for tracker in trackers if not tracker.done]
    return times.at(max(min(pending), times.now)) if pending else None
