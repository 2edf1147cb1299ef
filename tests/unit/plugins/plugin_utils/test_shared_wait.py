# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts are grouped into shared waits, and one process waits for them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _campaign_info
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._shared_wait import shared_waits_of, wait_for_all
from ansible_collections.fleetops.thingspace.tests.unit.run_world import params_of
from ansible_collections.fleetops.thingspace.tests.unit.scripted_service import Answer, ScriptedService, answer
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock, Interrupted

IMEI: t.Final = "990003425730535"
# Options that hosts of a shared wait must have in common.
OTHERS: t.Final[dict[str, t.Any]] = {
    "account_name": "0642233522-00001",
    "api_version": "v3",
    "api_key": "another-key",
    "api_secret": "another-secret",
    "username": "another-user",
    "password": "another-password",
    "access_token": "another-token",
    "session_token": "another-token",
    "api_url": "https://another.host/api",
    "request_timeout": 7.0,
    "validate_certs": False,
    "ca_path": "/another/file",
    "max_concurrency": 2,
    "wait_state": ["aborted"],
    "wait_timeout": 77.0,
    "wait_until_end_plus": 77.0,
    "wait_interval": 77.0,
    "wait_max_interval": 7777.0,
    "wait_unknown_state": "fail",
    "wait_not_found": 77.0,
    "wait_first_answer": 66.0,
    "log_in": False,
    "max_consecutive_errors": 7,
    "max_error_seconds": 77.0,
    "progress_interval": 77.0,
    "min_success_percent": 77.0,
    "max_failure_percent": 7.0,
    "max_failure_count": 7,
    "min_devices": 7,
    "report_every": 7,
}
OWN: t.Final[dict[str, t.Any]] = {
    "campaign_id": ["c1", "c2"],
    "wait_match": "1",
    "device_id": IMEI,
    "devices": "all",
    "wait_on_timeout": "return",
}


def test_every_option_is_tried_here() -> None:
    assert {*OTHERS, *OWN, "wait"} == {option.name for option in CAMPAIGN_INFO_OPTIONS}


def test_hosts_of_one_account_are_one_party_with_a_goal_for_each_set_of_campaigns() -> None:
    (shared_wait,) = shared_waits_of([params_of("c1"), params_of("c2"), params_of("c1"), params_of("c2", "c3")])
    assert list(shared_wait.targets) == [Target(("c1",), 1), Target(("c2",), 1), Target(("c2", "c3"), 2)]
    task_settings = shared_wait.task_settings(str)
    assert task_settings.campaigns.ids == ("c1", "c2", "c3")
    assert task_settings.campaigns.device_id is None
    assert task_settings.wait_settings is not None and task_settings.wait_settings.needed == 3
    assert not shared_wait.needs_reports


@pytest.mark.parametrize("name", OTHERS)
def test_hosts_that_want_another_wait_are_another_party(name: str) -> None:
    shared_waits = shared_waits_of([params_of("c1"), params_of("c2", **{name: OTHERS[name]}), params_of("c3")])
    assert [list(shared_wait.targets) for shared_wait in shared_waits] == [
        [Target(("c1",), 1), Target(("c3",), 1)],
        [Target(("c2",), 1)],
    ]
    assert shared_waits[1].params[name] == OTHERS[name]


@pytest.mark.parametrize("name", OWN)
def test_what_is_each_hosts_own_business_makes_no_other_wait(name: str) -> None:
    (shared_wait,) = shared_waits_of([params_of("c1"), {**params_of("c1"), name: OWN[name]}, params_of("c1")])
    shared_wait.task_settings(str)
    assert shared_wait.needs_reports is (name in ("device_id", "devices"))


def test_what_the_first_host_wants_for_itself_is_not_what_all_want() -> None:
    first = params_of("c1", "c2", wait_match="any", device_id=IMEI, devices="all")
    (shared_wait,) = shared_waits_of([first, params_of("c3"), dict(reversed(params_of("c4").items()))])
    task_settings = shared_wait.task_settings(str)
    assert (task_settings.campaigns.device_id, task_settings.campaigns.devices) == (None, "none")
    assert task_settings.campaigns.ids == ("c1", "c2", "c3", "c4")
    assert task_settings.wait_settings is not None and task_settings.wait_settings.needed == 4


@pytest.mark.parametrize(("match", "needed"), [("all", 3), ("any", 1), ("ANY", 1), ("2", 2)])
def test_lists_of_campaigns_with_a_match(match: str, needed: int) -> None:
    (shared_wait,) = shared_waits_of([params_of("c1", "c2", "c3", wait_match=match)])
    assert list(shared_wait.targets) == [Target(("c1", "c2", "c3"), needed)]


def test_the_same_campaigns_with_another_match_are_another_goal() -> None:
    (shared_wait,) = shared_waits_of([params_of("c1", "c2"), params_of("c1", "c2", wait_match="any")])
    assert list(shared_wait.targets) == [Target(("c1", "c2"), 2), Target(("c1", "c2"), 1)]


def test_a_campaign_that_is_named_twice_counts_once() -> None:
    (shared_wait,) = shared_waits_of([params_of("c1", "c1", "c2")])
    assert list(shared_wait.targets) == [Target(("c1", "c2"), 2)]


def test_a_thousand_hosts_in_ten_campaigns() -> None:
    imeis = [f"{int(IMEI) + number}" for number in range(1000)]
    (shared_wait,) = shared_waits_of([params_of(f"c{imei[-1]}", device_id=imei) for imei in imeis])
    assert len(shared_wait.targets) == 10
    assert shared_wait.needs_reports


def test_nobody_waits_for_nothing() -> None:
    assert shared_waits_of([]) == []


@pytest.mark.parametrize("third", [Interrupted(), None], ids=str)
def test_an_interruption_during_the_device_reports_ends_all_waits(
    monkeypatch: pytest.MonkeyPatch, third: Interrupted | None
) -> None:
    """Ansible interrupts a task only once: nothing would limit the time of further requests."""
    parties = [
        params_of(name, account_name=account, wait_state=["scheduled"], devices="summary")
        for name, account in (("c1", "0402196254-00001"), ("c2", "0642233522-00001"))
    ]
    reads: list[Answer] = [
        answer(200, {"id": each["campaign_id"][0], "accountName": each["account_name"], "status": "CampaignScheduled"})
        for each in parties
    ]
    reports = [answer(200, {"deviceList": [], "totalDevice": 0, "hasMoreData": False})] * 2
    service = ScriptedService(read=[*reads, *([] if third is None else [third]), *reports])
    monkeypatch.setattr(_campaign_info, "Transport", lambda _connection, _pool_size: service)
    wait_for_all(parties, Runtime(clock=FakeClock(), interruptions=(Interrupted,)), Secrets())
    assert service.kinds.count("read") == (4 if third is None else 3)
