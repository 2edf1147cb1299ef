# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of callbacks, which are sent when the status of a campaign changes. Pure functions.

The documents show the first part of the v1 message, up to the middle of its element ``upgradeScheduled``, and name two
types: ``upgradeScheduled`` and ``upgradeProgress``. Everything else is a guess: the rest of the v1 message, and the
messages of v2 and v3, which have two forms, selected by a switch.
"""

from __future__ import annotations

from typing import Any, Literal

from simulator.callbacks import Callback
from simulator.campaigns import Campaign

SCHEDULED, PROGRESS = "upgradeScheduled", "upgradeProgress"
_ARE_SCHEDULED = frozenset({"Queued", "CampaignScheduled"})
# A message has all elements. Those that do not belong to its type are empty.
_ELEMENTS = (SCHEDULED, PROGRESS)


def statuses_between(campaign: Campaign, before: float, now: float) -> list[str]:
    """Return the statuses that a campaign took after ``before`` and until ``now`` (simulated seconds), in order."""
    ages = (before - campaign.added_at, now - campaign.added_at)
    passed = [step.status for step in campaign.timeline if step.after is not None and ages[0] < step.after <= ages[1]]
    current = str(campaign.current_status(now))
    is_by_itself = campaign.forced is None and campaign.stopped is None
    return [*(passed if is_by_itself else []), *([] if passed[-1:] == [current] and is_by_itself else [current])]


def message(
    campaign: Campaign, callback: Callback, status: str, seconds: float, form: Literal["like_v1", "campaign"]
) -> dict[str, Any]:
    """Return the body of a callback. In v1 it has the username and password in plain text; they are never headers."""
    body = {**campaign.current_body(seconds), "status": status}
    if campaign.api_version != "v1" and form == "campaign":
        known = ("accountName", "campaignName", "startDate", "endDate")
        return {"campaignId": campaign.id, **{name: body.get(name) for name in known}, "status": status}
    kind = SCHEDULED if status in _ARE_SCHEDULED else PROGRESS
    word = "upgradeId" if campaign.api_version == "v1" else "campaignId"
    name = body.get("firmwareName", body.get("softwareName"))
    element = {"firmwareName": name, word: campaign.id, "startDate": body.get("startDate"), "status": status}
    return {
        "accountName": campaign.account_name,
        "participantName": "",
        "type": kind,
        "username": callback.username or "",
        "password": callback.password or "",
        "firmwareList": [],
        **{one: element if one == kind else {} for one in _ELEMENTS},
    }
