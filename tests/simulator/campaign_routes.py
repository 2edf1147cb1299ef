# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that read campaigns: one by its ID, or those in a state."""

from __future__ import annotations

import itertools
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
    """Handle GET of one campaign, for a version of the API."""

    def handler(world: World, call: Call) -> Answer:
        campaign = campaign_of(world, call, api_version)
        if isinstance(campaign, Answer):
            return campaign
        campaign.looks += 1
        return json_answer(_body(world, campaign))

    return handler


def list_campaigns(api_version: str) -> Handler:
    """Handle GET of the campaigns in a state (v2, v3), in pages that start after ``lastSeenCampaignId``."""

    def handler(world: World, call: Call) -> Answer:
        refusal = refusal_of(world, call)
        if refusal is not None:
            return refusal
        wanted = call.query.get("campaignStatus", "")
        if not wanted:
            return errors.invalid_parameter("Input binding error")
        account, seconds = call.parts["acc"], world.clock.seconds()
        cursor = call.query.get("lastSeenCampaignId", "0").lower() or "0"
        last_seen = None if cursor == "0" else world.campaigns.find(api_version, account, cursor)
        if cursor != "0" and (last_seen is None or not _is_in_state(last_seen, wanted, seconds)):
            return errors.invalid_parameter("Invalid index value")
        behind = world.campaigns.after(api_version, account, last_seen)
        # A generator that stops after the first one that does not fit: an account can have thousands of campaigns.
        found = (one for one in behind if _is_in_state(one, wanted, seconds))
        page = list(itertools.islice(found, world.behaviour.page_size))
        answer: dict[str, Any] = {
            "hasMoreData": next(found, None) is not None,
            "campaignList": [list_item(_body(world, campaign), api_version) for campaign in page],
        }
        if page:
            answer["lastSeenCampaignId"] = page[-1].id
        return json_answer(answer)

    return handler


def list_upgrades(world: World, call: Call) -> Answer:
    """Handle GET of the v1 upgrades in a state, in pages that start at an index."""
    refusal = refusal_of(world, call)
    if refusal is not None:
        return refusal
    if not call.parts["index"].isdecimal():
        return errors.invalid_parameter("Invalid index value")
    start, wanted = int(call.parts["index"]), call.parts["status"]
    seconds = world.clock.seconds()
    found = [one for one in world.campaigns.in_account("v1", call.parts["acc"]) if _is_in_state(one, wanted, seconds)]
    page = found[start : start + world.behaviour.page_size]
    has_more = start + len(page) < len(found)
    reports = [_body(world, campaign) for campaign in page]
    return json_answer(
        {"hasMoreFlag": has_more, "lastSeenUpgradeId": start + len(page) if has_more else 0, "reportList": reports}
    )


def _body(world: World, campaign: Campaign) -> dict[str, Any]:
    body = wire_body(campaign.current_body(world.clock.seconds()), campaign.api_version, world.behaviour)
    if campaign.api_version == "v1" and campaign.has_report:
        body["deviceList"] = device_entries(world, campaign, campaign.roster.ids)
    return body


def _is_in_state(campaign: Campaign, wanted: str, seconds: float) -> bool:
    # Independent of the switches: same_status accepts all spellings of the queued state.
    return same_status(campaign.current_status(seconds), wanted)
