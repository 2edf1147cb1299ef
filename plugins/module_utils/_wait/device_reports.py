# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When the device report of a campaign is read, and how it is added to the campaign's facts."""

from __future__ import annotations

import collections

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport, Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, ListedDevice
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import Sharing


class DeviceReports:
    """Reads device reports: once a campaign is over, and in every C(every)-th poll before that.

    With C(every) 0, only the report of a campaign that is over is read. A version 1 campaign contains its device list,
    so its report costs no request. C(reports) maps a campaign ID to the last report.
    """

    def __init__(self, client: Client, campaigns: Campaigns, every: int, sharing: Sharing | None = None) -> None:
        self._client = client
        self._campaigns = campaigns
        self._every = every
        self._sharing = sharing or Sharing()
        self.reports: dict[str, Report] = {}
        self._polls: collections.Counter[str] = collections.Counter()
        self._largest_count: dict[str, int] = {}

    @property
    def is_for_each_campaign(self) -> bool:
        """True if campaigns must be polled one by one because their reports are needed before they are over."""
        return self._every > 0

    def is_due(self, campaign_id: str, facts: Facts, is_second_read: bool) -> bool:
        """True if the report must be read with the poll that returned these facts. Counts the poll."""
        self._record_size(campaign_id, facts)
        if facts["terminal"]:
            return is_second_read
        self._polls[campaign_id] += 1
        return self._every > 0 and self._polls[campaign_id] % self._every == 1 % self._every

    def _record_size(self, campaign_id: str, facts: Facts) -> None:
        """Record the largest number of devices that a version 1 campaign has listed.

        No device can be removed from a campaign that is running or over, so a shorter list later is incomplete.
        """
        if facts["terminal"] or facts["state"] == "in_progress":
            names = {device["device_id"] for device in facts.get("device_list") or []}
            self._largest_count[campaign_id] = max(len(names), self._largest_count.get(campaign_id, 0))

    def add_to(self, facts: Facts, campaign_id: str, is_final: bool = False) -> Facts:
        """Read the report and return the facts with it. Raises what the client raises.

        C(is_final) means that the campaign is confirmed to be over, so the report no longer changes.
        """
        version = self._campaigns.api_version
        if version == "v1":
            report = embedded_report(facts)
            report.known_total = self._largest_count.get(campaign_id)
        else:
            report = self._client.device_report(version, self._campaigns.account_name, campaign_id)
        self._sharing.memory.keep_report(campaign_id, report, self._sharing.clock.monotonic(), is_final)
        return self._with(facts, campaign_id, report)

    def forget(self, campaign_id: str) -> None:
        """Drop the report of a campaign, so that a process that runs for months does not keep them all."""
        self.reports.pop(campaign_id, None)

    def known(self, facts: Facts, campaign_id: str, deadline: float) -> Facts | None:
        """Return the facts with a report that another task of this run has read, or None.

        The report must be final if the campaign is over, and fresh otherwise.
        """
        known = self._sharing.memory.report(campaign_id)
        if known is None:
            return None
        if not (known.is_final if facts["terminal"] else self._sharing.is_fresh(known.read_at, deadline)):
            return None
        return self._with(facts, campaign_id, known.report)

    def _with(self, facts: Facts, campaign_id: str, report: Report) -> Facts:
        self.reports[campaign_id] = report
        return with_report(facts, report, self._campaigns.devices)


def embedded_report(facts: Facts) -> DeviceReport:
    """The device report of a version 1 campaign, which is part of the campaign itself."""
    report = DeviceReport()
    report.add([_as_sent(device) for device in facts["device_list"] or []])
    return report


def _as_sent(device: ListedDevice) -> dict[str, str | None]:
    return {"deviceId": device["device_id"], "status": device["status"], "resultReason": device["result_reason"]}
