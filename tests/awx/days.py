# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulates a month of a controller, git and the service, with outages and a virtual clock, without real waits."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass

from integration.playbooks import Run

from awx.chain import Chain
from awx.controller.dispatcher import SCHEDULE_SECONDS, TASK_SECONDS, Dispatcher, Planned
from simulator.control import Control

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
CONTROLLER, GIT, SERVICE = "controller", "git", "service"
# A user or a restart has ended a job while it ran.
KILLED = "killed"


class Time:
    """The clock of the controller."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now

    def __call__(self) -> datetime.datetime:
        """Return the current time."""
        return self.now


@dataclass(frozen=True)
class Outage:
    """A period in which something does not work."""

    what: str
    begin: datetime.datetime
    end: datetime.datetime

    def covers(self, moment: datetime.datetime) -> bool:
        """Whether the outage includes this time."""
        return self.begin <= moment < self.end


@dataclass(frozen=True)
class Done:
    """A finished job: its time, its number of polls, and its run, which is None if the playbook did not start."""

    at: datetime.datetime
    polls: int
    run: Run | None


def random_outages(seed: int, begin: datetime.datetime, days: int, counts: dict[str, int]) -> list[Outage]:
    """Return random outages of each kind, of 1 to 36 hours each, in a period of ``days``."""
    dice = random.Random(seed)
    found = []
    for what, count in counts.items():
        for _number in range(count):
            start = begin + dice.uniform(0.5, days - 2) * DAY
            found.append(Outage(what, start, start + dice.uniform(1, 36) * HOUR))
    return found


class Month:
    """Runs the scheduled jobs in chronological order."""

    def __init__(self, chain: Chain, control: Control, time: Time, outages: Sequence[Outage], seed: int) -> None:
        self._chain = chain
        self._control = control
        self.time = time
        self._outages = outages
        self._dice = random.Random(seed)
        self._dispatcher = Dispatcher(chain.controller.service)
        self.done: list[Done] = []
        # The outages because of which a job was not started, did not poll or did not end.
        self.met: set[str] = set()
        # The share of jobs that a user or a restart cancels while they run.
        self.killed_share = 0.0

    def run_until(self, end: datetime.datetime) -> None:
        """Advance the time, and run all jobs until then."""
        while (moment := self._next_moment(end)) < end:
            self._go_to(moment)
            for planned in self._dispatcher.due():
                self._go_to(self.time.now + datetime.timedelta(seconds=self._dice.uniform(0, TASK_SECONDS)))
                self.done.append(self._job(planned))
        self._go_to(end)

    def _next_moment(self, end: datetime.datetime) -> datetime.datetime:
        now = self.time.now
        moments = [edge for one in self._outages for edge in (one.begin, one.end) if edge > now]
        planned = self._dispatcher.next_moment() if self._dispatcher.is_up else None
        if planned is not None:
            moments.append(max(planned, now) + datetime.timedelta(seconds=self._dice.uniform(1, SCHEDULE_SECONDS)))
        return min([*moments, end])

    def _go_to(self, moment: datetime.datetime) -> None:
        self._control.advance((moment - self.time.now).total_seconds())
        self.time.now = moment
        down = self._down()
        controller = self._chain.controller
        controller.service.git.is_reachable = GIT not in down
        self._control.clear_faults()
        if SERVICE in down:
            self._control.fault("status", status=503, times=1000)
        if CONTROLLER in down:
            self._dispatcher.stop()
        elif not self._dispatcher.is_up:
            missed = self._dispatcher.next_moment()
            self.met |= {CONTROLLER} if missed is not None and missed < moment else set()
            self._dispatcher.start()
        controller.is_up = CONTROLLER not in down

    def _down(self) -> set[str]:
        return {one.what for one in self._outages if one.covers(self.time.now)}

    def _job(self, planned: Planned) -> Done:
        if planned.status == "failed":
            self.met.add(GIT)
            return Done(self.time.now, 0, None)
        controller = self._chain.controller
        if self._dice.random() < self.killed_share:
            controller.go_down_after(self._dice.randrange(8))
        before = self._control.count("campaign_read")
        own = {"awx_wait_now": int(self.time.now.timestamp())}
        run = self._chain.job(verbosity=0, **{**planned.variables, **own})
        self.met |= self._down() & {SERVICE} if controller.is_up else {KILLED}
        controller.go_down_after(None)
        return Done(self.time.now, self._control.count("campaign_read") - before, run)
