# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet's wait came to, without a wait: campaigns with their device reports, and an ending for a goal."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts, campaign_facts, with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd

ACCOUNT: t.Final = "0402196254-00001"
STATUS: t.Final = {
    "succeeded": "UpgradeSuccess",
    "pending": "UpgradePending",
    "cancelled": "CampaignCancelled",
    "rejected": "DeviceRejected",
    "failed": "UpgradeFailed",
    "unknown": "UpgradeLooksGood",
}


def report_of(devices: Mapping[str | None, str]) -> DeviceReport:
    """A report of devices by ID (None: the service gave none) and state."""
    report = DeviceReport()
    report.add([{"deviceId": name, "status": STATUS[state], "resultReason": "why"} for name, state in devices.items()])
    return report


class Campaign(t.NamedTuple):
    """A campaign: whether it could be read, what its report says (None: not read), and how it stands."""

    devices: Mapping[str | None, str] | None = None
    account: str = ACCOUNT
    api_version: str = "v2"
    status: str = "CampaignEnded"
    verdict: str = "reached"
    is_read: bool = True

    def facts(self, campaign_id: str) -> Facts:
        """As the collection's own code gives them."""
        body = {"id": campaign_id, "accountName": self.account, "status": self.status, "campaignName": "Spring"}
        facts = campaign_facts({**body, "endDate": "2026-03-10"}, self.api_version, datetime.date(2026, 3, 1))
        return facts if self.devices is None else with_report(facts, report_of(self.devices), "none")


def goal_end(campaigns: Mapping[str, Campaign], reason: str = "reached", message: str = "A sentence.") -> GoalEnd:
    """What came of the goal that wants all of these campaigns."""
    ending = Ending(reason, message, reason in ("reached", "past_target"))
    facts = {name: campaign.facts(name) for name, campaign in campaigns.items() if campaign.is_read}
    waits = [
        {"campaign_id": name, "state": "ended", "verdict": campaign.verdict, "next_poll_at": None}
        for name, campaign in campaigns.items()
    ]
    result = {
        "changed": False,
        "campaigns": list(facts.values()),
        "campaign": next(iter(facts.values()), None),
        "reached": ending.is_reached,
        "timed_out": reason == TIMED_OUT,
        "reason": reason,
        "message": message,
        "waits": waits,
    }
    reports = {
        name: report_of(campaign.devices) for name, campaign in campaigns.items() if campaign.devices is not None
    }
    first = next(iter(campaigns.values()))
    asked = Campaigns(first.account, tuple(campaigns), first.api_version)
    return GoalEnd(asked, ending, result, facts, reports)
