# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waits of a fleet over real HTTP: one login for all that share credentials, and to each goal what concerns it."""

from __future__ import annotations

import signal
import threading
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Surroundings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Fleet, fleet_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_verdict import device_in
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd, wait_for
from engine.background import PATIENCE, Lines
from engine.test_device_reports import FAILED
from engine.test_outages import ENDED, RUNNING, logins
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

IDS = [str(uuid.UUID(int=number)) for number in range(101, 111)]
OTHER_CREDENTIALS = {
    "api_key": "other-key-4444-not-a-real-key",
    "api_secret": "other-secret-5555-not-a-real-secret",
    "username": "other-user-6666",
    "password": "other-password-7777-not-a-real-password",
}
# Differences that make a wait of its own and need no other login.
DIFFERENT: list[dict[str, Any]] = [{}, {"timeout": 49}, {"devices": "summary"}, {"state": ["ended", "aborted"]}]
MIB = 2**20


Host = Callable[..., dict[str, Any]]


class Interrupted(BaseException):
    """What comes from outside."""


@pytest.fixture
def host(api_url: str) -> Host:
    """Makes the role's variables of a host with these campaigns."""

    def make(*ids: str, **more: Any) -> dict[str, Any]:
        quick = {"interval": 0.05, "max_interval": 0.1, "timeout": 50, "progress_interval": 0}
        values = {"account_name": ACCOUNT, "api_url": api_url, "campaign_id": list(ids), **quick, **DEMO_CREDENTIALS}
        return {f"campaign_wait_{name}": value for name, value in {**values, **more}.items()}

    return make


def add(control: Control, *ids: str, status: str = ENDED, api_version: str = "v2", **fleet: Any) -> None:
    """Campaigns with this status, and with these devices."""
    for campaign_id in ids:
        control.add_campaign(
            campaign_id, api_version=api_version, body={"status": status}, devices={"count": 2, **fleet}
        )
    control.reset_counters()


def ends_of(fleet: Fleet, lines: Lines | None = None, **options: Any) -> dict[str, GoalEnd]:
    """What came of the goal of each host."""
    surroundings = Surroundings(reporter=lines or Lines(), interruptions=(Interrupted,))
    ends = wait_for(fleet.parties, surroundings, Secrets(), **options)
    assert len(ends) == len(fleet.parties)
    return {
        member.host: its_ends[member.goal]
        for party, its_ends in zip(fleet.parties, ends)
        for member in party.members
        if member.goal is not None
    }


def failed_ids(control: Control, campaign_id: str) -> set[str]:
    """The devices of a campaign that have failed, as the simulator itself says."""
    return {device["id"] for device in control.devices(campaign_id) if device["status"] == FAILED["status"]}


def test_a_thousand_hosts_in_five_campaigns(control: Control, host: Host) -> None:
    hosts, failed = {}, set()
    for number, campaign_id in enumerate(IDS[:5]):
        add(
            control, campaign_id, count=200, first=str(900000000000000 + 1000 * number), groups=[{**FAILED, "count": 6}]
        )
        hosts.update({one["id"]: host(campaign_id, device_id=one["id"]) for one in control.devices(campaign_id)})
        failed |= failed_ids(control, campaign_id)
    ends = ends_of(fleet_of(hosts))
    assert (len(ends), len(failed)) == (1000, 30)
    assert {name for name, end in ends.items() if device_in(end.reports, name)["state"] != "succeeded"} == failed
    assert logins(control) == (1, 1)
    # What ends for good is read twice.
    assert control.counters()["reads_by_campaign"] == dict.fromkeys(IDS[:5], 2)
    assert control.counters()["reports_by_campaign"] == dict.fromkeys(IDS[:5], 1)


def test_several_campaigns_have_one_wait_and_one_login(control: Control, host: Host) -> None:
    add(control, *IDS[:5])
    ends = ends_of(fleet_of({f"h{number}": host(IDS[number % 5]) for number in range(50)}))
    assert all(end.ending.is_reached for end in ends.values())
    assert all(set(end.facts) == {IDS[int(name[1:]) % 5]} for name, end in ends.items())
    assert control.counters()["reads_by_campaign"] == dict.fromkeys(IDS[:5], 2)
    assert control.count("device_report") == 0
    assert logins(control) == (1, 1)


def test_parties_that_share_credentials_share_the_login(control: Control, host: Host) -> None:
    add(control, IDS[0])
    fleet = fleet_of({f"h{number}": host(IDS[0], **more) for number, more in enumerate(DIFFERENT)})
    assert len(fleet.parties) == len(DIFFERENT)
    ends = ends_of(fleet)
    assert [end.ending.reason for end in ends.values()] == ["reached"] * len(DIFFERENT)
    assert logins(control) == (1, 1)


def test_parties_with_their_own_credentials_log_in_each(control: Control, host: Host) -> None:
    control.scenario({"credentials": [DEMO_CREDENTIALS, OTHER_CREDENTIALS]})
    add(control, IDS[0])
    more = [*DIFFERENT, *({**OTHER_CREDENTIALS, **one} for one in DIFFERENT)]
    ends = ends_of(fleet_of({f"h{number}": host(IDS[0], **one) for number, one in enumerate(more)}))
    assert [end.ending.reason for end in ends.values()] == ["reached"] * len(more)
    assert logins(control) == (2, 2)
    assert control.counters()["logins_refused"] == 0


def test_refused_credentials_end_only_the_party_that_has_them(control: Control, host: Host) -> None:
    add(control, *IDS[:2])
    wrong = {"password": "wrong-8888"}
    fleet = fleet_of(
        {"a": host(IDS[0]), "b": host(IDS[0], **wrong), "c": host(IDS[1], **wrong), "d": host(IDS[1], timeout=49)}
    )
    ends = ends_of(fleet)
    assert {name: end.ending.reason for name, end in ends.items()} == {
        "a": "reached",
        "b": "login_refused",
        "c": "login_refused",
        "d": "reached",
    }
    assert control.counters()["logins_refused"] == 1
    assert (ends["b"].facts, ends["b"].reports) == ({}, {})
    assert "wrong-8888" not in str(ends)


def test_the_same_wrong_credentials_of_several_parties_are_tried_once(control: Control, host: Host) -> None:
    add(control, IDS[0])
    wrong = {"password": "wrong-8888"}
    ends = ends_of(fleet_of({f"h{n}": host(IDS[0], **more, **wrong) for n, more in enumerate(DIFFERENT)}))
    assert [end.ending.reason for end in ends.values()] == ["login_refused"] * len(DIFFERENT)
    assert control.counters()["logins_refused"] == 1


def test_a_campaign_that_is_not_there_ends_its_own_goal(control: Control, host: Host) -> None:
    add(control, IDS[0])
    ends = ends_of(fleet_of({"a": host(IDS[0]), "b": host(IDS[9]), "c": host(IDS[0], IDS[9])}))
    assert [end.ending.reason for end in ends.values()] == ["reached", "not_found", "not_found"]
    assert (ends["b"].facts, list(ends["c"].facts)) == ({}, [IDS[0]])
    assert ends["c"].result["campaigns"][0]["state"] == "ended"
    assert ends["b"].result["campaign"] is None


@pytest.fixture
def interrupt_when() -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Raises Interrupted in the main thread once something has happened, as Ansible does after a task's time-out."""
    main = threading.main_thread().ident
    assert main is not None

    def strike(_number: int, _frame: object) -> None:
        raise Interrupted

    def watch(condition: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < give_up_at:
            time.sleep(0.02)
        signal.pthread_kill(main, signal.SIGUSR1)

    threads: list[threading.Thread] = []

    def begin(condition: Callable[[], bool]) -> None:
        threads.append(threading.Thread(target=watch, args=(condition,), daemon=True))
        threads[-1].start()

    before = signal.signal(signal.SIGUSR1, strike)
    try:
        yield begin
        for thread in threads:
            thread.join(PATIENCE)
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("parties", [1, 2, 4])
def test_an_interruption_ends_all_at_once(
    control: Control, host: Host, interrupt_when: Callable[[Callable[[], bool]], None], parties: int
) -> None:
    add(control, IDS[0])
    add(control, IDS[1], status=RUNNING)
    slow = {"interval": 600, "max_interval": 600, "progress_interval": 600}
    hosts = {}
    for number in range(parties):
        hosts[f"over{number}"] = host(IDS[0], **slow, timeout=PATIENCE + number)
        hosts[f"running{number}"] = host(IDS[1], **slow, timeout=PATIENCE + number)
    fleet = fleet_of(hosts)
    assert len(fleet.parties) == parties
    lines = Lines()
    # Each says a line before it goes to sleep.
    interrupt_when(lambda: len(lines.lines) == parties)
    began = time.monotonic()
    ends = ends_of(fleet, lines)
    assert time.monotonic() - began < PATIENCE / 2
    for number in range(parties):
        assert ends[f"over{number}"].ending.reason == "reached"
        running = ends[f"running{number}"]
        assert running.ending.reason == "interrupted"
        # Nothing that was learned is lost.
        assert running.facts[IDS[1]]["state"] == "scheduled"
        assert running.result["polls"] == 1


def test_who_looks_once_does_not_wait(control: Control, host: Host) -> None:
    add(control, IDS[0], status=RUNNING, groups=[{**FAILED, "count": 1, "after": 0}])
    add(control, IDS[1])
    strict = {"max_failure_count": 0, "until_end_plus": 86400, "interval": 600, "max_interval": 600}
    (imei, other) = [device["id"] for device in control.devices(IDS[0])]
    fleet = fleet_of({"a": host(IDS[0], device_id=imei, **strict), "b": host(IDS[1], device_id=other, **strict)})
    control.reset_counters()
    began = time.monotonic()
    ends = ends_of(fleet, looks_once=True)
    assert time.monotonic() - began < PATIENCE / 2
    # The threshold does not count, the report is there.
    assert [end.ending.reason for end in ends.values()] == ["timed_out", "reached"]
    assert device_in(ends["a"].reports, imei)["state"] == "failed"
    assert device_in(ends["b"].reports, other)["state"] == "succeeded"
    assert ends["a"].facts[IDS[0]]["device_summary"]["by_state"]["failed"] == 1
    assert control.counters()["reads_by_campaign"] == {IDS[0]: 1, IDS[1]: 2}
    assert control.counters()["reports_by_campaign"] == {IDS[0]: 1, IDS[1]: 1}


def test_after_the_time_the_reports_are_those_of_now(control: Control, host: Host) -> None:
    add(control, IDS[0], status=RUNNING)
    imei = control.devices(IDS[0])[0]["id"]
    control.set_device(IDS[0], imei, "UpgradeSuccess")
    ends = ends_of(fleet_of({"a": host(IDS[0], device_id=imei, timeout=0)}))
    assert ends["a"].ending.reason == "timed_out"
    assert device_in(ends["a"].reports, imei)["state"] == "succeeded"
    assert control.count("device_report") == 1


@pytest.mark.parametrize("reads_before", [0, 1])
def test_a_report_that_cannot_be_read_after_the_time_upgrades_nobody(
    control: Control, host: Host, reads_before: int
) -> None:
    add(control, IDS[0], status=RUNNING)
    imei = control.devices(IDS[0])[0]["id"]
    control.set_device(IDS[0], imei, "UpgradeSuccess")
    control.fault("html", kind="device_report", skip=reads_before)
    # With a threshold the report is read in the first look as well, and may be old when the time is over.
    strict = {"max_failure_count": 1} if reads_before else {}
    lines = Lines()
    end = ends_of(fleet_of({"a": host(IDS[0], device_id=imei, timeout=0, **strict)}), lines)["a"]
    assert control.count("device_report") == reads_before + 1
    assert end.ending.reason == "timed_out"
    assert end.reports == {}
    assert device_in(end.reports, imei)["state"] == "not_listed"
    (warning,) = lines.warnings
    assert warning.startswith(f"The device report of campaign FOTA_Verizon_Upgrade ({IDS[0]}) could not be read: ")


def test_ten_thousand_devices_are_read_in_one_pass_with_little_memory(control: Control, host: Host) -> None:
    add(control, IDS[0], count=10_000, groups=[{**FAILED, "count": 300}])
    devices = {device["id"]: device["status"] for device in control.devices(IDS[0])}
    hosts = {imei: host(IDS[0], device_id=imei) for imei in list(devices)[::100]}
    fleet = fleet_of(hosts)
    tracemalloc.start()
    try:
        ends = ends_of(fleet)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MIB
    states = {imei: device_in(end.reports, imei)["state"] for imei, end in ends.items()}
    assert states == {imei: "failed" if devices[imei] == FAILED["status"] else "succeeded" for imei in hosts}
    assert control.counters()["reports_by_campaign"] == {IDS[0]: 10}
    assert logins(control) == (1, 1)


@pytest.mark.parametrize("looks_once", [False, True])
def test_a_cursor_that_does_not_move_upgrades_nobody(control: Control, host: Host, looks_once: bool) -> None:
    add(control, IDS[0], count=2500)
    control.fault("cursor_stuck", kind="device_report", skip=1)
    imei = control.devices(IDS[0])[0]["id"]
    fleet = fleet_of({"a": host(IDS[0], device_id=imei, max_consecutive_errors=2)})
    end = ends_of(fleet, looks_once=looks_once)["a"]
    assert not end.ending.is_reached
    assert end.ending.reason == ("timed_out" if looks_once else "too_many_errors")
    assert "its cursor does not move" in end.ending.message
    assert device_in(end.reports, imei)["state"] == "not_listed"
    assert control.count("device_report") < 20


@pytest.mark.parametrize("action", ["truncated", "html"])
def test_a_page_that_is_lost_once_costs_one_more_round(control: Control, host: Host, action: str) -> None:
    add(control, IDS[0], count=3000, groups=[{**FAILED, "count": 30}])
    control.fault(action, kind="device_report", skip=1, times=1)
    devices = [device["id"] for device in control.devices(IDS[0])]
    end = ends_of(fleet_of({"a": host(IDS[0], device_id=devices[0])}))["a"]
    assert end.ending.is_reached
    report = end.reports[IDS[0]]
    assert [device["device_id"] for device in report.devices()] == devices
    assert {device["device_id"] for device in report.devices(["failed"])} == failed_ids(control, IDS[0])
    assert end.result["errors"] == 1
    # One page, the lost one, and all three.
    assert control.count("device_report") == 5


def test_a_device_that_is_listed_twice_counts_once(control: Control, host: Host) -> None:
    add(control, IDS[0], count=2500, groups=[{**FAILED, "count": 25}])
    control.fault("duplicate_device", kind="device_report")
    devices = [device["id"] for device in control.devices(IDS[0])]
    end = ends_of(fleet_of({"a": host(IDS[0], device_id=devices[999])}))["a"]
    assert control.counters()["faults"] == 2
    summary = end.facts[IDS[0]]["device_summary"]
    assert (summary["total"], summary["reported_total"], summary["complete"]) == (2500, 2500, True)
    assert [device["device_id"] for device in end.reports[IDS[0]].devices()] == devices
    assert end.ending.is_reached
