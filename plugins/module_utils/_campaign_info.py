# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What the module and the action plugin share: from parameters to the result of one task."""

from __future__ import annotations

import math
import typing as t
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import secret_names
from ansible_collections.fleetops.thingspace.plugins.module_utils._auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._device_verdict import (
    DEVICE_NOT_UPGRADED,
    device_in,
    is_upgraded,
    not_upgraded,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import Device
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ThingSpaceError,
    TransientError,
    WaitFailed,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LockTimeout, LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._look import Looker
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Connection, Waiting, Wishes, wishes_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._poll_memory import PollMemory, Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._reporting import Reporting
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._telling import Reporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._thresholds import Names
from ansible_collections.fleetops.thingspace.plugins.module_utils._transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import Wait

Result = dict[str, t.Any]

# A read outside of a wait is tried three times; a wait has a trouble budget of its own.
_RETRIES: t.Final = 2


def _no_memory(_wishes: Wishes) -> PollMemory:
    return PollMemory()


@dataclass(frozen=True)
class Surroundings:
    """What a run needs from where it runs.

    C(logins) and C(polls) are what it shares with other tasks and hosts. C(started) is a moment of the monotonic clock,
    for a wait that shares its start. C(interruptions) are exceptions from outside that end a wait, with its result,
    instead of a run without one. C(names) gives what the user calls an option.
    """

    clock: Clock = field(default_factory=Clock)
    reporter: Reporter = field(default_factory=Reporter)
    logins: LoginMemory = field(default_factory=LoginMemory)
    polls: Callable[[Wishes], PollMemory] = _no_memory
    started: float | None = None
    interruptions: tuple[type[BaseException], ...] = ()
    names: Names = str


def run(params: Mapping[str, t.Any], surroundings: Surroundings, secrets: Secrets) -> Result:
    """Read campaigns, wait if asked to, and return the task's result, without any secret in it.

    Raises an error of the family, whose C(message) and C(facts) are free of secrets as well; C(facts) has the keys of
    a result as far as they are known. C(secrets) learns every token on the way.
    """
    register_secrets(params, secrets)
    surroundings = replace(surroundings, reporter=MaskingReporter(surroundings.reporter, secrets))
    try:
        result = _run(params, surroundings, secrets)
    except ThingSpaceError as error:
        error.message = secrets.mask(error.message)
        error.facts = secrets.clean({"changed": False, "reason": error.reason, **error.facts})
        raise
    return t.cast(Result, secrets.clean(result))


class MaskingReporter(Reporter):
    """Keeps secrets out of progress and warnings."""

    def __init__(self, reporter: Reporter, secrets: Secrets) -> None:
        self._reporter = reporter
        self._secrets = secrets

    def progress(self, text: str, key: str = "") -> None:
        """Hand on without secrets."""
        self._reporter.progress(self._secrets.mask(text), key)

    def warning(self, text: str) -> None:
        """Hand on without secrets."""
        self._reporter.warning(self._secrets.mask(text))


def register_secrets(params: Mapping[str, t.Any], secrets: Secrets) -> None:
    """Mask every credential among these parameters from now on."""
    for name in secret_names():
        secrets.add(params.get(name))
    secrets.add_pair(params.get("api_key"), params.get("api_secret"))


def _run(params: Mapping[str, t.Any], surroundings: Surroundings, secrets: Secrets) -> Result:
    wishes = wishes_of(params, surroundings.names)
    with assembled(wishes, surroundings, secrets) as parts:
        return _read(parts) if wishes.waiting is None else _wait(parts, wishes.waiting)


@dataclass(frozen=True)
class Parts:
    """Everything that works on the wishes of one task, put together."""

    wishes: Wishes
    client: Client
    look_at: Looker
    reporting: Reporting | None
    sharing: Sharing
    surroundings: Surroundings

    def wait(self, waiting: Waiting, goals: t.Sequence[Goal] | None = None) -> Wait:
        """A wait for the campaigns, which has not begun yet."""
        return Wait(
            self.look_at,
            self.wishes.campaigns.ids,
            waiting,
            self.surroundings.clock,
            self.surroundings.reporter,
            goals=goals,
            started=self.surroundings.started,
            memory=self.sharing.memory,
        )

    def add_late_reports(self, wait: Wait, ending: Ending) -> None:
        """After a wait: the device reports that are missing, or may be old because its time was over.

        They end no wait any more. A report that cannot be read is warned of, and what was read before is not kept.
        """
        reporting, reporter = self.reporting, self.surroundings.reporter
        self.client.give_up_at(math.inf)
        for watch in wait.watches:
            facts = watch.facts
            if reporting is None or facts is None or not _is_to_be_read(facts, ending):
                continue
            limit = self.sharing.clock.monotonic() + self.client.request_timeout
            try:
                with self.sharing.memory.locked(limit):
                    known = reporting.known(facts, watch.campaign_id, wait.deadline)
                    watch.facts = known or reporting.add_to(facts, watch.campaign_id, is_final=watch.confirmed)
            except LockTimeout:
                reporter.warning(f"The device report of campaign {watch.name} could not be read in time.")
            except ThingSpaceError as error:
                reporting.reports.pop(watch.campaign_id, None)
                reporter.warning(f"The device report of campaign {watch.name} could not be read: {error.message}")
                if not isinstance(error, TransientError) or error.affects_all:
                    return

    def result(self, known: t.Iterable[t.Mapping[str, t.Any] | None]) -> Result:
        """What is known of the campaigns, and of the device if one was asked for; counts of requests."""
        facts = [dict(one) for one in known if one is not None]
        counts = {"requests": self.client.requests, "logins": self.client.logins}
        result: Result = {"changed": False, "campaigns": facts, "device": self.device(), **counts}
        if len(self.wishes.campaigns.ids) == 1:
            result["campaign"] = facts[0] if facts else None
        return result

    def device(self) -> Device | None:
        """The device that was asked for."""
        device_id = self.wishes.campaigns.device_id
        return None if device_id is None else device_in(self.reporting.reports if self.reporting else {}, device_id)

    @property
    def all_reports_were_read(self) -> bool:
        """Whether the device report of each campaign is known."""
        return self.reporting is not None and len(self.reporting.reports) == len(self.wishes.campaigns.ids)


def _is_to_be_read(facts: t.Mapping[str, t.Any], ending: Ending) -> bool:
    return facts["device_summary"] is None or (ending.reason == TIMED_OUT and not facts["terminal"])


@contextmanager
def assembled(
    wishes: Wishes, surroundings: Surroundings, secrets: Secrets, needs_reports: bool = False
) -> Iterator[Parts]:
    """Put together what a task works with, for as long as the block lasts. Nobody has logged in yet.

    C(needs_reports) asks for the device reports of campaigns that are over, although no option does.
    """
    connection, campaigns, waiting = wishes.connection, wishes.campaigns, wishes.waiting
    warn_of_plain_http(connection, surroundings.reporter)
    transport = Transport(connection, connection.max_concurrency)
    try:
        auth = Auth(wishes.credentials, transport, secrets, surroundings.logins, surroundings.clock)
        retries = 0 if waiting else _RETRIES
        client = Client(transport, auth, secrets, surroundings.clock, retries, surroundings.names)
        sharing = Sharing(clock=surroundings.clock)
        if waiting is not None:
            sharing = Sharing(surroundings.polls(wishes), waiting.pace.floor, surroundings.clock)
        every = _reports_every(waiting)
        wants_reports = campaigns.devices != "none" or campaigns.device_id is not None or needs_reports
        reporting = None
        if wants_reports or (waiting is not None and waiting.thresholds.are_set):
            reporting = Reporting(client, campaigns, every, sharing)
        look_at = Looker(client, campaigns, connection.max_concurrency, reporting, sharing)
        yield Parts(wishes, client, look_at, reporting, sharing, surroundings)
    finally:
        transport.close()


def nothing_learned(wishes: Wishes, error: ThingSpaceError, surroundings: Surroundings, secrets: Secrets) -> Result:
    """The keys of a result for a task that has ended with C(error) before it could ask for anything."""
    with assembled(wishes, surroundings, secrets) as parts:
        result = parts.result([])
        if wishes.waiting is None:
            return result
        return {**result, **parts.wait(wishes.waiting).result(Ending(error.reason, error.message))}


def _reports_every(waiting: Waiting | None) -> int:
    """In which of a campaign's polls its device report is read, 0 for none but the last."""
    if waiting is None:
        return 1
    return waiting.report_every if waiting.thresholds.are_set else 0


def warn_of_plain_http(connection: Connection, reporter: Reporter) -> None:
    """A word to those who send credentials to another host without TLS."""
    if connection.api_url.startswith("http://") and not connection.is_loopback:
        reporter.warning("api_url is not https: credentials and tokens travel unencrypted to another host.")


def _read(parts: Parts) -> Result:
    looks = parts.look_at(parts.wishes.campaigns.ids, each_alone=True)
    result = parts.result(look.facts for look in looks.values())
    for look in looks.values():
        if look.error is not None:
            look.error.facts = result
            raise look.error
    return result


def _wait(parts: Parts, waiting: Waiting) -> Result:
    wait = parts.wait(waiting)
    try:
        ending = wait.run()
    except parts.surroundings.interruptions:
        ending = wait.interruption()
    else:
        parts.add_late_reports(wait, ending)
    result = {**parts.result(watch.facts for watch in wait.watches), **wait.result(ending)}
    is_good = ending.is_reached or (ending.reason == TIMED_OUT and waiting.return_on_timeout)
    if not is_good:
        raise WaitFailed(ending.message, result)
    device = parts.device()
    if device is not None and not is_upgraded(device):
        message = not_upgraded(device, parts.all_reports_were_read)
        raise WaitFailed(message, {**result, "reason": DEVICE_NOT_UPGRADED, "message": message})
    return result
