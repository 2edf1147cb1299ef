# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of campaigns by state: their pages, and the cost of a page in an account with thousands of campaigns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from starlette.datastructures import Headers, QueryParams

from simulator.call import Call
from simulator.campaign_routes import list_campaigns
from simulator.campaigns import Campaign, Step
from simulator.clock import SimulatedClock
from simulator.control import Control
from simulator.scenario import parse_scenario
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS
from simulator.world import World
from simulator_tests.raw import RawClient

LISTS = f"/fota/v2/reports/{ACCOUNT}/campaigns"


def name(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def page(client: RawClient, after: str = "0", status: str = "CampaignScheduled") -> requests.Response:
    return client.get(LISTS, campaignStatus=status, lastSeenCampaignId=after)


def pages(client: RawClient, status: str = "CampaignScheduled") -> Iterator[list[str]]:
    """Yield the IDs in each page."""
    content = page(client, status=status).json()
    yield [one["id"] for one in content["campaignList"]]
    while content["hasMoreData"]:
        content = page(client, content["lastSeenCampaignId"], status).json()
        yield [one["id"] for one in content["campaignList"]]


@pytest.fixture
def alternating(control: Control) -> None:
    """Add seven campaigns of version 2, every second of which is scheduled, and one of another version."""
    campaigns = [
        {"api_version": "v2", "account_name": ACCOUNT, "id": name(number), "body": {"status": status}}
        for number, status in enumerate(["CampaignScheduled", "CampaignQueued"] * 3 + ["CampaignScheduled"])
    ]
    other = {"api_version": "v3", "account_name": ACCOUNT, "id": name(99), "body": {"status": "CampaignScheduled"}}
    control.scenario({"campaigns": [*campaigns[:3], other, *campaigns[3:]], "behaviour": {"page_size": 2}})


@pytest.mark.usefixtures("alternating")
def test_the_pages_have_each_campaign_of_the_state_once(client: RawClient) -> None:
    client.log_in()
    assert list(pages(client)) == [[name(0), name(2)], [name(4), name(6)]]
    assert list(pages(client, "CampaignQueued")) == [[name(1), name(3)], [name(5)]]
    assert list(pages(client, "CampaignEnded")) == [[]]


@pytest.mark.usefixtures("alternating")
def test_pages_follow_what_is_added_changed_and_taken_away(client: RawClient, control: Control) -> None:
    client.log_in()
    assert [name(4), name(6)] in pages(client)
    control.add_campaign(name(7), body={"status": "CampaignScheduled"})
    control.set_status(name(2), "CampaignEnded")
    assert list(pages(client)) == [[name(0), name(4)], [name(6), name(7)]]
    # A replaced campaign keeps its position.
    control.add_campaign(name(0), body={"status": "CampaignScheduled", "campaignName": "Again"})
    assert next(pages(client)) == [name(0), name(4)]


@pytest.mark.usefixtures("alternating")
@pytest.mark.parametrize("after", [name(1), name(50), name(99), "nothing"])
def test_a_cursor_that_is_not_in_the_list_is_refused(client: RawClient, after: str) -> None:
    client.log_in()
    answer = page(client, after)
    assert (answer.status_code, answer.json()["errorMessage"]) == (400, "Invalid index value")
    assert page(client, name(2).upper()).status_code == 200


def test_a_campaign_has_one_status_however_it_is_requested() -> None:
    steps = [Step("CampaignQueued", after=10, body={"status": "Other"}), Step("CampaignEnded", after_looks=2)]
    campaign = Campaign("v2", ACCOUNT, name(0), body={"status": "Own"}, timeline=steps)
    seen = []
    for seconds, looks in ((0, 0), (10, 1), (5, 2)):
        campaign.looks = looks
        seen.append(campaign.current_status(seconds))
        assert campaign.current_body(seconds)["status"] == seen[-1]
    assert seen == ["Own", "CampaignQueued", "CampaignEnded"]
    campaign.edits["status"] = "CampaignCancelled"
    assert campaign.current_status(0) == campaign.current_body(0)["status"] == "CampaignCancelled"


def test_a_page_checks_no_more_campaigns_than_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise, reading all pages of ten thousand campaigns would check a million campaigns."""
    scenario = {
        "credentials": {**DEMO_CREDENTIALS, "access_token": "access", "session_token": "session"},
        "campaigns": [
            {"api_version": "v2", "account_name": ACCOUNT, "id": name(number), "body": {"status": "CampaignScheduled"}}
            for number in range(1000)
        ],
    }
    world = World(SimulatedClock(speed=0), parse_scenario(scenario))
    looked_at = []
    current_status = Campaign.current_status

    def counted(campaign: Campaign, seconds: float) -> Any:
        looked_at.append(campaign.id)
        return current_status(campaign, seconds)

    monkeypatch.setattr(Campaign, "current_status", counted)
    call = Call(
        "GET",
        f"/api{LISTS}",
        "campaign_list",
        Headers({"Authorization": "Bearer access", "VZ-M2M-Token": "session"}),
        QueryParams({"campaignStatus": "CampaignScheduled", "lastSeenCampaignId": name(499)}),
        {"acc": ACCOUNT},
        b"",
    )
    answer = json.loads(list_campaigns("v2")(world, call).body)
    assert [one["id"] for one in answer["campaignList"]] == [name(number) for number in range(500, 600)]
    # The campaign of the cursor, those of the page (twice each), and the next one.
    assert set(looked_at) == {name(number) for number in range(499, 601)}
