# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call that reads the results of one device in all campaigns of its account."""

from __future__ import annotations

from typing import Any

from simulator import errors
from simulator.access import Handler, refusal_of
from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.campaigns import Campaign
from simulator.device_bodies import rfc_3339, spelled_reason
from simulator.devices import Shown, is_imei
from simulator.world import World

# The campaign's fields in each version, if the campaign has them.
_FIELDS = {
    "v1": ("firmwareFrom", "firmwareTo"),
    "v2": ("softwareName",),
    "v3": ("firmwareName", "firmwareFrom", "firmwareTo"),
}


def read_history(api_version: str) -> Handler:
    """Handle GET of a device's campaigns, oldest first. The list is empty for a device without campaigns."""

    def handler(world: World, call: Call) -> Answer:
        refusal = refusal_of(world, call)
        if refusal is not None:
            return refusal
        device_id = call.parts["device"]
        if not is_imei(device_id):
            return errors.invalid_parameter("Invalid device id format")
        found = [
            _entry(world, campaign, device_id, shown)
            for campaign in world.campaigns.in_account(api_version, call.parts["acc"])
            if (shown := campaign.shown_device(device_id, world.clock.seconds())) is not None
        ]
        return json_answer(found)

    return handler


def _entry(world: World, campaign: Campaign, device_id: str, shown: Shown) -> dict[str, Any]:
    body = campaign.current_body(world.clock.seconds())
    moment = rfc_3339(world.clock.at(campaign.added_at + shown.since))
    optional = {name: body.get(name) for name in _FIELDS[campaign.api_version]}
    if campaign.api_version == "v1":
        optional["upgradeStartTime"] = moment
    if campaign.api_version == "v3":
        optional["reportUpdatedTime"] = moment
    if world.behaviour.nulls == "absent":
        optional = {name: value for name, value in optional.items() if value is not None}
    return {
        "deviceId": device_id,
        **{name: campaign.id for name in _id_names(world, campaign)},
        "accountName": campaign.account_name,
        **optional,
        "startDate": body.get("startDate"),
        "status": shown.outcome.status,
        "reason": spelled_reason(shown.outcome.reason, world.behaviour),
    }


def _id_names(world: World, campaign: Campaign) -> tuple[str, ...]:
    if campaign.api_version != "v3":
        return ("id",)
    form = world.behaviour.v3_history_id
    return ("campaignId", "id") if form == "both" else (form,)
