# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A poll of many campaigns: lists and single reads, concurrency, and the meaning of one error for all."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    RunFolderUnusable,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import (
    KnownPoll,
    PollMemory,
    Sharing,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import (
    HttpPoller,
    Poll,
    PollKind,
    poll_of,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import START, FakeClock

ACCOUNT: t.Final = "0402196254-00001"
ID: t.Final = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
NAMES: t.Final = tuple(f"c{number}" for number in range(9))
# Enough for a list.
MANY: t.Final = tuple(f"c{number}" for number in range(12))


def body(campaign_id: str = ID, status: str = "CampaignScheduled", **more: t.Any) -> dict[str, t.Any]:
    """Return a campaign as the service sends it."""
    return {"id": campaign_id, "accountName": ACCOUNT, "status": status, **more}


class Service:
    """A client that answers at once. C(errors) are those of campaigns, C(report_errors) those of device reports."""

    request_timeout = 30.0

    def __init__(self, status: str = "CampaignScheduled") -> None:
        self.status = status
        self.errors: Mapping[str, ThingSpaceError] = {}
        self.report_errors: Mapping[str, ThingSpaceError] = {}
        self.list_error: ThingSpaceError | None = None
        self.listed: list[str] = []
        self.asked: list[str] = []
        self.reported: list[str] = []
        self.limits: list[float] = []
        self.threads: set[int] = set()
        self.barrier: threading.Barrier | None = None

    def give_up_at(self, moment: float) -> None:
        """Record the time limit of all requests."""
        self.limits.append(moment)

    def campaign(self, _api_version: str, _account_name: str, campaign_id: str) -> Reading:
        """Read a campaign."""
        self.asked.append(campaign_id)
        if self.barrier is not None and campaign_id != NAMES[0]:
            self.barrier.wait(30)
        self.threads.add(threading.get_ident())
        if campaign_id in self.errors:
            raise self.errors[campaign_id]
        return Reading(body(campaign_id, self.status), START)

    def campaigns_with_status(self, _account_name: str, status: str, _after: str = "0") -> Reading:
        """Return the only page of the list of scheduled campaigns."""
        self.listed.append(status)
        if self.list_error is not None:
            raise self.list_error
        return Reading({"campaignList": [body(name) for name in MANY], "hasMoreData": False}, START)

    def device_report(self, _api_version: str, _account_name: str, campaign_id: str) -> DeviceReport:
        """Return a report without devices."""
        self.reported.append(campaign_id)
        if campaign_id in self.report_errors:
            raise self.report_errors[campaign_id]
        return DeviceReport()


def poller_of(
    service: Service,
    concurrency: int = 1,
    devices: str = "none",
    api_version: str = "v3",
    every: int = 0,
    sharing: Sharing | None = None,
) -> HttpPoller:
    """Return a poller. By default, it reads each campaign individually, because version 3 has no list."""
    client, campaigns = t.cast(t.Any, service), Campaigns(ACCOUNT, MANY, api_version, devices)
    reports = None if devices == "none" else DeviceReports(client, campaigns, every, sharing)
    return HttpPoller(client, campaigns, concurrency, reports, sharing)


def of_answer(answer: Mapping[str, t.Any], campaign_id: str = ID) -> Poll:
    """Return the poll for an answer."""
    return poll_of(Campaigns(ACCOUNT, (campaign_id,), "v2", "none"), campaign_id, Reading(dict(answer), START), False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": None}, f"returned campaign {ID} without id."),
        ({"accountName": None}, f"returned campaign {ID} without accountName."),
        ({"id": None, "accountName": None}, f"returned campaign {ID} without id and accountName."),
        ({"id": f"{ID[:-1]}0"}, f"returned campaign {ID[:-1]}0 instead of campaign {ID}."),
        ({"id": "evil\nword"}, f"returned campaign evil word instead of campaign {ID}."),
        ({"accountName": "402196254-00001"}, f"returned campaign {ID} of another account than {ACCOUNT}: account 402"),
        ({"accountName": f" {ACCOUNT}"}, "of another account"),
        ({"accountName": f"{ACCOUNT}\n"}, "of another account"),
        ({"accountName": 402196254}, "of another account"),
        ({"accountName": [ACCOUNT]}, ""),
        ({"accountName": ""}, ""),
    ],
)
def test_an_answer_about_something_else_is_not_believed(changes: dict[str, t.Any], words: str) -> None:
    poll = of_answer(body(**changes) if "id" not in changes else {**body(), **changes})
    assert poll.facts is None and not poll.is_good
    assert isinstance(poll.error, BadResponse)
    assert words in poll.error.message and poll.error.message.isprintable()


def test_an_id_in_upper_case_is_the_same_id() -> None:
    assert of_answer(body(ID.upper())).is_good


def test_the_first_is_read_alone_and_the_others_side_by_side() -> None:
    service = Service()
    # Four reads must run at the same time, or the barrier breaks.
    service.barrier = threading.Barrier(4)
    polls = poller_of(service, concurrency=4)(NAMES, give_up_at=7.0)
    assert list(polls) == list(NAMES) and all(poll.is_good for poll in polls.values())
    assert service.asked[0] == NAMES[0]
    assert threading.get_ident() in service.threads and len(service.threads) <= 5
    assert service.limits == [7.0]


@pytest.mark.parametrize(
    ("error", "is_for_all"),
    [
        (ConnectionFailed("reset"), True),
        (ServiceTrouble("busy", 503), True),
        (ServiceTrouble("slow down", 429), True),
        (ServiceTrouble("broken", 500).with_changes(during_login=True), True),
        (ServiceTrouble("broken", 500), False),
        (BadResponse("HTML"), False),
        (CampaignNotFound("It is not there."), False),
    ],
)
def test_after_trouble_of_the_whole_service_the_others_are_spared(error: ThingSpaceError, is_for_all: bool) -> None:
    service = Service()
    service.errors = {NAMES[2]: error}
    poller = poller_of(service)
    polls = poller(NAMES)
    assert polls[NAMES[2]].error is error and not polls[NAMES[2]].is_skipped
    assert [polls[name].is_good for name in NAMES[:2]] == [True, True]
    rest = [polls[name] for name in NAMES[3:]]
    assert [poll.is_skipped for poll in rest] == [is_for_all] * 6
    assert all(poll.error is error for poll in rest) is is_for_all
    assert service.asked == list(NAMES[:3] if is_for_all else NAMES)
    # The next round tries again.
    service.errors = {}
    assert all(poll.is_good for poll in poller(NAMES).values())


@pytest.mark.parametrize(
    ("status", "kind", "reported"),
    [
        ("CampaignEnded", PollKind.ONLY, True),
        ("CampaignEnded", PollKind.SECOND, True),
        # Not before it was read twice.
        ("CampaignEnded", PollKind.FIRST, False),
        ("CampaignScheduled", PollKind.SECOND, False),
    ],
)
def test_the_report_is_read_once_the_end_is_sure(status: str, kind: PollKind, reported: bool) -> None:
    service = Service(status)
    poll = poller_of(service, devices="summary")(NAMES[:1], kind)[NAMES[0]]
    assert poll.facts is not None
    assert service.reported == ([NAMES[0]] if reported else [])
    assert (poll.facts["device_summary"] is not None) is reported


def test_without_its_report_a_poll_is_not_good() -> None:
    service, error = Service("CampaignEnded"), ConnectionFailed("reset")
    service.report_errors = {NAMES[0]: error}
    polls = poller_of(service, devices="summary")(NAMES[:2], PollKind.ONLY)
    first, second = polls.values()
    assert first.facts is not None and first.error is error and not (first.is_good or first.is_skipped)
    assert second.is_skipped and second.error is error


def listing_poller(service: Service, memory: PollMemory | None = None) -> HttpPoller:
    """Return a poller that reads lists."""
    return poller_of(service, api_version="v2", sharing=Sharing(memory or PollMemory()))


def test_listed_campaigns_are_marked_except_the_one_that_is_checked() -> None:
    service = Service()
    polls = listing_poller(service)(MANY)
    assert service.listed == ["CampaignScheduled"] and len(service.asked) == 1
    assert all(poll.is_good for poll in polls.values())
    assert [name for name, poll in polls.items() if not poll.is_listed] == service.asked


@pytest.mark.parametrize(("every", "is_listed"), [(0, True), (1, False), (10, False)])
def test_no_list_is_read_if_running_campaigns_need_their_device_reports(every: int, is_listed: bool) -> None:
    service = Service()
    polls = poller_of(service, devices="summary", api_version="v2", every=every)(MANY)
    assert service.listed == (["CampaignScheduled"] if is_listed else [])
    assert all(poll.is_good for poll in polls.values())
    assert service.reported == ([] if is_listed else list(MANY))


@pytest.mark.parametrize("kind", [PollKind.SECOND, PollKind.ONLY])
def test_a_conclusive_poll_reads_no_list(kind: PollKind) -> None:
    service = Service()
    polls = listing_poller(service)(MANY, kind)
    assert service.listed == [] and service.asked == list(MANY)
    assert not any(poll.is_listed for poll in polls.values())


def test_a_list_that_fails_for_the_whole_service_fails_for_all_campaigns() -> None:
    service, error = Service(), ServiceTrouble("busy", 503)
    service.list_error = error
    polls = listing_poller(service)(MANY)
    assert service.asked == []
    assert all(poll.error is error and poll.facts is None for poll in polls.values())
    assert [poll.is_skipped for poll in polls.values()] == [False] + [True] * 11


class Memory(PollMemory):
    """Keeps the polls that are shared with other tasks of the run. It has none of theirs."""

    def __init__(self) -> None:
        self.kept: dict[str, KnownPoll] = {}
        self.is_broken = False

    def polls(self, campaign_ids: t.Iterable[str]) -> dict[str, KnownPoll]:
        if self.is_broken:
            raise RunFolderUnusable("No space left.")
        return super().polls(campaign_ids)

    def keep_polls(self, polls: Mapping[str, KnownPoll]) -> None:
        self.kept.update(polls)


def test_a_run_that_cannot_be_used_is_an_error_of_each_campaign() -> None:
    service, memory = Service(), Memory()
    memory.is_broken = True
    polls = listing_poller(service, memory)(MANY)
    assert {type(poll.error) for poll in polls.values()} == {RunFolderUnusable}
    assert list(polls) == list(MANY) and service.asked == service.listed == []


def test_only_own_reads_are_shared_and_an_end_is_confirmed_by_the_second() -> None:
    service, memory = Service(), Memory()
    poller = listing_poller(service, memory)
    poller(MANY)
    # A list is not good enough for others.
    assert list(memory.kept) == service.asked
    service.status = "CampaignEnded"
    poller(MANY[:1], PollKind.SECOND)
    assert not memory.kept[MANY[0]].is_confirmed
    poller(MANY[:1], PollKind.FIRST)
    assert not memory.kept[MANY[0]].is_confirmed
    poller(MANY[:1], PollKind.SECOND)
    assert memory.kept[MANY[0]].is_confirmed and memory.kept[MANY[0]].facts["state"] == "ended"


def test_a_read_without_an_answer_is_not_shared() -> None:
    service, memory = Service(), Memory()
    service.errors = {name: CampaignNotFound("It is not there.") for name in MANY[:2]}
    listing_poller(service, memory)(MANY[:3])
    assert list(memory.kept) == [MANY[2]]


@pytest.mark.parametrize("devices", ["summary", "all"])
def test_a_shared_poll_has_no_device_report(devices: str) -> None:
    """Who needs the report takes it from where reports are shared, with its own age."""
    service, memory = Service("CampaignEnded"), Memory()
    poller = poller_of(service, devices=devices, api_version="v2", sharing=Sharing(memory))
    own = poller(MANY[:1], PollKind.SECOND)[MANY[0]].facts
    shared = memory.kept[MANY[0]].facts
    assert own is not None and own["device_summary"] is not None and (own["devices"] is not None) is (devices == "all")
    assert (shared["device_summary"], shared["devices"]) == (None, None)
    assert {**own, "device_summary": None, "devices": None} == shared


def test_who_does_not_get_the_lock_in_time_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    service, memory = Service(), Memory()

    def locked(_give_up_at: float) -> t.NoReturn:
        raise LockTimeout

    monkeypatch.setattr(memory, "locked", locked)
    polls = listing_poller(service, memory)(MANY)
    assert service.asked == service.listed == []
    assert all(poll.is_skipped and isinstance(poll.error, ConnectionFailed) for poll in polls.values())
    assert {poll.error.maybe_processed for poll in polls.values() if poll.error is not None} == {True}


@pytest.mark.parametrize(("api_version", "is_listed"), [("v1", False), ("v2", True), ("v3", False)])
def test_only_version_2_has_lists(api_version: str, is_listed: bool) -> None:
    service = Service()
    poller_of(service, api_version=api_version)(MANY)
    assert bool(service.listed) is is_listed


@pytest.mark.parametrize(("give_up_in", "limit"), [(7.0, 7.0), (99.0, 30.0)])
def test_the_lock_is_waited_for_until_the_first_of_two_limits(
    monkeypatch: pytest.MonkeyPatch, give_up_in: float, limit: float
) -> None:
    service, memory, clock = Service(), Memory(), FakeClock()
    limits: list[float] = []

    @contextmanager
    def locked(give_up_at: float) -> Iterator[None]:
        limits.append(give_up_at)
        yield

    monkeypatch.setattr(memory, "locked", locked)
    monkeypatch.setattr(memory, "give_up_at", limits.append)
    poller = poller_of(service, api_version="v2", sharing=Sharing(memory, clock=clock))
    now = clock.monotonic()
    poller(MANY, give_up_at=now + give_up_in)
    assert limits == [now + give_up_in, now + limit]
