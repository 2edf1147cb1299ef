# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK reads the simulator's campaigns. Each field has the same value as in the JSON."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_tests.raw import RawClient
from verizon.exceptions.fota_v1_result_exception import FotaV1ResultException
from verizon.exceptions.fota_v2_result_exception import FotaV2ResultException
from verizon.exceptions.fota_v3_result_exception import FotaV3ResultException
from verizon.models.campaign import Campaign
from verizon.models.campaign_software import CampaignSoftware
from verizon.models.firmware_upgrade import FirmwareUpgrade

from official_sdk.attributes import CAMPAIGN, NOT_IN_SDK, as_sdk_shows, attribute_names, sdk_values
from official_sdk.clients import logged_in_client
from simulator.control import Control
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ACCOUNT, V3_ID

STOCK = [("v1", ACCOUNT, V1_ID), ("v2", ACCOUNT, V2_ID), ("v3", ACCOUNT, V3_ID), ("v3", V3_ACCOUNT, V3_ID)]
MODELS = {"v1": FirmwareUpgrade, "v2": CampaignSoftware, "v3": Campaign}
REFUSALS = {"v1": FotaV1ResultException, "v2": FotaV2ResultException, "v3": FotaV3ResultException}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def read(client: Any, api_version: str, account: str, campaign_id: str) -> Any:
    """Return the SDK's model of a campaign."""
    calls = {
        "v1": client.firmware_v1.list_firmware_upgrade_details,
        "v2": client.campaigns_v2.get_campaign_information,
        "v3": client.campaigns_v3.get_campaign_information,
    }
    return calls[api_version](account, campaign_id).body


@pytest.mark.parametrize("api_version", CAMPAIGN)
def test_the_table_has_every_attribute_of_the_sdks_model(api_version: str) -> None:
    assert attribute_names(CAMPAIGN[api_version]) == MODELS[api_version]._names


@pytest.mark.parametrize(("api_version", "account", "campaign_id"), STOCK)
def test_the_sdk_shows_what_is_on_the_wire(client: RawClient, api_version: str, account: str, campaign_id: str) -> None:
    raw = client.body(api_version, account, campaign_id)
    model = read(logged_in_client(client.api_url), api_version, account, campaign_id)

    table = CAMPAIGN[api_version]
    assert set(raw) == set(table) | NOT_IN_SDK[api_version]
    known = {field: value for field, value in raw.items() if field in table}
    # The SDK supports all stock values, so none is missing here.
    assert sdk_values(model, table) == known


@pytest.mark.parametrize(
    ("api_version", "changes"),
    [
        ("v1", {"deviceList": [{"deviceId": "990003425730535", "status": "RequestPending"}]}),
        ("v1", {"deviceList": [], "startDate": None}),
        ("v2", {"downloadTimeWindowList": [{"startTime": 0, "endTime": 24}], "installTimeWindowList": []}),
        ("v2", {"campaignName": None, "downloadAfterDate": None, "downloadTimeWindowList": None}),
        ("v2", {"campaignName": "", "status": "CampaignWhatever"}),
        ("v3", {"campaignTimeWindowList": None, "autoAddDevicesFlag": True}),
    ],
)
@pytest.mark.parametrize("nulls", ["null", "absent"])
def test_the_sdk_shows_odd_values_as_it_is_known_to(
    client: RawClient, control: Control, api_version: str, changes: dict[str, Any], nulls: str
) -> None:
    campaign_id = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
    control.behaviour(nulls=nulls)
    control.add_campaign(campaign_id, api_version=api_version, body=changes)

    raw = client.body(api_version, ACCOUNT, campaign_id)
    model = read(logged_in_client(client.api_url), api_version, ACCOUNT, campaign_id)

    assert [field for field in changes if field not in raw] == [
        field for field, value in changes.items() if value is None and nulls == "absent"
    ]
    assert sdk_values(model, CAMPAIGN[api_version]) == as_sdk_shows(raw, CAMPAIGN[api_version])


@pytest.mark.parametrize("api_version", CAMPAIGN)
@pytest.mark.parametrize(
    ("account", "campaign_id", "message"),
    [
        (ACCOUNT, UNKNOWN_ID, "Invalid upgradeId"),
        (ACCOUNT, "not-a-uuid", "Invalid uuid"),
        ("0402196254-00009", V2_ID, "UWS verification failure (Could not find account 0402196254-00009)"),
        ("abc", V2_ID, "Invalid account name format"),
    ],
)
def test_what_does_not_exist_is_the_sdks_exception(
    api_url: str, control: Control, api_version: str, account: str, campaign_id: str, message: str
) -> None:
    with pytest.raises(REFUSALS[api_version]) as refused:
        read(logged_in_client(api_url), api_version, account, campaign_id)

    assert (refused.value.response_code, refused.value.error_code) == (400, "INVALID_PARAMETER")
    assert refused.value.error_message == message
