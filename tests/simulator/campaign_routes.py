# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that read campaigns: one by its ID, or those in a state."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from simulator import errors
from simulator.answer import Answer, json_answer
from simulator.bodies import list_item, same_status, wire_body
from simulator.call import Call
from simulator.campaigns import Campaign, is_uuid
from simulator.gateway import check_bearer
from simulator.sessions import Session
from simulator.world import World

_ACCOUNT = re.compile(r"^[0-9]+-[0-9]+$")

Handler = Callable[[World, Call], Answer]


def read_campaign(api_version: str) -> Handler:
    """GET of one campaign, for a version of the API."""

    def handler(world: World, call: Call) -> Answer:
        refusal = _refuse(world, call)
        if refusal is not None:
            return refusal
        campaign_id = call.parts["id"]
        if not is_uuid(campaign_id):
            return errors.invalid_parameter("Invalid uuid")
        campaign = world.campaigns.find(api_version, call.parts["acc"], campaign_id)
        if campaign is None:
            status = int(world.behaviour.unknown_campaign_form)
            return errors.invalid_parameter("Invalid upgradeId", status)
        campaign.looks += 1
        return json_answer(_body(world, campaign))

    return handler


def list_campaigns(api_version: str) -> Handler:
    """GET of the campaigns in a state (v2, v3), in pages that start after ``lastSeenCampaignId``."""

    def handler(world: World, call: Call) -> Answer:
        refusal = _refuse(world, call)
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
    refusal = _refuse(world, call)
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


def _refuse(world: World, call: Call) -> Answer | None:
    """The refusal of a request without two good credentials, or for an account that the user cannot read."""
    refusal = check_bearer(world, call)
    if refusal is not None:
        return refusal
    behaviour, account = world.behaviour, call.parts["acc"]
    session = world.sessions.use(call.headers.get("vz-m2m-token"), behaviour.session_idle_seconds)
    if not isinstance(session, Session):
        return errors.session_refused(session, behaviour.session_expired_form)
    if not _ACCOUNT.match(account):
        return errors.invalid_parameter("Invalid account name format")
    if not world.has_account(account) or not session.user.may_read(account):
        return errors.unknown_account(account)
    return None


def _body(world: World, campaign: Campaign) -> dict[str, Any]:
    return wire_body(campaign.current_body(world.clock.seconds()), campaign.api_version, world.behaviour)


def _in_state(world: World, api_version: str, account: str, wanted: str) -> list[dict[str, Any]]:
    bodies = [_body(world, campaign) for campaign in world.campaigns.in_account(api_version, account)]
    return [body for body in bodies if same_status(body.get("status"), wanted)]
