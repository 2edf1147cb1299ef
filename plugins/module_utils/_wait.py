# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The loop: look, judge, tell, sleep. Clock, looks, reporter and randomness are handed in."""

from __future__ import annotations

import contextlib
import datetime
import math
import random
import typing as t
from collections.abc import Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils import _sentences as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import INTERRUPTED, TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadAnswer,
    CampaignNotFound,
    RunFolderUnusable,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal, ending_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._look import Look, LookAt
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Waiting
from ansible_collections.fleetops.thingspace.plugins.module_utils._poll_memory import PollMemory, WaitStory
from ansible_collections.fleetops.thingspace.plugins.module_utils._schedule import (
    first_answer_delay,
    next_delay,
    trouble_delay,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._telling import Heartbeat, Reporter, situation
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._thresholds import objection
from ansible_collections.fleetops.thingspace.plugins.module_utils._trouble import (
    ending_by,
    ending_unanswered,
    is_unreached,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._verdict import (
    HOPELESS,
    SATISFIED,
    TOO_MANY_FAILURES,
    WAITING,
    verdict_on,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait_facts import Times, wait_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch, iso

# How long to wait if the user sets no limit, and while the end day of a campaign is not known.
DEFAULT_TIMEOUT: t.Final = 3600.0
_MAX_LAST_ERRORS: t.Final = 5
# A campaign is taken along up to this share of its own interval before its time.
_TOGETHER: t.Final = 0.1
# Dates are of the wall clock, which can jump (a suspended machine): look at it again after a nap, in seconds.
_LONGEST_NAP: t.Final = 60.0
# A poll that begins so shortly before the deadline, in seconds, would be cut off for nothing: it is the last one.
_NO_TIME: t.Final = 0.2
# When more campaigns change at once, one line tells of all.
_MOST_LINES: t.Final = 10


class Wait:
    """One wait; use it once.

    It has one goal about all campaigns unless it is given C(goals): then it goes on until each of them is met or out of
    reach, and what goes wrong with one campaign ends it only for the goals that want that campaign.

    C(started) is a moment of the monotonic clock for a wait that shares its start, and so its deadline, with others;
    what they have learned since then is in C(memory).
    """

    def __init__(
        self,
        look_at: LookAt,
        ids: Sequence[str],
        waiting: Waiting,
        clock: Clock,
        reporter: Reporter,
        randomness: random.Random | None = None,
        goals: Sequence[Goal] | None = None,
        started: float | None = None,
        memory: PollMemory | None = None,
    ) -> None:
        self._look_at = look_at
        self._waiting = waiting
        self._clock = clock
        self._reporter = reporter
        self._randomness = randomness or random.Random()
        now = clock.monotonic()
        self._started = now if started is None else started
        self._skew = datetime.timedelta()
        self._began = now
        self._ended_by: Ending | None = None
        self._rest_until = now
        self._is_answered = waiting.first_answer == 0
        self._end_limit: float | None = None
        self._heartbeat = Heartbeat(waiting.progress_interval, now)
        self._last_errors: list[dict[str, str]] = []
        self._unknown_words: set[str] = set()
        self._growing: set[str] = set()
        self._memory = memory or PollMemory()
        self.watches = [Watch(campaign_id, now) for campaign_id in ids]
        self._watch_of = {watch.campaign_id: watch for watch in self.watches}
        for watch in self.watches:
            self._remember(watch)
        self._goals = list(goals or [Goal(tuple(ids), waiting.needed)])
        self._out_of_reach: dict[Goal, Ending] = {}

    def run(self) -> Ending:
        """Wait until the goal is met or cannot be met any more, or the deadline is over. Never raises the family."""
        return run_side_by_side([self], self._clock)[0]

    def step(self) -> Ending | None:
        """Poll what is due, or tell how it stands; an Ending when it is over."""
        ending = None
        if self._clock.monotonic() >= self.wake_at():
            ending = self._round()
            self._keep_stories()
        now, wake_at = self._clock.monotonic(), self.wake_at()
        if ending is None and now < wake_at:
            self._tell(now, wake_at)
        return ending

    def wake_at(self) -> float:
        """The moment of the monotonic clock at which there is something to poll."""
        next_due = min((watch.due_at for watch in self.watches if not watch.settled), default=self._started)
        return min(self._deadline(), max(next_due, self._rest_until))

    def nap_until(self) -> float:
        """The moment at which there is something to do: to poll, or to tell."""
        return min(self.wake_at(), self._heartbeat.due_at)

    def interruption(self) -> Ending:
        """The ending of a wait that was stopped from outside while it ran."""
        return self._cut_short(INTERRUPTED, self._pending(self.watches))

    def _round(self) -> Ending | None:
        now, deadline = self._clock.monotonic(), self._deadline()
        is_last = now >= deadline
        if now < self._rest_until and not is_last:
            return None
        pending = [watch for watch in self.watches if not watch.settled and watch.last_poll_for != deadline]
        due = [watch for watch in pending if is_last or self._is_due(watch, now)]
        fatal = self._look(due, deadline)
        self._plan(due)
        if self._clock.monotonic() >= deadline:
            # A poll that was under way when the time was over is the last one.
            is_last = is_last or len(due) == len(pending)
            for watch in due:
                watch.last_poll_for = deadline
        if fatal is not None:
            return fatal
        endings = [self._standing(goal) for goal in self._goals]
        decided = [ending for ending in endings if ending is not None]
        if len(decided) == len(self._goals):
            return next((ending for ending in decided if not ending.is_reached), decided[0])
        # The last look may have moved the deadline: an end day can be changed while the campaign runs.
        if is_last and self._clock.monotonic() >= self._deadline():
            return self._cut_short(TIMED_OUT, self._pending(self.watches))
        return None

    def _standing(self, goal: Goal) -> Ending | None:
        """How a goal stands. One that is out of reach stays so, and its campaigns need no more looks."""
        ending = self._out_of_reach.get(goal) or self._ending_of(self._watches_of(goal), goal)
        if ending is not None and not ending.is_reached and goal not in self._out_of_reach:
            self._out_of_reach[goal] = ending
            wanted = {name for other in self._goals if other not in self._out_of_reach for name in other.ids}
            for watch in self._watches_of(goal):
                watch.settled = watch.settled or watch.campaign_id not in wanted
        return ending

    def _watches_of(self, goal: Goal) -> list[Watch]:
        return [self._watch_of[campaign_id] for campaign_id in goal.ids]

    def _ending_of(self, watches: Sequence[Watch], goal: Goal) -> Ending | None:
        return ending_of(watches, goal.needed, self._waiting.targets, self._waiting.names)

    def _cut_short(self, reason: str, pending: Sequence[Watch]) -> Ending:
        targets, waited = self._waiting.targets, self._elapsed()
        if reason == TIMED_OUT:
            return Ending(reason, sentences.timed_out(pending, targets, waited, self._waiting.names))
        return Ending(reason, sentences.interrupted(pending, targets, waited))

    def _look(self, due: Sequence[Watch], deadline: float) -> Ending | None:
        if not due:
            return None
        looks = self._look_at([watch.campaign_id for watch in due], False, deadline, self._give_up_at(deadline))
        fatal = [ending for ending in (self._take(watch, looks[watch.campaign_id]) for watch in due) if ending]
        doubtful = [watch.campaign_id for watch in due if self._is_doubtful(watch, looks[watch.campaign_id])]
        second: t.Mapping[str, Look] = {}
        if doubtful and not fatal and self._clock.monotonic() >= self._rest_until:
            second = self._look_at(doubtful, True, deadline, self._give_up_at(deadline))
        in_doubt = set(doubtful)
        for watch in due:
            if watch.campaign_id not in in_doubt:
                # Only what this very look has shown: older facts may be those of a list, or not confirmed.
                if looks[watch.campaign_id].is_good:
                    watch.settled = watch.confirmed = looks[watch.campaign_id].is_confirmed
                    self._judge(watch)
            elif watch.campaign_id in second:
                ending = self._confirm(watch, second[watch.campaign_id])
                fatal += [ending] if ending else []
            elif self._is_over(watch):
                watch.verdict = WAITING
        return fatal[0] if fatal else None

    def _give_up_at(self, deadline: float) -> float:
        """The last poll, and what confirms it, has the time of a request; any other ends at the deadline."""
        return math.inf if self._clock.monotonic() >= deadline - _NO_TIME else deadline

    def _is_doubtful(self, watch: Watch, look: Look) -> bool:
        """True for what needs a second read: a state for good, and a list's word that would decide something new."""
        if look.facts is None or not look.is_good or look.is_confirmed:
            return False
        verdict = verdict_on(look.facts["state"], self._waiting.targets, self._waiting.unknown_fails)
        return look.facts["terminal"] or (look.is_listed and verdict not in (WAITING, watch.verdict))

    def _confirm(self, watch: Watch, look: Look) -> Ending | None:
        """Take in a second read; only one that agrees, or that shows something without doubt, is judged."""
        seen = watch.state
        ending = self._take(watch, look, is_second=True)
        if look.facts is not None and look.is_good and (look.facts["state"] == seen or not look.facts["terminal"]):
            watch.settled = watch.confirmed = self._is_over(watch)
            self._judge(watch)
        elif self._is_over(watch) and watch.given_up_by is None:
            watch.verdict = WAITING
        return ending

    @staticmethod
    def _is_over(watch: Watch) -> bool:
        return watch.facts is not None and bool(watch.facts["terminal"])

    def _is_due(self, watch: Watch, now: float) -> bool:
        """True if its time has come, or nearly: campaigns whose times lie close together are looked at together."""
        early = _TOGETHER * (watch.due_at - watch.looked_at) if watch.last_error is None else 0.0
        earliest = max(watch.due_at - early, watch.looked_at + self._waiting.pace.floor)
        return watch.due_at <= now or earliest <= now

    def _plan(self, looked_at: Sequence[Watch]) -> None:
        """Set the time of the next look, for all of a round from one moment and with one jitter."""
        now, service_now, pace = self._clock.monotonic(), self._service_now(), self._waiting.pace
        seed = self._randomness.random()
        for watch in looked_at:
            randomness = random.Random(seed)
            if watch.last_error is None:
                delay = next_delay(watch.facts, service_now, pace, randomness)
            elif isinstance(watch.last_error, CampaignNotFound):
                delay = pace.floor
            else:
                retry_after = watch.last_error.retry_after if isinstance(watch.last_error, TransientError) else None
                errors = max(watch.errors_in_a_row, 1)
                delay = trouble_delay(errors, retry_after, pace, randomness)
                if not self._is_answered:
                    patience = self._waiting.first_answer
                    left = self._began + patience - now
                    delay = min(delay, first_answer_delay(errors, patience, left, randomness))
            watch.looked_at = now if watch.polled_at is None else watch.polled_at
            watch.due_at = watch.looked_at + delay

    def _take(self, watch: Watch, look: Look, is_second: bool = False) -> Ending | None:
        """Take in one look; an Ending if the wait must not go on."""
        now = self._clock.monotonic()
        watch.polled_at = look.polled_at
        if look.facts is not None and look.service_time is not None and look.is_good:
            self._is_answered = True
            age = 0.0 if look.polled_at is None else now - look.polled_at
            self._skew = look.service_time + datetime.timedelta(seconds=age) - self._clock.now()
            is_in_doubt = bool(look.facts["terminal"]) and not (is_second or look.is_confirmed)
            watch.saw(look.facts, look.service_time, now - age, is_in_doubt, is_own=look.polled_at is None)
            return None
        error = look.error or BadAnswer("Nothing was read.")
        if isinstance(error, TransientError) and error.affects_all:
            self._rest_until = max(self._rest_until, now + (error.retry_after or 0.0))
        if look.is_spared:
            watch.last_error = error
            return None
        watch.polls += 1
        watch.facts = watch.facts or look.facts
        watch.met(error, now)
        entry = {"campaign_id": watch.campaign_id, "at": iso(self._service_now()), "message": error.message}
        self._last_errors = [*self._last_errors, entry][-_MAX_LAST_ERRORS * len(self.watches) :]
        self._is_answered = self._is_answered or look.facts is not None or not is_unreached(error)
        unanswered = None if self._is_answered else ending_unanswered(error, self._waiting, now, self._began)
        if unanswered is not None:
            self._ended_by = unanswered
            return unanswered
        has_worked = any(other.facts is not None for other in self.watches)
        ending = ending_by(watch, error, self._waiting, now, self._started, has_worked)
        if ending is not None and error.concerns_credentials:
            self._ended_by = ending
        elif ending is not None:
            watch.ended_by = ending
            if len(self._goals) > 1:
                watch.give_up(ending)
                return None
        return ending

    def _judge(self, watch: Watch) -> None:
        if watch.facts is None:
            return
        watch.verdict = verdict_on(watch.facts["state"], self._waiting.targets, self._waiting.unknown_fails)
        if self._waiting.thresholds.are_set and watch.verdict not in HOPELESS:
            self._hold_against_thresholds(watch, watch.facts)
        status = str(watch.facts["status"])
        if watch.facts["state"] == UNKNOWN and status not in self._unknown_words:
            self._unknown_words.add(status)
            self._reporter.warning(
                f"Campaign {watch.name} has the status {printable(status)!r}, which this version does not know."
            )

    def _hold_against_thresholds(self, watch: Watch, facts: Facts) -> None:
        thresholds = self._waiting.thresholds
        watch.objection = objection(facts["device_summary"], thresholds, is_over=bool(facts["terminal"]))
        watch.verdict = watch.verdict if watch.objection is None else TOO_MANY_FAILURES
        if facts.get("auto_add_devices_flag") and watch.campaign_id not in self._growing:
            self._growing.add(watch.campaign_id)
            self._reporter.warning(
                f"Campaign {watch.name} adds devices by itself (autoAddDevicesFlag), so percentages of its devices may "
                "still change in both directions."
            )

    @property
    def deadline(self) -> float:
        """The moment of the last poll, on the monotonic clock, as far as it is known now."""
        return self._deadline()

    def _deadline(self) -> float:
        """The moment of the last look, on the monotonic clock, as far as it is known now."""
        limits = [] if self._waiting.timeout is None else [self._started + self._waiting.timeout]
        if self._waiting.until_end_plus is not None:
            undecided = [watch for watch in self.watches if watch.verdict == WAITING and not watch.settled]
            ends = [watch.ends_at for watch in undecided if watch.ends_at is not None]
            self._end_limit = max(ends) + self._waiting.until_end_plus if ends else self._end_limit
            limits += [self._end_limit] if self._end_limit is not None else []
        return min(limits, default=self._started + DEFAULT_TIMEOUT)

    @staticmethod
    def _pending(watches: Sequence[Watch]) -> list[Watch]:
        return [watch for watch in watches if watch.verdict not in SATISFIED]

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def mind_a_jump(self, wall_seconds: float, seconds: float) -> None:
        """After the wall clock has jumped ahead, as on a machine that was suspended, every date is nearer."""
        jump = wall_seconds - seconds
        if jump < _LONGEST_NAP:
            return
        now = self._clock.monotonic()
        for watch in self.watches:
            watch.jumped_ahead(jump)
            if watch.last_error is None:
                watch.due_at = min(watch.due_at, max(watch.looked_at + self._waiting.pace.floor, now))

    def _tell(self, now: float, wake_at: float) -> None:
        new, is_old = self._heartbeat.due(self.watches, now)
        waited, left = now - self._started, max(self._deadline() - now, 0.0)
        if len(new) <= _MOST_LINES and not (is_old and not new):
            for watch in new:
                next_poll = max(watch.due_at, self._rest_until) - now
                key = f"{watch.campaign_id} {situation(watch)}"
                self._reporter.progress(self._line([watch], waited, next_poll, left), key)
            return
        key = f"{[watch.campaign_id for watch in self.watches]} {now // self._waiting.progress_interval}"
        self._reporter.progress(self._line(self.watches, waited, wake_at - now, left), key)

    def _line(self, watches: Sequence[Watch], waited: float, next_poll: float, left: float) -> str:
        overdue = sum(1 for watch in watches if watch.is_overdue(self._service_now()))
        return sentences.progress(watches, waited, next_poll, left, overdue)

    def result(self, ending: Ending) -> dict[str, t.Any]:
        """Every key of a wait's result, the same ones for each ending."""
        times = Times(self._started, self._clock.monotonic(), self._deadline(), self._service_now())
        totals = {
            "reached": ending.is_reached,
            "timed_out": ending.reason == TIMED_OUT,
            "reason": ending.reason,
            "message": ending.message,
            "last_errors": self._last_errors[-_MAX_LAST_ERRORS:],
        }
        return {**totals, **wait_facts(self.watches, times, ending.reason in (TIMED_OUT, INTERRUPTED))}

    def _service_now(self) -> datetime.datetime:
        return self._clock.now() + self._skew

    def _remember(self, watch: Watch) -> None:
        """Take over what a wait with the same start has learned of a campaign."""
        story = self._memory.story(watch.campaign_id, self._started, self._waiting.budget)
        if story is None:
            return
        watch.polls, watch.errors, watch.history = story.polls, story.errors, story.history
        self._last_errors += story.last_errors
        if story.ending is not None:
            watch.give_up(Ending(*story.ending))

    def _keep_stories(self) -> None:
        """Let the waits with the same start know what this one has learned since it last told."""
        for watch in self.watches:
            ending = watch.given_up_by or watch.ended_by or (None if watch.settled else self._ended_by)
            story = WaitStory(
                watch.polls,
                watch.errors,
                watch.history,
                [error for error in self._last_errors if error["campaign_id"] == watch.campaign_id],
                None if ending is None else (ending.reason, ending.message),
            )
            if watch.told != (told := (watch.polls, watch.errors, ending)):
                watch.told = told
                # A folder that cannot be used ends the wait at its next poll, and not before it has told its result.
                with contextlib.suppress(RunFolderUnusable):
                    self._memory.keep_story(watch.campaign_id, self._started, self._waiting.budget, story)


def run_side_by_side(waits: Sequence[Wait], clock: Clock) -> list[Ending]:
    """Run several waits in one thread, so that nothing is lost when it is interrupted; the ending of each."""
    endings: dict[int, Ending] = {}
    while True:
        for number, wait in enumerate(waits):
            ending = wait.step() if number not in endings else None
            if ending is not None:
                endings[number] = ending
        going_on = [wait for number, wait in enumerate(waits) if number not in endings]
        if not going_on:
            return [endings[number] for number in range(len(waits))]
        now, before = clock.monotonic(), clock.now()
        until = min(wait.nap_until() for wait in going_on)
        if until > now:
            clock.sleep(min(until - now, _LONGEST_NAP))
            for wait in going_on:
                wait.mind_a_jump((clock.now() - before).total_seconds(), clock.monotonic() - now)
