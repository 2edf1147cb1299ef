# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What a wait knows about one campaign: its facts, its verdict, its errors, its history."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import CampaignNotFound, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.dates import end_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, HistoryEntry
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import brief_name, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import GIVEN_UP, WAITING
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome

# A state that flaps at every poll of a long wait must not fill the memory.
_MAX_HISTORY: t.Final = 100
# A campaign that has not ended this long after its last day is worth a word.
_OVERDUE_GRACE: t.Final = datetime.timedelta(days=1)
# Seconds; an answer may also have been on its way for some.
_CLOCK_SLACK: t.Final = 90.0


def iso(moment: datetime.datetime) -> str:
    """C(2026-03-01T12:00:00Z), always in UTC."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tracker:
    """One campaign within a wait. Times named C(..._at) are of the monotonic clock unless said otherwise."""

    def __init__(self, campaign_id: str, now: float) -> None:
        self.campaign_id = campaign_id
        self.facts: Facts | None = None
        self.verdict = WAITING
        self.threshold_failure: str | None = None
        self.given_up_by: WaitOutcome | None = None
        self.done = False
        # True once a terminal state was read twice.
        self.confirmed = False
        self.due_at = now
        self.last_polled_at = now
        # When somebody else of this run has made the last poll; None if it was this wait's own.
        self.polled_at: float | None = None
        # The deadline at which the last poll has been made.
        self.last_poll_for: float | None = None
        self._told: object = None
        # The outcome that an error at this very campaign has brought.
        self.ended_by: WaitOutcome | None = None
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
        is_in_doubt: bool = False,
        polled_at: float | None = None,
    ) -> None:
        """Take in a good poll, of the service's time C(moment); a device report that it lacks is kept from before.

        One that C(is_in_doubt) does not set the error budget back: its second read, with the report, may fail again.
        One that somebody else of this run has made, C(polled_at) this moment, was counted there.
        """
        is_own = polled_at is None
        self.polled_at = polled_at
        self.polls += is_own
        if facts["device_summary"] is None and self.facts is not None and self.facts["device_summary"] is not None:
            facts = {**facts, "device_summary": self.facts["device_summary"], "devices": self.facts["devices"]}
        self.facts = facts
        self._anchor(end_of(facts), moment, now)
        self.last_error = None
        if not is_in_doubt:
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
            # The beginning and the end tell more than the middle.
            del self.history[_MAX_HISTORY // 2]

    def _anchor(self, end: datetime.datetime | None, moment: datetime.datetime, now: float) -> None:
        """Keep the end of the last day as a moment of the monotonic clock, computed once for each end day.

        The service tells its time in whole seconds, so a moment computed at each poll would move by up to a second.
        A greater difference means that its clock was, or is, wrong: the word of the last poll counts.
        """
        if end is None:
            self.ends_at = None
        else:
            ends_at = now + (end - moment).total_seconds()
            if end != self._end or self.ends_at is None or abs(ends_at - self.ends_at) > _CLOCK_SLACK:
                self.ends_at = ends_at
        self._end = end

    def jump_ahead(self, seconds: float, next_poll_at: float) -> None:
        """The wall clock has jumped, so every date is probably nearer; the next good poll tells for sure."""
        self._end = None
        if self.ends_at is not None:
            self.ends_at -= seconds
        if self.last_error is None:
            self.due_at = min(self.due_at, next_poll_at)

    def record_error(self, error: ThingSpaceError, now: float, facts: Facts | None = None) -> None:
        """Take in a poll that failed. C(facts) are those of a campaign whose device report could not be read."""
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
        """Take in that this campaign was not polled, because another one met this error."""
        self.polled_at = None
        self.last_error = error

    def record_report(self, facts: Facts) -> None:
        """Take in a device report that was read after the wait, with the facts that it belongs to."""
        self.facts = facts

    def judge(self, verdict: str, threshold_failure: str | None) -> None:
        """What the last poll means for the wait."""
        self.verdict, self.threshold_failure = verdict, threshold_failure

    def confirm(self) -> None:
        """The state of the last poll is known for sure: if it is terminal, no more polls are needed."""
        self.done = self.confirmed = self.is_over

    def doubt(self) -> None:
        """The terminal state of the last poll was not confirmed."""
        if self.given_up_by is None:
            self.verdict = WAITING

    def plan(self, now: float, delay: float) -> None:
        """Poll again C(delay) seconds after the last poll, whoever has made it."""
        self.last_polled_at = now if self.polled_at is None else self.polled_at
        self.due_at = self.last_polled_at + delay

    def finish(self) -> None:
        """No more polls: nobody wants this campaign any more."""
        self.done = True

    def end_by(self, outcome: WaitOutcome) -> None:
        """An error at this very campaign has ended the wait."""
        self.ended_by = outcome

    def polled_for(self, deadline: float) -> None:
        """The last poll for this deadline has been made."""
        self.last_poll_for = deadline

    def resume(self, polls: int, errors: int, history: list[HistoryEntry]) -> None:
        """Go on from what another wait with the same start has counted."""
        self.polls, self.errors, self.history = polls, errors, history

    def has_news(self, outcome: WaitOutcome | None) -> bool:
        """Whether anything has been counted, or has ended the wait, since this was asked last."""
        before, self._told = self._told, (self.polls, self.errors, outcome)
        return before != self._told

    @property
    def is_over(self) -> bool:
        """Whether the last state seen is terminal."""
        return self.facts is not None and bool(self.facts["terminal"])

    def give_up(self, outcome: WaitOutcome) -> None:
        """No more polls of this campaign; those of the others go on."""
        self.verdict, self.given_up_by, self.done = GIVEN_UP, outcome, True

    def is_overdue(self, service_now: datetime.datetime) -> bool:
        """True if the campaign should have ended more than a day ago and has not."""
        if self.facts is None or self.facts["terminal"]:
            return False
        end = end_of(self.facts)
        return end is not None and service_now - end > _OVERDUE_GRACE

    @property
    def state(self) -> str | None:
        """The last state seen, None before the first good poll."""
        return self.facts["state"] if self.facts else None

    @property
    def name(self) -> str:
        """How to speak of the campaign: its name if it has one, and its ID."""
        name = self.facts.get("campaign_name") if self.facts else None
        return f"{printable(name)} ({self.campaign_id})" if name else self.campaign_id

    @property
    def brief_name(self) -> str:
        """The same for a line that must be short: not the whole of a long name, and the start of a long ID."""
        return brief_name(self.facts.get("campaign_name") if self.facts else None, self.campaign_id)
