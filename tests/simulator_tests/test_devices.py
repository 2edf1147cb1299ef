# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's devices: what the report says about them, and when."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.control import Control, ControlError
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ID
from simulator_tests.raw import RawClient

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
FIRST = "990003425730535"
SECOND = "990003425730543"


def statuses(client: RawClient, api_version: str = "v2") -> dict[str, str]:
    """Return the status of each device on the first page."""
    return {
        device["deviceId"]: device["status"] for device in client.device_page(api_version, ACCOUNT, ID)["deviceList"]
    }


def test_listed_devices_come_in_ascending_order(client: RawClient, control: Control) -> None:
    devices = [{"id": SECOND, "status": "Accepted"}, {"id": "000000000000007", "status": "Odd", "reason": "Other."}]
    control.add_campaign(ID, devices=devices)

    page = client.device_page("v2", ACCOUNT, ID)

    assert page["deviceList"] == [
        {"deviceId": "000000000000007", "status": "Odd", "resultReason": "Other."},
        {"deviceId": SECOND, "status": "Accepted", "resultReason": None},
    ]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (None, [FIRST, SECOND]),
        ("", [FIRST, SECOND]),
        ("0", [FIRST, SECOND]),
        ("990003425730534", [FIRST, SECOND]),
        (FIRST, [SECOND]),
        ("990003425730536", [SECOND]),
        (SECOND, []),
    ],
)
def test_only_larger_imeis_are_listed(
    client: RawClient, control: Control, after: str | None, expected: list[str]
) -> None:
    control.add_campaign(ID, devices=[{"id": one, "status": "Accepted"} for one in (FIRST, SECOND)])

    page = client.device_page("v2", ACCOUNT, ID, after)

    assert [device["deviceId"] for device in page["deviceList"]] == expected
    assert (page["totalDevice"], page["hasMoreData"]) == (2, False)
    assert page.get("lastSeenDeviceId") == (expected[-1] if expected else None)


def test_a_device_has_a_timeline(client: RawClient, control: Control) -> None:
    by_time = [{"after": 60, "status": "UpgradeFailed", "reason": "Other."}, {"after": 90, "status": "UpgradeSuccess"}]
    by_looks = [{"after_looks": 2, "status": "UpgradeSuccess"}]
    devices = [
        {"id": FIRST, "status": "Accepted", "timeline": by_time},
        {"id": SECOND, "status": "Accepted", "timeline": by_looks},
    ]
    control.advance(500)
    control.add_campaign(ID, api_version="v3", devices=devices)
    client.log_in()

    seen = []
    for seconds in (0, 59.5, 0.5, 30):
        control.advance(seconds)
        seen.append(list(statuses(client, "v3").values()))
        client.body("v3", ACCOUNT, ID)

    assert seen == [
        ["Accepted", "Accepted"],
        ["Accepted", "Accepted"],
        ["UpgradeFailed", "UpgradeSuccess"],
        ["UpgradeSuccess", "UpgradeSuccess"],
    ]


def test_v3_says_when_a_status_began(client: RawClient, control: Control) -> None:
    started = control.clock()["now"][:19]
    steps = [{"after": 60, "status": "UpgradeSuccess", "body": {"recentAttemptTime": "2026-03-01T07:59:00Z"}}]
    control.add_campaign(ID, api_version="v3", devices=[{"id": FIRST, "status": "UpgradePending", "timeline": steps}])

    (before,) = client.device_page("v3", ACCOUNT, ID)["deviceList"]
    control.advance(60)
    changed = control.clock()["now"][:19]
    control.advance(30)
    (after,) = client.device_page("v3", ACCOUNT, ID)["deviceList"]

    assert (before["updatedTime"], before["recentAttemptTime"]) == (f"{started}Z", None)
    assert (after["updatedTime"], after["recentAttemptTime"]) == (f"{changed}Z", "2026-03-01T07:59:00Z")


def test_a_device_can_be_forced_and_given_back(client: RawClient, control: Control) -> None:
    control.add_campaign(ID, devices=[{"id": one, "status": "Accepted"} for one in (FIRST, SECOND)])

    control.set_device(ID, FIRST, "UpgradeFailed", "Other.")
    assert statuses(client) == {FIRST: "UpgradeFailed", SECOND: "Accepted"}
    assert control.devices(ID) == [
        {"id": FIRST, "status": "UpgradeFailed", "reason": "Other."},
        {"id": SECOND, "status": "Accepted", "reason": None},
    ]
    control.set_device(ID, FIRST, None)
    assert statuses(client) == {FIRST: "Accepted", SECOND: "Accepted"}
    with pytest.raises(ControlError, match="no campaign with this ID has such a device"):
        control.set_device(ID, "000000000000007", "UpgradeFailed")
    with pytest.raises(ControlError, match="there is no campaign with this ID"):
        control.devices("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CampaignRequestPending", {"Accepted": 10}),
        ("CampaignScheduled", {"Accepted": 10}),
        ("CampaignFailed", {"Accepted": 10}),
        ("CampaignEnded", {"UpgradeSuccess": 7, "UpgradeFailed": 3}),
        ("CampaignCancelled", {"CampaignCancelled": 10}),
        ("CampaignAborted", {"CampaignAborted": 10}),
    ],
)
def test_a_fleet_follows_its_campaign(
    client: RawClient, control: Control, status: str, expected: dict[str, int]
) -> None:
    control.add_campaign(ID, devices={"count": 10, "groups": [{"share": 0.3, "status": "UpgradeFailed"}]})
    control.set_status(ID, status)

    assert Counter(statuses(client).values()) == expected


def test_a_group_can_show_its_end_early(client: RawClient, control: Control) -> None:
    groups = [
        {"count": 1, "status": "DeviceRejected", "after": 0},
        {"count": 2, "status": "UpgradeFailed", "after": 60},
        {"count": 3, "status": "UpgradePending", "after_looks": 1},
    ]
    control.add_campaign(
        ID,
        body={"status": "CampaignScheduled"},
        devices={"count": 10, "groups": groups, "until_ended": {"status": "Waiting"}, "rest": {"status": "Done"}},
    )

    seen = [Counter(statuses(client).values())]
    control.advance(60)
    seen.append(Counter(statuses(client).values()))
    client.body("v2", ACCOUNT, ID)
    control.set_status(ID, "CampaignEnded")
    seen.append(Counter(statuses(client).values()))

    assert seen == [
        {"DeviceRejected": 1, "Waiting": 9},
        {"DeviceRejected": 1, "UpgradeFailed": 2, "Waiting": 7},
        {"DeviceRejected": 1, "UpgradeFailed": 2, "UpgradePending": 3, "Done": 4},
    ]


def test_the_groups_of_a_fleet_are_spread_over_it(control: Control) -> None:
    fleet = {"count": 10000, "first": "350000000000001", "groups": [{"share": 0.03, "status": "UpgradeFailed"}]}
    control.add_campaign(ID, body={"status": "CampaignEnded"}, devices=fleet)
    devices = control.devices(ID)
    control.add_campaign(ID, body={"status": "CampaignEnded"}, devices=fleet)

    assert control.devices(ID) == devices
    assert [device["id"] for device in devices] == [f"{350000000000001 + number}" for number in range(10000)]
    failed = [number for number, device in enumerate(devices) if device["status"] == "UpgradeFailed"]
    assert len(failed) == 300
    # About 30 on each page of a report.
    assert all(25 <= count <= 35 for count in Counter(number // 1000 for number in failed).values())


def test_stock_campaigns_have_devices_too(client: RawClient, control: Control) -> None:
    """In v2 those in the project's documentation, in v3 those in the documented example of v1."""
    shown = [
        (device["deviceId"], device["status"]) for device in client.device_page("v2", ACCOUNT, V2_ID)["deviceList"]
    ]
    assert shown == [
        ("990003425730535", "UpgradeSuccess"),
        ("990003425730543", "UpgradeSuccess"),
        ("990003425730550", "UpgradeFailed"),
    ]
    page = client.device_page("v3", ACCOUNT, V3_ID)
    listed = client.body("v1", ACCOUNT, V1_ID)["deviceList"]
    assert [device["deviceId"] for device in page["deviceList"]] == [device["deviceId"] for device in listed]


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, [(3, "900000000000002", 2), (3, "900000000000003", 2)]),
        ({"last_page_cursor": "absent"}, [(3, "900000000000002", 2), (3, None, 2)]),
        ({"last_page_cursor": "zero"}, [(3, "900000000000002", 2), (3, "0", 2)]),
        ({"total_device_as_string": True}, [("3", "900000000000002", 2), ("3", "900000000000003", 2)]),
        (
            {"last_seen_device_id_as_int": True, "last_page_cursor": "zero"},
            [(3, 900000000000002, 2), (3, 0, 2)],
        ),
    ],
)
def test_the_switches_change_the_pages(
    client: RawClient, control: Control, switches: dict[str, Any], expected: list[tuple[Any, Any, int]]
) -> None:
    control.behaviour(device_page_size=2, **switches)
    control.add_campaign(ID, devices={"count": 3})

    pages = [client.device_page("v2", ACCOUNT, ID, after) for after in ("0", "900000000000002")]

    assert [len(page["deviceList"]) for page in pages] == [2, 1]
    assert [page["hasMoreData"] for page in pages] == [True, False]
    shown = [(page["totalDevice"], page.get("lastSeenDeviceId"), page["maxPageSize"]) for page in pages]
    assert shown == expected
    assert ("lastSeenDeviceId" in pages[1]) == (switches.get("last_page_cursor") != "absent")


@pytest.mark.parametrize(
    ("nulls", "of_v2", "of_v3"),
    [
        ("null", {"resultReason"}, {"resultReason", "updatedTime", "recentAttemptTime", "nextAttemptTime"}),
        ("absent", set(), {"updatedTime"}),
    ],
)
def test_what_has_no_value_is_null_or_absent(
    client: RawClient, control: Control, nulls: str, of_v2: set[str], of_v3: set[str]
) -> None:
    control.behaviour(nulls=nulls)
    for api_version, optional in (("v2", of_v2), ("v3", of_v3)):
        control.add_campaign(ID, api_version=api_version, devices=[{"id": FIRST, "status": "Accepted"}])
        (device,) = client.device_page(api_version, ACCOUNT, ID)["deviceList"]
        assert set(device) == {"deviceId", "status"} | optional
        assert device.get("resultReason") is None


@pytest.mark.parametrize(
    ("campaign", "sentence"),
    [
        ({"devices": [{"id": "123", "status": "Accepted"}]}, "must be an IMEI: a text of 15 digits"),
        ({"devices": [{"id": FIRST, "status": "A"}, {"id": FIRST, "status": "B"}]}, "an id of its own"),
        ({"devices": {"count": 10, "groups": [{"status": "UpgradeFailed"}]}}, "needs either 'share' or 'count'"),
        ({"devices": {"count": 10, "groups": [{"status": "A", "share": 3}]}}, "'share' must be from 0 to 1"),
        ({"devices": {"count": 10, "groups": [{"status": "A", "count": 11}]}}, "more devices than the fleet"),
        ({"devices": {"count": 2, "first": "999999999999999"}}, "the last IMEI must have 15 digits too"),
        ({"devices": {"count": -1}}, "must be 0 or more"),
        ({"devices": {"count": 1, "groups": [{"status": "A", "count": 1, "after": 1, "after_looks": 1}]}}, "not both"),
        ({"devices": [], "body": {"deviceList": []}}, "'devices' or a deviceList in its body, not both"),
    ],
)
def test_wrong_devices_are_refused(control: Control, campaign: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ControlError, match=sentence):
        control.add_campaign(ID, **campaign)
