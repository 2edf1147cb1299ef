# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a device report is read, and that the last report of each campaign is stored."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ServiceTrouble
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport, Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import (
    KnownReport,
    PollMemory,
    Sharing,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock

ACCOUNT: t.Final = "0402196254-00001"
TODAY: t.Final = datetime.date(2026, 3, 1)


class Service:
    """The part of a client that is needed here. Each report has one device more than the previous one."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.is_down = False

    def device_report(self, api_version: str, account_name: str, campaign_id: str) -> DeviceReport:
        self.asked.append((api_version, account_name, campaign_id))
        if self.is_down:
            raise ServiceTrouble("Busy.", 503)
        report = DeviceReport()
        report.add([{"deviceId": str(number), "status": "UpgradeSuccess"} for number in range(len(self.asked))])
        return report


def reporting_of(
    every: int = 0, api_version: str = "v2", devices: str = "summary", sharing: Sharing | None = None
) -> tuple[DeviceReports, Service]:
    """Return device reports and their service."""
    service = Service()
    campaigns = Campaigns(ACCOUNT, ("c1", "c2"), api_version, devices)
    return DeviceReports(service, campaigns, every, sharing), service  # type: ignore[arg-type]


class Memory(PollMemory):
    """Stores device reports, like the memory of a run."""

    def __init__(self) -> None:
        self.kept: dict[str, KnownReport] = {}

    def report(self, campaign_id: str) -> KnownReport | None:
        return self.kept.get(campaign_id)

    def keep_report(self, campaign_id: str, report: Report, read_at: float, is_final: bool) -> None:
        self.kept[campaign_id] = KnownReport(report, read_at, is_final)


def facts_of(status: str = "CampaignEnded", api_version: str = "v2", **more: t.Any) -> Facts:
    """Return the facts of a campaign."""
    return campaign_facts({"id": "c1", "status": status, **more}, api_version, TODAY)


@pytest.mark.parametrize("api_version", ["v2", "v3"])
def test_the_last_report_of_each_campaign_is_kept(api_version: str) -> None:
    device_reports, service = reporting_of(api_version=api_version)
    assert device_reports.reports == {}
    for campaign_id in ("c1", "c2", "c1"):
        device_reports.add_to(facts_of(api_version=api_version), campaign_id)
    assert service.asked == [(api_version, ACCOUNT, name) for name in ("c1", "c2", "c1")]
    assert {name: report.summary()["total"] for name, report in device_reports.reports.items()} == {"c1": 3, "c2": 2}


def test_a_report_that_cannot_be_read_leaves_the_one_before() -> None:
    device_reports, service = reporting_of()
    device_reports.add_to(facts_of(), "c1")
    service.is_down = True
    with pytest.raises(ServiceTrouble):
        device_reports.add_to(facts_of(), "c1")
    assert device_reports.reports["c1"].summary()["total"] == 1


def test_a_version_1_campaign_carries_its_devices() -> None:
    device_reports, service = reporting_of(api_version="v1", devices="all")
    devices = [
        {"deviceId": "900000000000002", "status": "UpgradeSuccess", "resultReason": "success"},
        {"deviceId": "900000000000003", "status": "UpgradeFailed", "resultReason": "No battery"},
    ]
    facts = device_reports.add_to(facts_of("Finished", "v1", deviceList=devices), "c1")
    assert service.asked == []
    assert facts["outcome"] == "partial"
    assert facts["devices"] == device_reports.reports["c1"].devices()
    assert device_reports.reports["c1"].device("900000000000003") == {
        "device_id": "900000000000003",
        "state": "failed",
        "status": "UpgradeFailed",
        "reason": "No battery",
    }


def test_a_version_1_campaign_without_devices_has_an_empty_report() -> None:
    device_reports, _service = reporting_of(api_version="v1")
    facts = device_reports.add_to(facts_of("Finished", "v1"), "c1")
    assert (facts["outcome"], device_reports.reports["c1"].summary()["total"]) == ("unverified", 0)


@pytest.mark.parametrize(
    ("every", "due"),
    [(0, []), (1, [1, 2, 3, 4, 5, 6, 7]), (2, [1, 3, 5, 7]), (3, [1, 4, 7]), (10, [1])],
)
def test_which_polls_of_a_running_campaign_have_the_report(every: int, due: list[int]) -> None:
    device_reports, _service = reporting_of(every)
    running = facts_of("CampaignScheduled")
    assert [poll for poll in range(1, 8) if device_reports.is_due("c1", running, False)] == due
    # Each campaign has its own count.
    assert device_reports.is_due("c2", running, False) is (every > 0)
    assert device_reports.is_for_each_campaign is (every > 0)


@pytest.mark.parametrize("every", [0, 1, 10])
def test_the_second_poll_of_a_campaign_that_is_over_has_the_report(every: int) -> None:
    device_reports, _service = reporting_of(every)
    assert device_reports.is_due("c1", facts_of(), True)
    assert not device_reports.is_due("c1", facts_of(), False)


def listing(*names: str) -> list[dict[str, str]]:
    """Return the device list of a version 1 campaign."""
    return [{"deviceId": name, "status": "UpgradeSuccess", "resultReason": "success"} for name in names]


@pytest.mark.parametrize("status", ["CampaignInProgress", "Finished"])
def test_a_version_1_campaign_that_lists_fewer_devices_than_before_is_incomplete(status: str) -> None:
    device_reports, _service = reporting_of(api_version="v1")
    for names in (("d1", "d2", "d3"), ("d1",)):
        device_reports.is_due("c1", facts_of(status, "v1", deviceList=listing(*names)), False)
    facts = device_reports.add_to(facts_of("Finished", "v1", deviceList=listing("d1")), "c1", is_final=True)
    assert facts["outcome"] == "unverified" and facts["device_summary"] is not None
    assert "1 of 3 devices" in str(facts["device_summary"]["doubt"])
    other = device_reports.add_to(facts_of("Finished", "v1", deviceList=listing("d1")), "c2", is_final=True)
    assert other["outcome"] == "succeeded"


def test_devices_can_be_removed_from_a_version_1_campaign_before_it_runs() -> None:
    device_reports, _service = reporting_of(api_version="v1")
    device_reports.is_due("c1", facts_of("Scheduled", "v1", deviceList=listing("d1", "d2")), False)
    facts = device_reports.add_to(facts_of("Finished", "v1", deviceList=listing("d1")), "c1", is_final=True)
    assert facts["outcome"] == "succeeded"


def test_a_version_1_campaign_without_a_device_list_counts_no_devices() -> None:
    device_reports, _service = reporting_of(api_version="v1")
    assert not device_reports.is_due("c1", facts_of("CampaignInProgress", "v1", deviceList=None), False)
    facts = device_reports.add_to(facts_of("Finished", "v1", deviceList=listing("d1")), "c1")
    assert facts["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("status", "is_final", "age", "is_known"),
    [
        # Over: only a final report will do, whatever its age.
        ("CampaignEnded", True, 10_000.0, True),
        ("CampaignEnded", False, 0.0, False),
        # Running: only a fresh one will do.
        ("CampaignScheduled", True, 10_000.0, False),
        ("CampaignScheduled", False, 299.0, True),
        ("CampaignScheduled", False, 300.0, False),
    ],
)
def test_which_reports_of_other_tasks_are_used(status: str, is_final: bool, age: float, is_known: bool) -> None:
    clock, memory = FakeClock(), Memory()
    other, _service = reporting_of(sharing=Sharing(memory, 300.0, clock))
    other.add_to(facts_of(status), "c1", is_final)
    clock.pass_time(age)
    device_reports, service = reporting_of(sharing=Sharing(memory, 300.0, clock))
    facts = device_reports.known(facts_of(status), "c1", deadline=1e9)
    assert (facts is not None) is is_known and service.asked == []
    assert list(device_reports.reports) == (["c1"] if is_known else [])
    if facts is not None and facts["device_summary"] is not None:
        assert facts["device_summary"]["total"] == 1
    assert device_reports.known(facts_of(status), "c2", deadline=1e9) is None


def test_a_report_is_not_final_unless_the_end_was_confirmed() -> None:
    memory = Memory()
    device_reports, _service = reporting_of(sharing=Sharing(memory))
    device_reports.add_to(facts_of(), "c1")
    assert not memory.kept["c1"].is_final


def test_a_forgotten_report_is_gone() -> None:
    device_reports, _service = reporting_of()
    device_reports.add_to(facts_of(), "c1")
    for _time in range(2):
        device_reports.forget("c1")
        assert device_reports.reports == {}
