# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The wait loop: poll, judge, report progress, sleep. Clock, poller, reporter and randomness are injected."""

from __future__ import annotations

import contextlib
import datetime
import math
import random
import typing as t
from collections.abc import Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CampaignNotFound,
    RunFolderUnusable,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.backoff import backoff_delay, first_answer_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import WaitSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, FailedPoll, WaitResult
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import messages as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.error_policy import (
    never_reached_service,
    outcome_if_unanswered,
    outcome_of_error,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import PollMemory, WaitSnapshot
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, Poller, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import (
    Heartbeat,
    ProgressReporter,
    progress_state,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.result import (
    MAX_LAST_ERRORS,
    Times,
    wait_result,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import (
    next_delay,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target, outcome_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import threshold_failure
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker, iso
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import (
    HOPELESS,
    SATISFIED,
    TOO_MANY_FAILURES,
    WAITING,
    verdict_on,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import (
    INTERRUPTED,
    TIMED_OUT,
    WaitOutcome,
)

# A campaign may be polled with others up to this fraction of its own interval before it is due.
_EARLY_POLL_SHARE: t.Final = 0.1
# Seconds. Dates depend on the wall clock, which jumps when a machine is suspended, so it is read at least this often.
_MAX_SLEEP: t.Final = 60.0
# Seconds. A poll that starts this close to the deadline would only be cut off, so it counts as the last one.
_MIN_POLL_TIME: t.Final = 0.2
# If more campaigns change at once, one line summarizes all of them.
_MAX_PROGRESS_LINES: t.Final = 10


class Wait:
    """One wait. An instance is used once.

    By default it has one target: all of its campaigns. With C(targets), it runs until each target is reached or can no
    longer be reached. An error of one campaign then fails only the targets that need this campaign.

    C(started) is the start on the monotonic clock for waits that share their start, and so their deadline. C(memory)
    holds what these waits have recorded so far.
    """

    def __init__(
        self,
        poller: Poller,
        ids: Sequence[str],
        wait_settings: WaitSettings,
        clock: Clock,
        reporter: ProgressReporter,
        randomness: random.Random | None = None,
        targets: Sequence[Target] | None = None,
        started: float | None = None,
        memory: PollMemory | None = None,
    ) -> None:
        self._poller = poller
        self._settings = wait_settings
        self._clock = clock
        self._reporter = reporter
        self._randomness = randomness or random.Random()
        now = clock.monotonic()
        self._started = now if started is None else started
        self._skew = datetime.timedelta()
        self._created_at = now
        self._fatal_outcome: WaitOutcome | None = None
        self._paused_until = now
        self._is_answered = wait_settings.first_answer == 0
        self._end_limit: float | None = None
        self._heartbeat = Heartbeat(wait_settings.progress_interval, now)
        self._last_errors: list[FailedPoll] = []
        self._unknown_statuses: set[str] = set()
        self._auto_adding: set[str] = set()
        self._memory = memory or PollMemory()
        self.trackers = [Tracker(campaign_id, now) for campaign_id in ids]
        self._tracker_of = {tracker.campaign_id: tracker for tracker in self.trackers}
        for tracker in self.trackers:
            self._restore(tracker)
        self._targets = list(targets or [Target(tuple(ids), wait_settings.needed)])
        self._out_of_reach: dict[Target, WaitOutcome] = {}

    def run(self) -> WaitOutcome:
        """Run until the target is reached or out of reach, or the deadline is over. Never raises ThingSpaceError."""
        return run_waits([self], self._clock)[0]

    def step(self) -> WaitOutcome | None:
        """Poll the campaigns that are due, or report progress. Returns a WaitOutcome when the wait is over."""
        outcome = None
        if self._clock.monotonic() >= self.next_poll_at():
            outcome = self._round()
            self._save_snapshots()
        now, next_poll_at = self._clock.monotonic(), self.next_poll_at()
        if outcome is None and now < next_poll_at:
            self._report_progress(now, next_poll_at)
        return outcome

    def next_poll_at(self) -> float:
        """The time of the next poll on the monotonic clock."""
        next_due = min((tracker.due_at for tracker in self.trackers if not tracker.done), default=self._started)
        return min(self._deadline(), max(next_due, self._paused_until))

    def next_wakeup(self) -> float:
        """The time of the next poll or progress line, whichever is first."""
        return min(self.next_poll_at(), self._heartbeat.due_at)

    def interruption(self) -> WaitOutcome:
        """The outcome of a wait that was interrupted from outside."""
        return self._cut_short(INTERRUPTED, self._pending(self.trackers))

    def _round(self) -> WaitOutcome | None:
        now, deadline = self._clock.monotonic(), self._deadline()
        is_last = now >= deadline
        if now < self._paused_until and not is_last:
            return None
        pending = [tracker for tracker in self.trackers if not tracker.done and tracker.last_poll_deadline != deadline]
        due = [tracker for tracker in pending if is_last or self._is_due(tracker, now)]
        fatal = self._poll(due, deadline)
        self._plan(due)
        if self._clock.monotonic() >= deadline:
            # A poll that was in flight at the deadline is the last one.
            is_last = is_last or len(due) == len(pending)
            for tracker in due:
                tracker.record_last_poll(deadline)
        if fatal is not None:
            return fatal
        outcomes = [self._evaluate(target) for target in self._targets]
        decided = [outcome for outcome in outcomes if outcome is not None]
        if len(decided) == len(self._targets):
            return next((outcome for outcome in decided if not outcome.is_reached), decided[0])
        # The last poll may have moved the deadline: an end date can change while the campaign runs.
        if is_last and self._clock.monotonic() >= self._deadline():
            return self._cut_short(TIMED_OUT, self._pending(self.trackers))
        return None

    def _evaluate(self, target: Target) -> WaitOutcome | None:
        """The outcome of a target, None while it is undecided. A failed target stays failed and needs no more polls."""
        outcome = self._out_of_reach.get(target) or self._outcome_of(self._trackers_of(target), target)
        if outcome is not None and not outcome.is_reached and target not in self._out_of_reach:
            self._out_of_reach[target] = outcome
            wanted = {name for other in self._targets if other not in self._out_of_reach for name in other.ids}
            for tracker in self._trackers_of(target):
                if tracker.campaign_id not in wanted:
                    tracker.finish()
        return outcome

    def _trackers_of(self, target: Target) -> list[Tracker]:
        return [self._tracker_of[campaign_id] for campaign_id in target.ids]

    def _outcome_of(self, trackers: Sequence[Tracker], target: Target) -> WaitOutcome | None:
        return outcome_of(trackers, target.needed, self._settings.target_states, self._settings.names)

    def _cut_short(self, reason: str, pending: Sequence[Tracker]) -> WaitOutcome:
        target_states, waited = self._settings.target_states, self._elapsed()
        if reason == TIMED_OUT:
            return WaitOutcome(reason, sentences.timed_out(pending, target_states, waited, self._settings.names))
        return WaitOutcome(reason, sentences.interrupted(pending, target_states, waited))

    def _poll(self, due: Sequence[Tracker], deadline: float) -> WaitOutcome | None:
        if not due:
            return None
        polls = self._poller(
            [tracker.campaign_id for tracker in due], PollKind.FIRST, deadline, self._give_up_at(deadline)
        )
        fatal = [
            outcome for outcome in (self._record(tracker, polls[tracker.campaign_id]) for tracker in due) if outcome
        ]
        unconfirmed = [
            tracker.campaign_id for tracker in due if self._needs_second_read(tracker, polls[tracker.campaign_id])
        ]
        second: t.Mapping[str, Poll] = {}
        if unconfirmed and not fatal and self._clock.monotonic() >= self._paused_until:
            second = self._poller(unconfirmed, PollKind.SECOND, deadline, self._give_up_at(deadline))
        unconfirmed_ids = set(unconfirmed)
        for tracker in due:
            if tracker.campaign_id not in unconfirmed_ids:
                # Only the facts of this poll: older ones may come from a status list, or be unconfirmed.
                if polls[tracker.campaign_id].is_good:
                    if polls[tracker.campaign_id].is_confirmed:
                        tracker.confirm()
                    self._judge(tracker)
            elif tracker.campaign_id in second:
                outcome = self._confirm(tracker, second[tracker.campaign_id])
                fatal += [outcome] if outcome else []
            elif tracker.is_over:
                tracker.reject_terminal()
        return fatal[0] if fatal else None

    def _give_up_at(self, deadline: float) -> float:
        """When requests of this poll must end. The last poll and its confirmation get a full request timeout."""
        return math.inf if self._clock.monotonic() >= deadline - _MIN_POLL_TIME else deadline

    def _needs_second_read(self, tracker: Tracker, poll: Poll) -> bool:
        """True for a terminal state, and for a state from a status list that would change the verdict."""
        if poll.facts is None or not poll.is_good or poll.is_confirmed:
            return False
        verdict = verdict_on(poll.facts["state"], self._settings.target_states, self._settings.unknown_fails)
        return poll.facts["terminal"] or (poll.is_listed and verdict not in (WAITING, tracker.verdict))

    def _confirm(self, tracker: Tracker, poll: Poll) -> WaitOutcome | None:
        """Record a second read. Only the same state, or one that is not terminal, is judged."""
        seen = tracker.state
        outcome = self._record(tracker, poll, is_second=True)
        if poll.facts is not None and poll.is_good and (poll.facts["state"] == seen or not poll.facts["terminal"]):
            tracker.confirm()
            self._judge(tracker)
        elif tracker.is_over:
            tracker.reject_terminal()
        return outcome

    def _is_due(self, tracker: Tracker, now: float) -> bool:
        """True if the campaign is due, or so soon that it can be polled together with others."""
        early = _EARLY_POLL_SHARE * (tracker.due_at - tracker.last_polled_at) if tracker.last_error is None else 0.0
        earliest = max(tracker.due_at - early, tracker.last_polled_at + self._settings.pace.floor)
        return tracker.due_at <= now or earliest <= now

    def _plan(self, polled: Sequence[Tracker]) -> None:
        """Schedule the next poll. All campaigns of a round use the same start time and the same jitter."""
        now, service_now, pace = self._clock.monotonic(), self._service_now(), self._settings.pace
        seed = self._randomness.random()
        for tracker in polled:
            randomness = random.Random(seed)
            if tracker.last_error is None:
                delay = next_delay(tracker.facts, service_now, pace, randomness)
            elif isinstance(tracker.last_error, CampaignNotFound):
                delay = pace.floor
            else:
                retry_after = tracker.last_error.retry_after if isinstance(tracker.last_error, TransientError) else None
                errors = max(tracker.errors_in_a_row, 1)
                delay = backoff_delay(errors, retry_after, pace.floor, pace.ceiling, randomness)
                if not self._is_answered:
                    patience = self._settings.first_answer
                    left = self._created_at + patience - now
                    delay = min(delay, first_answer_delay(errors, patience, left, randomness))
            tracker.plan(now, delay)

    def _record(self, tracker: Tracker, poll: Poll, is_second: bool = False) -> WaitOutcome | None:
        """Record the result of one poll. Returns a WaitOutcome if the wait must end."""
        now = self._clock.monotonic()
        if poll.facts is not None and poll.service_time is not None and poll.is_good:
            self._is_answered = True
            age = 0.0 if poll.polled_at is None else now - poll.polled_at
            self._skew = poll.service_time + datetime.timedelta(seconds=age) - self._clock.now()
            is_unconfirmed = bool(poll.facts["terminal"]) and not (is_second or poll.is_confirmed)
            tracker.record_success(poll.facts, poll.service_time, now - age, is_unconfirmed, poll.polled_at)
            return None
        error = poll.error or BadResponse("Nothing was read.")
        if isinstance(error, TransientError) and error.affects_all:
            self._paused_until = max(self._paused_until, now + (error.retry_after or 0.0))
        if poll.is_skipped:
            tracker.record_skipped(error)
            return None
        tracker.record_error(error, now, poll.facts)
        at = iso(self._service_now())
        entry: FailedPoll = {"campaign_id": tracker.campaign_id, "at": at, "message": error.message}
        self._last_errors = [*self._last_errors, entry][-MAX_LAST_ERRORS * len(self.trackers) :]
        self._is_answered = self._is_answered or poll.facts is not None or not never_reached_service(error)
        unanswered = None if self._is_answered else outcome_if_unanswered(error, self._settings, now, self._created_at)
        if unanswered is not None:
            self._fatal_outcome = unanswered
            return unanswered
        has_worked = any(other.facts is not None for other in self.trackers)
        outcome = outcome_of_error(tracker, error, self._settings, now, self._started, has_worked)
        if outcome is not None and error.concerns_credentials:
            self._fatal_outcome = outcome
        elif outcome is not None:
            tracker.set_error_outcome(outcome)
            if len(self._targets) > 1:
                tracker.give_up(outcome)
                return None
        return outcome

    def _judge(self, tracker: Tracker) -> None:
        if tracker.facts is None:
            return
        verdict = verdict_on(tracker.facts["state"], self._settings.target_states, self._settings.unknown_fails)
        failure = None
        if self._settings.thresholds.are_set and verdict not in HOPELESS:
            failure = self._threshold_failure(tracker, tracker.facts)
        tracker.judge(verdict if failure is None else TOO_MANY_FAILURES, failure)
        status = str(tracker.facts["status"])
        if tracker.facts["state"] == UNKNOWN and status not in self._unknown_statuses:
            self._unknown_statuses.add(status)
            self._reporter.warning(
                f"Campaign {tracker.name} has the status {printable(status)!r}, which this version of the collection "
                "does not know."
            )

    def _threshold_failure(self, tracker: Tracker, facts: Facts) -> str | None:
        if facts.get("auto_add_devices_flag") and tracker.campaign_id not in self._auto_adding:
            self._auto_adding.add(tracker.campaign_id)
            self._reporter.warning(
                f"Campaign {tracker.name} adds devices automatically (autoAddDevicesFlag): percentages of its devices "
                "can still rise and fall."
            )
        return threshold_failure(facts["device_summary"], self._settings.thresholds, is_over=bool(facts["terminal"]))

    @property
    def deadline(self) -> float:
        """The time of the last poll on the monotonic clock, as far as it is known now."""
        return self._deadline()

    def _deadline(self) -> float:
        """The time of the last poll on the monotonic clock, as far as it is known now."""
        if self._settings.until_end_plus is not None:
            undecided = [tracker for tracker in self.trackers if tracker.verdict == WAITING and not tracker.done]
            ends = [tracker.ends_at for tracker in undecided if tracker.ends_at is not None]
            self._end_limit = max(ends) + self._settings.until_end_plus if ends else self._end_limit
        return self._settings.deadline(self._started, self._end_limit)

    @staticmethod
    def _pending(trackers: Sequence[Tracker]) -> list[Tracker]:
        return [tracker for tracker in trackers if tracker.verdict not in SATISFIED]

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def handle_clock_jump(self, wall_seconds: float, seconds: float) -> None:
        """Adjust to a wall clock that has jumped ahead, as after a suspend: every date is closer than it seemed.

        C(wall_seconds) and C(seconds) are how far the wall clock and the monotonic clock have advanced.
        """
        jump = wall_seconds - seconds
        if jump < _MAX_SLEEP:
            return
        now = self._clock.monotonic()
        for tracker in self.trackers:
            tracker.apply_clock_jump(jump, max(tracker.last_polled_at + self._settings.pace.floor, now))

    def _report_progress(self, now: float, next_poll_at: float) -> None:
        new, is_old = self._heartbeat.due(self.trackers, now)
        waited, left = now - self._started, max(self._deadline() - now, 0.0)
        if len(new) <= _MAX_PROGRESS_LINES and not (is_old and not new):
            for tracker in new:
                next_poll = max(tracker.due_at, self._paused_until) - now
                key = f"{tracker.campaign_id} {progress_state(tracker)}"
                self._emit_progress([tracker], waited, next_poll, left, key)
            return
        key = f"{[tracker.campaign_id for tracker in self.trackers]} {now // self._settings.progress_interval}"
        self._emit_progress(self.trackers, waited, next_poll_at - now, left, key)

    def _emit_progress(
        self, trackers: Sequence[Tracker], waited: float, next_poll: float, left: float, key: str
    ) -> None:
        overdue = sum(1 for tracker in trackers if tracker.is_overdue(self._service_now()))
        lines = sentences.progress(trackers, waited, next_poll, left, overdue)
        for number, line in enumerate(lines):
            self._reporter.progress(line, f"{key} {number}")

    def result(self, outcome: WaitOutcome) -> WaitResult:
        """Every key of a wait's result. The keys are the same for each outcome."""
        times = Times(self._started, self._clock.monotonic(), self._deadline(), self._service_now())
        return wait_result(outcome, self.trackers, times, self._last_errors)

    def _service_now(self) -> datetime.datetime:
        return self._clock.now() + self._skew

    def _restore(self, tracker: Tracker) -> None:
        """Restore what a wait with the same start has recorded about a campaign."""
        snapshot = self._memory.snapshot(tracker.campaign_id, self._started, self._settings.budget)
        if snapshot is None:
            return
        tracker.resume(snapshot.polls, snapshot.errors, snapshot.history)
        self._last_errors += snapshot.last_errors
        if snapshot.outcome is not None:
            tracker.give_up(WaitOutcome(*snapshot.outcome))

    def _save_snapshots(self) -> None:
        """Share what changed since the last call with the waits that have the same start."""
        for tracker in self.trackers:
            outcome = (
                tracker.give_up_outcome or tracker.error_outcome or (None if tracker.done else self._fatal_outcome)
            )
            snapshot = WaitSnapshot(
                tracker.polls,
                tracker.errors,
                tracker.history,
                [error for error in self._last_errors if error["campaign_id"] == tracker.campaign_id],
                None if outcome is None else (outcome.reason, outcome.message),
            )
            if tracker.has_changed(outcome):
                # An unusable run folder ends the wait at its next poll: the outcome of this one must not be lost.
                with contextlib.suppress(RunFolderUnusable):
                    self._memory.keep_snapshot(tracker.campaign_id, self._started, self._settings.budget, snapshot)


def run_waits(waits: Sequence[Wait], clock: Clock) -> list[WaitOutcome]:
    """Run several waits in one thread, so that an interruption loses no result. Returns the outcome of each."""
    outcomes: dict[int, WaitOutcome] = {}
    while True:
        for number, wait in enumerate(waits):
            outcome = wait.step() if number not in outcomes else None
            if outcome is not None:
                outcomes[number] = outcome
        running = [wait for number, wait in enumerate(waits) if number not in outcomes]
        if not running:
            return [outcomes[number] for number in range(len(waits))]
        now, before = clock.monotonic(), clock.now()
        until = min(wait.next_wakeup() for wait in running)
        if until > now:
            clock.sleep(min(until - now, _MAX_SLEEP))
            for wait in running:
                wait.handle_clock_jump((clock.now() - before).total_seconds(), clock.monotonic() - now)
