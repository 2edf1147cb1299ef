# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""One look: the facts of several campaigns, or the error of each, read side by side."""

from __future__ import annotations

import datetime
import threading
import typing as t
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts, campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadAnswer,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._report import StatusReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._reporting import Reporting
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable, same_id


@dataclass(frozen=True)
class Look:
    """What one look at one campaign showed: C(facts) and the service's time, or an error.

    With both, the campaign itself was read, but not all that was to be read of it.
    C(is_listed) marks facts from a list, which may be older than the moment; C(is_spared) an error that another
    campaign met, and because of which this one was not asked for.
    """

    facts: Facts | None = None
    error: ThingSpaceError | None = None
    service_time: datetime.datetime | None = None
    is_listed: bool = False
    is_spared: bool = False

    @property
    def is_good(self) -> bool:
        """True if everything was read."""
        return self.facts is not None and self.error is None


class LookAt(t.Protocol):
    """A way to look at campaigns by ID; C(each_alone) forbids lists."""

    def __call__(self, ids: Sequence[str], each_alone: bool = False) -> t.Mapping[str, Look]:
        """A look for each ID."""


class Looker:
    """Looks at the campaigns of one account over real HTTP, at most C(concurrency) at once."""

    def __init__(
        self, client: Client, campaigns: Campaigns, concurrency: int, reporting: Reporting | None = None
    ) -> None:
        self._client = client
        self._campaigns = campaigns
        self._concurrency = concurrency
        self._reporting = reporting
        can_list = campaigns.api_version == "v2" and (reporting is None or not reporting.is_for_each_campaign)
        self._report = StatusReport(client, campaigns.account_name) if can_list else None

    def __call__(self, ids: Sequence[str], each_alone: bool = False) -> dict[str, Look]:
        """A look for each ID, in their order."""
        looks = {} if each_alone or self._report is None else self._listed(self._report, ids)
        missing = [campaign_id for campaign_id in ids if campaign_id not in looks]
        looks.update(self._each_alone(missing, is_second_read=each_alone))
        return {campaign_id: looks[campaign_id] for campaign_id in ids}

    def _listed(self, report: StatusReport, ids: Sequence[str]) -> dict[str, Look]:
        try:
            readings = report.look_up(ids)
        except TransientError as error:
            return {campaign_id: Look(error=error, is_spared=position > 0) for position, campaign_id in enumerate(ids)}
        for campaign_id in report.to_check(readings):
            del readings[campaign_id]
        looks = {campaign_id: self._look(campaign_id, reading, True) for campaign_id, reading in readings.items()}
        return {campaign_id: look for campaign_id, look in looks.items() if look.facts is not None}

    def _each_alone(self, ids: Sequence[str], is_second_read: bool) -> dict[str, Look]:
        trouble = _Trouble()
        # The first one alone: it finds out whether the credentials and the address are right, before others try too.
        looks = [self._one(campaign_id, trouble, is_second_read) for campaign_id in ids[:1]]
        if len(ids) > 1:
            with ThreadPoolExecutor(max_workers=min(self._concurrency, len(ids) - 1)) as pool:
                looks += pool.map(lambda campaign_id: self._one(campaign_id, trouble, is_second_read), ids[1:])
        return dict(zip(ids, looks))

    def _one(self, campaign_id: str, trouble: _Trouble, is_second_read: bool) -> Look:
        met = trouble.met()
        if met is not None:
            return Look(error=met, is_spared=True)
        try:
            reading = self._client.campaign(self._campaigns.api_version, self._campaigns.account_name, campaign_id)
        except ThingSpaceError as error:
            trouble.meet(error)
            return Look(error=error)
        look = self._look(campaign_id, reading, False)
        if look.facts is None:
            return look
        if self._report is not None:
            self._report.saw(campaign_id, look.facts["state"])
        return self._reported(look, campaign_id, trouble, is_second_read)

    def _reported(self, look: Look, campaign_id: str, trouble: _Trouble, is_second_read: bool) -> Look:
        """The look with the device report, if that is due. Without it, if that cannot be read, it is no good look."""
        reporting = self._reporting
        if reporting is None or look.facts is None or not reporting.is_due(campaign_id, look.facts, is_second_read):
            return look
        try:
            return replace(look, facts=reporting.add_to(look.facts, campaign_id))
        except ThingSpaceError as error:
            trouble.meet(error)
            return replace(look, error=error)

    def _look(self, campaign_id: str, reading: Reading, is_listed: bool) -> Look:
        try:
            facts = campaign_facts(reading.body, self._campaigns.api_version, reading.service_time.date())
            _check_identity(facts, campaign_id, self._campaigns.account_name)
        except ThingSpaceError as error:
            return Look(error=error)
        return Look(facts=facts, service_time=reading.service_time, is_listed=is_listed)


class _Trouble:
    """The first error of a round that means that the service should be left alone for now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._error: ThingSpaceError | None = None

    def meet(self, error: ThingSpaceError) -> None:
        if isinstance(error, TransientError) and (error.affects_all or error.during_login):
            with self._lock:
                self._error = self._error or error

    def met(self) -> ThingSpaceError | None:
        with self._lock:
            return self._error


def _check_identity(facts: Facts, campaign_id: str, account_name: str) -> None:
    """Raises BadAnswer unless the answer is about this campaign of this account, as each documented one says."""
    missing = [field for name, field in (("id", "id"), ("account_name", "accountName")) if facts[name] is None]
    if missing:
        raise BadAnswer(
            f"The service was asked for campaign {campaign_id} and answered without {' and '.join(missing)}."
        )
    if not same_id(facts["id"], campaign_id):
        raise BadAnswer(f"The service was asked for campaign {campaign_id} and answered with {printable(facts['id'])}.")
    if facts["account_name"] != account_name:
        raise BadAnswer(
            f"The service was asked for campaign {campaign_id} of account {account_name} and answered with one of "
            f"account {printable(facts['account_name'])}."
        )
