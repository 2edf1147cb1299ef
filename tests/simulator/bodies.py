# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaign bodies as they are sent: a campaign's fields, with the switches of Behaviour applied."""

from __future__ import annotations

from typing import Any

from simulator.behaviour import Behaviour

QUEUED_SPELLINGS = frozenset({"CampaignQueued", "CampaignRequestQueued", "Queued"})

_OPTIONAL_FIELDS = {
    "v1": frozenset(
        {"id", "accountName", "firmwareName", "firmwareTo", "startDate", "endDate", "status", "deviceList"}
    ),
    "v2": frozenset(
        {"campaignName", "downloadAfterDate", "downloadTimeWindowList", "installAfterDate", "installTimeWindowList"}
    ),
    "v3": frozenset({"campaignName", "firmwareName", "firmwareFrom", "firmwareTo", "campaignTimeWindowList"}),
}
_WINDOW_LISTS = ("downloadTimeWindowList", "installTimeWindowList", "campaignTimeWindowList")
_V3_ONLY_IN_GET = ("autoAssignLicenseFlag", "autoAddDevicesFlag")


def wire_body(fields: dict[str, Any], api_version: str, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body of a get-campaign answer."""
    body = dict(fields)
    if api_version != "v1":
        body["status"] = spelled_status(body.get("status"), behaviour)
    if behaviour.hours_as_strings:
        body.update({name: _text_hours(body[name]) for name in _WINDOW_LISTS if isinstance(body.get(name), list)})
    if api_version == "v1" and behaviour.v1_dates == "date_time":
        body.update({name: _with_time(body[name]) for name in ("startDate", "endDate") if body.get(name)})
    if behaviour.nulls == "absent":
        optional = _OPTIONAL_FIELDS[api_version]
        body = {name: value for name, value in body.items() if value is not None or name not in optional}
    if "campaignTimeWindowList" in body:
        body[behaviour.v3_window_list] = body.pop("campaignTimeWindowList")
    return body


def list_item(body: dict[str, Any], api_version: str) -> dict[str, Any]:
    """Return a campaign as an item of a list answer, in which v3 omits its two flags."""
    if api_version != "v3":
        return body
    return {name: value for name, value in body.items() if name not in _V3_ONLY_IN_GET}


def spelled_status(status: Any, behaviour: Behaviour) -> Any:
    """Return a status of v2 or v3 with the configured spelling of the queued state."""
    if behaviour.queued_spelling != "as_written" and status in QUEUED_SPELLINGS:
        return behaviour.queued_spelling
    return status


def same_status(status: Any, wanted: str) -> bool:
    """Whether a campaign matches a list filter. The documents use two words for the queued state."""
    return status == wanted or (status in QUEUED_SPELLINGS and wanted in QUEUED_SPELLINGS)


def _text_hours(windows: list[Any]) -> list[Any]:
    return [
        {name: str(hour) if isinstance(hour, int) else hour for name, hour in window.items()}
        if isinstance(window, dict)
        else window
        for window in windows
    ]


def _with_time(day: Any) -> Any:
    return f"{day}T16:03:00.000Z" if isinstance(day, str) and len(day) == 10 else day
