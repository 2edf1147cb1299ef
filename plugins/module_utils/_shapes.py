# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What the collection returns: the keys of each dict, their types, and what may be null.

All of it is plain JSON. Days are C(YYYY-MM-DD) and begin at midnight UTC; moments are C(YYYY-MM-DDThh:mm:ssZ) by the
service's clock; durations are seconds; hours are whole, from 0 to 24; shares are percent, from 0 to 100. A key that
need not be there is in a class with C(total=False). A unit test holds the RETURN documentation of campaign_info against
these classes.
"""

from __future__ import annotations

import typing as t

# What Ansible takes as the result of a task, and what a module on another host sends back: any keys at all.
Result = dict[str, t.Any]


class _Window(t.TypedDict):
    start_time: int | None
    end_time: int | None


class Window(_Window, total=False):
    """Hours of the day in which devices are served; the end hour is excluded."""

    extra: dict[str, t.Any]


class _ListedDevice(t.TypedDict):
    device_id: str | None
    status: str | None
    result_reason: str | None


class ListedDevice(_ListedDevice, total=False):
    """A device as a version 1 campaign itself lists it."""

    extra: dict[str, t.Any]


class TopReason(t.TypedDict):
    """How many devices were not upgraded for one reason."""

    state: str
    status: str | None
    reason: str | None
    count: int


class DeviceSummary(t.TypedDict):
    """A device report in figures. C(by_state) has a count for each of DEVICE_STATES.

    C(complete) and C(doubt) tell the same twice: a report that adds up leaves no doubt.
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
    """A device as a device report tells of it; C(device_id) is null in an entry of the service without a usable one."""

    device_id: str | None
    state: str
    status: str | None
    reason: str | None


class DeviceOfCampaign(t.TypedDict):
    """The device that a task asks for, and the campaign whose word counts; null for one that no report lists."""

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
    # From here on this collection's own words.
    api_version: str
    state: str
    phase: str
    terminal: bool
    outcome: str
    device_summary: DeviceSummary | None
    devices: list[Device] | None
    # What else the service sent, and what could not be read, under the service's own names.
    extra: dict[str, t.Any]


class Facts(_FactsOfEach, total=False):
    """One campaign. Each version of the interface has all of its own fields, and none of the others."""

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
    """A state that was seen in C(polls) polls in a row, with the moments of the first and of the last one."""

    campaign_id: str
    state: str
    status: str | None
    first_seen: str
    last_seen: str
    polls: int


class FailedPoll(t.TypedDict):
    """A poll that failed: of which campaign, at which moment, and why in one sentence."""

    campaign_id: str
    at: str
    message: str


class CampaignWait(t.TypedDict):
    """How a wait stands for one campaign."""

    campaign_id: str
    state: str | None
    verdict: str
    overdue: bool
    polls: int
    errors: int
    next_poll_at: str | None
    history: list[HistoryEntry]


class WaitResult(t.TypedDict):
    """How a wait has ended. C(elapsed) is in seconds; C(deadline) and C(next_poll_at) are moments."""

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
    """What is known of the campaigns, and how many requests it took; C(campaign) if a single one was asked for."""

    campaign: Facts | None


class TaskResult(ReadResult, WaitResult):
    """What a task that waits returns. One that does not wait returns a ReadResult."""
