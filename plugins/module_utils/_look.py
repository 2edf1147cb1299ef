# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""One look: the facts of several campaigns, or the error of each, read side by side."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts, campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadAnswer, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns


@dataclass(frozen=True)
class Look:
    """What one look at one campaign showed: either C(facts) and the service's time, or an error."""

    facts: Facts | None = None
    error: ThingSpaceError | None = None
    service_time: datetime.datetime | None = None


LookAt = t.Callable[[t.Sequence[str]], t.Mapping[str, Look]]


def looker(client: Client, campaigns: Campaigns, concurrency: int) -> LookAt:
    """A function that looks at campaigns by ID, at most C(concurrency) of them at once."""

    def look_at_one(campaign_id: str) -> Look:
        try:
            reading = client.campaign(campaigns.api_version, campaigns.account_name, campaign_id)
            facts = campaign_facts(reading.body, campaigns.api_version, reading.service_time.date())
            _check_identity(facts, campaign_id)
        except ThingSpaceError as error:
            return Look(error=error)
        return Look(facts=facts, service_time=reading.service_time)

    return lambda ids: dict(zip(ids, _in_parallel(look_at_one, ids, concurrency)))


def _in_parallel(work: Callable[[str], Look], ids: Sequence[str], concurrency: int) -> list[Look]:
    # The first one alone: it finds out whether the credentials and the address are right, before others try too.
    first = [work(campaign_id) for campaign_id in ids[:1]]
    if len(ids) < 2:
        return first
    with ThreadPoolExecutor(max_workers=min(concurrency, len(ids) - 1)) as pool:
        return first + list(pool.map(work, ids[1:]))


def _check_identity(facts: Facts, campaign_id: str) -> None:
    if facts["id"] is not None and facts["id"].casefold() != campaign_id.casefold():
        raise BadAnswer(f"The service was asked for campaign {campaign_id} and answered with {facts['id']}.")
