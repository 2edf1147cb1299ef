# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results, decisions and devices for reports."""

from __future__ import annotations

import typing as t

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import (
    HostDecision,
    Report,
    StoredResult,
    report_of,
)

CAMPAIGN_ID: t.Final = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
WRITTEN_AT: t.Final = "2026-03-03T02:00:11Z"


def summary(succeeded: int, failed: int) -> dict[str, t.Any]:
    """Return a device summary."""
    by_state = dict.fromkeys(("pending", "cancelled", "rejected", "unknown"), 0)
    kind = {"state": "failed", "status": "UpgradeFailed", "reason": "RovaClientDownloadFailed", "count": failed}
    return {
        "total": succeeded + failed,
        "by_state": {"succeeded": succeeded, "failed": failed, **by_state},
        "doubt": None,
        "top_reasons": [kind] if failed else [],
    }


def facts(**more: t.Any) -> dict[str, t.Any]:
    """Return the facts of a campaign of version 2."""
    return {
        "id": CAMPAIGN_ID,
        "account_name": "0402196254-00001",
        "campaign_name": "Spring",
        "software_from": "one",
        "software_to": "two",
        "start_date": "2026-03-01",
        "end_date": "2026-03-02",
        "download_time_window_list": [{"start_time": 20, "end_time": 21}],
        "install_time_window_list": None,
        "status": "CampaignEnded",
        "state": "ended",
        "outcome": "partial",
        "device_summary": summary(3, 1),
        **more,
    }


def seen(state: str, first: str, last: str, polls: int = 2) -> dict[str, t.Any]:
    """Return an entry of a history. Times are on the first days of March."""
    status = f"Campaign{state.title()}"
    times = {"first_seen": f"2026-03-{first}:00Z", "last_seen": f"2026-03-{last}:00Z"}
    return {"campaign_id": CAMPAIGN_ID, "state": state, "status": status, **times, "polls": polls}


def wait(*history: dict[str, t.Any], polls: int = 4, errors: int = 0) -> dict[str, t.Any]:
    """Return the entry of C(waits) for the campaign."""
    told = history or (seen("scheduled", "01T10:00", "02T10:00"), seen("ended", "02T14:00", "02T14:01"))
    ended = {"state": told[-1]["state"], "verdict": "reached"}
    return {"campaign_id": CAMPAIGN_ID, "polls": polls, "errors": errors, "history": list(told), **ended}


def result(*campaigns: dict[str, t.Any], waits: t.Sequence[t.Any] | None = None, **more: t.Any) -> dict[str, t.Any]:
    """Return the result of a task."""
    return {
        "campaigns": list(campaigns or (facts(),)),
        "waits": [wait()] if waits is None else list(waits),
        "last_errors": [],
        **more,
    }


def decided(host: str, decision: str = "continue", device: str | None = None, reason: str = "So.") -> HostDecision:
    """Return the decision for a host."""
    return HostDecision(host, {"decision": decision, "device": device, "reason": reason})


def device(name: str | None, state: str = "succeeded", **more: t.Any) -> dict[str, t.Any]:
    """Return a device of a device report."""
    return {"device_id": name, "state": state, "status": "UpgradeSuccess", "reason": None, **more}


def report(*hosts: HostDecision, results: t.Sequence[StoredResult] | None = None) -> Report:
    """A report of one use of the role, unless C(results) are given."""
    return report_of(hosts, [StoredResult(1, result(), {})] if results is None else results, WRITTEN_AT, "0.0.0")
