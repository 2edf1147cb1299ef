# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: builds the custom stats about campaigns for a workflow."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, TaskResult
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import SATISFIED, WAITING


def campaign_stats(
    result: TaskResult, account_name: str, api_version: str, devices: Mapping[str, Sequence[Device]]
) -> dict[str, dict[str, t.Any]]:
    """Return a small dict for each campaign in the result of a wait, by its ID. Values that could not be read are null.

    C(reached) is about the campaign itself. C(devices) has the devices of campaigns by campaign ID; only their IDs are
    included. There are no secrets.
    """
    campaigns = {str(campaign["id"]).casefold(): campaign for campaign in result["campaigns"]}
    stats = {}
    for wait in result["waits"]:
        campaign_id = wait["campaign_id"]
        campaign: Mapping[str, t.Any] = campaigns.get(campaign_id.casefold()) or {}
        summary = campaign.get("device_summary")
        stats[campaign_id] = {
            "account_name": account_name,
            "api_version": api_version,
            **{name: campaign.get(name) for name in ("campaign_name", "state", "outcome", "end_date")},
            "reached": wait["verdict"] in SATISFIED,
            "timed_out": wait["verdict"] == WAITING and bool(result["timed_out"]),
            "reason": result["reason"],
            "message": result["message"],
            "next_poll_at": wait["next_poll_at"],
            "devices": None if summary is None else {"total": summary["total"], **summary["by_state"]},
            "success_percent": None if summary is None else summary["success_percent"],
            "failure_percent": None if summary is None else summary["failure_percent"],
        }
        if campaign_id in devices:
            stats[campaign_id]["device_ids"] = _ids_by_state(devices[campaign_id])
    return stats


def _ids_by_state(devices: Sequence[Device]) -> dict[str, list[str]]:
    by_state: dict[str, list[str]] = {state: [] for state in DEVICE_STATES}
    for device in devices:
        if device["device_id"] is not None:
            by_state[device["state"]].append(device["device_id"])
    return by_state
