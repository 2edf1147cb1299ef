# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What a wait knows about one campaign: its facts, verdict, errors and history."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import CampaignNotFound, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.dates import end_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, HistoryEntry
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import brief_name, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import GIVEN_UP, WAITING
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome

# Limits the memory that a state takes if it changes at every poll of a long wait.
_MAX_HISTORY: t.Final = 100
# A campaign that has not ended this long after its last day is reported as overdue.
_OVERDUE_GRACE: t.Final = datetime.timedelta(days=1)
# Seconds. A response may also have taken some of them to arrive.
_CLOCK_SLACK: t.Final = 90.0


def iso(moment: datetime.datetime) -> str:
    """A time such as C(2026-03-01T12:00:00Z), always in UTC."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tracker:
    """One campaign in a wait. Attributes named C(..._at) are times of the monotonic clock unless noted otherwise."""

    def __init__(self, campaign_id: str, now: float) -> None:
        self.campaign_id = campaign_id
        self.facts: Facts | None = None
        self.verdict = WAITING
        self.threshold_failure: str | None = None
        self.give_up_outcome: WaitOutcome | None = None
        self.done = False
        # True once a terminal state was read twice.
        self.confirmed = False
        self.due_at = now
        self.last_polled_at = now
        # When another task of this run made the last poll; None if this wait made it.
        self.polled_at: float | None = None
        # The deadline for which the last poll was made.
        self.last_poll_deadline: float | None = None
        self._last_saved: object = None
        # The outcome that an error of this campaign has caused.
        self.error_outcome: WaitOutcome | None = None
        self.ends_at: float | None = None
        self._end: datetime.datetime | None = None
        self.polls = 0
        self.errors = 0
        self.errors_in_a_row = 0
        self.missing_in_a_row = 0
        self.first_error_at: float | None = None
        self.last_error: ThingSpaceError | None = None
        self.history: list[HistoryEntry] = []

    def record_success(
        self,
        facts: Facts,
        moment: datetime.datetime,
        now: float,
        is_unconfirmed: bool = False,
        polled_at: float | None = None,
    ) -> None:
        """Record a successful poll at the service's time C(moment). Without a device report, the previous one is kept.

        With C(is_unconfirmed), the error counts are not reset, because the second read with the report may fail again.
        C(polled_at) is set if another task of this run made the poll; that task has counted it.
        """
        is_own = polled_at is None
        self.polled_at = polled_at
        self.polls += is_own
        if facts["device_summary"] is None and self.facts is not None and self.facts["device_summary"] is not None:
            facts = {**facts, "device_summary": self.facts["device_summary"], "devices": self.facts["devices"]}
        self.facts = facts
        self._anchor(end_of(facts), moment, now)
        self.last_error = None
        if not is_unconfirmed:
            self.errors_in_a_row, self.missing_in_a_row, self.first_error_at = 0, 0, None
        last = self.history[-1] if self.history else None
        if last is not None and (last["state"], last["status"]) == (facts["state"], facts["status"]):
            last["last_seen"] = max(last["last_seen"], iso(moment))
            last["polls"] += is_own
            return
        self.history.append(
            {
                "campaign_id": self.campaign_id,
                "state": facts["state"],
                "status": facts["status"],
                "first_seen": iso(moment),
                "last_seen": iso(moment),
                "polls": 1,
            }
        )
        if len(self.history) > _MAX_HISTORY:
            # The beginning and the end matter more than the middle.
            del self.history[_MAX_HISTORY // 2]

    def _anchor(self, end: datetime.datetime | None, moment: datetime.datetime, now: float) -> None:
        """Keep the end of the last day as a time of the monotonic clock, computed once for each end date.

        The service sends its time in whole seconds, so computing it at each poll would move it by up to a second. A
        larger difference means that the clock of the service was wrong or is wrong now: the last poll wins.
        """
        if end is None:
            self.ends_at = None
        else:
            ends_at = now + (end - moment).total_seconds()
            if end != self._end or self.ends_at is None or abs(ends_at - self.ends_at) > _CLOCK_SLACK:
                self.ends_at = ends_at
        self._end = end

    def apply_clock_jump(self, seconds: float, next_poll_at: float) -> None:
        """Adjust to a wall clock that has jumped ahead: dates are probably closer. The next good poll corrects them."""
        self._end = None
        if self.ends_at is not None:
            self.ends_at -= seconds
        if self.last_error is None:
            self.due_at = min(self.due_at, next_poll_at)

    def record_error(self, error: ThingSpaceError, now: float, facts: Facts | None = None) -> None:
        """Record a failed poll. C(facts) are set if the campaign was read, but its device report was not."""
        self.polled_at = None
        self.polls += 1
        self.facts = self.facts or facts
        self.errors += 1
        self.errors_in_a_row += 1
        self.missing_in_a_row = self.missing_in_a_row + 1 if isinstance(error, CampaignNotFound) else 0
        self.last_error = error
        if self.first_error_at is None:
            self.first_error_at = now

    def record_skipped(self, error: ThingSpaceError) -> None:
        """Record that this campaign was not polled because another one met this error."""
        self.polled_at = None
        self.last_error = error

    def record_report(self, facts: Facts) -> None:
        """Record a device report that was read after the wait, with the facts that it belongs to."""
        self.facts = facts

    def judge(self, verdict: str, threshold_failure: str | None) -> None:
        """Set the verdict of the last poll."""
        self.verdict, self.threshold_failure = verdict, threshold_failure

    def confirm(self) -> None:
        """Mark the state of the last poll as confirmed. If it is terminal, no more polls are needed."""
        self.done = self.confirmed = self.is_over

    def reject_terminal(self) -> None:
        """Reset the verdict, because the terminal state of the last poll was not confirmed."""
        if self.give_up_outcome is None:
            self.verdict = WAITING

    def plan(self, now: float, delay: float) -> None:
        """Schedule the next poll C(delay) seconds after the last one, whichever task made it."""
        self.last_polled_at = now if self.polled_at is None else self.polled_at
        self.due_at = self.last_polled_at + delay

    def finish(self) -> None:
        """Stop polling this campaign, because no target needs it any more."""
        self.done = True

    def set_error_outcome(self, outcome: WaitOutcome) -> None:
        """Record that an error of this campaign has ended the wait."""
        self.error_outcome = outcome

    def record_last_poll(self, deadline: float) -> None:
        """Record that the last poll for this deadline was made."""
        self.last_poll_deadline = deadline

    def resume(self, polls: int, errors: int, history: list[HistoryEntry]) -> None:
        """Continue with the counts of another wait that has the same start."""
        self.polls, self.errors, self.history = polls, errors, history

    def has_changed(self, outcome: WaitOutcome | None) -> bool:
        """True if the counts or the outcome have changed since the last call."""
        before, self._last_saved = self._last_saved, (self.polls, self.errors, outcome)
        return before != self._last_saved

    @property
    def is_over(self) -> bool:
        """True if the last known state is terminal."""
        return self.facts is not None and bool(self.facts["terminal"])

    def give_up(self, outcome: WaitOutcome) -> None:
        """Stop polling this campaign. Other campaigns are still polled."""
        self.verdict, self.give_up_outcome, self.done = GIVEN_UP, outcome, True

    def is_overdue(self, service_now: datetime.datetime) -> bool:
        """True if the campaign should have ended more than a day ago and has not."""
        if self.facts is None or self.facts["terminal"]:
            return False
        end = end_of(self.facts)
        return end is not None and service_now - end > _OVERDUE_GRACE

    @property
    def state(self) -> str | None:
        """The last known state, None before the first successful poll."""
        return self.facts["state"] if self.facts else None

    @property
    def name(self) -> str:
        """The campaign in a message: its name, if it has one, and its ID."""
        name = self.facts.get("campaign_name") if self.facts else None
        return f"{printable(name)} ({self.campaign_id})" if name else self.campaign_id

    @property
    def brief_name(self) -> str:
        """The campaign in a short line: a shortened name, if it has one, and the start of its ID."""
        return brief_name(self.facts.get("campaign_name") if self.facts else None, self.campaign_id)
