# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call that reads an account's subscription."""

from __future__ import annotations

from simulator.access import refusal_of
from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.device_bodies import rfc_3339
from simulator.world import World

# The documented example of an account that pays per event and per month.
_PURCHASE_TYPE = "TS-HFOTA-EVNT,TS-HFOTA-MRC"
_LICENSES = 500_000


def read_subscription(world: World, call: Call) -> Answer:
    """Handle GET. Each device of a campaign uses a license. The number of licenses is invented, and high enough."""
    refusal = refusal_of(world, call)
    if refusal is not None:
        return refusal
    account = call.parts["acc"]
    used = {
        one for campaign in world.campaigns.all() if campaign.account_name == account for one in campaign.roster.ids
    }
    return json_answer(
        {
            "accountName": account,
            "purchaseType": _PURCHASE_TYPE,
            "licenseCount": _LICENSES,
            "licenseUsedCount": len(used),
            "updateTime": rfc_3339(world.clock.at(0)),
        }
    )
