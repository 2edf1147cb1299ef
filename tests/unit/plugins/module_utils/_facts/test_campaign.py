# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversion of the documented bodies, and of their known variants, to facts."""

from __future__ import annotations

import copy
import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts, with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, DeviceReport

Example = t.Callable[[str], dict[str, t.Any]]

TODAY: t.Final = datetime.date(2021, 9, 30)
VERSIONS: t.Final = ("v1", "v2", "v3")

FROM_EXAMPLE: t.Final[dict[str, dict[str, t.Any]]] = {
    "v1": {
        "id": "60b5d639-ccdc-4db8-8824-069bd94c95bf",
        "account_name": "0402196254-00001",
        "firmware_name": "FOTA_Verizon_Model-A_01To02_HF",
        "firmware_to": "VerizonFirmwareVersion-02",
        "start_date": "2018-04-01",
        "end_date": "2018-04-05",
        "status": "Queued",
        "device_list": [
            {"device_id": "990003425730535", "status": "Device Accepted", "result_reason": "success"},
            {"device_id": "990000473475989", "status": "RequestPending", "result_reason": None},
        ],
        "api_version": "v1",
        "state": "queued",
        "phase": "requested",
        "terminal": False,
        "outcome": "pending",
        "device_summary": None,
        "devices": None,
        "extra": {},
    },
    "v2": {
        "id": "60b5d639-ccdc-4db8-8824-069bd94c95bf",
        "account_name": "0402196254-00001",
        "campaign_name": "FOTA_Verizon_Upgrade",
        "software_name": "FOTA_Verizon_Model-A_02To03_HF",
        "distribution_type": "HTTP",
        "make": "Verizon",
        "model": "Model-A",
        "software_from": "FOTA_Verizon_Model-A_00To01_HF",
        "software_to": "FOTA_Verizon_Model-A_02To03_HF",
        "start_date": "2020-08-21",
        "end_date": "2020-08-22",
        "download_after_date": "2020-08-21",
        "download_time_window_list": [{"start_time": 20, "end_time": 21}],
        "install_after_date": "2020-08-21",
        "install_time_window_list": [{"start_time": 22, "end_time": 23}],
        "status": "CampaignEnded",
        "api_version": "v2",
        "state": "ended",
        "phase": "over",
        "terminal": True,
        "outcome": "unverified",
        "device_summary": None,
        "devices": None,
        "extra": {},
    },
    "v3": {
        "id": "f858b8c4-2153-11ec-8c44-aeb16d1aa652",
        "account_name": "0642233522-00001",
        "campaign_name": "Smart FOTA - test 4",
        "protocol": "LWM2M",
        "make": "SEQUANS Communications",
        "model": "GM01Q",
        "status": "CampaignPreScheduled",
        "start_date": "2021-09-29",
        "end_date": "2021-10-01",
        "firmware_name": "SEQUANSCommunications_GM01Q_SR1.2.0.0-10512_SR1.2.0.0-10657",
        "firmware_from": "SR1.2.0.0-10512",
        "firmware_to": "SR1.2.0.0-10657",
        "campaign_time_window_list": [{"start_time": 18, "end_time": 22}],
        "auto_assign_license_flag": False,
        "auto_add_devices_flag": False,
        "api_version": "v3",
        "state": "pre_scheduled",
        "phase": "running",
        "terminal": False,
        "outcome": "pending",
        "device_summary": None,
        "devices": None,
        "extra": {},
    },
}
DERIVED: t.Final = {
    *("api_version", "state", "phase", "terminal", "outcome", "device_summary", "devices", "extra"),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_documented_example(version: str, example: Example) -> None:
    body = example(version)
    before = copy.deepcopy(body)

    assert campaign_facts(body, version, TODAY) == FROM_EXAMPLE[version]
    assert body == before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("how", ["null", "absent"])
def test_every_documented_field_is_there_without_a_value(version: str, how: str) -> None:
    body = {"id": "x"} if how == "absent" else {"id": "x", **dict.fromkeys(_camel_names(version) - {"id"})}

    facts = dict(campaign_facts(body, version, TODAY))

    assert facts.pop("extra") == {}
    assert set(facts) == set(FROM_EXAMPLE[version]) - {"extra"}
    assert {name: value for name, value in facts.items() if value is not None} == {
        "id": "x",
        "api_version": version,
        "state": "unknown",
        "phase": "unknown",
        "terminal": False,
        "outcome": "pending",
    }


def _camel_names(version: str) -> set[str]:
    names = set(FROM_EXAMPLE[version]) - DERIVED
    return {name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]) for name in names}


@pytest.mark.parametrize(
    ("sent", "read"),
    [(20, 20), ("20", 20), (20.0, 20), (" 7 ", 7), (0, 0), ("0", 0), ("00", 0), (0.0, 0), (24, 24), ("24", 24)],
)
def test_hours_come_as_numbers_and_as_text(sent: object, read: int, example: Example) -> None:
    body = {**example("v2"), "downloadTimeWindowList": [{"startTime": sent, "endTime": 21}]}

    facts = campaign_facts(body, "v2", TODAY)
    windows = facts["download_time_window_list"]

    assert windows is not None
    assert windows[0]["start_time"] == read
    assert isinstance(windows[0]["start_time"], int)
    assert facts["extra"] == {}


@pytest.mark.parametrize(
    "sent", [25, -1, 20.5, "20h", "020", "", True, False, "twenty", [20], "\u0662\u0660", 10**400, 1e300]
)
def test_an_unreadable_hour_keeps_the_list_as_it_came(sent: object, example: Example) -> None:
    windows = [{"startTime": 1, "endTime": 2}, {"startTime": sent, "endTime": 21}]

    facts = campaign_facts({**example("v2"), "installTimeWindowList": windows}, "v2", TODAY)

    assert facts["install_time_window_list"] is None
    assert facts["extra"] == {"installTimeWindowList": windows}
    assert facts["download_time_window_list"] == [{"start_time": 20, "end_time": 21}]


@pytest.mark.parametrize("sent", [7, True, "20-21", {}, {"startTime": 1}, [7], ["20-21"], [{"startTime": 1}, None]])
def test_what_is_not_a_list_of_windows_is_kept_as_it_came(sent: object, example: Example) -> None:
    facts = campaign_facts({**example("v2"), "downloadTimeWindowList": sent}, "v2", TODAY)

    assert facts["download_time_window_list"] is None
    assert facts["extra"] == {"downloadTimeWindowList": sent}


@pytest.mark.parametrize("sent", [True, 1.5, " ", [], {}])
def test_a_device_with_an_unreadable_id_stays_in_the_list(sent: object, example: Example) -> None:
    devices = [{"deviceId": sent, "status": "Queued"}, {"deviceId": 990003425730535, "resultReason": None}]

    facts = campaign_facts({**example("v1"), "deviceList": devices}, "v1", TODAY)

    assert facts["device_list"] == [
        {"device_id": None, "status": "Queued", "result_reason": None, "extra": {"deviceId": sent}},
        {"device_id": "990003425730535", "status": None, "result_reason": None},
    ]
    assert facts["extra"] == {}


def test_windows_without_an_hour_without_windows_and_with_more_than_hours(example: Example) -> None:
    body = {
        **example("v2"),
        "downloadTimeWindowList": [{"startTime": None}, {"startTime": 1, "endTime": 2, "timeZone": "UTC"}],
        "installTimeWindowList": [],
    }

    facts = campaign_facts(body, "v2", TODAY)

    assert facts["download_time_window_list"] == [
        {"start_time": None, "end_time": None},
        {"start_time": 1, "end_time": 2, "extra": {"timeZone": "UTC"}},
    ]
    assert facts["install_time_window_list"] == []
    assert facts["extra"] == {}


@pytest.mark.parametrize("sent", ["2018-04-01", "2018-04-01T16:03:00.000Z", "2018-04-01 16:03:00 UTC", " 2018-04-01 "])
def test_days_come_with_and_without_a_time(sent: str, example: Example) -> None:
    facts = campaign_facts({**example("v1"), "startDate": sent}, "v1", TODAY)

    assert facts["start_date"] == "2018-04-01"
    assert facts["extra"] == {}


@pytest.mark.parametrize(
    "sent", ["2018-13-01", "2018-02-30", "01.04.2018", "20180401", "2018-04-011", "soon", "", 20180401, True, {}, []]
)
def test_an_unreadable_day_is_null_and_kept_as_it_came(sent: object, example: Example) -> None:
    facts = campaign_facts({**example("v3"), "startDate": sent}, "v3", TODAY)

    assert facts["start_date"] is None
    assert facts["extra"] == {"startDate": sent}
    assert facts["phase"] == "scheduled"


@pytest.mark.parametrize(
    ("sent", "read"),
    [(True, True), (False, False), ("true", True), ("False", False), (" TRUE ", True), (None, None)],
)
def test_flags(sent: object, read: object, example: Example) -> None:
    facts = campaign_facts({**example("v3"), "autoAddDevicesFlag": sent}, "v3", TODAY)

    assert facts["auto_add_devices_flag"] is read
    assert facts["extra"] == {}


@pytest.mark.parametrize("sent", [0, 1, "yes", "", []])
def test_an_unreadable_flag_is_kept_as_it_came(sent: object, example: Example) -> None:
    facts = campaign_facts({**example("v3"), "autoAssignLicenseFlag": sent}, "v3", TODAY)

    assert facts["auto_assign_license_flag"] is None
    assert facts["extra"] == {"autoAssignLicenseFlag": sent}


def test_the_other_spelling_of_the_windows_of_v3(example: Example) -> None:
    body = example("v3")
    windows = body.pop("campaignTimeWindowList")

    for other in ({}, {"campaignTimeWindowList": None}):
        facts = campaign_facts({**body, **other, "timeWindowList": windows}, "v3", TODAY)
        assert facts["campaign_time_window_list"] == [{"start_time": 18, "end_time": 22}]
        assert facts["extra"] == {}


def test_both_spellings_at_once_lose_nothing(example: Example) -> None:
    other = [{"startTime": 1, "endTime": 2}]

    facts = campaign_facts({**example("v3"), "timeWindowList": other}, "v3", TODAY)

    assert facts["campaign_time_window_list"] == [{"start_time": 18, "end_time": 22}]
    assert facts["extra"] == {"timeWindowList": other}


def test_an_unreadable_documented_spelling_does_not_hide_the_other_one(example: Example) -> None:
    body = {**example("v3"), "campaignTimeWindowList": "all day", "timeWindowList": [{"startTime": 0, "endTime": 24}]}

    facts = campaign_facts(body, "v3", TODAY)

    assert facts["campaign_time_window_list"] == [{"start_time": 0, "end_time": 24}]
    assert facts["extra"] == {"campaignTimeWindowList": "all day"}


def test_unknown_fields_are_kept_under_their_own_names(example: Example) -> None:
    more = {"percentage": 0, "createdBy": None, "nested": {"a": [1, None]}, "state": "x", "terminal": "y", "extra": "z"}

    facts = dict(campaign_facts({**example("v2"), **more}, "v2", TODAY))

    assert facts.pop("extra") == more
    assert facts == {name: value for name, value in FROM_EXAMPLE["v2"].items() if name != "extra"}


@pytest.mark.parametrize("status", ["CampaignNew", "", "campaignended ", "\u2713"])
def test_the_status_is_untouched(status: str, example: Example) -> None:
    assert campaign_facts({**example("v2"), "status": status}, "v2", TODAY)["status"] == status


def test_texts_that_come_as_numbers(example: Example) -> None:
    facts = campaign_facts({**example("v2"), "model": 7, "make": 7.5, "softwareTo": True}, "v2", TODAY)

    assert (facts["model"], facts["make"], facts["software_to"]) == ("7", "7.5", None)
    assert facts["extra"] == {"softwareTo": True}


@pytest.mark.parametrize("body", [None, True, 7, 1.5, "CampaignEnded", [], [{"id": "x", "status": "y"}]])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_an_object_is_a_bad_answer(body: object, version: str) -> None:
    with pytest.raises(BadResponse, match="not an object"):
        campaign_facts(body, version, TODAY)


@pytest.mark.parametrize("body", [{}, {"id": None, "status": None}, {"success": True}, {"id": [], "status": {}}])
def test_an_object_without_id_and_status_is_a_bad_answer(body: dict[str, object]) -> None:
    with pytest.raises(BadResponse, match="instead of a campaign"):
        campaign_facts(body, "v2", TODAY)


@pytest.mark.parametrize("body", [{"id": "x"}, {"status": "CampaignEnded"}])
def test_an_id_or_a_status_alone_makes_a_campaign(body: dict[str, object]) -> None:
    facts = campaign_facts(body, "v2", TODAY)

    assert {name: facts[name] for name in ("id", "status")} == {"id": None, "status": None, **body}


@pytest.mark.parametrize(
    ("status", "devices", "states"),
    [
        ("CampaignEnded", "failed", {"pending", "cancelled", "rejected", "failed", "unknown"}),
        ("CampaignScheduled", "failed", {"cancelled", "rejected", "failed", "unknown"}),
        ("CampaignEnded", "all", set(DEVICE_STATES)),
        ("CampaignScheduled", "all", set(DEVICE_STATES)),
        ("CampaignEnded", "summary", None),
    ],
)
def test_which_devices_of_the_report_are_listed(status: str, devices: str, states: set[str] | None) -> None:
    words = ("UpgradeSuccess", "Queued", "CampaignCancelled", "DeviceRejected", "UpgradeFailed", "Mystery")
    report = DeviceReport()
    report.add([{"deviceId": str(number), "status": word} for number, word in enumerate(words)])

    facts = with_report(campaign_facts({"id": "x", "status": status}, "v2", TODAY), report, devices)

    listed = facts["devices"]
    assert (None if listed is None else {device["state"] for device in listed}) == states
    assert facts["device_summary"] == report.summary()


def test_the_phase_follows_the_services_day(example: Example) -> None:
    body = {**example("v2"), "status": "CampaignScheduled"}

    assert campaign_facts(body, "v2", datetime.date(2020, 8, 20))["phase"] == "scheduled"
    assert campaign_facts(body, "v2", datetime.date(2020, 8, 21))["phase"] == "running"
