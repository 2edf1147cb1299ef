# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What the module and the action plugin share: from parameters to the result of one task."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import secret_names
from ansible_collections.fleetops.thingspace.plugins.module_utils._auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ThingSpaceError,
    TransientError,
    WaitFailed,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._look import LookAt, Looker
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    Campaigns,
    Connection,
    Credentials,
    Waiting,
    wishes_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._reporting import Reporting
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._telling import Reporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch

Result = dict[str, t.Any]

# A read outside of a wait is tried three times; a wait has a trouble budget of its own.
_RETRIES: t.Final = 2


@dataclass(frozen=True)
class Surroundings:
    """What a run needs from where it runs.

    C(interruptions) are exceptions from outside that end a wait, with its result, instead of a run without one.
    """

    clock: Clock = field(default_factory=Clock)
    reporter: Reporter = field(default_factory=Reporter)
    memory: LoginMemory = field(default_factory=LoginMemory)
    interruptions: tuple[type[BaseException], ...] = ()


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

    def progress(self, text: str) -> None:
        """Hand on without secrets."""
        self._reporter.progress(self._secrets.mask(text))

    def warning(self, text: str) -> None:
        """Hand on without secrets."""
        self._reporter.warning(self._secrets.mask(text))


def register_secrets(params: Mapping[str, t.Any], secrets: Secrets) -> None:
    """Mask every credential among these parameters from now on."""
    for name in secret_names():
        secrets.add(params.get(name))
    secrets.add_pair(params.get("api_key"), params.get("api_secret"))


def _run(params: Mapping[str, t.Any], surroundings: Surroundings, secrets: Secrets) -> Result:
    wishes = wishes_of(params)
    campaigns, connection, waiting = wishes.campaigns, wishes.connection, wishes.waiting
    warn_of_plain_http(connection, surroundings.reporter)
    transport = Transport(connection, connection.max_concurrency)
    try:
        client = client_for(wishes.credentials, transport, surroundings, secrets, 0 if waiting else _RETRIES)
        reporting = _reporting(client, campaigns, waiting)
        look_at = Looker(client, campaigns, connection.max_concurrency, reporting)
        if waiting is None:
            return _read(look_at, campaigns, client)
        return _wait(look_at, campaigns, waiting, client, surroundings, reporting)
    finally:
        transport.close()


def client_for(
    credentials: Credentials, transport: Transport, surroundings: Surroundings, secrets: Secrets, retries: int
) -> Client:
    """A client that has not logged in yet; C(retries) is how often a read is repeated after trouble."""
    auth = Auth(credentials, transport, secrets, surroundings.memory, surroundings.clock)
    return Client(transport, auth, secrets, surroundings.clock, retries)


def warn_of_plain_http(connection: Connection, reporter: Reporter) -> None:
    """A word to those who send credentials to another host without TLS."""
    if connection.api_url.startswith("http://") and not connection.is_loopback:
        reporter.warning("api_url is not https: credentials and tokens travel unencrypted to another host.")


def _reporting(client: Client, campaigns: Campaigns, waiting: Waiting | None) -> Reporting | None:
    """How device reports are read; None if nobody wants them."""
    if waiting is None:
        return Reporting(client, campaigns, every=1) if campaigns.devices != "none" else None
    if waiting.thresholds.are_set:
        return Reporting(client, campaigns, every=waiting.report_every)
    return Reporting(client, campaigns, every=0) if campaigns.devices != "none" else None


def _read(look_at: LookAt, campaigns: Campaigns, client: Client) -> Result:
    looks = look_at(campaigns.ids, each_alone=True)
    result = campaigns_result(campaigns, [look.facts for look in looks.values()], client)
    for look in looks.values():
        if look.error is not None:
            look.error.facts = result
            raise look.error
    return result


def _wait(
    look_at: LookAt,
    campaigns: Campaigns,
    waiting: Waiting,
    client: Client,
    surroundings: Surroundings,
    reporting: Reporting | None,
) -> Result:
    wait = Wait(look_at, campaigns.ids, waiting, surroundings.clock, surroundings.reporter)
    try:
        ending = wait.run()
    except surroundings.interruptions:
        ending = wait.interruption()
    else:
        if reporting is not None:
            missing = [watch for watch in wait.watches if watch.facts and watch.facts["device_summary"] is None]
            add_reports(missing, reporting, surroundings.reporter)
    result = {**campaigns_result(campaigns, [watch.facts for watch in wait.watches], client), **wait.result(ending)}
    if ending.is_reached or (ending.reason == TIMED_OUT and waiting.return_on_timeout):
        return result
    raise WaitFailed(ending.message, result)


def add_reports(watches: t.Iterable[Watch], reporting: Reporting, reporter: Reporter) -> None:
    """After a wait: the device reports of these campaigns, as they are now, for the facts; they end no wait any more.

    A report that cannot be read is warned of, and what was read of it before is not kept as one.
    """
    for watch in watches:
        if watch.facts is not None:
            try:
                watch.facts = reporting.add_to(watch.facts, watch.campaign_id)
            except ThingSpaceError as error:
                reporting.reports.pop(watch.campaign_id, None)
                reporter.warning(f"The device report of campaign {watch.name} could not be read: {error.message}")
                if not isinstance(error, TransientError) or error.affects_all:
                    return


def campaigns_result(campaigns: Campaigns, known: t.Sequence[t.Mapping[str, t.Any] | None], client: Client) -> Result:
    """C(campaigns), what is known of each; C(campaign) where one ID was asked for, null if nothing is known; counts."""
    facts = [dict(one) for one in known if one is not None]
    result: Result = {"changed": False, "campaigns": facts, "requests": client.requests, "logins": client.logins}
    if len(campaigns.ids) == 1:
        result["campaign"] = facts[0] if facts else None
    return result
