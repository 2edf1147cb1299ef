# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a campaign as they are sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from simulator.behaviour import Behaviour
from simulator.campaigns import Campaign
from simulator.changes import ChangedDevice
from simulator.devices import Shown
from simulator.world import World

SUCCESS_REASONS = frozenset(
    {"DownloadInstallSucceeded", "Download and install succeeded.", "success", "Upgrade completed successfully"}
)
_TIMES = ("updatedTime", "recentAttemptTime", "nextAttemptTime")


def device_entries(world: World, campaign: Campaign, ids: list[str]) -> list[dict[str, Any]]:
    """Return the entries of these devices in a report, or in the ``deviceList`` of v1."""
    shown = campaign.shown_devices(ids, campaign.snapshot(world.clock.seconds()))
    return [_entry(world, campaign, device_id, one) for device_id, one in shown.items()]


def changed_device_entry(changed: ChangedDevice) -> dict[str, Any]:
    """Return the entry of a device in the answer to an add-or-remove call (v1, v3).

    The words for a device that was added are documented. The words for the other cases are made in the same style.
    """
    what, past = ("Remove", "removed") if changed.removed else ("Add", "added")
    if changed.succeeded:
        status, reason = f"{what}DeviceSucceed", f"Device {past} Successfully"
    else:
        status, reason = f"{what}DeviceFail", "Device not found" if changed.removed else "Device is there already"
    return {"deviceId": changed.id, "status": status, "Reason": reason}


def _entry(world: World, campaign: Campaign, device_id: str, shown: Shown) -> dict[str, Any]:
    optional: dict[str, Any] = {"resultReason": spelled_reason(shown.outcome.reason, world.behaviour)}
    if campaign.api_version == "v3":
        optional.update(dict.fromkeys(_TIMES))
        optional["updatedTime"] = rfc_3339(world.clock.at(campaign.added_at + shown.since))
    optional.update(shown.outcome.body)
    if world.behaviour.nulls == "absent":
        optional = {name: value for name, value in optional.items() if value is not None}
    return {"deviceId": device_id, "status": shown.outcome.status, **optional}


def spelled_reason(reason: str | None, behaviour: Behaviour) -> str | None:
    """Return the reason of a device, with the configured spelling of a success."""
    if behaviour.success_reason != "as_written" and reason in SUCCESS_REASONS:
        return behaviour.success_reason
    return reason


def rfc_3339(instant: dt.datetime) -> str:
    """Format a time as the service does."""
    return instant.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
