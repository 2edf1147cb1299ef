# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is told of the campaigns to the workflow in which a playbook runs."""

from __future__ import annotations

import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import DEVICE_STATES, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._verdict import SATISFIED, WAITING
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd


def campaign_stats(end: GoalEnd, with_devices: bool) -> dict[str, dict[str, t.Any]]:
    """A small dict for each campaign, by its ID; what could not be read is null in it.

    C(reached) is that of the campaign itself. Without secrets, and without device IDs unless C(with_devices).
    """
    stats = {}
    for wait in end.result["waits"]:
        campaign_id = wait["campaign_id"]
        stats[campaign_id] = _of_campaign(end.facts.get(campaign_id, {}), wait, end)
        if with_devices and campaign_id in end.reports:
            stats[campaign_id]["device_ids"] = _device_ids(end.reports[campaign_id])
    return stats


def _of_campaign(campaign: Facts, wait: Facts, end: GoalEnd) -> dict[str, t.Any]:
    summary = campaign.get("device_summary")
    return {
        "account_name": end.asked.account_name,
        "api_version": end.asked.api_version,
        **{name: campaign.get(name) for name in ("campaign_name", "state", "outcome", "end_date")},
        "reached": wait["verdict"] in SATISFIED,
        "timed_out": wait["verdict"] == WAITING and bool(end.result["timed_out"]),
        "reason": end.ending.reason,
        "message": end.ending.message,
        "next_poll_at": wait["next_poll_at"],
        "devices": None if summary is None else {"total": summary["total"], **summary["by_state"]},
        "success_percent": None if summary is None else summary["success_percent"],
        "failure_percent": None if summary is None else summary["failure_percent"],
    }


def _device_ids(report: DeviceReport) -> dict[str, list[str]]:
    by_state: dict[str, list[str]] = {state: [] for state in DEVICE_STATES}
    for device in report.devices():
        if device["device_id"] is not None:
            by_state[device["state"]].append(device["device_id"])
    return by_state
