# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of names: a field in the service's JSON, and its attribute in the SDK, which is also the name of our fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

# A field of the JSON -> attribute of the SDK's model = name of our fact. A nested table is a list of objects.
Table = Mapping[str, "str | tuple[str, Table]"]

_WINDOW: Table = {"startTime": "start_time", "endTime": "end_time"}
_DEVICE: Table = {"deviceId": "device_id", "status": "status", "resultReason": "result_reason"}

_DEVICE_V3: Table = {
    **_DEVICE,
    "updatedTime": "updated_time",
    "recentAttemptTime": "recent_attempt_time",
    "nextAttemptTime": "next_attempt_time",
}
_PAGE: Table = {
    "totalDevice": "total_device",
    "hasMoreData": "has_more_data",
    "lastSeenDeviceId": "last_seen_device_id",
    "maxPageSize": "max_page_size",
}

DEVICE: dict[str, Table] = {"v1": _DEVICE, "v2": _DEVICE, "v3": _DEVICE_V3}
# A page of a device report.
DEVICE_REPORT: dict[str, Table] = {
    "v2": {**_PAGE, "deviceList": ("device_list", _DEVICE)},
    "v3": {**_PAGE, "deviceList": ("device_list", _DEVICE_V3)},
}

CAMPAIGN: dict[str, Table] = {
    "v1": {
        "id": "id",
        "accountName": "account_name",
        "firmwareName": "firmware_name",
        "firmwareTo": "firmware_to",
        "startDate": "start_date",
        "status": "status",
        "deviceList": ("device_list", _DEVICE),
    },
    "v2": {
        "id": "id",
        "accountName": "account_name",
        "campaignName": "campaign_name",
        "softwareName": "software_name",
        "distributionType": "distribution_type",
        "make": "make",
        "model": "model",
        "softwareFrom": "software_from",
        "softwareTo": "software_to",
        "startDate": "start_date",
        "endDate": "end_date",
        "status": "status",
        "downloadAfterDate": "download_after_date",
        "downloadTimeWindowList": ("download_time_window_list", _WINDOW),
        "installAfterDate": "install_after_date",
        "installTimeWindowList": ("install_time_window_list", _WINDOW),
    },
    "v3": {
        "id": "id",
        "accountName": "account_name",
        "campaignName": "campaign_name",
        "protocol": "protocol",
        "make": "make",
        "model": "model",
        "status": "status",
        "startDate": "start_date",
        "endDate": "end_date",
        "firmwareName": "firmware_name",
        "firmwareFrom": "firmware_from",
        "firmwareTo": "firmware_to",
        "campaignTimeWindowList": ("campaign_time_window_list", _WINDOW),
        "autoAssignLicenseFlag": "auto_assign_license_flag",
        "autoAddDevicesFlag": "auto_add_devices_flag",
    },
}

# Fields in the service's documented examples that the SDK's models do not have.
NOT_IN_SDK = {"v1": {"endDate"}, "v2": set[str](), "v3": set[str]()}


def attribute_names(table: Table) -> dict[str, str]:
    """Return the top level of a table as attribute -> JSON field, which is the format of the SDK's ``_names``."""
    return {entry if isinstance(entry, str) else entry[0]: field for field, entry in table.items()}


def sdk_values(model: Any, table: Table) -> dict[str, Any]:
    """Return the values in an SDK model, by JSON field, without missing fields. Dates and times become strings."""
    shown: dict[str, Any] = {}
    for field, entry in table.items():
        attribute, nested = (entry, None) if isinstance(entry, str) else entry
        value = getattr(model, attribute, None)
        if value is None:
            continue
        if nested is not None:
            value = [sdk_values(item, nested) for item in value]
        # The SDK has its own class for times, but not for dates.
        value = getattr(value, "datetime", value)
        shown[field] = value.isoformat().replace("+00:00", "Z") if isinstance(value, dt.date) else value
    return shown


def as_sdk_shows(raw: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Return the part of a JSON object that is expected in the SDK's model.

    SDK 2.0.0 reads plain fields with ``x if x else None``, so that 0 and the empty string are lost like null. Booleans
    and lists are kept.
    """
    shown: dict[str, Any] = {}
    for field, entry in table.items():
        value = raw.get(field)
        if isinstance(entry, tuple) and value is not None:
            shown[field] = [as_sdk_shows(item, entry[1]) for item in value]
        elif value or isinstance(value, bool):
            shown[field] = value
    return shown


def as_fact_names(raw: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Return a JSON object, or its values in the SDK, with our names. Fields that are not in the table are omitted."""
    facts: dict[str, Any] = {}
    for field, value in raw.items():
        entry = table.get(field)
        if isinstance(entry, str):
            facts[entry] = value
        elif entry is not None:
            facts[entry[0]] = [as_fact_names(item, entry[1]) for item in value]
    return facts
