# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's campaigns: timelines, forced states, and the switches for what the documents leave open."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.control import Control, ControlError
from simulator.stock import ACCOUNT, V2_ID
from simulator_tests.raw import RawClient

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
BY_TIME = [
    {"after": 0, "status": "CampaignRequestPending"},
    {"after": 60, "status": "CampaignQueued", "body": {"startDate": "2026-03-02"}},
    {"after": 3600, "status": "CampaignEnded", "body": {"endDate": "2026-03-05"}},
]


def dates(body: dict[str, Any]) -> tuple[str, str, str]:
    return body["status"], body["startDate"], body["endDate"]


def test_a_timeline_follows_the_simulated_clock(client: RawClient, control: Control) -> None:
    control.advance(500)
    control.add_campaign(ID, body={"startDate": "2026-03-01", "endDate": "2026-03-04"}, timeline=BY_TIME)

    seen = []
    for seconds in (0, 59.5, 0.5, 3540):
        control.advance(seconds)
        client.log_in()
        seen.append(dates(client.body("v2", ACCOUNT, ID)))

    assert seen == [
        ("CampaignRequestPending", "2026-03-01", "2026-03-04"),
        ("CampaignRequestPending", "2026-03-01", "2026-03-04"),
        ("CampaignQueued", "2026-03-02", "2026-03-04"),
        ("CampaignEnded", "2026-03-02", "2026-03-05"),
    ]


def test_the_clock_runs_at_the_given_speed(control: Control) -> None:
    before = control.clock()
    fast = control.set_speed(1000000)
    try:
        later = control.clock()
    finally:
        control.set_speed(0)

    assert (before["speed"], fast["speed"]) == (0, 1000000)
    assert later["seconds"] > fast["seconds"] >= before["seconds"]
    assert control.clock()["now"] == control.clock()["now"]
    with pytest.raises(ControlError, match="cannot be moved back"):
        control.advance(-1)


def test_a_timeline_can_count_the_reads(client: RawClient, control: Control) -> None:
    control.add_campaign(
        ID,
        body={"status": "CampaignRequestPending"},
        timeline=[{"after_looks": 2, "status": "CampaignQueued"}, {"after_looks": 4, "status": "CampaignEnded"}],
    )
    client.get(f"/fota/v2/reports/{ACCOUNT}/campaigns", campaignStatus="CampaignQueued")

    seen = [client.body("v2", ACCOUNT, ID)["status"] for _poll in range(4)]

    assert seen == ["CampaignRequestPending", "CampaignQueued", "CampaignQueued", "CampaignEnded"]


def test_a_state_can_be_forced_and_given_back(client: RawClient, control: Control) -> None:
    control.add_campaign(ID, timeline=BY_TIME)
    control.set_status(ID, "CampaignAborted")
    assert client.body("v2", ACCOUNT, ID)["status"] == "CampaignAborted"
    control.set_status(ID, None)
    assert client.body("v2", ACCOUNT, ID)["status"] == "CampaignRequestPending"
    with pytest.raises(ControlError, match="no campaign"):
        control.set_status("00000000-0000-4000-8000-000000000000", "CampaignEnded")


@pytest.mark.parametrize(
    ("api_version", "switches", "changes", "field", "expected"),
    [
        ("v2", {"hours_as_strings": True}, {}, "installTimeWindowList", [{"startTime": "22", "endTime": "23"}]),
        ("v2", {"queued_spelling": "CampaignRequestQueued"}, {"status": "CampaignQueued"}, "status", None),
        ("v1", {"queued_spelling": "CampaignRequestQueued"}, {"status": "Queued"}, "status", "Queued"),
        ("v1", {"v1_dates": "date_time"}, {}, "startDate", "2018-04-01T16:03:00.000Z"),
        ("v2", {"v1_dates": "date_time"}, {}, "startDate", "2020-08-21"),
        ("v2", {"nulls": "null"}, {"campaignName": None}, "campaignName", "NULL"),
        ("v2", {"nulls": "absent"}, {"campaignName": None}, "campaignName", "ABSENT"),
        # Only optional fields can be omitted.
        ("v2", {"nulls": "absent"}, {"status": None}, "status", "NULL"),
    ],
)
def test_the_switches_change_the_body(
    client: RawClient,
    control: Control,
    api_version: str,
    switches: dict[str, Any],
    changes: dict[str, Any],
    field: str,
    expected: Any,
) -> None:
    control.behaviour(**switches)
    control.add_campaign(ID, api_version=api_version, body=changes)

    found = client.body(api_version, ACCOUNT, ID).get(field, "ABSENT")

    assert ("NULL" if found is None else found) == (expected or switches["queued_spelling"])


def test_an_unknown_campaign_can_be_a_404(client: RawClient, control: Control) -> None:
    control.behaviour(unknown_campaign_form="404")

    answer = client.read("v2", ACCOUNT, ID)

    assert (answer.status_code, answer.json()["errorCode"]) == (404, "INVALID_PARAMETER")


def test_an_id_in_capitals_is_the_same_campaign(client: RawClient) -> None:
    assert client.body("v2", ACCOUNT, V2_ID.upper())["id"] == V2_ID


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ({"campaign": []}, r"scenario has the unknown key 'campaign'; did you mean 'campaigns'\?"),
        ({"when": 1}, "scenario has the unknown key 'when'; it may have: clock, credentials"),
        ({"campaigns": [{"api_version": "v2", "id": ID}]}, r"scenario.campaigns\[0\] needs the key 'account_name'"),
        ({"campaigns": [{"api_version": "v4", "id": ID, "account_name": "1"}]}, "must be one of v1, v2, v3"),
        ({"campaigns": [{"api_version": "v2", "id": "x", "account_name": "1"}]}, "must be a UUID"),
        ({"behaviour": {"page_size": 0}}, "page_size must be 1 or more"),
        ({"behaviour": {"page_size": True}}, "must be a whole number, not true or false"),
        ({"credentials": {"secret": "x"}}, "scenario.credentials has the unknown key 'secret'"),
        ({"credentials": {"password": 12}}, "scenario.credentials.password must be a text, not a number"),
        ({"faults": [{"action": "gateway"}]}, r"scenario.faults\[0\]: the action 'gateway' needs 'name'"),
        ({"faults": [{"action": "status", "status": 99}]}, "from 200 to 599"),
    ],
)
def test_a_wrong_scenario_is_refused_in_one_sentence_and_changes_nothing(
    client: RawClient, control: Control, scenario: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ControlError, match=sentence):
        control.scenario(scenario)

    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
