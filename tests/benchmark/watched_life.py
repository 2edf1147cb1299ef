# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A watch of campaigns from begin to end, in a process whose sleep takes no time and advances the service's clock."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Parts, Runtime, assembled
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import HttpLists
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import StoredEvent
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file import open_memory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch import Watch, WatchContext
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import watch_settings_of
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS


class _Moving(Clock):
    """A clock whose sleep takes no time. The service's clock is advanced before the next request."""

    def __init__(self, control: Control, begin: dt.datetime) -> None:
        self._control = control
        self._begin = begin
        self._began = time.monotonic()
        self._passed = 0.0
        self._owed = 0.0

    def monotonic(self) -> float:
        return time.monotonic() - self._began + self._passed

    def now(self) -> dt.datetime:
        return self._begin + dt.timedelta(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        self._passed += seconds
        self._owed += seconds

    def settle(self) -> None:
        """Advance the service to the same time."""
        if self._owed:
            self._control.advance(self._owed)
        self._owed = 0.0


class _Life:
    """The context of the watch."""

    def __init__(self, clock: _Moving, parts: Parts, states: Sequence[str], count: int) -> None:
        self._clock = clock
        self._parts = parts
        self._lists = HttpLists(parts.client, parts.task_settings.campaigns, states)
        self._count = count
        self.watch: Watch | None = None
        self.ends: list[float] = []

    def lists(self) -> Mapping[str, Poll]:
        self._clock.settle()
        return self._lists()

    def poll(
        self,
        ids: Sequence[str],
        kind: PollKind = PollKind.FIRST,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> Mapping[str, Poll]:
        self._clock.settle()
        return self._parts.poller(ids, kind)

    def send(self, stored: StoredEvent) -> None:
        assert self.watch is not None
        self.watch.mark_delivered(stored)
        if (stored.event["campaign"] or {}).get("terminal"):
            self.ends.append(self._clock.monotonic())
        if len(self.ends) == self._count:
            self.watch.stop()

    def forget(self, ids: Sequence[str]) -> None:
        for name in ids:
            if self._parts.device_reports is not None:
                self._parts.device_reports.forget(name)


def watched_life(told: dict[str, Any], begin: dt.datetime) -> dict[str, Any]:
    """Return the figures of a watch from ``begin`` to the end of the last campaign."""
    given = {"api_url": told["url"], "account_name": ACCOUNT, "campaign_state": ["scheduled"], **DEMO_CREDENTIALS}
    settings = watch_settings_of({**given, "state_file": told["state_file"]})
    clock, secrets = _Moving(Control(told["admin_url"]), begin), Secrets(DEMO_CREDENTIALS.values())
    memory = open_memory(settings.state_file, settings.identity, settings.repeat_within, clock)
    with assembled(settings.task_settings, Runtime(clock=clock), secrets, needs_reports=True) as parts:
        life = _Life(clock, parts, settings.states, told["campaigns"])
        context = WatchContext(clock, life.send, secrets.clean, life.forget)
        life.watch = Watch(settings, life.poll, life.lists, memory, context)
        life.watch.run()
        return {
            "requests": parts.client.requests,
            "logins": parts.client.logins,
            "minutes": clock.monotonic() / 60,
            "first": min(life.ends) - told["end"],
            "latest": max(life.ends) - told["end"],
        }
