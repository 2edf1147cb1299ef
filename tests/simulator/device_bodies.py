# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a campaign as they go over the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any

from simulator.campaigns import Campaign
from simulator.devices import Shown
from simulator.world import World

_TIMES = ("updatedTime", "recentAttemptTime", "nextAttemptTime")


def device_entries(world: World, campaign: Campaign, ids: list[str]) -> list[dict[str, Any]]:
    """The entries of these devices in a report, or in the ``deviceList`` of v1."""
    shown = campaign.shown_devices(ids, campaign.look(world.clock.seconds()))
    return [_entry(world, campaign, device_id, one) for device_id, one in shown.items()]


def _entry(world: World, campaign: Campaign, device_id: str, shown: Shown) -> dict[str, Any]:
    optional: dict[str, Any] = {"resultReason": shown.outcome.reason}
    if campaign.api_version == "v3":
        optional.update(dict.fromkeys(_TIMES))
        optional["updatedTime"] = _rfc_3339(world.clock.at(campaign.added_at + shown.since))
    optional.update(shown.outcome.body)
    if world.behaviour.nulls == "absent":
        optional = {name: value for name, value in optional.items() if value is not None}
    return {"deviceId": device_id, "status": shown.outcome.status, **optional}


def _rfc_3339(instant: dt.datetime) -> str:
    return instant.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
