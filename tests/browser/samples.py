# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports with all possible elements, optionally with a given text in all places for external data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import (
    HostDecision,
    Report,
    StoredResult,
    report_of,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.render import rendered

CAMPAIGN_ID = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
# The number of sample devices in each state.
STATES = {"succeeded": 33, "pending": 1, "cancelled": 1, "rejected": 2, "failed": 3, "unknown": 1}
_STEPS = (
    ("request_pending", "CampaignRequestPending", "01T09:00:00", "01T09:30:00"),
    ("queued", "CampaignQueued", "01T09:45:00", "01T12:30:00"),
    ("scheduled", "CampaignScheduled", "01T13:00:00", "03T01:30:00"),
    ("ended", "CampaignEnded", "03T02:00:00", "03T02:00:10"),
)


def sample(text: str | None = None, hosts: int = 40) -> Report:
    """Return a report. ``text`` replaces all values that could come from the service or an inventory."""

    def or_text(usual: str) -> str:
        return usual if text is None else text

    decisions = [
        HostDecision(
            or_text(f"tracker-{number:03d}.example.com"),
            {
                "device": or_text(f"9900034257{number:05d}"),
                "decision": ("fail", "fail", "fail", "skip", "skip")[number] if number < 5 else "continue",
                "reason": or_text(
                    f"Campaign FOTA_Verizon_Upgrade ({CAMPAIGN_ID}) has reached ended: it is ended [CampaignEnded]."
                ),
            },
        )
        for number in range(hosts)
    ]
    results = [StoredResult(1, _result(or_text), {CAMPAIGN_ID: _devices(or_text)})]
    lost = {"campaigns": [], "failed": True, "msg": or_text("The service knows no such campaign.")}
    return report_of(decisions, [*results, StoredResult(2, lost, {})], "2026-03-03T02:00:11Z", "0.0.0")


def sample_report(path: Path, text: str | None = None, hosts: int = 40) -> Path:
    """Write the same report to a file."""
    path.write_text(rendered(sample(text, hosts), path.suffix), encoding="utf-8")
    return path


def _result(or_text: Any) -> dict[str, Any]:
    kinds = [
        {
            "state": state,
            "status": or_text("UpgradeFailed"),
            "reason": or_text("RovaClientDownloadFailed"),
            "count": count,
        }
        for state, count in STATES.items()
        if state != "succeeded"
    ]
    facts = {
        "id": CAMPAIGN_ID,
        "account_name": or_text("0402196254-00001"),
        "campaign_name": or_text("FOTA_Verizon_Upgrade"),
        "software_from": or_text("FOTA_Verizon_Model-A_00To01_HF"),
        "software_to": or_text("FOTA_Verizon_Model-A_02To03_HF"),
        "make": or_text("Verizon"),
        "model": or_text("Model-A"),
        "start_date": "2026-03-01",
        "end_date": "2026-03-03",
        "download_time_window_list": [{"start_time": 20, "end_time": 22}],
        "install_time_window_list": [{"start_time": 23, "end_time": 2}],
        "status": or_text("CampaignEnded"),
        "state": "ended",
        "outcome": "partial",
        "device_summary": {
            "total": sum(STATES.values()),
            "by_state": STATES,
            "doubt": or_text("lists only 41 of 42 devices"),
            "top_reasons": kinds,
        },
    }
    history = [
        {
            "campaign_id": CAMPAIGN_ID,
            "state": state,
            "status": or_text(status),
            "first_seen": f"2026-03-{first}Z",
            "last_seen": f"2026-03-{last}Z",
            "polls": 9,
        }
        for state, status, first, last in _STEPS
    ]
    error = {"campaign_id": CAMPAIGN_ID, "at": "2026-03-02T03:00:00Z", "message": or_text("HTTP 503.")}
    wait = {"campaign_id": CAMPAIGN_ID, "polls": 40, "errors": 4, "history": history, "state": "ended"}
    return {"campaigns": [facts], "waits": [wait], "last_errors": [error]}


def _devices(or_text: Any) -> list[dict[str, Any]]:
    return [
        {
            "device_id": or_text(f"8800034257{number:05d}") + str(number),
            "state": state,
            "status": or_text("UpgradeSuccess"),
            "reason": or_text("DownloadInstallSucceeded"),
        }
        for state, count in STATES.items()
        for number in range(count)
    ]
