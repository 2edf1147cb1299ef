# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A correct answer with one wrong value never opens a gate that the correct answer would not open."""

from __future__ import annotations

import datetime
import json
import typing as t
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RequestRefused
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import SUCCEEDED, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import json_object_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller, Poll, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds, threshold_failure
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import SATISFIED, verdict_on
from ansible_collections.fleetops.thingspace.tests.unit.one_wrong import each_replaced, one_replaced

pytestmark = pytest.mark.slow

ACCOUNT: t.Final = "0402196254-00001"
ID: t.Final = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
NOW: t.Final = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
DEMANDS: t.Final = (
    Thresholds(min_success_percent=100.0),
    Thresholds(min_success_percent=60.0),
    Thresholds(max_failure_percent=0.0),
    Thresholds(max_failure_percent=30.0),
    Thresholds(max_failure_count=0),
    Thresholds(max_failure_count=1),
)
GOOD: t.Final = "UpgradeSuccess"
FLEETS: t.Final = (
    (GOOD, GOOD, GOOD, GOOD, "UpgradeFailed"),
    ("UpgradeFailed", GOOD, "DeviceRejected", GOOD, GOOD),
    (GOOD, "UpgradePending", GOOD, "Mystery", GOOD),
    (GOOD,) * 5,
)
ENDED: t.Final = {"v1": "Finished", "v2": "CampaignEnded", "v3": "CampaignEnded"}
RUNS: t.Final = {"v1": "InProgress", "v2": "CampaignScheduled", "v3": "CampaignScheduled"}
FEW: t.Final = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


class _Transport:
    request_timeout = 30.0


class Service(Client):
    """A client with given answers as text: of the campaign, and of each page of its report, by cursor."""

    def __init__(self, campaign: str, pages: t.Mapping[str, str]) -> None:
        self._texts = {"campaign": campaign, **pages}
        self._clock = Clock()
        self._transport = _Transport()  # type: ignore[assignment]

    def give_up_at(self, moment: float) -> None:
        """Do not wait."""

    def _get(self, path: t.Sequence[str], query: t.Mapping[str, str] | None = None) -> Reading:
        cursor = query["lastSeenDeviceId"] if query else "campaign"
        if cursor not in self._texts:
            raise RequestRefused("LastSeenDeviceId Not Valid")
        answer = Response(200, {}, self._texts[cursor].encode("utf-8", "surrogatepass"))
        return Reading(json_object_of(answer, "api.example", str), NOW)


@dataclass(frozen=True)
class Gate:
    """Which gates would open: the wait for the end, each threshold, the outcome, and the gate of each device."""

    reached: bool
    demands: tuple[bool, ...]
    succeeded: bool
    devices: frozenset[str]

    def __le__(self, other: Gate) -> bool:
        return (
            self.reached <= other.reached
            and all(mine <= theirs for mine, theirs in zip(self.demands, other.demands))
            and self.succeeded <= other.succeeded
            and self.devices <= other.devices
        )


def gate_of(version: str, campaign: str, pages: t.Mapping[str, str]) -> Gate:
    """Return the gates for these answers."""
    campaigns = Campaigns(ACCOUNT, (ID,), version, "all")
    client = Service(campaign, pages)
    device_reports = DeviceReports(client, campaigns, every=1)
    poll: Poll = HttpPoller(client, campaigns, 1, device_reports)([ID], PollKind.ONLY)[ID]
    if poll.facts is None or not poll.is_good:
        # A failed poll decides nothing.
        return Gate(False, tuple(False for _demand in DEMANDS), False, frozenset())
    facts = poll.facts
    is_over = verdict_on(facts["state"], ["ended"]) in SATISFIED
    passed = tuple(
        is_over and threshold_failure(facts["device_summary"], demand, bool(facts["terminal"])) is None
        for demand in DEMANDS
    )
    devices = frozenset(
        device["device_id"]
        for device in facts["devices"] or []
        if device["state"] == SUCCEEDED and device["device_id"] in NAMES
    )
    return Gate(is_over, passed, facts["outcome"] == "succeeded", devices)


NAMES: t.Final = [f"99000342573053{number}" for number in range(5)]


def correct(version: str, status: str, fleet: t.Sequence[str]) -> tuple[dict[str, t.Any], dict[str, dict[str, t.Any]]]:
    """Return a campaign as the service sends it, and the pages of its report by cursor."""
    entries = [{"deviceId": name, "status": word, "resultReason": "as it is"} for name, word in zip(NAMES, fleet)]
    campaign: dict[str, t.Any] = {"id": ID, "accountName": ACCOUNT, "status": status, "endDate": "2026-03-01"}
    if version == "v1":
        return {**campaign, "deviceList": entries}, {}
    pages = {}
    for start in (0, 2, 4):
        cursor = "0" if start == 0 else NAMES[start - 1]
        listed = entries[start : start + 2]
        pages[cursor] = {
            "totalDevice": len(fleet),
            "hasMoreData": start < 4,
            "lastSeenDeviceId": listed[-1]["deviceId"],
            "maxPageSize": 2,
            "deviceList": listed,
        }
    return campaign, pages


def texts(pages: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the pages as JSON text."""
    return {cursor: json.dumps(page) for cursor, page in pages.items()}


@pytest.mark.parametrize("version", sorted(ENDED))
def test_the_correct_answers_open_what_they_should(version: str) -> None:
    campaign, pages = correct(version, ENDED[version], FLEETS[3])
    gate = gate_of(version, json.dumps(campaign), texts(pages))
    assert gate == Gate(True, tuple(True for _demand in DEMANDS), True, frozenset(NAMES))
    campaign, pages = correct(version, ENDED[version], FLEETS[0])
    gate = gate_of(version, json.dumps(campaign), texts(pages))
    assert gate == Gate(True, (False, True, False, True, False, True), False, frozenset(NAMES[:4]))


def check(version: str, status: str, fleet: t.Sequence[str], data: st.DataObject | None = None) -> None:
    """Replace values in the campaign and in each page: each value in turn, or with C(data), one value by anything."""
    campaign, pages = correct(version, status, fleet)
    right, right_pages = json.dumps(campaign), texts(pages)
    limit = gate_of(version, right, right_pages)
    for text in each_replaced(campaign) if data is None else [data.draw(one_replaced(campaign))]:
        assert gate_of(version, text, right_pages) <= limit, text
    for cursor, page in pages.items():
        for text in each_replaced(page) if data is None else [data.draw(one_replaced(page))]:
            assert gate_of(version, right, {**right_pages, cursor: text}) <= limit, text


@pytest.mark.parametrize("fleet", FLEETS)
@pytest.mark.parametrize("version", sorted(ENDED))
def test_each_value_in_turn(version: str, fleet: tuple[str, ...]) -> None:
    check(version, ENDED[version], fleet)


@pytest.mark.parametrize("version", sorted(RUNS))
def test_each_value_in_turn_while_the_campaign_runs(version: str) -> None:
    check(version, RUNS[version], FLEETS[3])


@pytest.mark.parametrize("version", sorted(ENDED))
@FEW
@given(data=st.data(), fleet=st.sampled_from(FLEETS), has_ended=st.booleans())
def test_one_value_by_anything(version: str, data: st.DataObject, fleet: tuple[str, ...], has_ended: bool) -> None:
    check(version, (ENDED if has_ended else RUNS)[version], fleet, data)


@pytest.mark.parametrize("fleet", FLEETS)
def test_each_value_of_a_report_that_states_no_total(fleet: tuple[str, ...]) -> None:
    """The total is optional. Without it, an empty list is a correct answer without devices."""
    campaign, pages = correct("v2", ENDED["v2"], fleet)
    page = {"hasMoreData": False, "deviceList": [entry for one in pages.values() for entry in one["deviceList"]]}
    limit = gate_of("v2", json.dumps(campaign), texts({"0": page}))
    for text in each_replaced(page):
        assert gate_of("v2", json.dumps(campaign), {"0": text}) <= limit, text


def test_a_version_1_campaign_that_lists_fewer_devices_than_before_does_not_add_up() -> None:
    campaigns = Campaigns(ACCOUNT, (ID,), "v1", "all")
    seen = []
    service = Service("", {})
    device_reports = DeviceReports(service, campaigns, every=0)
    looker = HttpPoller(service, campaigns, 1, device_reports)
    for count, kind in ((5, PollKind.FIRST), (4, PollKind.SECOND)):
        campaign, _pages = correct("v1", "Finished", FLEETS[3])
        service.__init__(json.dumps({**campaign, "deviceList": campaign["deviceList"][:count]}), {})  # type: ignore[misc]
        seen.append(looker([ID], kind)[ID])
    facts = seen[-1].facts
    assert facts is not None and facts["device_summary"] is not None
    assert (facts["outcome"], facts["device_summary"]["doubt"]) == ("unverified", "lists only 4 of 5 devices")
    assert isinstance(device_reports.reports[ID], DeviceReport)
