# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what a wait has recorded -> its part of the task result."""

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

# Seconds. A timedelta has a maximum, but wait_timeout does not.
_MAX_SECONDS: t.Final = 1e11
# Times are shown in whole seconds, rounded to the nearest.
_ROUNDING: t.Final = 0.5
MAX_LAST_ERRORS: t.Final = 5


@dataclass(frozen=True)
class Times:
    """Three times of the monotonic clock, in seconds, and the service's time at C(now)."""

    started: float
    now: float
    deadline: float
    service_now: datetime.datetime

    def at(self, moment: float) -> str:
        """Convert a time of the monotonic clock to the service's time."""
        seconds = round(min(moment - self.now, _MAX_SECONDS), 3)
        return iso(later(self.service_now, datetime.timedelta(seconds=seconds + _ROUNDING)))


def wait_result(
    outcome: WaitOutcome, trackers: Sequence[Tracker], times: Times, last_errors: Sequence[FailedPoll] = ()
) -> WaitResult:
    """Every key of a wait's result: counts, times and history, in total and for each campaign.

    The keys are the same for each outcome. C(next_poll_at) is set only if a later wait could still reach the target.
    """
    can_resume = outcome.reason in (TIMED_OUT, INTERRUPTED)
    waiting = [tracker for tracker in trackers if can_resume and tracker.verdict == WAITING]
    return {
        "reached": outcome.is_reached,
        "timed_out": outcome.reason == TIMED_OUT,
        "reason": outcome.reason,
        "message": outcome.message,
        "last_errors": list(last_errors)[-MAX_LAST_ERRORS:],
        "elapsed": round(times.now - times.started, 3),
        "polls": sum(tracker.polls for tracker in trackers),
        "errors": sum(tracker.errors for tracker in trackers),
        "deadline": times.at(times.deadline),
        "next_poll_at": _next_poll_at(waiting, times),
        "history": [entry for tracker in trackers for entry in tracker.history],
        "waits": [_campaign_wait(tracker, times, tracker in waiting) for tracker in trackers],
    }


def _campaign_wait(tracker: Tracker, times: Times, is_waiting: bool) -> CampaignWait:
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
