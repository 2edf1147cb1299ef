# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The loop: look, judge, tell, sleep. Clock, looks, reporter and randomness are handed in."""

from __future__ import annotations

import datetime
import random
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils import _sentences as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    Severity,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._look import Look, LookAt
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Waiting
from ansible_collections.fleetops.thingspace.plugins.module_utils._schedule import next_delay, trouble_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._verdict import (
    HOPELESS,
    NOT_REACHABLE,
    SATISFIED,
    overall,
    verdict_on,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch, iso, printable

TIMED_OUT: t.Final = "timed_out"
TOO_MANY_ERRORS: t.Final = "too_many_errors"
_MAX_LAST_ERRORS: t.Final = 5


class Reporter:
    """Where progress goes. This one is silent: a module cannot print while it runs."""

    def progress(self, text: str) -> None:
        """One line that tells how the wait stands."""

    def warning(self, text: str) -> None:
        """Something that the user should know, said once."""


@dataclass(frozen=True)
class Ending:
    """Why a wait is over: one word, one sentence, and whether its goal is met."""

    reason: str
    message: str
    is_reached: bool = False


class Wait:
    """One wait for one goal; use it once."""

    def __init__(
        self,
        look_at: LookAt,
        ids: Sequence[str],
        waiting: Waiting,
        clock: Clock,
        reporter: Reporter,
        randomness: random.Random | None = None,
    ) -> None:
        self._look_at = look_at
        self._waiting = waiting
        self._clock = clock
        self._reporter = reporter
        self._randomness = randomness or random.Random()
        self._started = clock.monotonic()
        self._deadline = self._started + waiting.timeout
        self._skew = datetime.timedelta()
        self._told: object = None
        self._tell_at = self._started
        self._last_errors: list[dict[str, str]] = []
        self._unknown_words: set[str] = set()
        self.watches = [Watch(campaign_id, self._started) for campaign_id in ids]

    def run(self) -> Ending:
        """Wait until the goal is met or cannot be met any more, or the deadline is over. Never raises the family."""
        while True:
            ending = self._round()
            if ending is not None:
                return ending
            self._pause()

    def _round(self) -> Ending | None:
        now = self._clock.monotonic()
        is_last = now >= self._deadline
        due = [watch for watch in self.watches if not watch.settled and (is_last or watch.due_at <= now)]
        fatal = self._look(due)
        if fatal is not None:
            return fatal
        verdict = overall((watch.verdict for watch in self.watches), len(self.watches))
        targets = self._waiting.targets
        if verdict in SATISFIED:
            return Ending(verdict, sentences.reached(self.watches, targets), is_reached=True)
        if verdict in HOPELESS:
            hopeless = [watch for watch in self.watches if watch.verdict in HOPELESS]
            say = sentences.not_reachable if verdict == NOT_REACHABLE else sentences.unknown_state
            return Ending(verdict, say(hopeless, targets))
        if is_last:
            pending = [watch for watch in self.watches if watch.verdict not in SATISFIED]
            return Ending(TIMED_OUT, sentences.timed_out(pending, targets, self._waiting.timeout))
        return None

    def _look(self, due: Sequence[Watch]) -> Ending | None:
        looks = self._look_at([watch.campaign_id for watch in due])
        fatal = [ending for ending in (self._take(watch, looks[watch.campaign_id]) for watch in due) if ending]
        # A campaign never leaves a terminal state, so such a state is read twice before it is believed.
        ended = [watch for watch in due if watch.facts and watch.facts["terminal"] and not watch.last_error]
        if ended and not fatal:
            looks = self._look_at([watch.campaign_id for watch in ended])
            for watch in ended:
                seen = watch.state
                ending = self._take(watch, looks[watch.campaign_id])
                watch.settled = ending is None and watch.last_error is None and watch.state == seen
                fatal += [ending] if ending else []
        for watch in due:
            self._judge(watch)
        return fatal[0] if fatal else None

    def _take(self, watch: Watch, look: Look) -> Ending | None:
        """Take in one look and set the time of the next; an Ending if the wait must not go on."""
        now = self._clock.monotonic()
        watch.polls += 1
        if look.facts is not None and look.service_time is not None:
            self._skew = look.service_time - self._clock.now()
            watch.saw(look.facts, look.service_time)
            watch.due_at = now + next_delay(look.facts, look.service_time, self._waiting.pace, self._randomness)
            return None
        assert look.error is not None
        return self._take_error(watch, look.error, now)

    def _take_error(self, watch: Watch, error: ThingSpaceError, now: float) -> Ending | None:
        watch.met(error, now)
        entry = {"campaign_id": watch.campaign_id, "at": iso(self._service_now()), "message": error.message}
        self._last_errors = [*self._last_errors, entry][-_MAX_LAST_ERRORS:]
        has_worked = any(other.facts is not None for other in self.watches)
        if error.severity is Severity.FATAL or (error.severity is Severity.SUSPECT and not has_worked):
            return Ending(error.reason, error.message)
        troubled_for = now - (watch.first_error_at if watch.first_error_at is not None else now)
        budget = self._waiting
        if watch.errors_in_a_row > budget.max_consecutive_errors or troubled_for >= budget.max_error_seconds > 0:
            return Ending(TOO_MANY_ERRORS, sentences.too_many_errors(watch, troubled_for))
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        watch.due_at = now + trouble_delay(watch.errors_in_a_row, retry_after, budget.pace, self._randomness)
        return None

    def _judge(self, watch: Watch) -> None:
        if watch.facts is None:
            return
        if watch.facts["terminal"] and not watch.settled:
            return  # seen once, not confirmed
        watch.verdict = verdict_on(watch.facts["state"], self._waiting.targets, self._waiting.unknown_fails)
        status = str(watch.facts["status"])
        if watch.facts["state"] == UNKNOWN and status not in self._unknown_words:
            self._unknown_words.add(status)
            self._reporter.warning(
                f"Campaign {watch.name} has the status {printable(status)!r}, which this version does not know."
            )

    def _pause(self) -> None:
        """Sleep until the next look, with a line of progress when something is new and as a heartbeat."""
        wake_at = min(self._deadline, self._next_due())
        while True:
            now = self._clock.monotonic()
            self._tell(now, wake_at)
            if now >= wake_at:
                return
            until = min(wake_at, self._tell_at) if self._waiting.progress_interval else wake_at
            self._clock.sleep(until - now)

    def _next_due(self) -> float:
        return min(watch.due_at for watch in self.watches if not watch.settled)

    def _tell(self, now: float, wake_at: float) -> None:
        if not self._waiting.progress_interval:
            return
        situation = [(watch.state, watch.last_error is not None) for watch in self.watches]
        if situation == self._told and now < self._tell_at:
            return
        self._told = situation
        self._tell_at = now + self._waiting.progress_interval
        self._reporter.progress(
            sentences.progress(self.watches, now - self._started, wake_at - now, max(self._deadline - now, 0.0))
        )

    def _service_now(self) -> datetime.datetime:
        return self._clock.now() + self._skew

    def result(self, ending: Ending) -> dict[str, t.Any]:
        """Every key of a wait's result, the same ones for each ending."""
        now, service_now = self._clock.monotonic(), self._service_now()
        return {
            "reached": ending.is_reached,
            "timed_out": ending.reason == TIMED_OUT,
            "reason": ending.reason,
            "message": ending.message,
            "elapsed": round(now - self._started, 3),
            "polls": sum(watch.polls for watch in self.watches),
            "errors": sum(watch.errors for watch in self.watches),
            "last_errors": self._last_errors,
            "deadline": iso(service_now + datetime.timedelta(seconds=self._deadline - now)),
            "next_check_at": self._next_check_at(now, service_now, self.watches),
            "history": [entry for watch in self.watches for entry in watch.history],
            "waits": [
                {
                    "campaign_id": watch.campaign_id,
                    "state": watch.state,
                    "verdict": watch.verdict,
                    "overdue": watch.is_overdue(service_now),
                    "polls": watch.polls,
                    "errors": watch.errors,
                    "next_check_at": self._next_check_at(now, service_now, [watch]),
                }
                for watch in self.watches
            ],
        }

    def _next_check_at(self, now: float, service_now: datetime.datetime, watches: Sequence[Watch]) -> str | None:
        pending = [watch.due_at for watch in watches if not watch.settled]
        return iso(service_now + datetime.timedelta(seconds=max(min(pending) - now, 0.0))) if pending else None
