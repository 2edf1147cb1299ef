# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The custom stats about campaigns for a workflow."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, TaskResult
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._campaign_stats import campaign_stats

ACCOUNT: t.Final = "0402196254-00001"
SUMMARY: t.Final = {
    "total": 7,
    "by_state": {"succeeded": 1, "pending": 1, "cancelled": 1, "rejected": 1, "failed": 2, "unknown": 1},
    "success_percent": 14.28,
    "failure_percent": 42.85,
}
Result = dict[str, t.Any]


def result_of(verdict: str = "reached", reason: str = "reached", **facts: t.Any) -> Result:
    """The result of a wait for one campaign; without facts it was not read."""
    campaign = {"id": "C1", "campaign_name": "Spring", "state": "ended", "outcome": "partial", "end_date": "2026-03-10"}
    campaign["device_summary"] = None  # type: ignore[assignment]
    return {
        "reason": reason,
        "message": "A sentence.",
        "timed_out": reason == "timed_out",
        "campaigns": [{**campaign, **facts}] if facts.pop("is_read", True) else [],
        "waits": [{"campaign_id": "c1", "verdict": verdict, "next_poll_at": None}],
    }


def told(result: Result, devices: t.Mapping[str, t.Sequence[Device]] | None = None) -> Result:
    told_of = campaign_stats(t.cast(TaskResult, result), ACCOUNT, "v2", devices or {})
    assert list(told_of) == ["c1"]
    return told_of["c1"]


def test_the_dict_of_a_campaign() -> None:
    assert campaign_stats(t.cast(TaskResult, result_of(device_summary=SUMMARY)), ACCOUNT, "v2", {}) == {
        "c1": {
            "account_name": ACCOUNT,
            "api_version": "v2",
            "campaign_name": "Spring",
            "state": "ended",
            "outcome": "partial",
            "end_date": "2026-03-10",
            "reached": True,
            "timed_out": False,
            "reason": "reached",
            "message": "A sentence.",
            "next_poll_at": None,
            "devices": {"total": 7, **t.cast(Result, SUMMARY["by_state"])},
            "success_percent": 14.28,
            "failure_percent": 42.85,
        }
    }


def test_without_a_report_nothing_is_said_of_devices() -> None:
    stats = told(result_of())
    assert (stats["devices"], stats["success_percent"], stats["failure_percent"]) == (None, None, None)
    assert "device_ids" not in stats


def test_device_ids_only_if_they_are_given() -> None:
    devices: list[Device] = [
        {"device_id": f"d{number}", "state": state, "status": None, "reason": None}
        for number, state in enumerate([*DEVICE_STATES, DEVICE_STATES[0]])
    ]
    # A device without an ID is counted, but not listed.
    devices.append({"device_id": None, "state": "failed", "status": None, "reason": None})
    assert "d0" not in json.dumps(told(result_of(device_summary=SUMMARY), {"c2": devices}))
    ids = told(result_of(device_summary=SUMMARY), {"c1": devices})["device_ids"]
    wanted = {state: [f"d{number}"] for number, state in enumerate(DEVICE_STATES)}
    wanted[DEVICE_STATES[0]].append(f"d{len(DEVICE_STATES)}")
    assert ids == wanted


def test_of_a_campaign_that_was_not_read_only_the_wait_is_told() -> None:
    unread, read = told(result_of("given_up", "not_found", is_read=False)), told(result_of())
    assert set(unread) == set(read)
    assert (unread["account_name"], unread["reached"], unread["reason"]) == (ACCOUNT, False, "not_found")
    assert {unread[name] for name in ("campaign_name", "state", "outcome", "end_date", "devices")} == {None}


@pytest.mark.parametrize(
    ("verdict", "reason", "reached", "timed_out"),
    [
        ("reached", "reached", True, False),
        ("past_target", "timed_out", True, False),
        ("waiting", "timed_out", False, True),
        ("waiting", "interrupted", False, False),
        ("not_reachable", "timed_out", False, False),
        ("too_many_failures", "too_many_failures", False, False),
        ("given_up", "not_found", False, False),
    ],
)
def test_reached_and_timed_out_are_those_of_the_campaign(
    verdict: str, reason: str, reached: bool, timed_out: bool
) -> None:
    stats = told(result_of(verdict, reason))
    assert (stats["reached"], stats["timed_out"], stats["reason"]) == (reached, timed_out, reason)
