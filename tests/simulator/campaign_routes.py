# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that read campaigns: one by its ID, or those in a state."""

from __future__ import annotations

from typing import Any

from simulator import errors
from simulator.access import Handler, campaign_of, refusal_of
from simulator.answer import Answer, json_answer
from simulator.bodies import list_item, same_status, wire_body
from simulator.call import Call
from simulator.campaigns import Campaign
from simulator.device_bodies import device_entries
from simulator.world import World


def read_campaign(api_version: str) -> Handler:
    """GET of one campaign, for a version of the API."""

    def handler(world: World, call: Call) -> Answer:
        campaign = campaign_of(world, call, api_version)
        if isinstance(campaign, Answer):
            return campaign
        campaign.looks += 1
        return json_answer(_body(world, campaign))

    return handler


def list_campaigns(api_version: str) -> Handler:
    """GET of the campaigns in a state (v2, v3), in pages that start after ``lastSeenCampaignId``."""

    def handler(world: World, call: Call) -> Answer:
        refusal = refusal_of(world, call)
        if refusal is not None:
            return refusal
        wanted = call.query.get("campaignStatus", "")
        if not wanted:
            return errors.invalid_parameter("Input binding error")
        found = _in_state(world, api_version, call.parts["acc"], wanted)
        last_seen = call.query.get("lastSeenCampaignId", "0").lower() or "0"
        ids = [str(body["id"]).lower() for body in found]
        if last_seen != "0" and last_seen not in ids:
            return errors.invalid_parameter("Invalid index value")
        start = 0 if last_seen == "0" else ids.index(last_seen) + 1
        page = found[start : start + world.behaviour.page_size]
        answer: dict[str, Any] = {
            "hasMoreData": start + len(page) < len(found),
            "campaignList": [list_item(body, api_version) for body in page],
        }
        if page:
            answer["lastSeenCampaignId"] = page[-1]["id"]
        return json_answer(answer)

    return handler


def list_upgrades(world: World, call: Call) -> Answer:
    """GET of the v1 upgrades in a state, in pages that start at an index."""
    refusal = refusal_of(world, call)
    if refusal is not None:
        return refusal
    if not call.parts["index"].isdecimal():
        return errors.invalid_parameter("Invalid index value")
    start = int(call.parts["index"])
    found = _in_state(world, "v1", call.parts["acc"], call.parts["status"])
    page = found[start : start + world.behaviour.page_size]
    has_more = start + len(page) < len(found)
    return json_answer(
        {"hasMoreFlag": has_more, "lastSeenUpgradeId": start + len(page) if has_more else 0, "reportList": page}
    )


def _body(world: World, campaign: Campaign) -> dict[str, Any]:
    body = wire_body(campaign.current_body(world.clock.seconds()), campaign.api_version, world.behaviour)
    if campaign.api_version == "v1" and campaign.has_report:
        body["deviceList"] = device_entries(world, campaign, campaign.roster.ids)
    return body


def _in_state(world: World, api_version: str, account: str, wanted: str) -> list[dict[str, Any]]:
    bodies = [_body(world, campaign) for campaign in world.campaigns.in_account(api_version, account)]
    return [body for body in bodies if same_status(body.get("status"), wanted)]
