# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call that reads the devices of a campaign, page by page (v2 and v3)."""

from __future__ import annotations

from typing import Any

from simulator import errors
from simulator.access import Handler, campaign_of
from simulator.answer import Answer, json_answer
from simulator.behaviour import Behaviour
from simulator.call import Call
from simulator.device_bodies import device_entries
from simulator.world import World


def read_devices(api_version: str) -> Handler:
    """Handle GET of the devices whose IMEIs are larger than ``lastSeenDeviceId``, in ascending order."""

    def handler(world: World, call: Call) -> Answer:
        campaign = campaign_of(world, call, api_version)
        if isinstance(campaign, Answer):
            return campaign
        cursor = call.cursor()
        if cursor is None:
            return errors.invalid_parameter("Invalid device id format")
        behaviour, ids = world.behaviour, campaign.roster.ids
        start = campaign.roster.beyond(cursor)
        page = ids[start : start + behaviour.device_page_size]
        has_more = start + len(page) < len(ids)
        return json_answer(
            {
                "totalDevice": str(len(ids)) if behaviour.total_device_as_string else len(ids),
                "hasMoreData": has_more,
                **_cursor(page, has_more, behaviour),
                "maxPageSize": behaviour.device_page_size,
                "deviceList": device_entries(world, campaign, page),
            }
        )

    return handler


def _cursor(page: list[str], has_more: bool, behaviour: Behaviour) -> dict[str, Any]:
    if has_more or behaviour.last_page_cursor == "last":
        # An empty page does not have a last device.
        cursor = page[-1] if page else None
    else:
        cursor = "0" if behaviour.last_page_cursor == "zero" else None
    if cursor is None:
        return {}
    return {"lastSeenDeviceId": int(cursor) if behaviour.last_seen_device_id_as_int else cursor}
