# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device reports over real HTTP: each page is read once, with all faults, versions and levels of detail."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._http import client as _client
from simulator.control import Control
from task.background import Background
from task.test_outages import ENDED, RUNNING, logins

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
VERSIONS = ["v1", "v2", "v3"]
FAILED = {"status": "UpgradeFailed", "reason": "RovaClientDownloadFailed"}
READ: dict[str, Any] = {"wait": False}
OVER = {"v1": "Finished", "v2": ENDED, "v3": ENDED}


def add_fleet(
    control: Control, count: int, status: str = ENDED, failed: int = 0, api_version: str = "v2", **group: Any
) -> None:
    """Add a campaign. When it ends, ``failed`` of its devices have failed, and all others are upgraded."""
    groups = [{**FAILED, "count": failed, **group}]
    devices = {"count": count, "groups": groups}
    control.add_campaign(ID, api_version=api_version, body={"status": status}, devices=devices)
    control.reset_counters()


def by_state(result: dict[str, Any]) -> dict[str, int]:
    """Return the counts of the states that have devices."""
    summary = result["campaign"]["device_summary"]
    return {state: count for state, count in summary["by_state"].items() if count}


def failed_ids(control: Control) -> list[str]:
    """Return the failed devices, from the simulator."""
    return [device["id"] for device in control.devices(ID) if device["status"] == FAILED["status"]]


@pytest.mark.parametrize("switches", [{}, {"total_device_as_string": True, "last_seen_device_id_as_int": True}])
@pytest.mark.parametrize("last_page_cursor", ["absent", "last", "zero"])
def test_ten_thousand_devices_are_read_in_one_pass(
    background: Background, control: Control, last_page_cursor: str, switches: dict[str, bool]
) -> None:
    control.behaviour(last_page_cursor=last_page_cursor, **switches)
    add_fleet(control, 10_000, failed=300)
    result = background.start(ID, devices="failed", **READ).result()
    campaign = result["campaign"]
    assert campaign["outcome"] == "partial"
    assert by_state(result) == {"succeeded": 9700, "failed": 300}
    assert campaign["device_summary"]["complete"] is True
    assert campaign["device_summary"]["reported_total"] == 10_000
    assert campaign["device_summary"]["success_percent"] == 97.0
    assert [device["device_id"] for device in campaign["devices"]] == failed_ids(control)
    counters = control.counters()
    assert counters["reports_by_campaign"] == {ID: 10}
    assert counters["reads_by_campaign"] == {ID: 1}
    assert logins(control) == (1, 1)


@pytest.mark.parametrize("skip", [0, 1])
def test_a_cursor_that_does_not_move(background: Background, control: Control, skip: int) -> None:
    add_fleet(control, 2500)
    control.fault("cursor_stuck", kind="device_report", skip=skip)
    result = background.start(ID, devices="summary", **READ).result()
    assert (result["failed"], result["reason"]) == (True, "bad_answer")
    assert "its pagination cursor does not advance" in result["msg"]
    # The campaign itself was read, but there are no facts about its devices.
    assert (result["campaign"]["state"], result["campaign"]["outcome"]) == ("ended", "unverified")
    assert result["campaign"]["device_summary"] is None
    assert control.count("device_report") <= 9


def test_a_cursor_that_goes_round_in_a_circle(background: Background, control: Control) -> None:
    add_fleet(control, 5000)
    # From the third page on, the cursor always leads back to the second page.
    back = control.devices(ID)[999]["id"]
    control.fault("extra_fields", kind="device_report", skip=2, fields={"hasMoreData": True, "lastSeenDeviceId": back})
    result = background.start(ID, devices="summary", **READ).result()
    assert (result["failed"], result["reason"]) == (True, "bad_answer")
    assert "its pagination cursor does not advance" in result["msg"]
    assert result["campaign"]["device_summary"] is None
    assert control.count("device_report") <= 9


@pytest.mark.parametrize("words", [("UpgradeFailed", "UpgradeSuccess"), ("UpgradeSuccess", "UpgradeFailed")])
def test_a_device_that_is_listed_twice_in_contradiction_was_not_upgraded(
    background: Background, control: Control, words: tuple[str, str]
) -> None:
    add_fleet(control, 10)
    listed = [{"deviceId": "990003425730535", "status": word} for word in words]
    control.fault("extra_fields", kind="device_report", fields={"deviceList": listed, "totalDevice": 2})
    result = background.start(ID, devices="all", **READ).result()
    assert by_state(result) == {"failed": 1}
    # According to the total, one of two devices is missing.
    assert result["campaign"]["device_summary"]["complete"] is False
    assert result["campaign"]["outcome"] != "succeeded"


def test_a_report_without_an_end(background: Background, control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "_MAX_PAGES", 40)
    add_fleet(control, 3)
    control.fault("endless_report")
    result = background.start(ID, devices="summary", **READ).result()
    assert (result["failed"], result["reason"]) == (True, "bad_answer")
    assert "more than 40 pages" in result["msg"]
    assert control.count("device_report") == 40
    assert result["campaign"]["device_summary"] is None


def test_a_report_that_takes_too_long_in_all(background: Background, control: Control) -> None:
    add_fleet(control, 3)
    control.fault("endless_report")
    result = background.start(ID, devices="summary", **{**READ, "request_timeout": 0.03}).result()
    assert (result["failed"], result["reason"]) == (True, "connection_failed")
    assert "request_timeout" in result["msg"]


def test_a_device_twice_over_the_border_of_pages(background: Background, control: Control) -> None:
    add_fleet(control, 2500, failed=25)
    control.fault("duplicate_device", kind="device_report")
    result = background.start(ID, devices="all", **READ).result()
    assert control.counters()["faults"] == 2
    assert by_state(result) == {"succeeded": 2475, "failed": 25}
    names = [device["device_id"] for device in result["campaign"]["devices"]]
    assert names == [device["id"] for device in control.devices(ID)]


@pytest.mark.parametrize("action", ["reset", "truncated", "html"])
def test_a_page_that_is_lost_once(background: Background, control: Control, action: str) -> None:
    add_fleet(control, 3000, failed=30)
    control.fault(action, kind="device_report", skip=1, times=1)
    result = background.start(ID, devices="failed", **READ).result()
    assert by_state(result) == {"succeeded": 2970, "failed": 30}
    assert [device["device_id"] for device in result["campaign"]["devices"]] == failed_ids(control)
    assert control.count("device_report") == 4


def test_a_page_that_is_lost_once_in_a_wait(background: Background, control: Control) -> None:
    add_fleet(control, 3000, failed=30)
    control.fault("truncated", kind="device_report", skip=1, times=1)
    result = background.start(ID, devices="summary", min_success_percent=99).result()
    assert result["reached"] is True
    assert result["errors"] == 1
    assert by_state(result) == {"succeeded": 2970, "failed": 30}
    assert logins(control) == (1, 1)


@pytest.mark.parametrize("api_version", VERSIONS)
@pytest.mark.parametrize("devices", ["none", "summary", "failed", "all"])
@pytest.mark.parametrize("wait", [False, True])
def test_each_version_to_each_depth(
    background: Background, control: Control, api_version: str, devices: str, wait: bool
) -> None:
    add_fleet(control, 40, OVER[api_version], failed=3, api_version=api_version)
    result = background.start(ID, api_version=api_version, devices=devices, wait=wait).result()
    campaign = result["campaign"]
    assert campaign["outcome"] == ("unverified" if devices == "none" else "partial")
    if devices == "none":
        assert (campaign["device_summary"], campaign["devices"]) == (None, None)
    else:
        assert by_state(result) == {"succeeded": 37, "failed": 3}
        assert campaign["device_summary"]["top_reasons"][0]["reason"] == FAILED["reason"]
    expected = {"failed": failed_ids(control), "all": [device["id"] for device in control.devices(ID)]}.get(devices)
    listed = campaign["devices"]
    assert (None if listed is None else [device["device_id"] for device in listed]) == expected
    counters = control.counters()
    assert counters["by_kind"]["device_report"] == int(devices != "none" and api_version != "v1")
    assert counters["reads_by_campaign"] == {ID: 2 if wait else 1}
    assert logins(control) == (1, 1)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_wait_that_runs_out_of_time_still_has_the_report(
    background: Background, control: Control, api_version: str
) -> None:
    running = {"v1": "InProgress"}.get(api_version, RUNNING)
    add_fleet(control, 20, running, failed=4, api_version=api_version, after=0)
    options = {"wait_timeout": 0, "wait_on_timeout": "return"}
    result = background.start(ID, api_version=api_version, devices="failed", **options).result()
    assert (result["timed_out"], result["campaign"]["outcome"]) == (True, "pending")
    assert by_state(result) == {"failed": 4, "pending": 16}
    assert len(result["campaign"]["devices"]) == 4
    assert control.count("device_report") == int(api_version != "v1")


def test_after_the_time_a_report_that_cannot_be_read_is_warned_of(background: Background, control: Control) -> None:
    add_fleet(control, 20, RUNNING)
    control.fault("status", kind="device_report", status=503)
    run = background.start(ID, devices="summary", wait_timeout=0, wait_on_timeout="return")
    result = run.result()
    assert (result["timed_out"], result["campaign"]["device_summary"]) == (True, None)
    (warning,) = run.reporter.warnings
    assert f"The device report of campaign FOTA_Verizon_Upgrade ({ID}) could not be read" in warning
