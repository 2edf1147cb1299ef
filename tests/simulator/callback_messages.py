# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a registered address when the status of a campaign changes: pure.

The documents have the beginning of the message of v1, up to the middle of its element ``upgradeScheduled``, and two
types by name: ``upgradeScheduled`` and ``upgradeProgress``. All else here is a guess: the end of the message of v1, and
that of v2 and v3, for which a switch has two.
"""

from __future__ import annotations

from typing import Any, Literal

from simulator.callbacks import Callback
from simulator.campaigns import Campaign

SCHEDULED, PROGRESS = "upgradeScheduled", "upgradeProgress"
_ARE_SCHEDULED = frozenset({"Queued", "CampaignScheduled"})
# Elements that do not belong to the type of a message are there, and empty.
_ELEMENTS = (SCHEDULED, PROGRESS)


def statuses_between(campaign: Campaign, before: float, now: float) -> list[str]:
    """The statuses that a campaign took after one time (simulated seconds) and until another, in order."""
    ages = (before - campaign.added_at, now - campaign.added_at)
    passed = [step.status for step in campaign.timeline if step.after is not None and ages[0] < step.after <= ages[1]]
    current = str(campaign.current_status(now))
    is_by_itself = campaign.forced is None and campaign.stopped is None
    return [*(passed if is_by_itself else []), *([] if passed[-1:] == [current] and is_by_itself else [current])]


def message(
    campaign: Campaign, callback: Callback, status: str, seconds: float, form: Literal["like_v1", "campaign"]
) -> dict[str, Any]:
    """The body of a callback. In v1 user and password are in it as plain text; they are never headers."""
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
