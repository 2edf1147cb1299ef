# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waits of a fleet: one for each party, side by side, with one login for all that share their credentials."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    MaskingReporter,
    Surroundings,
    add_reports,
    campaigns_result,
    client_for,
    warn_of_plain_http,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.module_utils._look import Looker
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    Campaigns,
    Connection,
    Credentials,
    Waiting,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._reporting import Reporting
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._thresholds import Thresholds
from ansible_collections.fleetops.thingspace.plugins.module_utils._transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Party

Result = dict[str, t.Any]

# A report is read once, and again after trouble that may pass; a wait looks again by itself.
_RETRIES: t.Final = 2


@dataclass(frozen=True)
class GoalEnd:
    """What came of one goal: its ending, and the result in the form of C(campaign_info).

    C(asked) is what was asked for; C(facts) are those of the campaigns that were read, and C(reports) the reports that
    were, by the ID that was asked for.
    """

    asked: Campaigns
    ending: Ending
    result: Result
    facts: Mapping[str, Facts]
    reports: Mapping[str, DeviceReport]


class _Stopped(Exception):
    """Somebody else's interruption has reached this wait."""


class _StoppableClock(Clock):
    """A clock whose sleepers can be woken for good."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stop = threading.Event()

    def monotonic(self) -> float:
        """As the clock behind it."""
        return self._clock.monotonic()

    def now(self) -> t.Any:
        """As the clock behind it."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise at once if nobody is to sleep any more."""
        if self._stop.wait(seconds):
            raise _Stopped

    def stop(self) -> None:
        """Wake everybody."""
        self._stop.set()


def wait_for(
    parties: Sequence[Party], surroundings: Surroundings, secrets: Secrets, looks_once: bool = False
) -> list[dict[Goal, GoalEnd]]:
    """Wait for every party, and tell for each what came of its goals.

    With C(looks_once) nobody waits, and no threshold counts: what is known now is the result. Errors of the family are
    not raised: they end the goals that they concern.
    """
    surroundings = replace(surroundings, reporter=MaskingReporter(surroundings.reporter, secrets))
    parties = [_looking_once(party) for party in parties] if looks_once else parties
    retries = _RETRIES if looks_once else 0
    with ExitStack() as stack:
        if len(parties) == 1:
            client = stack.enter_context(_client(parties[0], surroundings, secrets, retries))
            return [_PartyWait(parties[0], client, surroundings).run()]
        return _side_by_side(parties, stack, surroundings, secrets, retries)


def _side_by_side(
    parties: Sequence[Party], stack: ExitStack, surroundings: Surroundings, secrets: Secrets, retries: int
) -> list[dict[Goal, GoalEnd]]:
    clock = _StoppableClock(surroundings.clock)
    inner = replace(surroundings, clock=clock, interruptions=(_Stopped,))
    clients: dict[tuple[Connection, Credentials], Client] = {}
    waits = []
    for party in parties:
        key = (party.wishes.connection, party.wishes.credentials)
        if key not in clients:
            clients[key] = stack.enter_context(_client(party, inner, secrets, retries))
        waits.append(_PartyWait(party, clients[key], inner))
    with ThreadPoolExecutor(max_workers=len(waits)) as pool:
        futures = [pool.submit(wait.run) for wait in waits]
        try:
            for future in futures:
                future.exception()
        except surroundings.interruptions:
            pass
        finally:
            clock.stop()
        return [future.result() for future in futures]


@contextmanager
def _client(party: Party, surroundings: Surroundings, secrets: Secrets, retries: int) -> Iterator[Client]:
    connection = party.wishes.connection
    warn_of_plain_http(connection, surroundings.reporter)
    transport = Transport(connection, connection.max_concurrency)
    try:
        yield client_for(party.wishes.credentials, transport, surroundings, secrets, retries)
    finally:
        transport.close()


def _looking_once(party: Party) -> Party:
    waiting = replace(_waiting_of(party), timeout=0.0, until_end_plus=None, thresholds=Thresholds())
    return replace(party, wishes=replace(party.wishes, waiting=waiting))


def _waiting_of(party: Party) -> Waiting:
    if party.wishes.waiting is None:
        raise AssertionError("a party of a gate always waits")
    return party.wishes.waiting


class _PartyWait:
    """The wait of one party, from the first look to what came of each goal."""

    def __init__(self, party: Party, client: Client, surroundings: Surroundings) -> None:
        wishes, waiting = party.wishes, _waiting_of(party)
        self._party = party
        self._client = client
        self._surroundings = surroundings
        every = waiting.report_every if waiting.thresholds.are_set else 0
        wants_reports = waiting.thresholds.are_set or party.has_devices or wishes.campaigns.devices != "none"
        self._reporting = Reporting(client, wishes.campaigns, every) if wants_reports else None
        look_at = Looker(client, wishes.campaigns, wishes.connection.max_concurrency, self._reporting)
        self._wait = Wait(
            look_at, wishes.campaigns.ids, waiting, surroundings.clock, surroundings.reporter, goals=party.goals
        )

    def run(self) -> dict[Goal, GoalEnd]:
        """What came of each goal."""
        try:
            ending = self._wait.run()
            if self._reporting is not None:
                unread = [watch for watch in self._wait.watches if self._is_to_be_read(watch, ending)]
                add_reports(unread, self._reporting, self._surroundings.reporter)
        except self._surroundings.interruptions:
            ending = self._wait.interruption()
        return {goal: self._end_of(goal, ending) for goal in self._party.goals}

    def _is_to_be_read(self, watch: Watch, ending: Ending) -> bool:
        """Whether the report of a campaign is missing, or may be old: in a wait that has timed out."""
        if watch.facts is None:
            return False
        is_missing = watch.facts["device_summary"] is None
        return is_missing or (ending.reason == TIMED_OUT and not watch.facts["terminal"])

    def _end_of(self, goal: Goal, ending: Ending) -> GoalEnd:
        own = self._wait.ending_of(goal, ending)
        campaigns = replace(self._party.wishes.campaigns, ids=goal.ids)
        facts = {watch.campaign_id: watch.facts for watch in self._wait.watches_of(goal) if watch.facts is not None}
        result = {**campaigns_result(campaigns, list(facts.values()), self._client), **self._wait.result(own, goal)}
        reports = {} if self._reporting is None else self._reporting.reports
        return GoalEnd(campaigns, own, result, facts, {name: reports[name] for name in goal.ids if name in reports})
