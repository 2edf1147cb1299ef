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
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports

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


def reporting_of(every: int = 0, api_version: str = "v2", devices: str = "summary") -> tuple[DeviceReports, Service]:
    """Return device reports and their service."""
    service = Service()
    campaigns = Campaigns(ACCOUNT, ("c1", "c2"), api_version, devices)
    return DeviceReports(service, campaigns, every), service  # type: ignore[arg-type]


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
