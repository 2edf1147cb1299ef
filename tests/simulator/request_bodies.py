# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parses the bodies of requests that schedule or change campaigns.

Error messages are those of the table of errors in the documents, or guesses in its style.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from typing import Any, Literal

from simulator.devices import is_imei

# The end of the last day of 9999 would be beyond the maximum of datetime.
LAST_YEAR = "9999"
BINDING = "Input binding error"
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T.*)?", re.ASCII)
WINDOW_LISTS = {
    "v1": (),
    "v2": ("downloadTimeWindowList", "installTimeWindowList"),
    "v3": ("campaignTimeWindowList",),
}
_FURTHER_DAYS = {"v1": (), "v2": ("downloadAfterDate", "installAfterDate"), "v3": ()}
_SOFTWARE = ("softwareName", "softwareFrom", "softwareTo", "distributionType")
TEXTS = {
    "upgrade": ("firmwareName", "firmwareTo"),
    "software": _SOFTWARE,
    "file": ("fileName", "fileVersion", "distributionType"),
    "firmware": ("firmwareName", "firmwareFrom", "firmwareTo", "protocol"),
}
_FLAGS = ("autoAssignLicenseFlag", "autoAddDevicesFlag")

What = Literal["upgrade", "software", "file", "firmware"]


class Refusal(Exception):
    """A body that the service does not accept. The message is that of the service."""


@dataclasses.dataclass(frozen=True)
class DeviceChange:
    """Devices to append to a campaign, or to remove from it."""

    remove: bool
    ids: list[str]


def content_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises Refusal. Ignores the media type: the official SDK sends ``*/*``."""
    try:
        content = json.loads(body)
    except ValueError:
        raise Refusal(BINDING) from None
    if not isinstance(content, dict) or not content:
        raise Refusal(BINDING)
    return content


def campaign_fields(content: dict[str, Any], api_version: str, what: What, today: dt.date) -> dict[str, Any]:
    """Return the fields of a new campaign: texts, dates, time windows and flags. Raises Refusal.

    Missing optional fields are None. As documented, an on-demand campaign of v2 without an end date ends a week after
    its start.
    """
    for name in TEXTS[what]:
        if not isinstance(content.get(name), str) or not content[name]:
            raise Refusal(BINDING)
    if api_version == "v2" and content.get("startDate") and not content.get("endDate"):
        start = day_of(content, "startDate")
        if start == today:
            content = {**content, "endDate": (start + dt.timedelta(days=7)).isoformat()}
    fields = {name: content[name] for name in TEXTS[what]}
    if api_version != "v1":
        fields["campaignName"] = _text_or_none(content, "campaignName")
    if api_version == "v3":
        fields.update({name: content.get(name) is True for name in _FLAGS})
    return {**fields, **date_fields(content, api_version)}


def date_fields(content: dict[str, Any], api_version: str) -> dict[str, Any]:
    """Return the dates and time windows of a campaign. Missing ones are None. Raises Refusal."""
    start, end = day_of(content, "startDate"), day_of(content, "endDate")
    if end < start:
        raise Refusal("FotaPostUpgrades: invalid end date")
    fields: dict[str, Any] = {"startDate": start.isoformat(), "endDate": end.isoformat()}
    for name in _FURTHER_DAYS[api_version]:
        fields[name] = None if content.get(name) is None else day_of(content, name).isoformat()
    for name in WINDOW_LISTS[api_version]:
        # An older example of v3 has another name.
        given = content.get(name, content.get("timeWindowList") if api_version == "v3" else None)
        fields[name] = None if given is None else _windows(given)
    return fields


def day_of(content: dict[str, Any], name: str) -> dt.date:
    """Parse a date, with or without a time. Raises Refusal with the documented message, including its typing error."""
    text = content.get(name)
    try:
        if isinstance(text, str) and _DAY.fullmatch(text) and text[:4] != LAST_YEAR:
            return dt.date.fromisoformat(text[:10])
    except ValueError:
        pass
    raise Refusal("FotaPostUpgrades: invalid state date")


def device_ids(content: dict[str, Any]) -> list[str]:
    """Return the IMEIs of a ``deviceList``, without duplicates. Raises Refusal."""
    # One documented sample has it in lowercase.
    given = content.get("deviceList", content.get("devicelist"))
    if not isinstance(given, list) or not given:
        raise Refusal("Device list is empty")
    if not all(isinstance(one, str) and is_imei(one) for one in given):
        raise Refusal("Invalid device id format")
    return list(dict.fromkeys(given))


def device_changes(content: dict[str, Any]) -> list[DeviceChange]:
    """Return the changes in an add-or-remove body. Raises Refusal.

    The SDK and the table in the documents have a flat body, with ``Type`` (v2, v3) or ``type`` (v1). The example in the
    documents has a list of such objects. All versions accept both.
    """
    listed = content.get("addOrRemoveDevice", [content])
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise Refusal(BINDING)
    return [_device_change(one) for one in listed]


def _device_change(content: dict[str, Any]) -> DeviceChange:
    kind = content.get("Type", content.get("type"))
    if kind not in ("append", "remove"):
        raise Refusal(BINDING)
    return DeviceChange(kind == "remove", device_ids(content))


def _text_or_none(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(BINDING)
    return value


def _windows(given: Any) -> list[dict[str, int]]:
    if not isinstance(given, list):
        raise Refusal(BINDING)
    windows = [{name: _hour(window, name) for name in ("startTime", "endTime")} for window in given]
    if not all(0 <= window["startTime"] < window["endTime"] <= 24 for window in windows):
        raise Refusal("Invalid time window")
    return windows


def _hour(window: Any, name: str) -> int:
    hour = window.get(name) if isinstance(window, dict) else None
    # In the SDK, the models of two calls have the hours as strings.
    if isinstance(hour, str) and hour.isascii() and hour.isdecimal() and len(hour) < 3:
        return int(hour)
    if isinstance(hour, int) and not isinstance(hour, bool):
        return hour
    raise Refusal("Invalid time window")
