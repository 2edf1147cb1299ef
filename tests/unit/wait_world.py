# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A world for waits in virtual time: two clocks, campaigns with a timeline, faults, and a log of all polls.

Times are seconds since the start of the world, in the service's time, unless stated otherwise.
"""

from __future__ import annotations

import datetime
import math
import random
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import WaitSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import outcome_of as goal_ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import (
    INTERRUPTED,
    TIMED_OUT,
    WaitOutcome,
)

UTC: t.Final = datetime.timezone.utc
START: t.Final = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE: t.Final = 60.0
HOUR: t.Final = 3600.0
DAY: t.Final = 86400.0
# The defaults of the options. A test compares them with the option table.
DEFAULT_PACE: t.Final = Pace(300.0, 5400.0)


class Interrupted(BaseException):
    """Like Ansible's exception at the timeout of a task."""


class FakeClock(Clock):
    """Both clocks of a controller, and the true time, which only this clock advances.

    The wall clock is C(skew) seconds ahead of the service's clock. Each read of the monotonic clock takes C(tick)
    seconds, because time also passes between reads in reality.
    """

    def __init__(self, skew: float = 0.0, tick: float = 0.0) -> None:
        self._monotonic = 5000.0
        self._true = 0.0
        self._wall_offset = skew
        self._tick = tick
        self._happenings: list[tuple[float, Callable[[], None]]] = []
        self.naps: list[float] = []

    def monotonic(self) -> float:
        self.pass_time(self._tick)
        return self._monotonic

    def now(self) -> datetime.datetime:
        return self.date(self._true + self._wall_offset)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "time.sleep would raise ValueError"
        self.naps.append(seconds)
        assert len(self.naps) < 200_000, "a busy loop"
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """Advance both clocks, and run the actions planned for this time."""
        self._monotonic += seconds
        self._true += seconds
        while self._happenings and self._happenings[0][0] <= self._true:
            self._happenings.pop(0)[1]()

    def plan(self, moment: float, happening: Callable[[], None]) -> None:
        """Run an action at a given time."""
        self._happenings = sorted([*self._happenings, (moment, happening)], key=lambda planned: planned[0])

    def suspend(self, seconds: float) -> None:
        """Suspend the machine: the world and the wall clock continue, but the monotonic clock stops."""
        self._true += seconds

    def adjust_wall_clock(self, seconds: float) -> None:
        """Adjust the wall clock by this number of seconds."""
        self._wall_offset += seconds

    @property
    def seconds(self) -> float:
        """Return the true time."""
        return self._true

    @staticmethod
    def date(moment: float) -> datetime.datetime:
        """Convert seconds to a date and time."""
        return START + datetime.timedelta(seconds=moment)


Step = tuple[float, dict[str, t.Any]]


@dataclass
class Campaign:
    """A campaign whose body changes at given times. If its body is None, it does not exist."""

    steps: Sequence[Step] = ()
    start: str | None = "2026-03-04"
    end: str | None = "2026-03-10"
    windows: Sequence[tuple[int, int]] = ()
    name: str | None = None

    def body(self, campaign_id: str, moment: float) -> dict[str, t.Any]:
        """Return the service's answer at a given time."""
        hours = [{"startTime": first, "endTime": last} for first, last in self.windows]
        body: dict[str, t.Any] = {"id": campaign_id, "status": "CampaignScheduled", "campaignName": self.name}
        body.update(startDate=self.start, endDate=self.end, downloadTimeWindowList=hours)
        for since, change in self.steps:
            if since <= moment:
                body.update(change)
        return body


def status(word: str | None, **more: t.Any) -> dict[str, t.Any]:
    """Return a change of a campaign's status and other fields."""
    return {"status": word, **more}


@dataclass(frozen=True)
class Seen:
    """An entry of the log: a poll of one campaign. C(at) is monotonic time, C(moment) is true time.

    A round has one or two calls. The second one confirms the first.
    """

    campaign_id: str
    at: float
    moment: float
    round: int
    call: int
    is_listed: bool
    facts: Facts | None
    error: ThingSpaceError | None


@dataclass(frozen=True)
class Asked:
    """What a fault can depend on: the campaign, the true time, and the number of its previous polls."""

    campaign_id: str
    moment: float
    times: int
    is_second: bool


@dataclass(frozen=True)
class Spared:
    """The campaign was not polled, because the poll of another campaign had this error."""

    error: ThingSpaceError


Fault = Callable[[Asked], t.Union[ThingSpaceError, Spared, None]]


class World(ProgressReporter):
    """The service and the output: C(Poller) and C(ProgressReporter). C(log) has every poll that reached the service.

    C(fault) returns the error of a poll, or None. C(listed) are the campaigns that are polled by status list if that is
    allowed, with their state C(list_lag) seconds earlier. A poll takes C(poll_seconds). It fails after C(patience)
    rounds.
    """

    def __init__(self, campaigns: Mapping[str, Campaign], clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.campaigns = dict(campaigns)
        self.fault: Fault = lambda _asked: None
        self.listed: frozenset[str] = frozenset()
        self.list_lag = 0.0
        self.poll_seconds = 0.0
        self.log: list[Seen] = []
        self.lines: list[tuple[float, str]] = []
        self.warnings: list[str] = []
        self.keeps_log = True
        self.patience = 50_000
        self._rounds = 0
        self._calls = 0
        self._naps = -1
        self._unconfirmed: set[str] = set()
        self._times: dict[str, int] = {}

    def __repr__(self) -> str:
        plans = [moment for moment, _happening in self.clock._happenings]
        return f"World({self.campaigns}, {self.fault}, listed {sorted(self.listed)} {self.list_lag}, plans {plans})"

    def __call__(
        self,
        ids: Sequence[str],
        kind: PollKind = PollKind.FIRST,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> dict[str, Poll]:
        """Poll campaigns, as the loop requests it."""
        self._calls += 1
        # A second call without a sleep, for campaigns of the first call, confirms its result.
        naps = len(self.clock.naps)
        if kind is PollKind.SECOND and self._naps == naps and self._unconfirmed.issuperset(ids):
            self._unconfirmed = set()
        else:
            self._rounds += 1
            self._unconfirmed = set(ids)
        self._naps = naps
        assert self._rounds < self.patience, "the service is hammered"
        return {campaign_id: self._poll(campaign_id, kind is PollKind.SECOND) for campaign_id in ids}

    def _poll(self, campaign_id: str, is_second: bool) -> Poll:
        asked = Asked(campaign_id, self.clock.seconds, self._times.get(campaign_id, 0), is_second)
        trouble = self.fault(asked)
        if isinstance(trouble, Spared):
            return Poll(error=trouble.error, is_skipped=True)
        self._times[campaign_id] = asked.times + 1
        self.clock.pass_time(self.poll_seconds)
        if isinstance(trouble, ThingSpaceError):
            self._note(campaign_id, False, None, trouble)
            return Poll(error=trouble)
        is_listed = campaign_id in self.listed and not is_second
        moment = self.clock.seconds
        body = self.campaigns[campaign_id].body(campaign_id, moment - (self.list_lag if is_listed else 0.0))
        now = self.clock.date(moment).replace(microsecond=0)
        facts = campaign_facts(body, "v2", now.date())
        self._note(campaign_id, is_listed, facts, None)
        return Poll(facts=facts, service_time=now, is_listed=is_listed)

    def _note(self, campaign_id: str, is_listed: bool, facts: Facts | None, error: ThingSpaceError | None) -> None:
        if self.keeps_log:
            at, moment = self.clock._monotonic, self.clock.seconds
            self.log.append(Seen(campaign_id, at, moment, self._rounds, self._calls, is_listed, facts, error))

    def progress(self, text: str, key: str = "") -> None:
        self.lines.append((self.clock.seconds, text))

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def polls_of(self, campaign_id: str) -> list[Seen]:
        """Return the log of one campaign."""
        return [seen for seen in self.log if seen.campaign_id == campaign_id]


def wait_settings(**changes: t.Any) -> WaitSettings:
    """Return the settings of a wait: by default the option defaults, but with a long timeout and without progress."""
    settings: dict[str, t.Any] = {
        "target_states": ("ended",),
        "needed": 1,
        "timeout": 365 * DAY,
        "until_end_plus": None,
        "pace": DEFAULT_PACE,
        "return_on_timeout": False,
        "unknown_fails": False,
        "not_found_grace": 0.0,
        "max_consecutive_errors": 20,
        "max_error_seconds": 3600.0,
        "progress_interval": 0.0,
    }
    return WaitSettings(**{**settings, **changes})


@dataclass
class FinishedWait:
    """A finished wait: its world, the wait, its outcome and its result."""

    world: World
    wait: Wait
    outcome: WaitOutcome
    result: dict[str, t.Any] = field(init=False)

    def __post_init__(self) -> None:
        self.result = {**self.wait.result(self.outcome)}

    @property
    def polls(self) -> int:
        """The number of polls that reached the service."""
        return len(self.world.log)

    @property
    def only(self) -> dict[str, t.Any]:
        """The entry of the only campaign in the result."""
        (one,) = self.result["waits"]
        return t.cast("dict[str, t.Any]", one)


def make_wait(world: World, seed: int = 1, **changes: t.Any) -> Wait:
    """Return a wait for all campaigns of a world. C(seed) makes its jitter reproducible."""
    changes.setdefault("needed", len(world.campaigns))
    return Wait(world, list(world.campaigns), wait_settings(**changes), world.clock, world, random.Random(seed))


def run_wait(world: World, seed: int = 1, **changes: t.Any) -> FinishedWait:
    """Run a wait until its end."""
    wait = make_wait(world, seed, **changes)
    return FinishedWait(world, wait, wait.run())


def outcome_of(wait: Wait, target: Target, outcome: WaitOutcome, targets: int = 2) -> WaitOutcome:
    """Return what the outcome of a wait with C(targets) targets means for one of them."""
    if targets == 1:
        return outcome
    trackers = trackers_of(wait, target)
    settings = wait._settings
    own = wait._out_of_reach.get(target) or goal_ending(trackers, target.needed, settings.target_states, settings.names)
    if own is None and outcome.reason in (TIMED_OUT, INTERRUPTED):
        return wait._cut_short(outcome.reason, wait._pending(trackers))
    return own or outcome


def trackers_of(wait: Wait, target: Target) -> list[Tracker]:
    """Return the trackers of the campaigns of a target."""
    return [tracker for campaign_id in target.ids for tracker in wait.trackers if tracker.campaign_id == campaign_id]


def one(campaign: Campaign, clock: FakeClock | None = None) -> World:
    """Return a world with a single campaign."""
    return World({"c1": campaign}, clock)


def seconds_until(day: str) -> float:
    """Return the time at which a day begins in UTC."""
    return (datetime.datetime.fromisoformat(day).replace(tzinfo=UTC) - START).total_seconds()
