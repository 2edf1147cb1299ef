# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what the device reports of several campaigns say about one device."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    DEVICE_STATES,
    SUCCEEDED,
    Report,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceOfCampaign
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable

# The state of a device that is in no report. The other states are those of DEVICE_STATES.
NOT_LISTED: t.Final = "not_listed"
# The reason if the campaigns reached their target, but the device was not upgraded.
DEVICE_NOT_UPGRADED: t.Final = "device_not_upgraded"


def device_in(reports: Mapping[str, Report], device_id: str) -> DeviceOfCampaign:
    """The entry of the device with its C(campaign_id). Of several entries, the worst one counts.

    A device that is in no report has the state V(not_listed).
    """
    found: list[DeviceOfCampaign] = []
    for campaign_id, report in reports.items():
        device = report.device(device_id)
        if device is not None:
            found.append({**device, "device_id": device_id, "campaign_id": campaign_id})
    not_listed: DeviceOfCampaign = {
        "device_id": device_id,
        "state": NOT_LISTED,
        "status": None,
        "reason": None,
        "campaign_id": None,
    }
    return max(found, key=lambda device: DEVICE_STATES.index(device["state"]), default=not_listed)


def is_upgraded(device: DeviceOfCampaign) -> bool:
    """True only if a report says that the device was upgraded."""
    return bool(device["state"] == SUCCEEDED)


def not_upgraded(device: DeviceOfCampaign, all_were_read: bool) -> str:
    """The message for a device that was not upgraded. C(all_were_read) means that every device report was read."""
    name = printable(device["device_id"])
    if device["state"] == NOT_LISTED and not all_were_read:
        return f"It is unknown whether device {name} was upgraded: the device report of its campaign could not be read."
    if device["state"] == NOT_LISTED:
        return f"Device {name} is not known to be upgraded: no device report of its campaigns lists it."
    return f"Device {name} was not upgraded: it is {brief_verdict(device)}."


def brief_verdict(device: DeviceOfCampaign) -> str:
    """The state of a device with the service's own words: C(failed [UpgradeFailed]: RovaClientDownloadFailed)."""
    said = f" [{printable(device['status'])}]" if device["status"] else ""
    why = f": {printable(device['reason']).rstrip('.')}" if device["reason"] else ""
    return f"{device['state']}{said}{why}"
