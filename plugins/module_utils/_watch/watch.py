# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The loop of a watch: poll what is due, tell what is new, sleep. It decides nothing about the world by itself.

Poller, lists, memory, clock and randomness are handed in, and so is the place where events go.
"""

from __future__ import annotations

import collections
import datetime
import math
import random
import threading
import typing as t
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CampaignNotFound,
    Severity,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.backoff import backoff_delay, first_answer_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable, same_id
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.error_policy import (
    never_reached_service,
    outcome_of_error,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import span
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, Poller, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import next_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TOO_MANY_ERRORS, WaitOutcome
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import events as told
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Counts, Event, Subject
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.hints import MOST_IN_A_ROUND, Hints
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import Lists
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Kept, Known, WatchMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.outage import Outage
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Judged, judged, news
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import WatchSettings

# Dates are of the wall clock, which can jump (a suspended machine): read it again after a nap, in seconds.
_LONGEST_NAP: t.Final = 60.0
# Second reads, and the events of so many campaigns, at once: what the first of them show is told before the last.
_AT_ONCE: t.Final = 200
# What the memory calls the service as a whole, and its lists: no campaign has such an ID.
_SERVICE: t.Final = "/service"
_LISTS: t.Final = "/lists"


@dataclass(frozen=True)
class Surroundings:
    """What a watch needs from where it runs.

    C(hand_over) takes an event; when it has arrived, Watch.told is to be called with it. C(clean) takes secrets out.
    C(forget) is told of the campaigns whose device reports nobody needs any more.
    """

    clock: Clock
    hand_over: Callable[[Kept], None]
    clean: Callable[[Event], Event] = lambda event: event
    forget: Callable[[Sequence[str]], None] = lambda _ids: None
    reporter: ProgressReporter = field(default_factory=ProgressReporter)


class Watch:
    """One watch; use it once. C(run) is for one thread, C(poll_now), C(told) and C(stop) for any."""

    def __init__(
        self,
        settings: WatchSettings,
        poller: Poller,
        lists: Lists | None,
        memory: WatchMemory,
        surroundings: Surroundings,
        randomness: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._wait_settings = settings.wait_settings
        self._poller = poller
        self._lists = lists
        self._memory = memory
        self._around = surroundings
        self._clock = surroundings.clock
        self._randomness = randomness or random.Random()
        self._hints = Hints()
        self._arrived: collections.deque[Kept] = collections.deque()
        self._on_their_way = 0
        self._stop = threading.Event()
        self._began = self._rest_until = self._lists_due_at = self._clock.monotonic()
        self._lists_read_at = -math.inf
        self._heartbeat_at = self._began if settings.heartbeat_interval else math.inf
        self._skew = datetime.timedelta()
        self._trackers: dict[str, Tracker] = {}
        self._known: dict[str, Known] = {}
        self._over: set[str] = set()
        self._listed: set[str] = set()
        self._new: set[str] = set()
        self._unknown_words: set[str] = set()
        self._outage = self._list_trouble = Outage()
        self._is_answered = self._wait_settings.first_answer == 0
        self._has_worked = False
        self._have_lists_worked = False
        self._ended_by: WaitOutcome | None = None

    def run(self) -> WaitOutcome | None:
        """Watch until all campaigns are over, or nothing more can be learned; None if it was stopped.

        The last event says so as well. Raises StateFileUnusable.
        """
        self._begin()
        while not self._stop.is_set():
            self._note_arrivals()
            self._round()
            outcome = self._ended_by or self._all_over()
            if outcome is not None:
                self._end(outcome)
                return outcome
            self._nap()
        self._note_arrivals()
        return None

    def poll_now(self, campaign_id: str | None = None) -> bool:
        """Poll a campaign, or read the lists, as soon as hints may be served; see C(Hints). False if it will not."""
        watched = list(self._trackers)
        key = next((one for one in watched if campaign_id is not None and same_id(one, campaign_id)), None)
        is_over = campaign_id is not None and any(same_id(one, campaign_id) for one in list(self._over))
        if is_over or (campaign_id is not None and key is None and self._lists is None):
            return False
        is_taken = self._hints.add(key)
        self._wake()
        return is_taken

    def told(self, kept: Kept) -> None:
        """This event has arrived where it was handed over to."""
        self._arrived.append(kept)
        self._wake()

    def stop(self) -> None:
        """Let C(run) end as soon as it can."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        wake = getattr(self._clock, "wake", None)
        if wake is not None:
            wake()

    # What it does, and when.

    def _begin(self) -> None:
        known = self._memory.known()
        for name, attribute in ((_SERVICE, "_outage"), (_LISTS, "_list_trouble")):
            setattr(self, attribute, Outage(told=known.pop(name, Known()).trouble))
        for key in self._settings.task_settings.campaigns.ids or tuple(known):
            if known.get(key, Known()).is_over:
                self._over.add(key)
            else:
                self._known[key] = known.get(key, Known())
                self._trackers[key] = Tracker(key, self._began)
        for kept in self._memory.to_repeat():
            self._hand_over(kept)

    def _round(self) -> None:
        now = self._clock.monotonic()
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + self._settings.heartbeat_interval
            self._tell_of_watch(told.HEARTBEAT, None, self._situation())
        if now < self._rest_until:
            return
        hinted = self._hints.take(now)
        hinted_ids = set(hinted.campaign_ids)
        if hinted.lists:
            hinted_ids.update(list(self._trackers)[:MOST_IN_A_ROUND] if self._lists is None else ())
            self._lists_due_at = min(self._lists_due_at, self._lists_read_at + self._wait_settings.pace.floor)
        if self._lists is not None and now >= self._lists_due_at:
            self._read_lists(self._lists)
        now = self._clock.monotonic()
        if now < self._rest_until or self._ended_by is not None:
            return
        due = [tracker for key, tracker in self._trackers.items() if tracker.due_at <= now or key in hinted_ids]
        if due:
            polls = self._poller([tracker.campaign_id for tracker in due], PollKind.FIRST)
            self._take_all(due, polls)

    def _nap(self) -> None:
        now, before = self._clock.monotonic(), self._clock.now()
        seconds = min(self._wake_at() - now, _LONGEST_NAP)
        if seconds <= 0 or self._stop.is_set():
            return
        self._clock.sleep(seconds)
        jump = (self._clock.now() - before).total_seconds() - (self._clock.monotonic() - now)
        if jump >= _LONGEST_NAP:
            self._mind_a_jump(jump)

    def _wake_at(self) -> float:
        next_due = min((tracker.due_at for tracker in self._trackers.values()), default=math.inf)
        lists_due = math.inf if self._lists is None else self._lists_due_at
        return min(max(min(next_due, lists_due, self._hints.due_at()), self._rest_until), self._heartbeat_at)

    def _mind_a_jump(self, jump: float) -> None:
        """After the wall clock has jumped ahead, as on a machine that was suspended, every date is nearer."""
        now = self._clock.monotonic()
        self._lists_due_at = min(self._lists_due_at, now)
        for tracker in self._trackers.values():
            tracker.apply_clock_jump(jump, max(tracker.last_polled_at + self._wait_settings.pace.floor, now))

    # What the lists show.

    def _read_lists(self, lists: Lists) -> None:
        now = self._clock.monotonic()
        try:
            found = lists()
        except ThingSpaceError as error:
            self._lists_failed(error, now)
            return
        self._lists_read_at, self._lists_due_at = now, now + self._settings.list_interval
        self._has_worked = self._is_answered = True
        self._service_worked()
        self._lists_worked()
        is_first = not (self._memory.has_listed or self._have_lists_worked)
        self._have_lists_worked = True
        for key in found:
            if key not in self._trackers and key not in self._over:
                self._trackers[key] = Tracker(key, now)
                self._known.setdefault(key, Known())
                if not is_first:
                    self._new.add(key)
        self._see_listed(found)
        for key in self._listed - set(found):
            if key in self._trackers:
                self._trackers[key].plan(now, 0.0)
        self._listed = set(found)
        self._memory.listed()

    def _see_listed(self, found: Mapping[str, Poll]) -> None:
        """Take in what is new in the lists. The other campaigns have their own times, and lists may be old."""
        polls = {}
        for key, poll in found.items():
            tracker = self._trackers.get(key)
            # One that cannot be made out in a list is read on its own when it is due.
            if tracker is not None and poll.is_good and (tracker.facts is None or self._is_news(key, poll)):
                polls[key] = poll
        if polls:
            self._take_all([self._trackers[key] for key in polls], polls)

    def _lists_failed(self, error: ThingSpaceError, now: float) -> None:
        is_new = not self._have_lists_worked
        if error.concerns_credentials or (is_new and error.severity is not Severity.TRANSIENT):
            self._ended_by = WaitOutcome(error.reason, error.message)
            return
        if _concerns_all(error):
            self._service_failed(error)
            self._lists_due_at = self._rest_until
            return
        trouble = self._list_trouble = self._list_trouble.after(now)
        pace = self._wait_settings.pace
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        delay = backoff_delay(trouble.errors, retry_after, pace.floor, pace.ceiling, self._randomness)
        self._lists_due_at = self._clock.monotonic() + delay
        outcome = trouble.outcome(error, self._wait_settings, now, now, is_answered=True)
        if outcome is not None and trouble.told is None:
            message = f"The lists of campaigns cannot be read, so new campaigns are not seen. {error.message}"
            self._tell_of_watch(told.TROUBLE, outcome.reason, message, _LISTS)
            self._list_trouble = replace(trouble, told=outcome.reason)

    def _lists_worked(self) -> None:
        reason, self._list_trouble = self._list_trouble.told, Outage()
        if reason is not None:
            self._tell_of_watch(told.RECOVERED, reason, "The lists of campaigns can be read again.", _LISTS)

    # What the polls show.

    def _take_all(self, due: Sequence[Tracker], polls: Mapping[str, Poll]) -> None:
        """Take in the polls of a round, read for the second time what is in doubt, and tell what is new."""
        good = [tracker for tracker in due if self._take(tracker, polls[tracker.campaign_id])]
        doubtful = [tracker for tracker in good if self._is_doubtful(tracker, polls[tracker.campaign_id])]
        in_doubt = {tracker.campaign_id for tracker in doubtful}
        self._count_service_errors(polls.values())
        self._plan(due)
        for some in _chunks([tracker for tracker in good if tracker.campaign_id not in in_doubt]):
            self._tell(some)
        for some in _chunks(doubtful):
            self._read_again(some)

    def _read_again(self, doubtful: Sequence[Tracker]) -> None:
        if self._stop.is_set() or self._ended_by is not None or self._clock.monotonic() < self._rest_until:
            for tracker in doubtful:
                tracker.reject_terminal()
            return
        first = {tracker.campaign_id: tracker.state for tracker in doubtful}
        polls = self._poller([tracker.campaign_id for tracker in doubtful], PollKind.SECOND)
        sure = []
        for tracker in doubtful:
            poll = polls[tracker.campaign_id]
            is_good = self._take(tracker, poll, is_second=True)
            if is_good and (tracker.state == first[tracker.campaign_id] or not tracker.is_over):
                tracker.confirm()
                sure.append(tracker)
        self._count_service_errors(polls.values())
        self._plan(doubtful)
        self._tell(sure)

    def _take(self, tracker: Tracker, poll: Poll, is_second: bool = False) -> bool:
        """Take in one poll; true if there is something to judge."""
        now = self._clock.monotonic()
        if poll.facts is not None and poll.service_time is not None:
            # It has no device report, for the second time: its state is all that there is to tell.
            has_none = isinstance(poll.error, CampaignNotFound) and tracker.missing_in_a_row > 0
            if poll.is_good or has_none:
                self._is_answered = self._has_worked = True
                self._skew = poll.service_time - self._clock.now()
                is_in_doubt = bool(poll.facts["terminal"]) and not is_second
                tracker.record_success(poll.facts, poll.service_time, now, is_in_doubt)
                return True
        error = poll.error or BadResponse("Nothing was read.")
        if poll.is_skipped or _concerns_all(error):
            tracker.record_skipped(error)
        else:
            self._is_answered = self._is_answered or not never_reached_service(error)
            tracker.record_error(error, now, poll.facts)
            self._judge_error(tracker, error, now)
            if isinstance(error, CampaignNotFound) and poll.facts is None:
                self._leave_what_is_gone(tracker)
        return False

    def _leave_what_is_gone(self, tracker: Tracker) -> None:
        """A campaign that the lists have shown, and that is not there any more. If it comes back, they will show it."""
        if self._lists is not None and self._known[tracker.campaign_id].trouble is not None:
            self._trackers.pop(tracker.campaign_id, None)

    def _judge_error(self, tracker: Tracker, error: ThingSpaceError, now: float) -> None:
        outcome = outcome_of_error(tracker, error, self._wait_settings, now, self._began, self._has_worked)
        if outcome is None:
            return
        if error.concerns_credentials or (error.severity is Severity.SUSPECT and not self._has_worked):
            self._ended_by = outcome
            return
        key = tracker.campaign_id
        known = self._known[key]
        if known.trouble is None:
            facts = tracker.facts
            message = f"Campaign {tracker.name} cannot be read. {error.message}"
            if outcome.reason == TOO_MANY_ERRORS:
                since = now if tracker.first_error_at is None else tracker.first_error_at
                message = (
                    f"Campaign {tracker.name} could not be read for {span(now - since)}, in {tracker.errors_in_a_row} "
                    f"polls (max_consecutive_errors, max_error_seconds). Polling continues. {error.message}"
                )
            event = told.trouble(
                self._subject(tracker), facts, self._judged(tracker), self._service_now(), outcome.reason, message
            )
            self._known[key] = replace(known, trouble=outcome.reason)
            self._keep({key: self._known[key]}, [event])

    def _is_doubtful(self, tracker: Tracker, poll: Poll) -> bool:
        """True for what needs a second read: a state for good, and a list's word that would be news."""
        if poll.facts is None:
            return False
        return bool(poll.facts["terminal"]) or (poll.is_listed and self._is_news(tracker.campaign_id, poll))

    def _is_news(self, key: str, poll: Poll) -> bool:
        before = self._known[key].standing
        return before is not None and poll.facts is not None and before.state != poll.facts["state"]

    def _plan(self, polled: Sequence[Tracker]) -> None:
        """Set the time of the next poll, for all of a round from one moment and with one jitter."""
        now, service_now, pace = self._clock.monotonic(), self._service_now(), self._wait_settings.pace
        seed = self._randomness.random()
        for tracker in polled:
            error, randomness = tracker.last_error, random.Random(seed)
            if error is None:
                delay = next_delay(tracker.facts, service_now, pace, randomness)
            elif _concerns_all(error):
                delay = max(self._rest_until - now, 0.0)
            elif isinstance(error, TransientError):
                errors = max(tracker.errors_in_a_row, 1)
                delay = backoff_delay(errors, error.retry_after, pace.floor, pace.ceiling, randomness)
            else:
                known = self._known.get(tracker.campaign_id, Known())
                delay = pace.floor if known.trouble is None else pace.ceiling
            tracker.plan(now, delay)

    # Trouble of the whole service.

    def _count_service_errors(self, polls: Collection[Poll]) -> None:
        errors = [poll.error for poll in polls if poll.error is not None and _concerns_all(poll.error)]
        if errors:
            self._service_failed(errors[0])
        elif any(poll.facts is not None for poll in polls):
            self._service_worked()

    def _service_worked(self) -> None:
        reason, self._outage = self._outage.told, Outage()
        if reason is not None:
            self._tell_of_watch(told.RECOVERED, reason, "Campaigns can be read again.", _SERVICE)

    def _service_failed(self, error: ThingSpaceError) -> None:
        now, pace = self._clock.monotonic(), self._wait_settings.pace
        self._is_answered = self._is_answered or not never_reached_service(error)
        outage = self._outage = self._outage.after(now)
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        delay = backoff_delay(outage.errors, retry_after, pace.floor, pace.ceiling, self._randomness)
        left = self._began + self._wait_settings.first_answer - now
        if not self._is_answered and left > 0:
            delay = min(
                delay, first_answer_delay(outage.errors, self._wait_settings.first_answer, left, self._randomness)
            )
        self._rest_until = now + delay
        outcome = outage.outcome(error, self._wait_settings, now, self._began, self._is_answered)
        if outcome is not None and outage.told is None:
            self._tell_of_watch(told.TROUBLE, outcome.reason, outcome.message, _SERVICE)
            self._outage = replace(outage, told=outcome.reason)

    # What is told.

    def _tell(self, sure: Sequence[Tracker]) -> None:
        changes: dict[str, Known] = {}
        events: list[Event] = []
        for tracker in sure:
            key, now = tracker.campaign_id, self._judged(tracker)
            if tracker.facts is None or now is None:
                continue
            before = self._known[key]
            events += self._events_of(key, tracker.facts, before, now, self._subject(tracker))
            self._warn_of_unknown(tracker.facts, tracker.name)
            known = Known(now.standing, tracker.confirmed)
            if known != before:
                changes[key] = self._known[key] = known
        self._keep(changes, events)
        for tracker in sure:
            key = tracker.campaign_id
            self._new.discard(key)
            if tracker.confirmed:
                self._over.add(key)
                del self._trackers[key], self._known[key]
        self._around.forget([tracker.campaign_id for tracker in sure])

    def _events_of(self, key: str, facts: Facts, before: Known, now: Judged, subject: Subject) -> list[Event]:
        moment, what = self._service_now(), news(before.standing, now.standing)
        events = []
        if before.trouble is not None:
            events.append(told.recovered(subject, facts, now, moment, before.trouble))
        if before.standing is None and key not in self._new:
            if self._settings.is_present_told:
                is_repeated = not self._memory.outlives_the_process
                events.append(told.seen(subject, facts, now, moment, is_repeated))
        elif what:
            events.append(told.changed(subject, facts, now, moment, before.standing, what))
        return events

    def _keep(self, changes: Mapping[str, Known], events: Sequence[Event]) -> None:
        if changes or events:
            for kept in self._memory.keep(changes, [self._around.clean(event) for event in events]):
                self._hand_over(kept)

    def _tell_of_watch(self, kind: str, reason: str | None, message: str, about: str = "") -> None:
        identity = [
            *self._settings.identity,
            *self._settings.task_settings.campaigns.ids,
            *self._settings.states,
            about,
        ]
        event = told.of_watch(kind, identity, self._service_now(), reason, message, self.counts)
        if about:
            self._keep({about: Known(trouble=reason if kind == told.TROUBLE else None)}, [event])
        else:
            # It is of this process, and no later one can tell it again.
            self._hand_over(Kept(self._around.clean(event)))

    def _hand_over(self, kept: Kept) -> None:
        self._on_their_way += 1
        self._around.hand_over(kept)

    def _note_arrivals(self) -> None:
        numbers = []
        while self._arrived:
            self._on_their_way -= 1
            number = self._arrived.popleft().number
            if number is not None:
                numbers.append(number)
        if numbers:
            self._memory.told(numbers)
        self._memory.alive()

    def _all_over(self) -> WaitOutcome | None:
        if self._trackers or self._lists is not None:
            return None
        return WaitOutcome(told.ALL_OVER, f"All campaigns are over: {self.counts.over}.", is_reached=True)

    def _end(self, outcome: WaitOutcome) -> None:
        self._tell_of_watch(told.DONE, outcome.reason, outcome.message)
        while self._on_their_way > len(self._arrived) and not self._stop.is_set():
            self._clock.sleep(_LONGEST_NAP)
        self._note_arrivals()

    # What it knows.

    @property
    def counts(self) -> Counts:
        """How many campaigns it has, and how many of them are over, or cannot be read."""
        in_trouble = sum(1 for known in self._known.values() if known.trouble is not None)
        return Counts(len(self._trackers) + len(self._over), len(self._over), in_trouble)

    def _situation(self) -> str:
        counts = self.counts
        trouble = f", {counts.in_trouble} cannot be read" if counts.in_trouble else ""
        outage = ", and the service is in trouble" if self._outage.told else ""
        return f"{counts.campaigns} campaigns, {counts.over} of them over{trouble}{outage}."

    def _judged(self, tracker: Tracker) -> Judged | None:
        return None if tracker.facts is None else judged(tracker.facts, self._wait_settings.thresholds)

    def _subject(self, tracker: Tracker) -> Subject:
        campaigns = self._settings.task_settings.campaigns
        known_id = None if tracker.facts is None else tracker.facts["id"]
        return Subject(campaigns.account_name, campaigns.api_version, known_id or tracker.campaign_id)

    def _warn_of_unknown(self, facts: Facts, name: str) -> None:
        status = str(facts["status"])
        if facts["state"] == UNKNOWN and status not in self._unknown_words:
            self._unknown_words.add(status)
            self._around.reporter.warning(
                f"Campaign {name} has the status {printable(status)!r}, which this version does not know."
            )

    def _service_now(self) -> datetime.datetime:
        return self._clock.now() + self._skew


def _concerns_all(error: ThingSpaceError) -> bool:
    """Whether any other request would most likely have met this error as well."""
    return isinstance(error, TransientError) and (error.affects_all or error.during_login)


def _chunks(trackers: Sequence[Tracker]) -> Iterable[Sequence[Tracker]]:
    for begin in range(0, len(trackers), _AT_ONCE):
        yield trackers[begin : begin + _AT_ONCE]
