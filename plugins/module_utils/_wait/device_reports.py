# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When the device report of a campaign is read, and how it becomes a part of the campaign's facts."""

from __future__ import annotations

import collections

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport, Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, ListedDevice
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import Sharing


class DeviceReports:
    """Reads device reports: always, or for campaigns that are over and in each C(every)-th poll of the others.

    C(every) is 0 if only the end matters. A version 1 campaign carries its devices, which costs nothing.
    C(reports) has the last report of each campaign, by its ID.
    """

    def __init__(self, client: Client, campaigns: Campaigns, every: int, sharing: Sharing | None = None) -> None:
        self._client = client
        self._campaigns = campaigns
        self._every = every
        self._sharing = sharing or Sharing()
        self.reports: dict[str, Report] = {}
        self._polls: collections.Counter[str] = collections.Counter()
        self._listed: dict[str, int] = {}

    @property
    def is_for_each_campaign(self) -> bool:
        """True if campaigns have to be polled one by one for their reports."""
        return self._every > 0

    def is_due(self, campaign_id: str, facts: Facts, is_second_read: bool) -> bool:
        """True if this poll, which has shown these facts, should have the report as well."""
        self._note(campaign_id, facts)
        if facts["terminal"]:
            return is_second_read
        self._polls[campaign_id] += 1
        return self._every > 0 and self._polls[campaign_id] % self._every == 1 % self._every

    def _note(self, campaign_id: str, facts: Facts) -> None:
        """A version 1 campaign that runs, or has run, lists no fewer devices than before: none can be removed then."""
        if facts["terminal"] or facts["state"] == "in_progress":
            names = {device["device_id"] for device in facts.get("device_list") or []}
            self._listed[campaign_id] = max(len(names), self._listed.get(campaign_id, 0))

    def add_to(self, facts: Facts, campaign_id: str, is_final: bool = False) -> Facts:
        """The facts with those of the report. Raises what the client raises.

        C(is_final) tells that the campaign is known to be over, so that the report will not change any more.
        """
        version = self._campaigns.api_version
        if version == "v1":
            report = carried_by(facts)
            report.known_total = self._listed.get(campaign_id)
        else:
            report = self._client.device_report(version, self._campaigns.account_name, campaign_id)
        self._sharing.memory.keep_report(campaign_id, report, self._sharing.clock.monotonic(), is_final)
        return self._with(facts, campaign_id, report)

    def forget(self, campaign_id: str) -> None:
        """Keep no report of a campaign: a process of months would keep them all."""
        self.reports.pop(campaign_id, None)

    def known(self, facts: Facts, campaign_id: str, deadline: float) -> Facts | None:
        """The same from a report that somebody else of this run has read lately, or for good; None if nobody has."""
        known = self._sharing.memory.report(campaign_id)
        if known is None:
            return None
        if not (known.is_final if facts["terminal"] else self._sharing.is_fresh(known.read_at, deadline)):
            return None
        return self._with(facts, campaign_id, known.report)

    def _with(self, facts: Facts, campaign_id: str, report: Report) -> Facts:
        self.reports[campaign_id] = report
        return with_report(facts, report, self._campaigns.devices)


def carried_by(facts: Facts) -> DeviceReport:
    """The device report of a version 1 campaign, which is a part of the campaign itself."""
    report = DeviceReport()
    report.add([_as_sent(device) for device in facts["device_list"] or []])
    return report


def _as_sent(device: ListedDevice) -> dict[str, str | None]:
    return {"deviceId": device["device_id"], "status": device["status"], "resultReason": device["result_reason"]}
