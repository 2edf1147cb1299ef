# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits with thresholds: how soon they fail, and that there is no false success at the end."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.control import Control
from task.background import Background
from task.test_device_reports import ID, OVER, VERSIONS, add_fleet, by_state
from task.test_outages import ENDED, RUNNING, logins

RUNS = {"v1": "InProgress", "v2": RUNNING, "v3": RUNNING}
DEMANDS: list[dict[str, Any]] = [
    {"min_success_percent": 96},
    {"max_failure_percent": 4},
    {"max_failure_count": 4},
]


# tests/unit/plugins/module_utils/_wait/test_thresholds.py tests when each threshold is met.
EACH_ONCE = pytest.mark.parametrize(("api_version", "demand"), list(zip(VERSIONS, DEMANDS)), ids=str)


@EACH_ONCE
def test_it_fails_in_the_first_poll_that_has_the_report(
    background: Background, control: Control, api_version: str, demand: dict[str, Any]
) -> None:
    # From the second poll on, 5 of 100 devices have failed. The report is read in the first poll, the fourth ...
    add_fleet(control, 100, RUNS[api_version], failed=5, api_version=api_version, after_looks=2)
    result = background.start(ID, api_version=api_version, report_every=3, **demand).result()
    assert (result["failed"], result["reason"]) == (True, "too_many_failures")
    assert result["msg"].startswith("Too few devices were upgraded: in campaign ")
    assert f"({next(iter(demand))} is {next(iter(demand.values()))})" in result["msg"]
    assert result["polls"] == 4
    assert (result["reached"], result["campaign"]["outcome"]) == (False, "pending")
    assert [part["verdict"] for part in result["waits"]] == ["too_many_failures"]
    assert by_state(result) == {"failed": 5, "pending": 95}
    assert control.count("device_report") == (0 if api_version == "v1" else 2)
    assert logins(control) == (1, 1)


@EACH_ONCE
@pytest.mark.parametrize("failed", [4, 5])
def test_at_the_end_the_demand_is_met_or_not(
    background: Background, control: Control, api_version: str, demand: dict[str, Any], failed: int
) -> None:
    add_fleet(control, 100, RUNS[api_version], failed=failed, api_version=api_version)
    run = background.start(ID, api_version=api_version, report_every=2, **demand)
    run.until_read(4)
    control.set_status(ID, OVER[api_version])
    result = run.result()
    assert result["reached"] is (failed == 4)
    assert result["reason"] == ("reached" if failed == 4 else "too_many_failures")
    assert result.get("failed", False) is (failed == 5)
    assert result["campaign"]["outcome"] == "partial"
    assert by_state(result) == {"succeeded": 100 - failed, "failed": failed}
    assert logins(control) == (1, 1)


def test_a_small_sample_does_not_end_a_wait_early(background: Background, control: Control) -> None:
    add_fleet(control, 100, RUNNING, failed=9, after=0)
    run = background.start(ID, max_failure_percent=4, min_devices=10, report_every=1)
    run.until_read(5)
    control.set_status(ID, ENDED)
    result = run.result()
    assert result["reason"] == "too_many_failures"
    assert [row["state"] for row in result["history"]] == ["scheduled", "ended"]


@pytest.mark.parametrize("demand", DEMANDS, ids=str)
def test_an_empty_report_at_the_end_is_no_success(
    background: Background, control: Control, demand: dict[str, Any]
) -> None:
    add_fleet(control, 0)
    result = background.start(ID, **demand).result()
    assert (result["failed"], result["reason"]) == (True, "too_many_failures")
    assert "the device report lists no device" in result["msg"]
    assert result["campaign"]["outcome"] == "unverified"


@pytest.mark.parametrize(("fault", "demand"), list(zip(["reset", "html", "cursor_stuck"], DEMANDS)), ids=str)
def test_a_report_that_cannot_be_read_at_the_end_is_no_success(
    background: Background, control: Control, fault: str, demand: dict[str, Any]
) -> None:
    add_fleet(control, 10)
    control.fault(fault, kind="device_report")
    result = background.start(ID, wait_timeout=1, **demand).result()
    assert (result["failed"], result["reached"]) == (True, False)
    assert (result["campaign"]["state"], result["campaign"]["outcome"]) == ("ended", "unverified")
    assert result["errors"] > 0
    assert logins(control) == (1, 1)


def test_a_report_that_stays_unreadable_uses_up_the_budget(background: Background, control: Control) -> None:
    add_fleet(control, 10)
    control.fault("reset", kind="device_report")
    result = background.start(ID, min_success_percent=50, max_consecutive_errors=3, wait_timeout=5).result()
    assert (result["failed"], result["reason"]) == (True, "too_many_errors")


def test_a_report_that_was_good_before_the_end_is_no_success_at_the_end(
    background: Background, control: Control
) -> None:
    add_fleet(control, 10, RUNNING)
    for device in control.devices(ID):
        control.set_device(ID, device["id"], "UpgradeSuccess")
    run = background.start(ID, min_success_percent=50, report_every=1, wait_timeout=4)
    run.until_read(2, "device_report")
    control.fault("reset", kind="device_report")
    control.set_status(ID, ENDED)
    result = run.result()
    assert (result["failed"], result["reached"]) == (True, False)
    assert result["campaign"]["state"] == "ended"


def test_a_growing_fleet_is_warned_of_once(background: Background, control: Control) -> None:
    control.add_campaign(
        ID, api_version="v3", body={"status": RUNNING, "autoAddDevicesFlag": True}, devices={"count": 10}
    )
    run = background.start(ID, api_version="v3", min_success_percent=50, report_every=1)
    run.until_read(4)
    control.set_status(ID, ENDED)
    assert run.result()["reached"] is True
    (warning,) = run.reporter.warnings
    assert "autoAddDevicesFlag" in warning
