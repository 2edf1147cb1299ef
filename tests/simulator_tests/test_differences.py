# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""If documents and SDK disagree, both forms work. One test for each difference, by name, over plain HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from official_sdk.campaigns import IMEIS
from verizon.models.campaign_status_enum import CampaignStatusEnum
from verizon.models.firmware_upgrade import FirmwareUpgrade

from simulator.control import Control
from simulator.stock import ACCOUNT
from simulator_tests.differences import DIFFERENCES
from simulator_tests.raw import RawClient

START, END = "2026-03-03", "2026-03-04"
SOFTWARE = {"softwareName": "S", "softwareFrom": "1", "softwareTo": "2", "distributionType": "HTTP"}
FIRMWARE = {"firmwareName": "F", "firmwareFrom": "1", "firmwareTo": "2", "protocol": "LWM2M"}
DATES = {"startDate": START, "endDate": END}
BODIES: dict[str, dict[str, Any]] = {
    "v1": {"accountName": ACCOUNT, "firmwareName": "F", "firmwareTo": "2", **DATES, "deviceList": IMEIS[:1]},
    "v2": {**SOFTWARE, **DATES, "deviceList": IMEIS[:1]},
    "v3": {**FIRMWARE, **DATES, "deviceList": IMEIS[:1]},
}
SCHEDULE = {"v1": "/upgrades", "v2": f"/campaigns/{ACCOUNT}", "v3": f"/campaigns/firmware/{ACCOUNT}"}
CHANGE = {
    "v1": f"/upgrades/{ACCOUNT}/upgrade/{{}}",
    "v2": f"/campaigns/{ACCOUNT}/{{}}",
    "v3": f"/campaigns/firmware/{ACCOUNT}/{{}}",
}


class Caller:
    """Calls of one version. Each returns the JSON of a successful answer."""

    def __init__(self, client: RawClient, api_version: str) -> None:
        self._client = client
        self._version = api_version

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Make any call, by its path after the version."""
        answer = self._client.send(method, f"/fota/{self._version}{path}", body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def schedule(self, path: str = "", **changes: Any) -> str:
        """Schedule a campaign, and return its ID."""
        made = self.send("POST", path or SCHEDULE[self._version], {**BODIES[self._version], **changes})
        return str(made["id"])

    def read(self, campaign_id: str) -> Any:
        """Return the campaign."""
        return self._client.body(self._version, ACCOUNT, campaign_id)

    def devices(self, campaign_id: str) -> list[str]:
        """Return the devices of the campaign."""
        if self._version == "v1":
            found = self.read(campaign_id)["deviceList"]
        else:
            found = self._client.device_page(self._version, ACCOUNT, campaign_id)["deviceList"]
        return [device["deviceId"] for device in found]


def test_every_difference_has_a_test() -> None:
    names = {difference.name for difference in DIFFERENCES}
    assert len(names) == len(DIFFERENCES)
    assert {name for name in names if not callable(globals().get(f"test_{name}"))} == set()


@pytest.mark.parametrize("path", [f"/campaigns/{ACCOUNT}", f"/campaigns/software/{ACCOUNT}"])
def test_schedule_path_v2(client: RawClient, path: str) -> None:
    v2 = Caller(client, "v2")
    assert v2.devices(v2.schedule(path)) == IMEIS[:1]


@pytest.mark.parametrize("path", [f"/campaigns/firmware/{ACCOUNT}", f"/campaigns/software/{ACCOUNT}"])
def test_schedule_path_v3(client: RawClient, path: str) -> None:
    v3 = Caller(client, "v3")
    assert v3.devices(v3.schedule(path)) == IMEIS[:1]


@pytest.mark.parametrize("path", [f"/campaigns/{ACCOUNT}/", f"/campaigns/firmware/{ACCOUNT}/"])
def test_devices_path_v3(client: RawClient, path: str) -> None:
    v3 = Caller(client, "v3")
    campaign_id = v3.schedule()
    v3.send("PUT", path + campaign_id, {"Type": "append", "deviceList": IMEIS[1:2]})
    assert v3.devices(campaign_id) == IMEIS[:2]


@pytest.mark.parametrize("api_version", BODIES)
def test_devices_body(client: RawClient, api_version: str) -> None:
    caller = Caller(client, api_version)
    campaign_id = caller.schedule()
    path = CHANGE[api_version].format(campaign_id)
    for number, name in enumerate(("Type", "type"), 1):
        caller.send("PUT", path, {name: "append", "deviceList": [IMEIS[number]]})
    removal = {"type": "remove", "deviceList": IMEIS[:2]}
    caller.send("PUT", path, {"addOrRemoveDevice": [{"type": "append", "deviceList": IMEIS[3:]}, removal]})
    assert caller.devices(campaign_id) == IMEIS[2:]


@pytest.mark.parametrize("name", ["deviceList", "devicelist"])
def test_device_list_name_v1(client: RawClient, name: str) -> None:
    v1 = Caller(client, "v1")
    campaign_id = v1.schedule()
    v1.send("PUT", CHANGE["v1"].format(campaign_id), {"type": "append", name: IMEIS[1:2]})
    assert v1.devices(campaign_id) == IMEIS[:2]


@pytest.mark.parametrize("path", [f"/reports/{ACCOUNT}/campaigns", f"/reports/{ACCOUNT}/firmware/campaigns"])
def test_history_path_v3(client: RawClient, path: str) -> None:
    v3 = Caller(client, "v3")
    campaign_id = v3.schedule()
    listed = v3.send("GET", f"{path}?campaignStatus=CampaignRequestPending")["campaignList"]
    assert [one["id"] for one in listed] == [campaign_id]


@pytest.mark.parametrize("shown", ["CampaignQueued", "CampaignRequestQueued"])
def test_queued_word(client: RawClient, control: Control, shown: str) -> None:
    control.behaviour(queued_spelling=shown)
    v2 = Caller(client, "v2")
    campaign_id = v2.schedule()
    control.advance(60)
    for asked in ("CampaignQueued", "CampaignRequestQueued"):
        (listed,) = v2.send("GET", f"/reports/{ACCOUNT}/campaigns?campaignStatus={asked}")["campaignList"]
        assert (listed["id"], listed["status"]) == (campaign_id, shown)
    assert CampaignStatusEnum.from_value("CampaignQueued") is None
    assert CampaignStatusEnum.from_value("CampaignRequestQueued") is not None


@pytest.mark.parametrize(("switch", "shown"), [(True, "CampaignPreScheduled"), (False, "CampaignQueued")])
def test_pre_scheduled_state(client: RawClient, control: Control, switch: bool, shown: str) -> None:
    control.behaviour(pre_scheduled=switch)
    v3 = Caller(client, "v3")
    campaign_id = v3.schedule()
    control.advance(120)
    assert v3.read(campaign_id)["status"] == shown


@pytest.mark.parametrize("api_version", ["v2", "v3"])
def test_cancel_after_start(client: RawClient, control: Control, api_version: str) -> None:
    control.behaviour(early_end=False)
    caller = Caller(client, api_version)
    campaign_id = caller.schedule()
    control.advance(2 * 86400)
    client.log_in()
    control.behaviour(cancel_after_start="refused")
    path = f"/fota/{api_version}/campaigns/{ACCOUNT}/{campaign_id}"
    assert client.send("DELETE", path).status_code == 400
    assert caller.read(campaign_id)["status"] == "CampaignScheduled"
    control.behaviour(cancel_after_start="aborted")
    assert client.send("DELETE", path).json() == {"success": True}
    assert caller.read(campaign_id)["status"] == "CampaignAborted"


@pytest.mark.parametrize("sent", [(20, 21), ("20", "21")])
@pytest.mark.parametrize("shown", [(20, 21), ("20", "21")])
def test_hours(client: RawClient, control: Control, sent: tuple[Any, Any], shown: tuple[Any, Any]) -> None:
    control.behaviour(hours_as_strings=isinstance(shown[0], str))
    v2 = Caller(client, "v2")
    campaign_id = v2.schedule(installTimeWindowList=[{"startTime": sent[0], "endTime": sent[1]}])
    expected = [{"startTime": shown[0], "endTime": shown[1]}]
    assert v2.read(campaign_id)["installTimeWindowList"] == expected


@pytest.mark.parametrize("sent", ["campaignTimeWindowList", "timeWindowList"])
@pytest.mark.parametrize("shown", ["campaignTimeWindowList", "timeWindowList"])
def test_windows_name_v3(client: RawClient, control: Control, sent: str, shown: str) -> None:
    control.behaviour(v3_window_list=shown)
    v3 = Caller(client, "v3")
    windows = [{"startTime": 1, "endTime": 2}]
    given: dict[str, Any] = {sent: windows}
    body = v3.read(v3.schedule(**given))
    assert {name: body[name] for name in body if name.endswith("imeWindowList")} == {shown: windows}


def test_end_date_v1(client: RawClient) -> None:
    v1 = Caller(client, "v1")
    assert v1.read(v1.schedule())["endDate"] == END
    assert "endDate" not in FirmwareUpgrade._names.values()


@pytest.mark.parametrize("path", ["device", "devices"])
def test_device_history_path_v1(client: RawClient, path: str) -> None:
    v1 = Caller(client, "v1")
    campaign_id = v1.schedule()
    (entry,) = v1.send("GET", f"/reports/{ACCOUNT}/{path}/{IMEIS[0]}")
    assert (entry["deviceId"], entry["id"]) == (IMEIS[0], campaign_id)


@pytest.mark.parametrize(("switch", "shown"), [("both", ["campaignId", "id"]), ("id", ["id"]), ("campaignId", None)])
def test_device_history_id_v3(client: RawClient, control: Control, switch: str, shown: list[str] | None) -> None:
    control.behaviour(v3_history_id=switch)
    v3 = Caller(client, "v3")
    campaign_id = v3.schedule()
    (entry,) = v3.send("GET", f"/reports/{ACCOUNT}/devices/{IMEIS[0]}")
    names = shown or [switch]
    assert {name: entry.get(name) for name in ("id", "campaignId") if name in entry} == dict.fromkeys(
        names, campaign_id
    )


@pytest.mark.parametrize(("switch", "shown"), [(False, 1), (True, "1")])
def test_total_device(client: RawClient, control: Control, switch: bool, shown: Any) -> None:
    control.behaviour(total_device_as_string=switch)
    v2 = Caller(client, "v2")
    assert client.device_page("v2", ACCOUNT, v2.schedule())["totalDevice"] == shown


@pytest.mark.parametrize(("switch", "shown"), [(False, IMEIS[0]), (True, int(IMEIS[0]))])
def test_last_seen_device(client: RawClient, control: Control, switch: bool, shown: Any) -> None:
    control.behaviour(last_seen_device_id_as_int=switch, device_page_size=1)
    v2 = Caller(client, "v2")
    campaign_id = v2.schedule(deviceList=IMEIS[:2])
    page = client.device_page("v2", ACCOUNT, campaign_id)
    assert page["lastSeenDeviceId"] == shown
    assert type(page["lastSeenDeviceId"]) is type(shown)
    (second,) = client.device_page("v2", ACCOUNT, campaign_id, page["lastSeenDeviceId"])["deviceList"]
    assert second["deviceId"] == IMEIS[1]


@pytest.mark.parametrize("field", ["callback", "url"])
@pytest.mark.parametrize("api_version", ["v2", "v3"])
def test_callback_field(client: RawClient, api_version: str, field: str) -> None:
    caller = Caller(client, api_version)
    url = "https://listener.example/"
    assert caller.send("PUT", f"/callbacks/{ACCOUNT}", {field: url}) == {"url": url}
    assert caller.send("GET", f"/callbacks/{ACCOUNT}") == {"url": url}


@pytest.mark.parametrize("media_type", ["application/json", "*/*"])
def test_media_type(client: RawClient, media_type: str) -> None:
    v2 = Caller(client, "v2")
    made = v2.send("POST", SCHEDULE["v2"], BODIES["v2"], **{"Content-Type": media_type})
    assert dt.date.fromisoformat(made["startDate"]) == dt.date(2026, 3, 3)
