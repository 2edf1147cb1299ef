# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK lists the simulator's campaigns by their state, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_tests.raw import RawClient

from official_sdk.attributes import CAMPAIGN, sdk_values
from official_sdk.clients import logged_in_client
from simulator.control import Control
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ID

IDS = [f"5b0f4c1e-0c55-4b0e-9b8e-00000000000{number}" for number in range(5)]
NOT_IN_LISTS = {"v1": set[str](), "v2": set[str](), "v3": {"autoAssignLicenseFlag", "autoAddDevicesFlag"}}


def one_page(client: Any, api_version: str, status: str, after: str | None) -> tuple[list[Any], str | None]:
    """Return the SDK's models of a page, and the cursor of the next page (None: it was the last)."""
    if api_version == "v1":
        reports = client.software_management_reports_v1
        page = reports.list_upgrades_for_specified_status(ACCOUNT, status, after or "0").body
        return page.report_list or [], str(page.last_seen_upgrade_id) if page.has_more_flag else None
    reports = {"v2": client.software_management_reports_v2, "v3": client.software_management_reports_v3}[api_version]
    page = reports.get_campaign_history_by_status(ACCOUNT, status, after).body
    return page.campaign_list, page.last_seen_campaign_id if page.has_more_data else None


def all_pages(client: Any, api_version: str, status: str) -> list[list[Any]]:
    """Return the SDK's models of all pages."""
    pages, after = [], None
    while True:
        page, after = one_page(client, api_version, status, after)
        pages.append(page)
        if after is None or len(pages) > 10:
            return pages


@pytest.mark.parametrize(
    ("api_version", "status", "campaign_id"),
    [("v1", "Queued", V1_ID), ("v2", "CampaignEnded", V2_ID), ("v3", "CampaignPreScheduled", V3_ID)],
)
def test_a_listed_campaign_is_the_one_that_is_read(
    client: RawClient, api_version: str, status: str, campaign_id: str
) -> None:
    ((listed,),) = all_pages(logged_in_client(client.api_url), api_version, status)

    raw = client.body(api_version, ACCOUNT, campaign_id)
    table = CAMPAIGN[api_version]
    expected = {field: raw[field] for field in table if field not in NOT_IN_LISTS[api_version]}
    assert sdk_values(listed, table) == expected


@pytest.mark.parametrize(
    ("api_version", "status", "other"),
    [
        ("v1", "InProgress", "Finished"),
        ("v2", "CampaignScheduled", "CampaignFailed"),
        ("v3", "CampaignScheduled", "CampaignCancelled"),
    ],
)
def test_the_sdk_follows_the_pages(api_url: str, control: Control, api_version: str, status: str, other: str) -> None:
    control.behaviour(page_size=2)
    for number, campaign_id in enumerate(IDS):
        control.add_campaign(campaign_id, api_version=api_version, body={"status": other if number == 1 else status})

    pages = all_pages(logged_in_client(api_url), api_version, status)

    assert [[model.id for model in page] for page in pages] == [[IDS[0], IDS[2]], [IDS[3], IDS[4]]]


@pytest.mark.parametrize("asked", ["CampaignQueued", "CampaignRequestQueued"])
def test_both_words_for_queued_list_the_same_campaigns(api_url: str, control: Control, asked: str) -> None:
    control.behaviour(queued_spelling="CampaignRequestQueued")
    control.add_campaign(IDS[0], body={"status": "CampaignQueued"})

    ((listed,),) = all_pages(logged_in_client(api_url), "v2", asked)

    assert (listed.id, listed.status) == (IDS[0], "CampaignRequestQueued")


def test_the_documented_path_of_v3_lists_the_same(client: RawClient) -> None:
    documented = client.get(f"/fota/v3/reports/{ACCOUNT}/campaigns", campaignStatus="CampaignPreScheduled")
    of_the_sdk = client.get(f"/fota/v3/reports/{ACCOUNT}/firmware/campaigns", campaignStatus="CampaignPreScheduled")

    assert documented.status_code == 200
    assert documented.json() == of_the_sdk.json()
    (listed,) = documented.json()["campaignList"]
    assert listed["id"] == V3_ID
    assert NOT_IN_LISTS["v3"].isdisjoint(listed)
