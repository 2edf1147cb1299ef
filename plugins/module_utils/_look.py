# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""One look: the facts of several campaigns, or the error of each, read side by side."""

from __future__ import annotations

import datetime
import math
import threading
import typing as t
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts, campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadAnswer,
    ConnectionFailed,
    RunFolderUnusable,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._poll_memory import KnownPoll, Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._report import StatusReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._reporting import Reporting
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable, same_id


@dataclass(frozen=True)
class Look:
    """What one look at one campaign showed: C(facts) and the service's time, or an error.

    With both, the campaign itself was read, but not all that was to be read of it.
    C(is_listed) marks facts from a list, which may be older than the moment; C(is_spared) an error that another
    campaign met, and because of which this one was not asked for. C(polled_at) is the moment of the monotonic clock at
    which somebody else of this run has polled the campaign, None if it was polled now. C(is_confirmed) marks a terminal
    state that needs no second read, because somebody else has made it.
    """

    facts: Facts | None = None
    error: ThingSpaceError | None = None
    service_time: datetime.datetime | None = None
    is_listed: bool = False
    is_spared: bool = False
    polled_at: float | None = None
    is_confirmed: bool = False

    @property
    def is_good(self) -> bool:
        """True if everything was read."""
        return self.facts is not None and self.error is None


class LookAt(t.Protocol):
    """A way to poll campaigns by ID.

    C(each_alone) forbids lists. C(deadline) is that of the wait and C(give_up_at) the end of every request, both
    moments of the monotonic clock.
    """

    def __call__(
        self,
        ids: Sequence[str],
        each_alone: bool = False,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> t.Mapping[str, Look]:
        """A look for each ID."""


class Looker:
    """Looks at the campaigns of one account over real HTTP, at most C(concurrency) at once."""

    def __init__(
        self,
        client: Client,
        campaigns: Campaigns,
        concurrency: int,
        reporting: Reporting | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._client = client
        self._campaigns = campaigns
        self._concurrency = concurrency
        self._reporting = reporting
        self._sharing = sharing or Sharing()
        self._states: dict[str, str] = {}
        can_list = campaigns.api_version == "v2" and (reporting is None or not reporting.is_for_each_campaign)
        self._report = StatusReport(client, campaigns.account_name) if can_list else None

    def __call__(
        self,
        ids: Sequence[str],
        each_alone: bool = False,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> dict[str, Look]:
        """A look for each ID, in their order."""
        self._client.give_up_at(give_up_at)
        self._sharing.memory.give_up_at(give_up_at)
        due = _DueReports(self._reporting, each_alone)
        try:
            looks = self._known(ids, each_alone, deadline, due)
            missing = [campaign_id for campaign_id in ids if campaign_id not in looks]
            if missing:
                looks.update(self._polled(missing, each_alone, deadline, give_up_at, due))
        except RunFolderUnusable as error:
            return {campaign_id: Look(error=error) for campaign_id in ids}
        return {campaign_id: looks[campaign_id] for campaign_id in ids}

    def _polled(
        self, ids: Sequence[str], each_alone: bool, deadline: float, give_up_at: float, due: _DueReports
    ) -> dict[str, Look]:
        """Polls of the campaigns that nobody has polled while this one stood in the queue."""
        clock, memory = self._sharing.clock, self._sharing.memory
        limit = min(give_up_at, clock.monotonic() + self._client.request_timeout)
        try:
            with memory.locked(limit):
                looks = self._known(ids, each_alone, deadline, due, may_read=True)
                missing = [campaign_id for campaign_id in ids if campaign_id not in looks]
                if missing and not each_alone and self._report is not None:
                    listed = self._listed(self._report, missing)
                    self._states.update({name: look.facts["state"] for name, look in listed.items() if look.facts})
                    looks.update(listed)
                    missing = [campaign_id for campaign_id in missing if campaign_id not in looks]
                polled = self._each_alone(missing, due)
                self._keep(polled, each_alone)
                return {**looks, **polled}
        except LockTimeout:
            error = ConnectionFailed("Another task of this run polls the same account and has not finished in time.")
            # It may read a long device report. Nobody has asked the service for these, so nothing has failed.
            return {campaign_id: Look(error=error, is_spared=True) for campaign_id in ids}

    def _known(
        self, ids: Sequence[str], each_alone: bool, deadline: float, due: _DueReports, may_read: bool = False
    ) -> dict[str, Look]:
        """Looks at what other waits of this run have learned lately, or for good.

        A second read takes only what is confirmed. With C(may_read) a device report that is lacking is read.
        """
        looks = {}
        for campaign_id, poll in self._sharing.memory.polls(ids).items():
            is_fresh = self._sharing.is_fresh(poll.polled_at, deadline)
            if not (poll.is_confirmed or (is_fresh and not each_alone)):
                continue
            look = Look(poll.facts, None, poll.service_time, polled_at=poll.polled_at, is_confirmed=poll.is_confirmed)
            if due.is_due(campaign_id, look):
                look = self._with_known_report(look, campaign_id, deadline, may_read)
            if look.is_good or may_read:
                looks[campaign_id] = look
                self._states[campaign_id] = poll.facts["state"]
        return looks

    def _with_known_report(self, look: Look, campaign_id: str, deadline: float, may_read: bool) -> Look:
        reporting, facts = self._reporting, look.facts
        if reporting is None or facts is None:
            return look
        known = reporting.known(facts, campaign_id, deadline)
        if known is not None:
            return replace(look, facts=known)
        return (
            self._reported(look, campaign_id, _Trouble(), look.is_confirmed) if may_read else replace(look, facts=None)
        )

    def _keep(self, looks: t.Mapping[str, Look], each_alone: bool) -> None:
        """Tell the other waits of this run."""
        now = self._sharing.clock.monotonic()
        polls = {}
        for campaign_id, look in looks.items():
            if look.facts is None or look.service_time is None:
                continue
            facts = {**look.facts, "device_summary": None, "devices": None}
            is_confirmed = look.is_good and each_alone and self._is_confirmed_by(campaign_id, facts)
            polls[campaign_id] = KnownPoll(facts, look.service_time, now, is_confirmed)
            self._states[campaign_id] = facts["state"]
        if polls:
            self._sharing.memory.keep_polls(polls)

    def _is_confirmed_by(self, campaign_id: str, facts: Facts) -> bool:
        """True if a second read with these facts shows the terminal state of the first one."""
        return bool(facts["terminal"]) and self._states.get(campaign_id) == facts["state"]

    def _listed(self, report: StatusReport, ids: Sequence[str]) -> dict[str, Look]:
        try:
            readings = report.look_up(ids)
        except TransientError as error:
            return {campaign_id: Look(error=error, is_spared=position > 0) for position, campaign_id in enumerate(ids)}
        for campaign_id in report.to_check(readings):
            del readings[campaign_id]
        looks = {campaign_id: self._look(campaign_id, reading, True) for campaign_id, reading in readings.items()}
        return {campaign_id: look for campaign_id, look in looks.items() if look.facts is not None}

    def _each_alone(self, ids: Sequence[str], due: _DueReports) -> dict[str, Look]:
        trouble = _Trouble()
        # The first one alone: it finds out whether the credentials and the address are right, before others try too.
        looks = [self._one(campaign_id, trouble, due) for campaign_id in ids[:1]]
        if len(ids) > 1:
            pool = ThreadPoolExecutor(max_workers=min(self._concurrency, len(ids) - 1))
            try:
                looks += pool.map(lambda campaign_id: self._one(campaign_id, trouble, due), ids[1:])
            finally:
                # Whoever interrupts a wait does not wait for requests that are under way.
                pool.shutdown(wait=False, cancel_futures=True)
        return dict(zip(ids, looks))

    def _one(self, campaign_id: str, trouble: _Trouble, due: _DueReports) -> Look:
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
        if not due.is_due(campaign_id, look):
            return look
        return self._reported(
            look, campaign_id, trouble, due.is_second_read and self._is_confirmed_by(campaign_id, look.facts)
        )

    def _reported(self, look: Look, campaign_id: str, trouble: _Trouble, is_final: bool) -> Look:
        """The look with the device report. Without it, if that cannot be read, it is no good look."""
        reporting = self._reporting
        if reporting is None or look.facts is None:
            return look
        try:
            return replace(look, facts=reporting.add_to(look.facts, campaign_id, is_final))
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


class _DueReports:
    """Which looks of one round are to have the device report; each campaign's turn is counted once."""

    def __init__(self, reporting: Reporting | None, is_second_read: bool) -> None:
        self._reporting = reporting
        self.is_second_read = is_second_read
        self._decided: dict[str, bool] = {}

    def is_due(self, campaign_id: str, look: Look) -> bool:
        if self._reporting is None or look.facts is None:
            return False
        if campaign_id not in self._decided:
            is_sure = self.is_second_read or look.is_confirmed
            self._decided[campaign_id] = self._reporting.is_due(campaign_id, look.facts, is_sure)
        return self._decided[campaign_id]


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
