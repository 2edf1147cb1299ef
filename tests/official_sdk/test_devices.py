# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK reads the simulator's device reports, page by page. Each field is the same as in the JSON."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_tests.raw import RawClient
from verizon.exceptions.fota_v2_result_exception import FotaV2ResultException
from verizon.exceptions.fota_v3_result_exception import FotaV3ResultException
from verizon.models.v2_campaign_device import V2CampaignDevice
from verizon.models.v2_device_status import V2DeviceStatus
from verizon.models.v3_campaign_device import V3CampaignDevice
from verizon.models.v3_device_status import V3DeviceStatus

from official_sdk.attributes import CAMPAIGN, DEVICE, DEVICE_REPORT, as_sdk_shows, attribute_names, sdk_values
from official_sdk.clients import logged_in_client
from official_sdk.test_campaigns import read
from simulator.control import Control
from simulator.stock import ACCOUNT

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
MODELS = {"v2": (V2CampaignDevice, V2DeviceStatus), "v3": (V3CampaignDevice, V3DeviceStatus)}
REFUSALS = {"v2": FotaV2ResultException, "v3": FotaV3ResultException}
TIMES = {
    "updatedTime": "2026-03-01T08:00:00Z",
    "recentAttemptTime": "2026-03-01T07:59:00Z",
    "nextAttemptTime": "2026-03-02T00:00:00Z",
}


def page_of(client: Any, api_version: str, after: str | None, campaign_id: str = ID) -> Any:
    """Return the SDK's model of a page."""
    reports = {"v2": client.software_management_reports_v2, "v3": client.software_management_reports_v3}
    return reports[api_version].get_campaign_device_status(ACCOUNT, campaign_id, after).body


def all_pages(client: Any, api_version: str) -> list[Any]:
    """Return the SDK's models of all pages, which are read as documented."""
    pages = [page_of(client, api_version, None)]
    while pages[-1].has_more_data and len(pages) < 10:
        pages.append(page_of(client, api_version, pages[-1].last_seen_device_id))
    return pages


def fleet(api_version: str) -> dict[str, Any]:
    """Return 2,500 devices. Some of them have no reason. In v3, each field has a value in at least one device."""
    body = TIMES if api_version == "v3" else {}
    return {
        "count": 2500,
        "groups": [{"share": 0.03, "status": "UpgradeFailed", "body": body}],
        "rest": {"status": "UpgradeSuccess", "reason": "DownloadInstallSucceeded", "body": body},
    }


@pytest.mark.parametrize("api_version", MODELS)
def test_the_tables_have_every_attribute_of_the_sdks_models(api_version: str) -> None:
    page, device = MODELS[api_version]
    assert attribute_names(DEVICE_REPORT[api_version]) == page._names
    assert attribute_names(DEVICE[api_version]) == device._names


@pytest.mark.parametrize("nulls", ["null", "absent"])
@pytest.mark.parametrize("api_version", MODELS)
def test_the_sdk_reads_all_pages(client: RawClient, control: Control, api_version: str, nulls: str) -> None:
    control.behaviour(nulls=nulls)
    control.add_campaign(ID, api_version=api_version, body={"status": "CampaignEnded"}, devices=fleet(api_version))
    table = DEVICE_REPORT[api_version]

    models = all_pages(logged_in_client(client.api_url), api_version)
    raw = [client.device_page(api_version, ACCOUNT, ID, after) for after in (0, 900000000001000, 900000000002000)]

    assert [sdk_values(model, table) for model in models] == [as_sdk_shows(page, table) for page in raw]
    assert {field for page in raw for device in page["deviceList"] for field in device} == set(DEVICE[api_version])
    assert [{name: page[name] for name in page if name != "deviceList"} for page in raw] == [
        {"totalDevice": 2500, "hasMoreData": more, "lastSeenDeviceId": last, "maxPageSize": 1000}
        for more, last in [(True, "900000000001000"), (True, "900000000002000"), (False, "900000000002500")]
    ]
    devices = [device for model in models for device in model.device_list]
    assert [device.device_id for device in devices] == [f"{900000000000001 + n}" for n in range(2500)]
    statuses = [device.status for device in devices]
    assert (statuses.count("UpgradeFailed"), statuses.count("UpgradeSuccess")) == (75, 2425)
    assert {device.status for device in devices if not hasattr(device, "result_reason")} == {"UpgradeFailed"}
    assert control.counters()["reports_by_campaign"] == {ID: 6}
    assert control.count("device_report") == 6


def test_the_sdk_reads_the_devices_of_v1(client: RawClient, control: Control) -> None:
    control.add_campaign(ID, api_version="v1", body={"status": "Finished"}, devices=fleet("v1"))

    raw = client.body("v1", ACCOUNT, ID)
    model = read(logged_in_client(client.api_url), "v1", ACCOUNT, ID)

    table = CAMPAIGN["v1"]
    assert len(raw["deviceList"]) == 2500
    assert set(raw["deviceList"][0]) == set(DEVICE["v1"])
    assert sdk_values(model, table) == as_sdk_shows(raw, table)


@pytest.mark.parametrize("api_version", MODELS)
def test_what_has_no_report_is_the_sdks_exception(client: RawClient, control: Control, api_version: str) -> None:
    sdk = logged_in_client(client.api_url)
    control.add_campaign(ID, api_version=api_version)

    for campaign_id, after, message in [
        ("00000000-0000-4000-8000-000000000000", None, "Invalid upgradeId"),
        ("not-a-uuid", None, "Invalid uuid"),
        (ID, "one", "Invalid device id format"),
        (ID, "9" * 16, "Invalid device id format"),
    ]:
        with pytest.raises(REFUSALS[api_version]) as refused:
            page_of(sdk, api_version, after, campaign_id)
        assert (refused.value.response_code, refused.value.error_code) == (400, "INVALID_PARAMETER")
        assert refused.value.error_message == message
