# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process waits for all hosts of a gate, and each host then reads its own result, with the simulator."""

from __future__ import annotations

import pathlib
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._shared_wait import wait_for_all
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS
from task.background import Lines
from task.test_device_reports import FAILED
from task.test_outages import ENDED, RUNNING, logins

IDS = [str(uuid.UUID(int=number)) for number in range(101, 111)]
# Different options that require separate waits, but no additional logins.
DIFFERENT: list[dict[str, Any]] = [{}, {"wait_timeout": 49}, {"wait_state": ["ended", "aborted"]}]

Host = Callable[..., dict[str, Any]]


@pytest.fixture
def host(api_url: str) -> Host:
    """Return a function that returns validated parameters of a host with these campaigns."""

    def make(*ids: str, **more: Any) -> dict[str, Any]:
        quick = {"wait_interval": 0.05, "wait_max_interval": 0.1, "wait_timeout": 50, "wait": True}
        values = {"account_name": ACCOUNT, "api_url": api_url, "campaign_id": list(ids), **quick, **DEMO_CREDENTIALS}
        checked = ArgumentSpecValidator(argument_spec()).validate({**values, **more})
        assert not checked.error_messages, checked.error_messages
        parameters: dict[str, Any] = checked.validated_parameters
        return parameters

    return make


class Gate:
    """The processes of a run at a gate."""

    def __init__(self, folder: pathlib.Path) -> None:
        def polls(task_settings: TaskSettings) -> RunPolls:
            return RunPolls(folder, task_settings)

        self.lines = Lines()
        self.runtime = Runtime(reporter=self.lines, logins=RunLogins(folder), polls=polls, started=time.monotonic())

    def results(self, hosts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Wait once for all hosts, and then for each host, and return the results."""
        wait_for_all(hosts.values(), self.runtime, Secrets())
        return {name: self.result(params) for name, params in hosts.items()}

    def result(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the result of one host."""
        try:
            return {**run(params, self.runtime, Secrets())}
        except ThingSpaceError as error:
            return {"failed": True, "reason": error.reason, **error.facts}


@pytest.fixture
def gate(tmp_path: pathlib.Path) -> Gate:
    return Gate(tmp_path)


def add(control: Control, *ids: str, status: str = ENDED, **fleet: Any) -> None:
    """Add campaigns with this status and these devices."""
    for campaign_id in ids:
        control.add_campaign(campaign_id, api_version="v2", body={"status": status}, devices={"count": 2, **fleet})
    control.reset_counters()


def test_hosts_in_five_campaigns(control: Control, host: Host, gate: Gate) -> None:
    hosts, failed = {}, set()
    for number, campaign_id in enumerate(IDS[:5]):
        first = str(900000000000000 + 1000 * number)
        add(control, campaign_id, count=20, first=first, groups=[{**FAILED, "count": 3}])
        for device in control.devices(campaign_id):
            hosts[device["id"]] = host(campaign_id, device_id=device["id"])
            failed |= {device["id"]} if device["status"] == FAILED["status"] else set()
    results = gate.results(hosts)
    assert (len(results), len(failed)) == (100, 15)
    assert {name for name, result in results.items() if result["reason"] == "device_not_upgraded"} == failed
    assert {result["reason"] for result in results.values()} == {"reached", "device_not_upgraded"}
    assert logins(control) == (1, 1)
    # A terminal state is read twice, to confirm it.
    assert control.counters()["reads_by_campaign"] == dict.fromkeys(IDS[:5], 2)
    assert control.counters()["reports_by_campaign"] == dict.fromkeys(IDS[:5], 1)


def test_hosts_of_other_options_share_the_login_and_the_polls(control: Control, host: Host, gate: Gate) -> None:
    add(control, IDS[0])
    results = gate.results({f"h{number}": host(IDS[0], **more) for number, more in enumerate(DIFFERENT)})
    assert [result["reason"] for result in results.values()] == ["reached"] * len(DIFFERENT)
    assert logins(control) == (1, 1)
    assert control.counters()["reads_by_campaign"] == {IDS[0]: 2}


def test_what_is_reported_for_all_hosts_is_masked(control: Control, host: Host, gate: Gate) -> None:
    password = str(DEMO_CREDENTIALS["password"])
    looks = [{"after_looks": 1, "status": RUNNING}, {"after_looks": 3, "status": ENDED}]
    control.add_campaign(IDS[0], api_version="v2", timeline=looks, body={"campaignName": f"of {password}"})
    wait_for_all([host(IDS[0])], gate.runtime, Secrets())
    assert any("********" in line for line in gate.lines.lines)
    assert [line for line in gate.lines.lines if password in line] == []


def test_refused_credentials_end_only_the_hosts_that_have_them(control: Control, host: Host, gate: Gate) -> None:
    add(control, *IDS[:2])
    wrong = {"username": "another-user", "password": "wrong-8888"}
    hosts = {"a": host(IDS[0]), "b": host(IDS[0], **wrong), "c": host(IDS[1], **wrong, wait_timeout=49)}
    reasons = {name: result["reason"] for name, result in gate.results(hosts).items()}
    assert reasons == {"a": "reached", "b": "login_refused", "c": "login_refused"}
    assert control.counters()["logins_refused"] == 1


def test_a_host_whose_options_cannot_be_used_does_not_stop_the_others(
    control: Control, host: Host, gate: Gate, tmp_path: pathlib.Path
) -> None:
    add(control, IDS[0])
    hosts = {"a": host(IDS[0], ca_path=str(tmp_path / "no-such-file")), "b": host(IDS[0])}
    wait_for_all(hosts.values(), gate.runtime, Secrets())
    assert control.counters()["reads_by_campaign"] == {IDS[0]: 2}
    assert gate.result(hosts["a"])["reason"] == "invalid_option"
    assert gate.result(hosts["b"])["reason"] == "reached"


def test_a_campaign_that_is_not_there_is_requested_once(control: Control, host: Host, gate: Gate) -> None:
    add(control, IDS[0])
    hosts = {"a": host(IDS[0]), "b": host(IDS[9]), "c": host(IDS[0], IDS[9]), "d": host(IDS[9], wait_match="any")}
    results = gate.results(hosts)
    assert [result["reason"] for result in results.values()] == ["reached", "not_found", "not_found", "not_found"]
    assert (results["b"]["campaign"], results["b"]["campaigns"]) == (None, [])
    assert control.count("campaign_read") == 3


def test_after_the_time_a_device_is_judged_by_what_is_known_then(control: Control, host: Host, gate: Gate) -> None:
    add(control, IDS[0], status=RUNNING)
    (first, second) = [device["id"] for device in control.devices(IDS[0])]
    control.set_device(IDS[0], first, "UpgradeSuccess")
    late = {"wait_timeout": 0, "wait_on_timeout": "return"}
    hosts = {"a": host(IDS[0], device_id=first, **late), "b": host(IDS[0], device_id=second, **late)}
    results = gate.results(hosts)
    assert [result["reason"] for result in results.values()] == ["timed_out", "device_not_upgraded"]
    assert control.count("device_report") == 1
    assert control.count("campaign_read") == 1


def test_a_report_that_cannot_be_read_upgrades_nobody(control: Control, host: Host, gate: Gate) -> None:
    add(control, IDS[0], status=RUNNING)
    imei = control.devices(IDS[0])[0]["id"]
    control.set_device(IDS[0], imei, "UpgradeSuccess")
    control.fault("html", kind="device_report")
    result = gate.results({"a": host(IDS[0], device_id=imei, wait_timeout=0, wait_on_timeout="return")})["a"]
    assert (result["reason"], result["device"]["state"]) == ("device_not_upgraded", "not_listed")
    assert gate.lines.warnings[0].startswith(f"The device report of campaign FOTA_Verizon_Upgrade ({IDS[0]}) could not")
