# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what the device reports of some campaigns say of one device."""

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

# The state of a device that no report lists. A report's own words are those of DEVICE_STATES.
NOT_LISTED: t.Final = "not_listed"
# Why a wait fails whose campaigns have reached their target, and whose device was not upgraded.
DEVICE_NOT_UPGRADED: t.Final = "device_not_upgraded"


def device_in(reports: Mapping[str, Report], device_id: str) -> DeviceOfCampaign:
    """The device by these reports, with C(campaign_id); of several entries the worst.

    One that no report lists has the state V(not_listed).
    """
    found: list[DeviceOfCampaign] = []
    for campaign_id, report in reports.items():
        device = report.device(device_id)
        if device is not None:
            found.append({**device, "device_id": device_id, "campaign_id": campaign_id})
    nowhere: DeviceOfCampaign = {
        "device_id": device_id,
        "state": NOT_LISTED,
        "status": None,
        "reason": None,
        "campaign_id": None,
    }
    return max(found, key=lambda device: DEVICE_STATES.index(device["state"]), default=nowhere)


def is_upgraded(device: DeviceOfCampaign) -> bool:
    """True only if a report says so."""
    return bool(device["state"] == SUCCEEDED)


def not_upgraded(device: DeviceOfCampaign, all_were_read: bool) -> str:
    """The sentence for a device that was not upgraded; C(all_were_read) if no report of its campaigns is missing."""
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
