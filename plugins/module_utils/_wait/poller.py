# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Polls several campaigns in parallel. Each poll has the facts of a campaign, or an error."""

from __future__ import annotations

import datetime
import math
import threading
import typing as t
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ConnectionFailed,
    RunFolderUnusable,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable, same_id
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import KnownPoll, Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.status_list import StatusList


class PollKind(Enum):
    """What a poll is for. It decides which sources are good enough."""

    FIRST = "a poll of a wait: a list will do, and what somebody else of this run has read lately"
    SECOND = "the poll that shows whether a terminal state of the first one stays: only the campaign itself will do"
    ONLY = "a poll that none follows: only the campaign itself will do"

    @property
    def is_conclusive(self) -> bool:
        """True if a terminal state counts, so that its device report is worth reading."""
        return self is not PollKind.FIRST


@dataclass(frozen=True)
class Poll:
    """What one poll of one campaign returned: C(facts) and the service's time, or an error.

    Both are set if the campaign was read, but its device report was not. C(is_listed) marks facts from a status list,
    which may be out of date. C(is_skipped) marks a campaign that was not polled, because another one met C(error).
    C(polled_at) is the time of the monotonic clock at which another task of this run polled the campaign, None if it
    was polled now. C(is_confirmed) marks a terminal state that needs no second read, because another task has made it.
    """

    facts: Facts | None = None
    error: ThingSpaceError | None = None
    service_time: datetime.datetime | None = None
    is_listed: bool = False
    is_skipped: bool = False
    polled_at: float | None = None
    is_confirmed: bool = False

    @property
    def is_good(self) -> bool:
        """True if everything was read."""
        return self.facts is not None and self.error is None


class Poller(t.Protocol):
    """Polls campaigns by ID.

    C(deadline) is the deadline of the wait. Requests end at C(give_up_at). Both are times of the monotonic clock.
    """

    def __call__(
        self,
        ids: Sequence[str],
        kind: PollKind = PollKind.FIRST,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> t.Mapping[str, Poll]:
        """A poll for each ID."""


class HttpPoller:
    """Polls the campaigns of one account over HTTP, at most C(concurrency) at once."""

    def __init__(
        self,
        client: Client,
        campaigns: Campaigns,
        concurrency: int,
        device_reports: DeviceReports | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._client = client
        self._campaigns = campaigns
        self._concurrency = concurrency
        self._device_reports = device_reports
        self._sharing = sharing or Sharing()
        self._states: dict[str, str] = {}
        can_list = campaigns.api_version == "v2" and (device_reports is None or not device_reports.is_for_each_campaign)
        self._status_list = StatusList(client, campaigns.account_name) if can_list else None

    def __call__(
        self,
        ids: Sequence[str],
        kind: PollKind = PollKind.FIRST,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> dict[str, Poll]:
        """A poll for each ID, in the order of C(ids)."""
        self._client.give_up_at(give_up_at)
        self._sharing.memory.give_up_at(give_up_at)
        due = _DueReports(self._device_reports, kind)
        try:
            polls = self._polls_from_memory(ids, kind, deadline, due)
            missing = [campaign_id for campaign_id in ids if campaign_id not in polls]
            if missing:
                polls.update(self._poll_unknown(missing, kind, deadline, give_up_at, due))
        except RunFolderUnusable as error:
            return {campaign_id: Poll(error=error) for campaign_id in ids}
        return {campaign_id: polls[campaign_id] for campaign_id in ids}

    def _poll_unknown(
        self, ids: Sequence[str], kind: PollKind, deadline: float, give_up_at: float, due: _DueReports
    ) -> dict[str, Poll]:
        """Poll the campaigns that no other task has polled while this one waited for the lock."""
        clock, memory = self._sharing.clock, self._sharing.memory
        limit = min(give_up_at, clock.monotonic() + self._client.request_timeout)
        try:
            with memory.locked(limit):
                polls = self._polls_from_memory(ids, kind, deadline, due, may_read=True)
                missing = [campaign_id for campaign_id in ids if campaign_id not in polls]
                if missing and kind is PollKind.FIRST and self._status_list is not None:
                    listed = self._poll_by_list(self._status_list, missing)
                    self._states.update({name: poll.facts["state"] for name, poll in listed.items() if poll.facts})
                    polls.update(listed)
                    missing = [campaign_id for campaign_id in missing if campaign_id not in polls]
                polled = self._poll_each(missing, due)
                self._share(polled, kind)
                return {**polls, **polled}
        except LockTimeout:
            error = ConnectionFailed("Another task of this run polls the same account and has not finished in time.")
            # The other task may be reading a long device report. These campaigns were not polled, so this is no failed
            # poll.
            return {campaign_id: Poll(error=error, is_skipped=True) for campaign_id in ids}

    def _polls_from_memory(
        self, ids: Sequence[str], kind: PollKind, deadline: float, due: _DueReports, may_read: bool = False
    ) -> dict[str, Poll]:
        """Polls that other waits of this run have shared: confirmed ones, and fresh ones for a first poll.

        With C(may_read), a missing device report is read.
        """
        polls = {}
        for campaign_id, known in self._sharing.memory.polls(ids).items():
            is_fresh = self._sharing.is_fresh(known.polled_at, deadline)
            if not (known.is_confirmed or (is_fresh and kind is PollKind.FIRST)):
                continue
            poll = Poll(
                known.facts, None, known.service_time, polled_at=known.polled_at, is_confirmed=known.is_confirmed
            )
            if due.is_due(campaign_id, poll):
                poll = self._with_report_from_memory(poll, campaign_id, deadline, may_read)
            if poll.is_good or may_read:
                polls[campaign_id] = poll
                self._states[campaign_id] = known.facts["state"]
        return polls

    def _with_report_from_memory(self, poll: Poll, campaign_id: str, deadline: float, may_read: bool) -> Poll:
        device_reports, facts = self._device_reports, poll.facts
        if device_reports is None or facts is None:
            return poll
        known = device_reports.known(facts, campaign_id, deadline)
        if known is not None:
            return replace(poll, facts=known)
        return (
            self._with_report(poll, campaign_id, _FirstError(), poll.is_confirmed)
            if may_read
            else replace(poll, facts=None)
        )

    def _share(self, polls: t.Mapping[str, Poll], kind: PollKind) -> None:
        """Share these polls with the other waits of this run."""
        now = self._sharing.clock.monotonic()
        known = {}
        for campaign_id, poll in polls.items():
            if poll.facts is None or poll.service_time is None:
                continue
            facts = _without_report(poll.facts)
            is_confirmed = poll.is_good and kind is PollKind.SECOND and self._is_confirmed_by(campaign_id, facts)
            known[campaign_id] = KnownPoll(facts, poll.service_time, now, is_confirmed)
            self._states[campaign_id] = facts["state"]
        if known:
            self._sharing.memory.keep_polls(known)

    def _is_confirmed_by(self, campaign_id: str, facts: Facts) -> bool:
        """True if a second read with these facts shows the same terminal state as the first one."""
        return bool(facts["terminal"]) and self._states.get(campaign_id) == facts["state"]

    def _poll_by_list(self, status_list: StatusList, ids: Sequence[str]) -> dict[str, Poll]:
        try:
            readings = status_list.look_up(ids)
        except TransientError as error:
            return {campaign_id: Poll(error=error, is_skipped=position > 0) for position, campaign_id in enumerate(ids)}
        for campaign_id in status_list.pick_for_check(readings):
            del readings[campaign_id]
        polls = {name: poll_of(self._campaigns, name, reading, True) for name, reading in readings.items()}
        return {campaign_id: poll for campaign_id, poll in polls.items() if poll.facts is not None}

    def _poll_each(self, ids: Sequence[str], due: _DueReports) -> dict[str, Poll]:
        first_error = _FirstError()
        # The first one alone, to find out whether the credentials and the address are right before requests run in
        # parallel.
        polls = [self._poll_one(campaign_id, first_error, due) for campaign_id in ids[:1]]
        if len(ids) > 1:
            pool = ThreadPoolExecutor(max_workers=min(self._concurrency, len(ids) - 1))
            try:
                polls += pool.map(lambda campaign_id: self._poll_one(campaign_id, first_error, due), ids[1:])
            finally:
                # An interruption does not wait for requests in flight.
                pool.shutdown(wait=False, cancel_futures=True)
        return dict(zip(ids, polls))

    def _poll_one(self, campaign_id: str, first_error: _FirstError, due: _DueReports) -> Poll:
        earlier = first_error.recorded()
        if earlier is not None:
            return Poll(error=earlier, is_skipped=True)
        try:
            reading = self._client.campaign(self._campaigns.api_version, self._campaigns.account_name, campaign_id)
        except ThingSpaceError as error:
            first_error.record(error)
            return Poll(error=error)
        poll = poll_of(self._campaigns, campaign_id, reading, False)
        if poll.facts is None:
            return poll
        if self._status_list is not None:
            self._status_list.record_state(campaign_id, poll.facts["state"])
        if not due.is_due(campaign_id, poll):
            return poll
        is_final = due.kind is PollKind.SECOND and self._is_confirmed_by(campaign_id, poll.facts)
        return self._with_report(poll, campaign_id, first_error, is_final)

    def _with_report(self, poll: Poll, campaign_id: str, first_error: _FirstError, is_final: bool) -> Poll:
        """The poll with the device report, or with the error if the report cannot be read."""
        device_reports = self._device_reports
        if device_reports is None or poll.facts is None:
            return poll
        try:
            return replace(poll, facts=device_reports.add_to(poll.facts, campaign_id, is_final))
        except ThingSpaceError as error:
            first_error.record(error)
            return replace(poll, error=error)


def poll_of(campaigns: Campaigns, campaign_id: str, reading: Reading, is_listed: bool) -> Poll:
    """The poll for a campaign that was read on its own, or taken from a status list."""
    try:
        facts = campaign_facts(reading.body, campaigns.api_version, reading.service_time.date())
        _check_identity(facts, campaign_id, campaigns.account_name)
    except ThingSpaceError as error:
        return Poll(error=error)
    return Poll(facts=facts, service_time=reading.service_time, is_listed=is_listed)


def _without_report(facts: Facts) -> Facts:
    # Thousands of campaigns that end at once have none yet: a copy of each would be memory for nothing.
    if facts["device_summary"] is None and facts["devices"] is None:
        return facts
    return {**facts, "device_summary": None, "devices": None}


class _DueReports:
    """Which polls of one round need the device report. Each campaign is counted once."""

    def __init__(self, device_reports: DeviceReports | None, kind: PollKind) -> None:
        self._device_reports = device_reports
        self.kind = kind
        self._decided: dict[str, bool] = {}

    def is_due(self, campaign_id: str, poll: Poll) -> bool:
        if self._device_reports is None or poll.facts is None:
            return False
        if campaign_id not in self._decided:
            is_sure = self.kind.is_conclusive or poll.is_confirmed
            self._decided[campaign_id] = self._device_reports.is_due(campaign_id, poll.facts, is_sure)
        return self._decided[campaign_id]


class _FirstError:
    """The first error of a round that affects all requests, after which no more are sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._error: ThingSpaceError | None = None

    def record(self, error: ThingSpaceError) -> None:
        if isinstance(error, TransientError) and (error.affects_all or error.during_login):
            with self._lock:
                self._error = self._error or error

    def recorded(self) -> ThingSpaceError | None:
        with self._lock:
            return self._error


def _check_identity(facts: Facts, campaign_id: str, account_name: str) -> None:
    """Raise BadResponse unless the response is about this campaign of this account.

    Every documented response has both fields.
    """
    told_id, told_account = facts["id"], facts["account_name"]
    if told_id is None or told_account is None:
        missing = [field for field, told in (("id", told_id), ("accountName", told_account)) if told is None]
        raise BadResponse(f"The service returned campaign {campaign_id} without {' and '.join(missing)}.")
    if not same_id(told_id, campaign_id):
        raise BadResponse(f"The service returned campaign {printable(told_id)} instead of campaign {campaign_id}.")
    if told_account != account_name:
        raise BadResponse(
            f"The service returned campaign {campaign_id} of another account than {account_name}: "
            f"account {printable(told_account)}."
        )
