# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that schedule campaigns, and those that change or cancel them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from simulator import errors
from simulator.access import Handler, campaign_of, refusal_of, session_of
from simulator.answer import Answer, json_answer
from simulator.bodies import list_item, wire_body
from simulator.call import Call
from simulator.campaigns import ApiVersion, Campaign
from simulator.changes import change_dates, change_devices, stop
from simulator.device_bodies import changed_device_entry, device_entries
from simulator.request_bodies import (
    Refusal,
    What,
    campaign_fields,
    content_of,
    date_fields,
    device_changes,
    device_ids,
)
from simulator.scheduling import new_campaign
from simulator.world import World

# The status in the documents' examples of an answer to a change of dates.
_EXAMPLE_STATUS = {"v2": "RequestPending", "v3": "CampaignRequestQueued"}


def schedule(api_version: ApiVersion, what: What) -> Handler:
    """Handle POST of a new campaign. In v1 the account is in the body."""

    def handler(world: World, call: Call) -> Answer:
        try:
            return _schedule(world, call, api_version, what)
        except Refusal as reason:
            return errors.invalid_parameter(str(reason))

    return handler


def put_devices(api_version: ApiVersion) -> Handler:
    """Handle PUT of devices to append or remove."""
    return _about_a_campaign(api_version, _put_devices)


def put_dates(api_version: ApiVersion) -> Handler:
    """Handle PUT of dates and time windows (v2, v3)."""
    return _about_a_campaign(api_version, _put_dates)


def cancel(api_version: ApiVersion) -> Handler:
    """Handle DELETE."""
    return _about_a_campaign(api_version, _cancel)


def _about_a_campaign(api_version: str, inner: Callable[[World, Call, Campaign], Answer]) -> Handler:
    def handler(world: World, call: Call) -> Answer:
        campaign = campaign_of(world, call, api_version)
        if isinstance(campaign, Answer):
            return campaign
        try:
            return inner(world, call, campaign)
        except Refusal as reason:
            return errors.invalid_parameter(str(reason))

    return handler


def _schedule(world: World, call: Call, api_version: ApiVersion, what: What) -> Answer:
    account, content = call.parts.get("acc"), {}
    if account is None:
        session = session_of(world, call)
        if isinstance(session, Answer):
            return session
        content = content_of(call.body)
        account = content.get("accountName")
    refusal = refusal_of(world, call, account if isinstance(account, str) else "")
    if refusal is not None:
        return refusal
    content = content or content_of(call.body)
    today = world.clock.now().date()
    fields = campaign_fields(content, api_version, what, today)
    ids = device_ids(content)
    if fields["startDate"] < today.isoformat() and world.behaviour.past_start_form == "refused":
        raise Refusal("FotaPostUpgrades: invalid state date")
    campaign = new_campaign(api_version, str(account), fields, ids, world.new_campaigns)
    world.add_campaign(campaign, world.new_campaigns.fate)
    answer = _shown(world, campaign)
    if api_version == "v1":
        answer["deviceList"] = device_entries(world, campaign, ids)
    if call.path.endswith((f"/software/{account}", f"/files/{account}")) and api_version == "v2":
        answer["deviceList"] = ids
    return json_answer(answer)


def _put_devices(world: World, call: Call, campaign: Campaign) -> Answer:
    changes = device_changes(content_of(call.body))
    done = change_devices(campaign, changes, world.clock, world.behaviour)
    if done is None:
        return errors.wrong_state()
    if campaign.api_version == "v1" and not campaign.roster.ids:
        # Documented: removing all devices is the same as removing the upgrade.
        _cancel(world, call, campaign)
    if campaign.api_version == "v2":
        # Version 2 returns nothing about the devices here, only in its reports.
        ids = {"accountName": campaign.account_name, "campaignId": campaign.id, "requestId": str(uuid.uuid4())}
        return json_answer(ids)
    name = "id" if campaign.api_version == "v1" else "campaignId"
    entries = [changed_device_entry(one) for one in done]
    return json_answer({"accountName": campaign.account_name, name: campaign.id, "deviceList": entries})


def _put_dates(world: World, call: Call, campaign: Campaign) -> Answer:
    fields = date_fields(content_of(call.body), campaign.api_version)
    if not change_dates(campaign, fields, world.clock, world.behaviour):
        return errors.wrong_state()
    answer = _shown(world, campaign)
    if world.behaviour.changed_dates_status == "example":
        answer["status"] = _EXAMPLE_STATUS[campaign.api_version]
    return json_answer(answer)


def _cancel(world: World, _call: Call, campaign: Campaign) -> Answer:
    ending = stop(campaign, world.clock, world.behaviour)
    if ending == "refused":
        return errors.wrong_state()
    if ending == "removed":
        world.campaigns.remove(campaign)
    return json_answer({"success": True})


def _shown(world: World, campaign: Campaign) -> dict[str, Any]:
    body = wire_body(campaign.current_body(world.clock.seconds()), campaign.api_version, world.behaviour)
    return list_item(body, campaign.api_version)
