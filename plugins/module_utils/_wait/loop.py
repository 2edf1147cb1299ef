# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The loop: poll, judge, report progress, sleep. Clock, poller, reporter and randomness are handed in."""

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
    is_unreached,
    outcome_by_error,
    outcome_unanswered,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import PollMemory, WaitStory
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, Poller, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import (
    Heartbeat,
    ProgressReporter,
    situation,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.result import (
    MOST_LAST_ERRORS,
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

# A campaign is taken along up to this share of its own interval before its time.
_TOGETHER: t.Final = 0.1
# Dates are of the wall clock, which can jump (a suspended machine): read it again after a nap, in seconds.
_LONGEST_NAP: t.Final = 60.0
# A poll that begins so shortly before the deadline, in seconds, would be cut off for nothing: it is the last one.
_NO_TIME: t.Final = 0.2
# When more campaigns change at once, one line tells of all.
_MOST_LINES: t.Final = 10


class Wait:
    """One wait; use it once.

    It has one target, all of its campaigns, unless it is given C(targets): then it goes on until each of them is
    reached or out of reach, and what goes wrong with one campaign ends it only for the targets that want it.

    C(started) is a moment of the monotonic clock for a wait that shares its start, and so its deadline, with others;
    what they have learned since then is in C(memory).
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
        self._began = now
        self._ended_by: WaitOutcome | None = None
        self._rest_until = now
        self._is_answered = wait_settings.first_answer == 0
        self._end_limit: float | None = None
        self._heartbeat = Heartbeat(wait_settings.progress_interval, now)
        self._last_errors: list[FailedPoll] = []
        self._unknown_words: set[str] = set()
        self._growing: set[str] = set()
        self._memory = memory or PollMemory()
        self.trackers = [Tracker(campaign_id, now) for campaign_id in ids]
        self._tracker_of = {tracker.campaign_id: tracker for tracker in self.trackers}
        for tracker in self.trackers:
            self._remember(tracker)
        self._targets = list(targets or [Target(tuple(ids), wait_settings.needed)])
        self._out_of_reach: dict[Target, WaitOutcome] = {}

    def run(self) -> WaitOutcome:
        """Wait until the target is reached or out of reach, or the deadline is over. Never raises ThingSpaceError."""
        return run_side_by_side([self], self._clock)[0]

    def step(self) -> WaitOutcome | None:
        """Poll what is due, or tell how it stands; a WaitOutcome when it is over."""
        outcome = None
        if self._clock.monotonic() >= self.wake_at():
            outcome = self._round()
            self._keep_stories()
        now, wake_at = self._clock.monotonic(), self.wake_at()
        if outcome is None and now < wake_at:
            self._tell(now, wake_at)
        return outcome

    def wake_at(self) -> float:
        """The moment of the monotonic clock at which there is something to poll."""
        next_due = min((tracker.due_at for tracker in self.trackers if not tracker.done), default=self._started)
        return min(self._deadline(), max(next_due, self._rest_until))

    def nap_until(self) -> float:
        """The moment at which there is something to do: to poll, or to tell."""
        return min(self.wake_at(), self._heartbeat.due_at)

    def interruption(self) -> WaitOutcome:
        """The outcome of a wait that was stopped from outside while it ran."""
        return self._cut_short(INTERRUPTED, self._pending(self.trackers))

    def _round(self) -> WaitOutcome | None:
        now, deadline = self._clock.monotonic(), self._deadline()
        is_last = now >= deadline
        if now < self._rest_until and not is_last:
            return None
        pending = [tracker for tracker in self.trackers if not tracker.done and tracker.last_poll_for != deadline]
        due = [tracker for tracker in pending if is_last or self._is_due(tracker, now)]
        fatal = self._poll(due, deadline)
        self._plan(due)
        if self._clock.monotonic() >= deadline:
            # A poll that was under way when the time was over is the last one.
            is_last = is_last or len(due) == len(pending)
            for tracker in due:
                tracker.polled_for(deadline)
        if fatal is not None:
            return fatal
        outcomes = [self._standing(target) for target in self._targets]
        decided = [outcome for outcome in outcomes if outcome is not None]
        if len(decided) == len(self._targets):
            return next((outcome for outcome in decided if not outcome.is_reached), decided[0])
        # The last poll may have moved the deadline: an end day can be changed while the campaign runs.
        if is_last and self._clock.monotonic() >= self._deadline():
            return self._cut_short(TIMED_OUT, self._pending(self.trackers))
        return None

    def _standing(self, target: Target) -> WaitOutcome | None:
        """How a target stands. One that is out of reach stays so, and its campaigns need no more polls."""
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
        fatal = [outcome for outcome in (self._take(tracker, polls[tracker.campaign_id]) for tracker in due) if outcome]
        doubtful = [tracker.campaign_id for tracker in due if self._is_doubtful(tracker, polls[tracker.campaign_id])]
        second: t.Mapping[str, Poll] = {}
        if doubtful and not fatal and self._clock.monotonic() >= self._rest_until:
            second = self._poller(doubtful, PollKind.SECOND, deadline, self._give_up_at(deadline))
        in_doubt = set(doubtful)
        for tracker in due:
            if tracker.campaign_id not in in_doubt:
                # Only what this very poll has shown: older facts may be those of a list, or not confirmed.
                if polls[tracker.campaign_id].is_good:
                    if polls[tracker.campaign_id].is_confirmed:
                        tracker.confirm()
                    self._judge(tracker)
            elif tracker.campaign_id in second:
                outcome = self._confirm(tracker, second[tracker.campaign_id])
                fatal += [outcome] if outcome else []
            elif tracker.is_over:
                tracker.doubt()
        return fatal[0] if fatal else None

    def _give_up_at(self, deadline: float) -> float:
        """The last poll, and what confirms it, has the time of a request; any other ends at the deadline."""
        return math.inf if self._clock.monotonic() >= deadline - _NO_TIME else deadline

    def _is_doubtful(self, tracker: Tracker, poll: Poll) -> bool:
        """True for what needs a second read: a state for good, and a list's word that would decide something new."""
        if poll.facts is None or not poll.is_good or poll.is_confirmed:
            return False
        verdict = verdict_on(poll.facts["state"], self._settings.target_states, self._settings.unknown_fails)
        return poll.facts["terminal"] or (poll.is_listed and verdict not in (WAITING, tracker.verdict))

    def _confirm(self, tracker: Tracker, poll: Poll) -> WaitOutcome | None:
        """Take in a second read; only one that agrees, or that shows something without doubt, is judged."""
        seen = tracker.state
        outcome = self._take(tracker, poll, is_second=True)
        if poll.facts is not None and poll.is_good and (poll.facts["state"] == seen or not poll.facts["terminal"]):
            tracker.confirm()
            self._judge(tracker)
        elif tracker.is_over:
            tracker.doubt()
        return outcome

    def _is_due(self, tracker: Tracker, now: float) -> bool:
        """True if its time has come, or nearly: campaigns whose times lie close together are polled together."""
        early = _TOGETHER * (tracker.due_at - tracker.last_polled_at) if tracker.last_error is None else 0.0
        earliest = max(tracker.due_at - early, tracker.last_polled_at + self._settings.pace.floor)
        return tracker.due_at <= now or earliest <= now

    def _plan(self, polled: Sequence[Tracker]) -> None:
        """Set the time of the next poll, for all of a round from one moment and with one jitter."""
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
                    left = self._began + patience - now
                    delay = min(delay, first_answer_delay(errors, patience, left, randomness))
            tracker.plan(now, delay)

    def _take(self, tracker: Tracker, poll: Poll, is_second: bool = False) -> WaitOutcome | None:
        """Take in one poll; a WaitOutcome if the wait must not go on."""
        now = self._clock.monotonic()
        if poll.facts is not None and poll.service_time is not None and poll.is_good:
            self._is_answered = True
            age = 0.0 if poll.polled_at is None else now - poll.polled_at
            self._skew = poll.service_time + datetime.timedelta(seconds=age) - self._clock.now()
            is_in_doubt = bool(poll.facts["terminal"]) and not (is_second or poll.is_confirmed)
            tracker.record_success(poll.facts, poll.service_time, now - age, is_in_doubt, poll.polled_at)
            return None
        error = poll.error or BadResponse("Nothing was read.")
        if isinstance(error, TransientError) and error.affects_all:
            self._rest_until = max(self._rest_until, now + (error.retry_after or 0.0))
        if poll.is_skipped:
            tracker.record_skipped(error)
            return None
        tracker.record_error(error, now, poll.facts)
        at = iso(self._service_now())
        entry: FailedPoll = {"campaign_id": tracker.campaign_id, "at": at, "message": error.message}
        self._last_errors = [*self._last_errors, entry][-MOST_LAST_ERRORS * len(self.trackers) :]
        self._is_answered = self._is_answered or poll.facts is not None or not is_unreached(error)
        unanswered = None if self._is_answered else outcome_unanswered(error, self._settings, now, self._began)
        if unanswered is not None:
            self._ended_by = unanswered
            return unanswered
        has_worked = any(other.facts is not None for other in self.trackers)
        outcome = outcome_by_error(tracker, error, self._settings, now, self._started, has_worked)
        if outcome is not None and error.concerns_credentials:
            self._ended_by = outcome
        elif outcome is not None:
            tracker.end_by(outcome)
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
        if tracker.facts["state"] == UNKNOWN and status not in self._unknown_words:
            self._unknown_words.add(status)
            self._reporter.warning(
                f"Campaign {tracker.name} has the status {printable(status)!r}, which this version of the collection "
                "does not know."
            )

    def _threshold_failure(self, tracker: Tracker, facts: Facts) -> str | None:
        if facts.get("auto_add_devices_flag") and tracker.campaign_id not in self._growing:
            self._growing.add(tracker.campaign_id)
            self._reporter.warning(
                f"Campaign {tracker.name} adds devices automatically (autoAddDevicesFlag): percentages of its devices "
                "can still rise and fall."
            )
        return threshold_failure(facts["device_summary"], self._settings.thresholds, is_over=bool(facts["terminal"]))

    @property
    def deadline(self) -> float:
        """The moment of the last poll, on the monotonic clock, as far as it is known now."""
        return self._deadline()

    def _deadline(self) -> float:
        """The moment of the last poll, on the monotonic clock, as far as it is known now."""
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

    def mind_a_jump(self, wall_seconds: float, seconds: float) -> None:
        """After the wall clock has jumped ahead, as on a machine that was suspended, every date is nearer."""
        jump = wall_seconds - seconds
        if jump < _LONGEST_NAP:
            return
        now = self._clock.monotonic()
        for tracker in self.trackers:
            tracker.jump_ahead(jump, max(tracker.last_polled_at + self._settings.pace.floor, now))

    def _tell(self, now: float, wake_at: float) -> None:
        new, is_old = self._heartbeat.due(self.trackers, now)
        waited, left = now - self._started, max(self._deadline() - now, 0.0)
        if len(new) <= _MOST_LINES and not (is_old and not new):
            for tracker in new:
                next_poll = max(tracker.due_at, self._rest_until) - now
                key = f"{tracker.campaign_id} {situation(tracker)}"
                self._say([tracker], waited, next_poll, left, key)
            return
        key = f"{[tracker.campaign_id for tracker in self.trackers]} {now // self._settings.progress_interval}"
        self._say(self.trackers, waited, wake_at - now, left, key)

    def _say(self, trackers: Sequence[Tracker], waited: float, next_poll: float, left: float, key: str) -> None:
        overdue = sum(1 for tracker in trackers if tracker.is_overdue(self._service_now()))
        lines = sentences.progress(trackers, waited, next_poll, left, overdue)
        for number, line in enumerate(lines):
            self._reporter.progress(line, f"{key} {number}")

    def result(self, outcome: WaitOutcome) -> WaitResult:
        """Every key of a wait's result, the same ones for each outcome."""
        times = Times(self._started, self._clock.monotonic(), self._deadline(), self._service_now())
        return wait_result(outcome, self.trackers, times, self._last_errors)

    def _service_now(self) -> datetime.datetime:
        return self._clock.now() + self._skew

    def _remember(self, tracker: Tracker) -> None:
        """Take over what a wait with the same start has learned of a campaign."""
        story = self._memory.story(tracker.campaign_id, self._started, self._settings.budget)
        if story is None:
            return
        tracker.resume(story.polls, story.errors, story.history)
        self._last_errors += story.last_errors
        if story.outcome is not None:
            tracker.give_up(WaitOutcome(*story.outcome))

    def _keep_stories(self) -> None:
        """Let the waits with the same start know what this one has learned since it last told."""
        for tracker in self.trackers:
            outcome = tracker.given_up_by or tracker.ended_by or (None if tracker.done else self._ended_by)
            story = WaitStory(
                tracker.polls,
                tracker.errors,
                tracker.history,
                [error for error in self._last_errors if error["campaign_id"] == tracker.campaign_id],
                None if outcome is None else (outcome.reason, outcome.message),
            )
            if tracker.has_news(outcome):
                # A folder that cannot be used ends the wait at its next poll, and not before it has told its result.
                with contextlib.suppress(RunFolderUnusable):
                    self._memory.keep_story(tracker.campaign_id, self._started, self._settings.budget, story)


def run_side_by_side(waits: Sequence[Wait], clock: Clock) -> list[WaitOutcome]:
    """Run several waits in one thread, so that nothing is lost when it is interrupted; the outcome of each."""
    outcomes: dict[int, WaitOutcome] = {}
    while True:
        for number, wait in enumerate(waits):
            outcome = wait.step() if number not in outcomes else None
            if outcome is not None:
                outcomes[number] = outcome
        going_on = [wait for number, wait in enumerate(waits) if number not in outcomes]
        if not going_on:
            return [outcomes[number] for number in range(len(waits))]
        now, before = clock.monotonic(), clock.now()
        until = min(wait.nap_until() for wait in going_on)
        if until > now:
            clock.sleep(min(until - now, _LONGEST_NAP))
            for wait in going_on:
                wait.mind_a_jump((clock.now() - before).total_seconds(), clock.monotonic() - now)
