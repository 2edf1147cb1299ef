# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The loop of a watch: poll what is due, send events about changes, sleep.

The poller, lists, memory, clock, random numbers and the receiver of events are injected.
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
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import events as watch_events
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Counts, Event, Subject
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.hints import MAX_CAMPAIGNS_PER_ROUND, Hints
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import Lists
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Known, StoredEvent, WatchMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.outage import Outage
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import (
    Assessment,
    assess,
    changed_fields,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import WatchSettings

# The maximum sleep in seconds. The wall clock can jump (a suspended machine), so it is compared after each sleep.
_MAX_SLEEP: t.Final = 60.0
# Campaigns to read and report at once, so that the events about the first ones do not wait for the last ones.
_CHUNK_SIZE: t.Final = 200
# The keys of the service and of its lists in the memory. No campaign has such an ID.
_SERVICE: t.Final = "/service"
_LISTS: t.Final = "/lists"


@dataclass(frozen=True)
class WatchContext:
    """What a watch needs from the process that runs it.

    C(send) sends an event. Call C(Watch.mark_delivered) when it was delivered. C(clean) removes secrets. C(forget)
    gets the IDs of campaigns whose device reports are no longer needed.
    """

    clock: Clock
    send: Callable[[StoredEvent], None]
    clean: Callable[[Event], Event] = lambda event: event
    forget: Callable[[Sequence[str]], None] = lambda _ids: None
    reporter: ProgressReporter = field(default_factory=ProgressReporter)


class Watch:
    """One watch. Call C(run) once. C(poll_now), C(mark_delivered) and C(stop) are thread-safe."""

    def __init__(
        self,
        settings: WatchSettings,
        poller: Poller,
        lists: Lists | None,
        memory: WatchMemory,
        context: WatchContext,
        randomness: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._wait_settings = settings.wait_settings
        self._poller = poller
        self._lists = lists
        self._memory = memory
        self._context = context
        self._clock = context.clock
        self._randomness = randomness or random.Random()
        self._hints = Hints()
        self._delivered: collections.deque[StoredEvent] = collections.deque()
        self._in_flight = 0
        self._stop = threading.Event()
        self._started_at = self._pause_until = self._lists_due_at = self._clock.monotonic()
        self._lists_read_at = -math.inf
        self._heartbeat_at = self._started_at if settings.heartbeat_interval else math.inf
        self._skew = datetime.timedelta()
        self._trackers: dict[str, Tracker] = {}
        self._known: dict[str, Known] = {}
        self._over_ids: set[str] = set()
        self._listed_ids: set[str] = set()
        self._new_ids: set[str] = set()
        self._unknown_statuses: set[str] = set()
        self._outage = self._list_trouble = Outage()
        self._is_answered = self._wait_settings.first_answer == 0
        self._has_worked = False
        self._have_lists_worked = False
        self._final_outcome: WaitOutcome | None = None

    def run(self) -> WaitOutcome | None:
        """Run until all campaigns are over, or a permanent error. Return the outcome, or None if it was stopped.

        The last event contains the same outcome. Raises StateFileUnusable.
        """
        self._restore()
        while not self._stop.is_set():
            self._record_deliveries()
            self._round()
            outcome = self._final_outcome or self._outcome_if_all_over()
            if outcome is not None:
                self._finish(outcome)
                return outcome
            self._sleep()
        self._record_deliveries()
        return None

    def poll_now(self, campaign_id: str | None = None) -> bool:
        """Poll a campaign, or read the lists, as soon as C(Hints) allows. Return False if that will not happen."""
        watched = list(self._trackers)
        key = next((one for one in watched if campaign_id is not None and same_id(one, campaign_id)), None)
        is_over = campaign_id is not None and any(same_id(one, campaign_id) for one in list(self._over_ids))
        if is_over or (campaign_id is not None and key is None and self._lists is None):
            return False
        is_taken = self._hints.add(key)
        self._wake()
        return is_taken

    def mark_delivered(self, stored: StoredEvent) -> None:
        """Record that an event was delivered."""
        self._delivered.append(stored)
        self._wake()

    def stop(self) -> None:
        """Let C(run) return as soon as possible."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        wake = getattr(self._clock, "wake", None)
        if wake is not None:
            wake()

    # The loop.

    def _restore(self) -> None:
        known = self._memory.known()
        for name, attribute in ((_SERVICE, "_outage"), (_LISTS, "_list_trouble")):
            setattr(self, attribute, Outage(reported=known.pop(name, Known()).trouble))
        for key in self._settings.task_settings.campaigns.ids or tuple(known):
            if known.get(key, Known()).is_over:
                self._over_ids.add(key)
            else:
                self._known[key] = known.get(key, Known())
                self._trackers[key] = Tracker(key, self._started_at)
        for stored in self._memory.to_repeat():
            self._send(stored)

    def _round(self) -> None:
        now = self._clock.monotonic()
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + self._settings.heartbeat_interval
            self._send_watch_event(watch_events.HEARTBEAT, None, self._heartbeat_message())
        if now < self._pause_until:
            return
        hinted = self._hints.take(now)
        hinted_ids = set(hinted.campaign_ids)
        if hinted.lists:
            hinted_ids.update(list(self._trackers)[:MAX_CAMPAIGNS_PER_ROUND] if self._lists is None else ())
            self._lists_due_at = min(self._lists_due_at, self._lists_read_at + self._wait_settings.pace.floor)
        if self._lists is not None and now >= self._lists_due_at:
            self._read_lists(self._lists)
        now = self._clock.monotonic()
        if now < self._pause_until or self._final_outcome is not None:
            return
        due = [tracker for key, tracker in self._trackers.items() if tracker.due_at <= now or key in hinted_ids]
        if due:
            polls = self._poller([tracker.campaign_id for tracker in due], PollKind.FIRST)
            self._process_polls(due, polls)

    def _sleep(self) -> None:
        now, before = self._clock.monotonic(), self._clock.now()
        seconds = min(self._next_wake_at() - now, _MAX_SLEEP)
        if seconds <= 0 or self._stop.is_set():
            return
        self._clock.sleep(seconds)
        jump = (self._clock.now() - before).total_seconds() - (self._clock.monotonic() - now)
        if jump >= _MAX_SLEEP:
            self._handle_clock_jump(jump)

    def _next_wake_at(self) -> float:
        next_due = min((tracker.due_at for tracker in self._trackers.values()), default=math.inf)
        lists_due = math.inf if self._lists is None else self._lists_due_at
        return min(max(min(next_due, lists_due, self._hints.due_at()), self._pause_until), self._heartbeat_at)

    def _handle_clock_jump(self, jump: float) -> None:
        """Reschedule polls after the wall clock has jumped ahead, for example on a suspended machine."""
        now = self._clock.monotonic()
        self._lists_due_at = min(self._lists_due_at, now)
        for tracker in self._trackers.values():
            tracker.apply_clock_jump(jump, max(tracker.last_polled_at + self._wait_settings.pace.floor, now))

    # Status lists.

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
            if key not in self._trackers and key not in self._over_ids:
                self._trackers[key] = Tracker(key, now)
                self._known.setdefault(key, Known())
                if not is_first:
                    self._new_ids.add(key)
        self._process_listed(found)
        for key in self._listed_ids - set(found):
            if key in self._trackers:
                self._trackers[key].plan(now, 0.0)
        self._listed_ids = set(found)
        self._memory.mark_listed()

    def _process_listed(self, found: Mapping[str, Poll]) -> None:
        """Process changes in the lists. Lists can be outdated, so unchanged campaigns keep their own schedule."""
        polls = {}
        for key, poll in found.items():
            tracker = self._trackers.get(key)
            # A campaign without usable data in a list is polled when it is due.
            if tracker is not None and poll.is_good and (tracker.facts is None or self._has_new_state(key, poll)):
                polls[key] = poll
        if polls:
            self._process_polls([self._trackers[key] for key in polls], polls)

    def _lists_failed(self, error: ThingSpaceError, now: float) -> None:
        is_new = not self._have_lists_worked
        if error.concerns_credentials or (is_new and error.severity is not Severity.TRANSIENT):
            self._final_outcome = WaitOutcome(error.reason, error.message)
            return
        if _affects_all(error):
            self._service_failed(error)
            self._lists_due_at = self._pause_until
            return
        trouble = self._list_trouble = self._list_trouble.after(now)
        pace = self._wait_settings.pace
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        delay = backoff_delay(trouble.errors, retry_after, pace.floor, pace.ceiling, self._randomness)
        self._lists_due_at = self._clock.monotonic() + delay
        outcome = trouble.outcome(error, self._wait_settings, now, now, is_answered=True)
        if outcome is not None and trouble.reported is None:
            message = f"The lists of campaigns cannot be read, so new campaigns are not seen. {error.message}"
            self._send_watch_event(watch_events.TROUBLE, outcome.reason, message, _LISTS)
            self._list_trouble = replace(trouble, reported=outcome.reason)

    def _lists_worked(self) -> None:
        reason, self._list_trouble = self._list_trouble.reported, Outage()
        if reason is not None:
            self._send_watch_event(watch_events.RECOVERED, reason, "The lists of campaigns can be read again.", _LISTS)

    # Polls.

    def _process_polls(self, due: Sequence[Tracker], polls: Mapping[str, Poll]) -> None:
        """Record the polls of a round, confirm doubtful ones with a second read, and send events about changes."""
        good = [tracker for tracker in due if self._record_poll(tracker, polls[tracker.campaign_id])]
        doubtful = [tracker for tracker in good if self._is_doubtful(tracker, polls[tracker.campaign_id])]
        in_doubt = {tracker.campaign_id for tracker in doubtful}
        self._count_service_errors(polls.values())
        self._schedule(due)
        for some in _chunks([tracker for tracker in good if tracker.campaign_id not in in_doubt]):
            self._send_changes(some)
        for some in _chunks(doubtful):
            self._confirm(some)

    def _confirm(self, doubtful: Sequence[Tracker]) -> None:
        if self._stop.is_set() or self._final_outcome is not None or self._clock.monotonic() < self._pause_until:
            for tracker in doubtful:
                tracker.reject_terminal()
            return
        first = {tracker.campaign_id: tracker.state for tracker in doubtful}
        polls = self._poller([tracker.campaign_id for tracker in doubtful], PollKind.SECOND)
        confirmed = []
        for tracker in doubtful:
            poll = polls[tracker.campaign_id]
            is_good = self._record_poll(tracker, poll, is_second=True)
            if is_good and (tracker.state == first[tracker.campaign_id] or not tracker.is_over):
                tracker.confirm()
                confirmed.append(tracker)
        self._count_service_errors(polls.values())
        self._schedule(doubtful)
        self._send_changes(confirmed)

    def _record_poll(self, tracker: Tracker, poll: Poll, is_second: bool = False) -> bool:
        """Record one poll. Return true if it has facts to assess."""
        now = self._clock.monotonic()
        if poll.facts is not None and poll.service_time is not None:
            # If the device report is missing twice, the state alone is reported.
            has_none = isinstance(poll.error, CampaignNotFound) and tracker.missing_in_a_row > 0
            if poll.is_good or has_none:
                self._is_answered = self._has_worked = True
                self._skew = poll.service_time - self._clock.now()
                is_in_doubt = bool(poll.facts["terminal"]) and not is_second
                tracker.record_success(poll.facts, poll.service_time, now, is_in_doubt)
                return True
        error = poll.error or BadResponse("Nothing was read.")
        if poll.is_skipped or _affects_all(error):
            tracker.record_skipped(error)
        else:
            self._is_answered = self._is_answered or not never_reached_service(error)
            tracker.record_error(error, now, poll.facts)
            self._handle_error(tracker, error, now)
            if isinstance(error, CampaignNotFound) and poll.facts is None:
                self._drop_deleted(tracker)
        return False

    def _drop_deleted(self, tracker: Tracker) -> None:
        """Stop polling a campaign from the lists that no longer exists. If it reappears, the lists contain it."""
        if self._lists is not None and self._known[tracker.campaign_id].trouble is not None:
            self._trackers.pop(tracker.campaign_id, None)

    def _handle_error(self, tracker: Tracker, error: ThingSpaceError, now: float) -> None:
        outcome = outcome_of_error(tracker, error, self._wait_settings, now, self._started_at, self._has_worked)
        if outcome is None:
            return
        if error.concerns_credentials or (error.severity is Severity.SUSPECT and not self._has_worked):
            self._final_outcome = outcome
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
            event = watch_events.trouble(
                self._subject(tracker), facts, self._assess(tracker), self._service_time(), outcome.reason, message
            )
            self._known[key] = replace(known, trouble=outcome.reason)
            self._store_and_send({key: self._known[key]}, [event])

    def _is_doubtful(self, tracker: Tracker, poll: Poll) -> bool:
        """Return whether a second read is needed: for a terminal state, and for a new state from a list."""
        if poll.facts is None:
            return False
        return bool(poll.facts["terminal"]) or (poll.is_listed and self._has_new_state(tracker.campaign_id, poll))

    def _has_new_state(self, key: str, poll: Poll) -> bool:
        before = self._known[key].standing
        return before is not None and poll.facts is not None and before.state != poll.facts["state"]

    def _schedule(self, polled: Sequence[Tracker]) -> None:
        """Schedule the next polls. All campaigns of a round share one start time and one jitter."""
        now, service_now, pace = self._clock.monotonic(), self._service_time(), self._wait_settings.pace
        seed = self._randomness.random()
        for tracker in polled:
            error, randomness = tracker.last_error, random.Random(seed)
            if error is None:
                delay = next_delay(tracker.facts, service_now, pace, randomness)
            elif _affects_all(error):
                delay = max(self._pause_until - now, 0.0)
            elif isinstance(error, TransientError):
                errors = max(tracker.errors_in_a_row, 1)
                delay = backoff_delay(errors, error.retry_after, pace.floor, pace.ceiling, randomness)
            else:
                known = self._known.get(tracker.campaign_id, Known())
                delay = pace.floor if known.trouble is None else pace.ceiling
            tracker.plan(now, delay)

    # Outages of the whole service.

    def _count_service_errors(self, polls: Collection[Poll]) -> None:
        errors = [poll.error for poll in polls if poll.error is not None and _affects_all(poll.error)]
        if errors:
            self._service_failed(errors[0])
        elif any(poll.facts is not None for poll in polls):
            self._service_worked()

    def _service_worked(self) -> None:
        reason, self._outage = self._outage.reported, Outage()
        if reason is not None:
            self._send_watch_event(watch_events.RECOVERED, reason, "Campaigns can be read again.", _SERVICE)

    def _service_failed(self, error: ThingSpaceError) -> None:
        now, pace = self._clock.monotonic(), self._wait_settings.pace
        self._is_answered = self._is_answered or not never_reached_service(error)
        outage = self._outage = self._outage.after(now)
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        delay = backoff_delay(outage.errors, retry_after, pace.floor, pace.ceiling, self._randomness)
        left = self._started_at + self._wait_settings.first_answer - now
        if not self._is_answered and left > 0:
            delay = min(
                delay, first_answer_delay(outage.errors, self._wait_settings.first_answer, left, self._randomness)
            )
        self._pause_until = now + delay
        outcome = outage.outcome(error, self._wait_settings, now, self._started_at, self._is_answered)
        if outcome is not None and outage.reported is None:
            self._send_watch_event(watch_events.TROUBLE, outcome.reason, outcome.message, _SERVICE)
            self._outage = replace(outage, reported=outcome.reason)

    # Events.

    def _send_changes(self, confirmed: Sequence[Tracker]) -> None:
        changes: dict[str, Known] = {}
        events: list[Event] = []
        for tracker in confirmed:
            key, now = tracker.campaign_id, self._assess(tracker)
            if tracker.facts is None or now is None:
                continue
            before = self._known[key]
            events += self._events_of(key, tracker.facts, before, now, self._subject(tracker))
            self._warn_of_unknown(tracker.facts, tracker.name)
            known = Known(now.standing, tracker.confirmed)
            if known != before:
                changes[key] = self._known[key] = known
        self._store_and_send(changes, events)
        for tracker in confirmed:
            key = tracker.campaign_id
            self._new_ids.discard(key)
            if tracker.confirmed:
                self._over_ids.add(key)
                del self._trackers[key], self._known[key]
        self._context.forget([tracker.campaign_id for tracker in confirmed])

    def _events_of(self, key: str, facts: Facts, before: Known, now: Assessment, subject: Subject) -> list[Event]:
        moment, what = self._service_time(), changed_fields(before.standing, now.standing)
        events = []
        if before.trouble is not None:
            events.append(watch_events.recovered(subject, facts, now, moment, before.trouble))
        if before.standing is None and key not in self._new_ids:
            if self._settings.sends_present:
                is_repeated = not self._memory.is_persistent
                events.append(watch_events.present(subject, facts, now, moment, is_repeated))
        elif what:
            events.append(watch_events.changed(subject, facts, now, moment, before.standing, what))
        return events

    def _store_and_send(self, changes: Mapping[str, Known], events: Sequence[Event]) -> None:
        if changes or events:
            for stored in self._memory.store(changes, [self._context.clean(event) for event in events]):
                self._send(stored)

    def _send_watch_event(self, kind: str, reason: str | None, message: str, about: str = "") -> None:
        identity = [
            *self._settings.identity,
            *self._settings.task_settings.campaigns.ids,
            *self._settings.states,
            about,
        ]
        event = watch_events.of_watch(kind, identity, self._service_time(), reason, message, self.counts)
        if about:
            self._store_and_send({about: Known(trouble=reason if kind == watch_events.TROUBLE else None)}, [event])
        else:
            # Not stored, because it is about this process: a later one must not repeat it.
            self._send(StoredEvent(self._context.clean(event)))

    def _send(self, stored: StoredEvent) -> None:
        self._in_flight += 1
        self._context.send(stored)

    def _record_deliveries(self) -> None:
        numbers = []
        while self._delivered:
            self._in_flight -= 1
            number = self._delivered.popleft().number
            if number is not None:
                numbers.append(number)
        if numbers:
            self._memory.mark_delivered(numbers)
        self._memory.prune()

    def _outcome_if_all_over(self) -> WaitOutcome | None:
        if self._trackers or self._lists is not None:
            return None
        return WaitOutcome(watch_events.ALL_OVER, f"All campaigns are over: {self.counts.over}.", is_reached=True)

    def _finish(self, outcome: WaitOutcome) -> None:
        self._send_watch_event(watch_events.DONE, outcome.reason, outcome.message)
        while self._in_flight > len(self._delivered) and not self._stop.is_set():
            self._clock.sleep(_MAX_SLEEP)
        self._record_deliveries()

    # State.

    @property
    def counts(self) -> Counts:
        """How many campaigns there are, and how many of them are over or cannot be read."""
        in_trouble = sum(1 for known in self._known.values() if known.trouble is not None)
        return Counts(len(self._trackers) + len(self._over_ids), len(self._over_ids), in_trouble)

    def _heartbeat_message(self) -> str:
        counts = self.counts
        trouble = f", {counts.in_trouble} cannot be read" if counts.in_trouble else ""
        outage = ", and the service is in trouble" if self._outage.reported else ""
        return f"{counts.campaigns} campaigns, {counts.over} of them over{trouble}{outage}."

    def _assess(self, tracker: Tracker) -> Assessment | None:
        return None if tracker.facts is None else assess(tracker.facts, self._wait_settings.thresholds)

    def _subject(self, tracker: Tracker) -> Subject:
        campaigns = self._settings.task_settings.campaigns
        known_id = None if tracker.facts is None else tracker.facts["id"]
        return Subject(campaigns.account_name, campaigns.api_version, known_id or tracker.campaign_id)

    def _warn_of_unknown(self, facts: Facts, name: str) -> None:
        status = str(facts["status"])
        if facts["state"] == UNKNOWN and status not in self._unknown_statuses:
            self._unknown_statuses.add(status)
            self._context.reporter.warning(
                f"Campaign {name} has the status {printable(status)!r}, which this version does not know."
            )

    def _service_time(self) -> datetime.datetime:
        return self._clock.now() + self._skew


def _affects_all(error: ThingSpaceError) -> bool:
    """Return whether this error probably affects all other requests too."""
    return isinstance(error, TransientError) and (error.affects_all or error.during_login)


def _chunks(trackers: Sequence[Tracker]) -> Iterable[Sequence[Tracker]]:
    for begin in range(0, len(trackers), _CHUNK_SIZE):
        yield trackers[begin : begin + _CHUNK_SIZE]
