# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK schedules, changes and cancels campaigns, which follow their dates."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from official_sdk.campaigns import DAY, HOUR, IMEIS, SdkCampaigns, today
from official_sdk.clients import logged_in_client
from official_sdk.test_campaigns import REFUSALS
from simulator.control import Control

VERSIONS = ["v1", "v2", "v3"]
WITH_DATES = ["v2", "v3"]


@pytest.fixture
def start(control: Control) -> dt.date:
    """The date two days from the simulated time, which is a midnight."""
    return today(control) + 2 * DAY


def campaigns(control: Control, api_url: str, api_version: str) -> SdkCampaigns:
    """Return the SDK's calls, with tokens that are valid during the simulated days of a test."""
    control.behaviour(token_lifetime_seconds=10**8, session_idle_seconds=10**8)
    return SdkCampaigns(logged_in_client(api_url), api_version)


def refused(api_version: str, call: Any, *arguments: Any) -> str:
    """Return the message with which the SDK's call is refused."""
    with pytest.raises(REFUSALS[api_version]) as caught:
        call(*arguments)
    assert (caught.value.response_code, caught.value.error_code) == (400, "INVALID_PARAMETER")
    message: str = caught.value.error_message
    return message


GOOD_PATHS = {
    "v1": [(0, "RequestPending"), (60, "Queued"), (48 * HOUR, "InProgress"), (52 * HOUR, "Finished")],
    "v2": [
        (0, "CampaignRequestPending"),
        (60, "CampaignQueued"),
        (48 * HOUR, "CampaignScheduled"),
        (52 * HOUR, "CampaignEnded"),
    ],
    "v3": [
        (0, "CampaignRequestPending"),
        (60, "CampaignQueued"),
        (120, "CampaignPreScheduled"),
        (48 * HOUR, "CampaignScheduled"),
        (52 * HOUR, "CampaignEnded"),
    ],
}


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_campaign_lives_by_its_dates(control: Control, api_url: str, start: dt.date, api_version: str) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY)
    assert str(uuid.UUID(made.id)) == made.id
    assert (made.status, str(made.start_date)) == (GOOD_PATHS[api_version][0][1], start.isoformat())

    seen, now = [], 0.0
    for moment, status in GOOD_PATHS[api_version]:
        if moment:
            control.advance(moment - now - 1)
            seen.append(sdk.status(made.id))
            control.advance(1)
        now = moment
        seen.append(sdk.status(made.id))
        assert seen[-1] == status
    words = [status for _moment, status in GOOD_PATHS[api_version]]
    assert seen == [words[0], *(word for pair in zip(words, words[1:], strict=False) for word in pair)]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_its_devices_are_upgraded_one_after_the_other(
    control: Control, api_url: str, start: dt.date, api_version: str
) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY, IMEIS)
    upgraded = []
    for seconds in (48 * HOUR, HOUR - 1, 1, HOUR, 2 * HOUR):
        control.advance(seconds)
        upgraded.append(list(sdk.device_statuses(made.id).values()).count("UpgradeSuccess"))

    assert upgraded == [0, 0, 1, 2, 4]
    (entry,) = sdk.device_history(IMEIS[0])
    assert (entry.device_id, entry.status) == (IMEIS[0], "UpgradeSuccess")
    assert (entry.campaign_id if api_version == "v3" else entry.id) == made.id
    assert sdk.device_history("990003425730576") == []


@pytest.mark.parametrize("api_version", VERSIONS)
def test_devices_come_and_go_until_it_is_scheduled(
    control: Control, api_url: str, start: dt.date, api_version: str
) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY, IMEIS[:2])
    added = sdk.change_devices(made.id, "append", [IMEIS[0], IMEIS[2]])
    control.advance(60)
    removed = sdk.change_devices(made.id, "remove", [IMEIS[1], IMEIS[3]])

    assert list(sdk.device_statuses(made.id)) == [IMEIS[0], IMEIS[2]]
    if api_version == "v2":
        assert (added.campaign_id, added.account_name) == (made.id, made.account_name)
        assert added.request_id != removed.request_id
    else:
        told = [(one.device_id, one.status) for answer in (added, removed) for one in answer.device_list]
        words = ["AddDeviceFail", "AddDeviceSucceed", "RemoveDeviceSucceed", "RemoveDeviceFail"]
        assert told == list(zip([IMEIS[0], IMEIS[2], IMEIS[1], IMEIS[3]], words, strict=True))
    control.advance(48 * HOUR)
    message = refused(api_version, sdk.change_devices, made.id, "append", IMEIS[3:])
    assert message == "Operation is not allowed in the current status"


@pytest.mark.parametrize("api_version", WITH_DATES)
def test_dates_can_change_before_the_start(control: Control, api_url: str, start: dt.date, api_version: str) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY)
    changed = sdk.change_dates(made.id, start + DAY, start + 2 * DAY, [(1, 2)])

    read = sdk.read(made.id)
    for model in (changed, read):
        assert (model.start_date, model.end_date) == (start + DAY, start + 2 * DAY)
        windows = model.download_time_window_list if api_version == "v2" else model.campaign_time_window_list
        assert [(window.start_time, window.end_time) for window in windows] == [(1, 2)]
    control.advance(3 * 24 * HOUR - 1)
    assert sdk.status(made.id) in ("CampaignQueued", "CampaignPreScheduled")
    control.advance(1)
    assert sdk.status(made.id) == "CampaignScheduled"


@pytest.mark.parametrize("api_version", WITH_DATES)
def test_a_start_that_is_moved_to_today_is_now(
    control: Control, api_url: str, start: dt.date, api_version: str
) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY, IMEIS)
    control.advance(12 * HOUR)
    now = today(control)
    sdk.change_dates(made.id, now, start + DAY, [(20, 21)])
    upgraded = []
    for hour in range(5):
        statuses = list(sdk.device_statuses(made.id).values())
        upgraded.append((sdk.status(made.id), statuses.count("UpgradeSuccess")))
        if hour == 2:
            # A later end date does not change when the upgrades begin.
            sdk.change_dates(made.id, now, start + 2 * DAY, [(20, 21)])
        control.advance(HOUR)
    running = "CampaignScheduled"
    assert upgraded == [(running, 0), (running, 1), (running, 2), (running, 3), ("CampaignEnded", 4)]


@pytest.mark.parametrize("api_version", WITH_DATES)
def test_after_the_start_only_a_later_end_and_more_windows(
    control: Control, api_url: str, start: dt.date, api_version: str
) -> None:
    control.behaviour(early_end=False)
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY)
    control.advance(48 * HOUR + 1)

    same = [(20, 21)]
    for days, windows, message in [
        ((start + DAY, start + 3 * DAY), same, "FotaPostUpgrades: invalid state date"),
        ((start, start), same, "FotaPostUpgrades: invalid end date"),
        ((start, start + 3 * DAY), [(1, 2)], "Removing of existing windows is not allowed"),
    ]:
        assert refused(api_version, sdk.change_dates, made.id, *days, windows) == message
    sdk.change_dates(made.id, start, start + 3 * DAY, [*same, (1, 2)])

    control.advance(4 * 24 * HOUR - 2)
    assert sdk.status(made.id) == "CampaignScheduled"
    assert set(sdk.device_statuses(made.id).values()) == {"UpgradeSuccess"}
    control.advance(1)
    assert sdk.status(made.id) == "CampaignEnded"
    message = refused(api_version, sdk.change_dates, made.id, start, start + 5 * DAY, [*same, (1, 2)])
    assert message == "Operation is not allowed in the current status"


@pytest.mark.parametrize("api_version", WITH_DATES)
@pytest.mark.parametrize("wait", [0, 61, 24 * HOUR, 48 * HOUR - 1, 48 * HOUR, 50 * HOUR])
def test_a_campaign_is_cancelled_before_its_start_and_aborted_after(
    control: Control, api_url: str, start: dt.date, api_version: str, wait: float
) -> None:
    sdk = campaigns(control, api_url, api_version)
    made = sdk.schedule(start, start + DAY, IMEIS)
    control.advance(wait)
    assert sdk.cancel(made.id) is True

    ended = "CampaignAborted" if wait >= 48 * HOUR else "CampaignCancelled"
    for seconds in (0, 10 * 24 * HOUR):
        control.advance(seconds)
        assert sdk.status(made.id) == ended
        devices = list(sdk.device_statuses(made.id).values())
        # Upgraded devices stay upgraded, and no more devices are upgraded.
        assert devices.count("UpgradeSuccess") == (2 if wait == 50 * HOUR else 0)
        assert devices.count(ended) == (2 if wait == 50 * HOUR else 4)
    assert refused(api_version, sdk.cancel, made.id) == "Operation is not allowed in the current status"


def test_a_queued_upgrade_of_v1_is_removed_and_a_running_one_is_not(
    control: Control, api_url: str, start: dt.date
) -> None:
    sdk = campaigns(control, api_url, "v1")
    queued, emptied, running = (sdk.schedule(start, start + DAY).id for _number in range(3))
    assert sdk.cancel(queued) is True
    sdk.change_devices(emptied, "remove", IMEIS[:2])
    for gone in (queued, emptied):
        assert refused("v1", sdk.read, gone) == "Invalid upgradeId"
    control.advance(48 * HOUR)
    assert refused("v1", sdk.cancel, running) == "Operation is not allowed in the current status"
    assert sdk.status(running) == "InProgress"


@pytest.mark.parametrize("kind", ["software", "file"])
def test_the_other_two_schedule_calls_of_v2(control: Control, api_url: str, start: dt.date, kind: str) -> None:
    sdk = campaigns(control, api_url, "v2")
    made = {"software": sdk.schedule_software, "file": sdk.schedule_file}[kind](start, start + DAY)
    assert (made.status, made.device_list) == ("CampaignRequestPending", IMEIS[:2])
    if kind == "software":
        assert [(one.start_time, one.end_time) for one in made.download_time_window_list] == [(20, 21)]
    else:
        assert (made.file_name, made.file_version) == ("configuration_1", "1.0")
    control.advance(52 * HOUR)
    assert sdk.status(made.id) == "CampaignEnded"


@pytest.mark.parametrize("api_version", VERSIONS)
def test_wrong_requests_are_the_sdks_exception(
    control: Control, api_url: str, start: dt.date, api_version: str
) -> None:
    sdk = campaigns(control, api_url, api_version)
    for days, devices, message in [
        ((start, start - DAY), None, "FotaPostUpgrades: invalid end date"),
        ((start - 3 * DAY, start), None, "FotaPostUpgrades: invalid state date"),
        ((start, start), [], "Device list is empty"),
        ((start, start), ["one"], "Invalid device id format"),
    ]:
        assert refused(api_version, sdk.schedule, *days, devices) == message
    made = sdk.schedule(start, start)
    assert refused(api_version, sdk.change_devices, made.id, "replace", IMEIS) == "Input binding error"
    unknown = "00000000-0000-4000-8000-000000000000"
    assert refused(api_version, sdk.cancel, unknown) == "Invalid upgradeId"
    assert refused(api_version, sdk.device_history, "one") == "Invalid device id format"
