# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that sends one wrong value, over real HTTP: no target, outcome or threshold is wrongly met."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client.test_reads import Rig
from docs.tasks import result_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.tests.unit.one_wrong import one_replaced
from simulator.control import Control
from simulator.stock import ACCOUNT

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
JSON = {"Content-Type": "application/json"}
OVER = {"v1": "Finished", "v2": "CampaignEnded", "v3": "CampaignEnded"}
RUNS = {"v1": "InProgress", "v2": "CampaignScheduled", "v3": "CampaignScheduled"}
WAIT: dict[str, Any] = {"wait": True, "wait_timeout": 600, "max_consecutive_errors": 1, "devices": "all"}
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def add_fleet(control: Control, version: str, status: str, failed: int) -> None:
    """Add a campaign with five devices, two on each page of the report."""
    control.reset()
    control.behaviour(device_page_size=2)
    groups = [{"status": "UpgradeFailed", "reason": "RovaClientDownloadFailed", "count": failed}]
    control.add_campaign(
        ID, api_version=version, body={"status": status}, devices={"count": 5, "groups": groups if failed else []}
    )


def lie(control: Control, kind: str, text: str, page: int = 0) -> None:
    """Make the service send this text for each read of the campaign, or for one page of the next report."""
    times = {"skip": page, "times": 1} if kind == "device_report" else {}
    control.fault("status", status=200, kind=kind, text=text, headers=JSON, **times)


@pytest.mark.parametrize("version", sorted(OVER))
@FEW
@given(data=st.data())
def test_a_campaign_that_runs_does_not_end(api_url: str, control: Control, version: str, data: st.DataObject) -> None:
    add_fleet(control, version, RUNS[version], 0)
    body = Rig(api_url).client.campaign(version, ACCOUNT, ID).body
    lie(control, "campaign_read", data.draw(one_replaced(body)))
    result = result_of(api_url, campaign_id=[ID], api_version=version, **WAIT)
    assert result["failed"] and not result["reached"]
    assert result["campaign"] is None or result["campaign"]["outcome"] == "pending"


@pytest.mark.parametrize("version", sorted(OVER))
@FEW
@given(data=st.data(), demand=st.sampled_from([{"min_success_percent": 100}, {"max_failure_count": 0}]))
def test_a_campaign_with_a_failed_device_meets_no_demand(
    api_url: str, control: Control, version: str, data: st.DataObject, demand: dict[str, Any]
) -> None:
    add_fleet(control, version, OVER[version], 1)
    client = Rig(api_url).client
    body = client.campaign(version, ACCOUNT, ID).body
    if version == "v1":
        lie(control, "campaign_read", data.draw(one_replaced(body)))
    else:
        page = data.draw(st.integers(0, 2))
        path = ("fota", version, "reports", ACCOUNT, "campaigns", ID, "devices")
        after = control.devices(ID)[2 * page - 1]["id"] if page else "0"
        lie(
            control, "device_report", data.draw(one_replaced(client._get(path, {"lastSeenDeviceId": after}).body)), page
        )
    result = result_of(api_url, campaign_id=[ID], api_version=version, **WAIT, **demand)
    assert result["failed"] and not result["reached"]
    assert result["campaign"] is None or result["campaign"]["outcome"] != "succeeded"


@pytest.mark.parametrize("flag", [1, "true", "True", None, 0, "more", [], 2])
def test_a_flag_in_another_spelling_shortens_no_report(api_url: str, control: Control, flag: object) -> None:
    add_fleet(control, "v2", OVER["v2"], 1)
    # The failed device is the last one.
    for device in control.devices(ID):
        control.set_device(ID, device["id"], "UpgradeSuccess")
    control.set_device(ID, control.devices(ID)[-1]["id"], "UpgradeFailed")
    control.fault("extra_fields", kind="device_report", fields={"hasMoreData": flag}, times=1)
    result = result_of(api_url, campaign_id=[ID], min_success_percent=100, **WAIT)
    assert (result["failed"], result["reached"], result["reason"]) == (True, False, "too_many_failures")
    is_followed = flag in (1, "true", "True")
    assert result["campaign"]["outcome"] == ("partial" if is_followed else "unverified")
    assert result["campaign"]["device_summary"]["complete"] is is_followed
    if not is_followed:
        assert f"the device report {result['campaign']['device_summary']['doubt']}" in result["msg"]


@pytest.mark.parametrize(
    "status", [["UpgradeSuccess"], {"UpgradeSuccess": 1}, True, 1, 0.5, None, "Upgrade\u017fuccess"]
)
@pytest.mark.parametrize("version", sorted(OVER))
def test_a_status_that_is_no_word_is_no_success(api_url: str, control: Control, version: str, status: object) -> None:
    add_fleet(control, version, OVER[version], 0)
    names = [device["id"] for device in control.devices(ID)]
    entries = [{"deviceId": name, "status": "UpgradeSuccess" if name != names[0] else status} for name in names]
    kind = "campaign_read" if version == "v1" else "device_report"
    fields = {"deviceList": entries, **({} if version == "v1" else {"hasMoreData": False})}
    control.fault("extra_fields", kind=kind, fields=fields)
    result = result_of(api_url, campaign_id=[ID], api_version=version, max_failure_count=0, **WAIT)
    assert (result["failed"], result["reason"]) == (True, "too_many_failures")
    assert result["campaign"]["outcome"] == "partial"
    assert result["campaign"]["device_summary"]["by_state"]["unknown"] == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"accountName": "0402196254-00002"}, "of another account than 0402196254-00001: account 0402196254-00002"),
        ({"accountName": None}, f"campaign {ID} without accountName"),
        ({"id": None}, f"campaign {ID} without id"),
        ({"id": None, "accountName": None}, f"campaign {ID} without id and accountName"),
        ({"id": [ID]}, f"campaign {ID} without id"),
        (
            {"id": "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f22"},
            "returned campaign 5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f22 instead of",
        ),
    ],
)
@pytest.mark.parametrize("version", sorted(OVER))
def test_a_campaign_is_believed_only_if_it_is_the_one(
    api_url: str, control: Control, version: str, fields: dict[str, Any], said: str
) -> None:
    add_fleet(control, version, OVER[version], 0)
    control.fault("extra_fields", kind="campaign_read", fields=fields)
    result = result_of(api_url, campaign_id=[ID], api_version=version, **WAIT)
    assert (result["failed"], result["reached"], result["reason"]) == (True, False, "too_many_errors")
    assert said in result["msg"]
    assert result["campaign"] is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errorCode": "INVALID_PARAMETER", "errorMessage": "Index invalid"}, "INVALID_PARAMETER: Index invalid"),
        ({"errorMessage": "Busy", "status": "CampaignEnded"}, "Busy"),
        ({"fault": {"code": 900800, "message": "Message throttled out"}}, "900800: Message throttled out"),
        ({"error": "invalid_request", "error_description": "None"}, "invalid_request: None"),
    ],
)
@pytest.mark.parametrize("kind", ["campaign_read", "device_report"])
def test_an_error_that_came_as_a_success_is_quoted(
    api_url: str, control: Control, kind: str, body: dict[str, Any], said: str
) -> None:
    add_fleet(control, "v2", OVER["v2"], 0)
    control.fault("status", status=200, kind=kind, text=json.dumps(body), headers=JSON)
    result = result_of(api_url, campaign_id=[ID], devices="summary")
    assert (result["failed"], result["reason"]) == (True, "bad_answer")
    assert f"returned an error with a success status: HTTP 200, {said}." in result["msg"]
