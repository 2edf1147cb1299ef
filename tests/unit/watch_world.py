# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches in a world in which no real time passes, the events that they send, and processes that are killed."""

from __future__ import annotations

import json
import math
import pathlib
import random
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import jsonschema

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts, with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import StoredEvent, WatchMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file import open_memory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch import Watch, WatchContext
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import watch_settings_of
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import Campaign, FakeClock, World

_ROOT: t.Final = pathlib.Path(__file__).parents[2]
SCHEMA: t.Final = json.loads((_ROOT / "extensions/eda/schemas/campaign_event.json").read_text(encoding="utf-8"))
VALIDATOR: t.Final = jsonschema.Draft202012Validator(SCHEMA)
GIVEN: t.Final = {
    "account_name": "0402196254-00001",
    "api_key": "key-2222",
    "api_secret": "secret-3333",
    "username": "user-1111",
    "password": "password-4444",
}
# The statuses in the requests for status lists.
_LISTS: t.Final = {"scheduled": "CampaignScheduled", "queued": "CampaignRequestQueued"}


class Killed(BaseException):
    """The process was killed."""


@dataclass
class Reports:
    """The device reports: the statuses of the devices of a campaign at a given time."""

    by_id: Mapping[str, Callable[[float], Sequence[str]]] = field(default_factory=dict)

    def of(self, campaign_id: str, moment: float) -> DeviceReport:
        """Return the complete report."""
        report = DeviceReport()
        words = self.by_id[campaign_id](moment) if campaign_id in self.by_id else ["UpgradeSuccess"]
        devices = [{"deviceId": f"{number:015}", "status": word} for number, word in enumerate(words)]
        report.add_page({"deviceList": devices, "totalDevice": len(devices), "hasMoreData": False})
        return report


class WatchWorld(World):
    """A world with device reports and status lists. Each request can have a fault, including that for a list.

    C(report_fault) returns the error of a device report, or None. The campaign itself is read nevertheless.
    """

    reports = Reports()
    list_reads = 0
    every_report = False
    # The end of a fault of the lists, and its error.
    list_trouble: tuple[float, ThingSpaceError] | None = None

    def __init__(self, campaigns: Mapping[str, Campaign], clock: FakeClock | None = None) -> None:
        super().__init__(campaigns, clock)
        self.report_fault: Callable[[], ThingSpaceError | None] = lambda: None

    def _poll(self, campaign_id: str, is_second: bool) -> Poll:
        poll = super()._poll(campaign_id, is_second)
        if poll.facts is None or poll.is_listed or not (is_second or self.every_report):
            return poll
        if poll.facts["terminal"] and not is_second:
            return poll
        error = self.report_fault()
        if error is not None:
            return replace(poll, error=error)
        report = self.reports.of(campaign_id, self.clock.seconds)
        return Poll(with_report(poll.facts, report, "none"), None, poll.service_time)

    def lists(self, states: Sequence[str]) -> dict[str, Poll]:
        """Return the campaigns in the current status lists of these states."""
        self.list_reads += 1
        if self.list_trouble is not None and self.clock.seconds < self.list_trouble[0]:
            raise self.list_trouble[1]
        now = self.clock.date(self.clock.seconds).replace(microsecond=0)
        words, found = [_LISTS[state] for state in states], {}
        for campaign_id, campaign in self.campaigns.items():
            body = campaign.body(campaign_id, self.clock.seconds - self.list_lag)
            if body["status"] in words:
                found[campaign_id] = Poll(campaign_facts(body, "v2", now.date()), None, now, is_listed=True)
        return found


@dataclass
class Process:
    """One process with a watch.

    C(events) are the events that have arrived. C(outcome) is None if the process was stopped from outside.
    """

    world: WatchWorld
    options: Mapping[str, t.Any]
    seed: int = 1
    # How many more steps of the way of events it lives: store, send, mark as delivered.
    lives: float = math.inf
    events: list[dict[str, t.Any]] = field(default_factory=list)
    # The true time at which each event has arrived.
    moments: list[float] = field(default_factory=list)
    outcome: WaitOutcome | None = None
    watch: Watch = field(init=False)
    memory: WatchMemory = field(init=False)

    def __post_init__(self) -> None:
        settings = watch_settings_of({**GIVEN, **self.options})
        self.memory = open_memory(settings.state_file, settings.identity, settings.repeat_within, self.world.clock)
        self.memory.store = self._mortal(self.memory.store)  # type: ignore[method-assign]
        lists = (lambda: self.world.lists(settings.states)) if settings.states else None
        context = WatchContext(self.world.clock, self._send, reporter=self.world)
        self.watch = Watch(settings, self.world, lists, self.memory, context, random.Random(self.seed))

    def _mortal(self, store: t.Any) -> t.Any:
        def stored(*given: t.Any) -> t.Any:
            self._step()
            result = store(*given)
            self._step()
            return result

        return stored

    def _step(self) -> None:
        self.lives -= 1
        if self.lives < 0:
            raise Killed

    def _send(self, stored: StoredEvent) -> None:
        self._step()
        event = json.loads(json.dumps(stored.event))
        VALIDATOR.validate(event)
        self.events.append(event)
        self.moments.append(self.world.clock.seconds)
        self._step()
        self.watch.mark_delivered(stored)

    def run(self, until: float = math.inf) -> list[dict[str, t.Any]]:
        """Let it run until a moment of the true time, its end or its death; what has arrived meanwhile."""
        if until < math.inf:
            self.world.clock.plan(until, self.watch.stop)
        try:
            self.outcome = self.watch.run()
        except Killed:
            pass
        finally:
            self.memory.close()
        return self.events


def short(event: Mapping[str, t.Any]) -> str:
    """Return a short form of an event: C(changed c1 ended succeeded)."""
    campaign = event["campaign"] or {}
    words = [event["type"], campaign.get("id"), campaign.get("state"), campaign.get("outcome"), event["reason"]]
    text = " ".join(word for word in words if word not in (None, "pending"))
    return f"{text} again" if event["repeated"] else text
