# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small dict of each campaign for workflows: what is in it, and that no device ID is unless asked for."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_stats import campaign_stats
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd
from ansible_collections.fleetops.thingspace.tests.unit.goal_ends import ACCOUNT, STATUS, Campaign, goal_end

IMEIS: t.Final = [f"99000342573053{number}" for number in range(6)]
MIXED: t.Final = dict(zip([*IMEIS, None], [*STATUS, "failed"]))


def told(end: GoalEnd, with_devices: bool) -> list[dict[str, t.Any]]:
    """The dicts, in the order of the campaigns."""
    return list(campaign_stats(end, with_devices).values())


def test_the_dict_of_a_campaign() -> None:
    assert campaign_stats(goal_end({"c1": Campaign(MIXED)}), False) == {
        "c1": {
            "account_name": ACCOUNT,
            "api_version": "v2",
            "campaign_name": "Spring",
            "state": "ended",
            # One of the devices has no ID.
            "outcome": "unverified",
            "end_date": "2026-03-10",
            "reached": True,
            "timed_out": False,
            "reason": "reached",
            "message": "A sentence.",
            "next_poll_at": None,
            "devices": {
                "total": 7,
                "succeeded": 1,
                "pending": 1,
                "cancelled": 1,
                "rejected": 1,
                "failed": 2,
                "unknown": 1,
            },
            "success_percent": 14.28,
            "failure_percent": 42.85,
        }
    }


def test_without_a_report_nothing_is_said_of_devices() -> None:
    for with_devices in (False, True):
        (stats,) = told(goal_end({"c1": Campaign()}), with_devices)
        assert (stats["devices"], stats["success_percent"], stats["failure_percent"]) == (None, None, None)
        assert stats["outcome"] == "unverified"
        assert "device_ids" not in stats


def test_device_ids_only_if_they_are_asked_for() -> None:
    end = goal_end({"c1": Campaign(MIXED)})
    without = json.dumps(campaign_stats(end, False))
    assert not [imei for imei in IMEIS if imei in without]
    ids = campaign_stats(end, True)["c1"]["device_ids"]
    # One that has no ID is counted, and not named.
    assert ids == {state: [imei] for state, imei in zip(STATUS, IMEIS)}


def test_of_a_campaign_that_was_not_read_only_the_wait_is_told() -> None:
    end = goal_end({"c1": Campaign(is_read=False, verdict="given_up"), "c2": Campaign(verdict="waiting")}, "not_found")
    unread, read = told(end, True)
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
    (stats,) = told(goal_end({"c1": Campaign(verdict=verdict)}, reason), False)
    assert (stats["reached"], stats["timed_out"], stats["reason"]) == (reached, timed_out, reason)


@pytest.mark.parametrize("api_version", ["v1", "v2", "v3"])
def test_the_same_keys_in_each_version(api_version: str) -> None:
    (stats,) = told(goal_end({"c1": Campaign(MIXED, api_version=api_version)}), False)
    (usual,) = told(goal_end({"c1": Campaign()}), False)
    assert set(stats) == set(usual)
    assert stats["campaign_name"] == (None if api_version == "v1" else "Spring")
