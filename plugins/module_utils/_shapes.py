# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The structure of everything that the collection returns: keys, types, and which values can be null.

All values are plain JSON. Dates are C(YYYY-MM-DD) and begin at midnight UTC. Times are C(YYYY-MM-DDThh:mm:ssZ) by the
service's clock. Durations are in seconds. Hours are whole numbers from 0 to 24. Percentages are from 0 to 100. Optional
keys are in classes with C(total=False). A unit test compares the RETURN documentation of campaign_info with these
classes.
"""

from __future__ import annotations

import typing as t

# Any result of a task or of a module on another host.
Result = dict[str, t.Any]


class _Window(t.TypedDict):
    start_time: int | None
    end_time: int | None


class Window(_Window, total=False):
    """Hours of the day in which devices are upgraded. The end hour is excluded."""

    extra: dict[str, t.Any]


class _ListedDevice(t.TypedDict):
    device_id: str | None
    status: str | None
    result_reason: str | None


class ListedDevice(_ListedDevice, total=False):
    """A device in the device list of a version 1 campaign."""

    extra: dict[str, t.Any]


class TopReason(t.TypedDict):
    """How many devices were not upgraded for one reason."""

    state: str
    status: str | None
    reason: str | None
    count: int


class DeviceSummary(t.TypedDict):
    """The counts of a device report. C(by_state) has a count for each of DEVICE_STATES.

    C(complete) is True exactly if C(doubt) is null.
    """

    total: int
    reported_total: int | None
    complete: bool
    doubt: str | None
    by_state: dict[str, int]
    success_percent: float | None
    failure_percent: float | None
    top_reasons: list[TopReason]


class Device(t.TypedDict):
    """A device in a device report. C(device_id) is null if the service's entry has no valid one."""

    device_id: str | None
    state: str
    status: str | None
    reason: str | None


class DeviceOfCampaign(t.TypedDict):
    """The device that a task asks for, with the campaign that decides; null if no report lists the device."""

    device_id: str
    state: str
    status: str | None
    reason: str | None
    campaign_id: str | None


class _FactsOfEach(t.TypedDict):
    id: str | None
    account_name: str | None
    status: str | None
    start_date: str | None
    end_date: str | None
    # Set by this collection.
    api_version: str
    state: str
    phase: str
    terminal: bool
    outcome: str
    device_summary: DeviceSummary | None
    devices: list[Device] | None
    # Other fields of the service and unreadable values, under the service's own names.
    extra: dict[str, t.Any]


class Facts(_FactsOfEach, total=False):
    """One campaign. Each API version has its own fields and none of the others."""

    campaign_name: str | None
    make: str | None
    model: str | None
    software_name: str | None
    software_from: str | None
    software_to: str | None
    distribution_type: str | None
    download_after_date: str | None
    download_time_window_list: list[Window] | None
    install_after_date: str | None
    install_time_window_list: list[Window] | None
    protocol: str | None
    firmware_name: str | None
    firmware_from: str | None
    firmware_to: str | None
    campaign_time_window_list: list[Window] | None
    auto_assign_license_flag: bool | None
    auto_add_devices_flag: bool | None
    device_list: list[ListedDevice] | None


class HistoryEntry(t.TypedDict):
    """A state that was seen in C(polls) consecutive polls, with the times of the first and the last one."""

    campaign_id: str
    state: str
    status: str | None
    first_seen: str
    last_seen: str
    polls: int


class FailedPoll(t.TypedDict):
    """A failed poll: its campaign, its time, and the error in one sentence."""

    campaign_id: str
    at: str
    message: str


class CampaignWait(t.TypedDict):
    """The progress of a wait for one campaign."""

    campaign_id: str
    state: str | None
    verdict: str
    overdue: bool
    polls: int
    errors: int
    next_poll_at: str | None
    history: list[HistoryEntry]


class WaitResult(t.TypedDict):
    """How a wait has ended. C(elapsed) is in seconds. C(deadline) and C(next_poll_at) are times."""

    reached: bool
    timed_out: bool
    reason: str
    message: str
    elapsed: float
    polls: int
    errors: int
    last_errors: list[FailedPoll]
    deadline: str
    next_poll_at: str | None
    history: list[HistoryEntry]
    waits: list[CampaignWait]


class _ReadResult(t.TypedDict):
    changed: bool
    campaigns: list[Facts]
    device: DeviceOfCampaign | None
    requests: int
    logins: int


class ReadResult(_ReadResult, total=False):
    """What is known of the campaigns, and how many requests it took. C(campaign) is set if only one was requested."""

    campaign: Facts | None


class TaskResult(ReadResult, WaitResult):
    """What a task that waits returns. A task that does not wait returns a ReadResult."""
