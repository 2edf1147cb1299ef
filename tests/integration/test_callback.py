# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules callback and callback_info in real playbooks: idempotent, in check mode, with diff, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from integration.cases import case, run_cases
from integration.playbooks import Playbooks
from integration.tasks import (
    BY_VARIABLES,
    CREDENTIALS,
    GROUP,
    Task,
    defaults,
    local_hosts,
    play,
    remote_hosts,
)
from simulator.control import Control
from simulator.stock import ACCOUNT
from tools.environments import RUNS_ALL

CALLBACK, CALLBACK_INFO = "fleetops.thingspace.callback", "fleetops.thingspace.callback_info"
SECRETS = {
    "path_one": "first-path-secret-7aR9",
    "path_two": "other-path-secret-k2Lq",
    "body_user": "callback-user-4711",
    "body_word": "callback-word 'w\u00f6rd' 0815",
}
HOST = "https://listener.example:9001"
URLS = {"url_one": f"{HOST}/{SECRETS['path_one']}", "url_two": f"{HOST}/fota?key={SECRETS['path_two']}"}
MASKED = f"{HOST}/********"
# The values come from a file, because Ansible could show a secret in the playbook itself.
ONE, TWO = "{{ url_one }}", "{{ url_two }}"
V1 = {"api_version": "v1", "callback_username": "{{ body_user }}", "callback_password": "{{ body_word }}"}


def callback(name: str, options: Mapping[str, Any], **keywords: Any) -> Task:
    """Return a task for the account of its host."""
    return {"name": name, CALLBACK: {"account_name": "{{ account }}", **options}, **keywords}


def callback_info(name: str, options: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    return {"name": name, CALLBACK_INFO: {"account_name": "{{ account }}", **(options or {})}, **keywords}


def with_accounts(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the hosts, each with its own account."""
    return {name: {**each, "account": f"1234567890-{number:05d}"} for number, (name, each) in enumerate(hosts.items())}


@pytest.fixture
def listening(playbooks: Playbooks) -> Playbooks:
    """Playbooks that also search for the secrets of callbacks."""
    playbooks.know_secrets({**SECRETS, **URLS})
    return playbooks


def variables() -> dict[str, str]:
    return {**CREDENTIALS, **SECRETS, **URLS}


VERSIONS = ("v1", "v2", "v3")
# On other hosts, each of these tasks costs half a second of CPU time. The module has the same code for the bodies as
# the action plugin, so only the weekly run plays each version there.
ELSEWHERE = {"there": VERSIONS if RUNS_ALL else ("v2",), "old": VERSIONS if RUNS_ALL else ("v1",)}


def from_none_to_none(api_version: str) -> list[Task]:
    """Return tasks that register an address, change it, and remove it, each of them repeated or in check mode."""
    more = V1 if api_version == "v1" else {"api_version": api_version}
    version = {"api_version": api_version}
    return [
        callback_info("none", version),
        callback("tried", {**more, "url": ONE}, check_mode=True, diff=True),
        callback_info("still none", version),
        callback("made", {**more, "url": ONE}, diff=True),
        callback("made again", {**more, "url": ONE}, diff=True),
        callback("changed", {**more, "url": TWO}, diff=True),
        callback_info("shown", version),
        callback("removal tried", {**version, "state": "absent"}, check_mode=True),
        callback("removed", {**version, "state": "absent"}, diff=True),
        callback("removed again", {**version, "state": "absent"}),
        callback_info("gone"),
    ]


def test_an_address_comes_changes_and_goes(
    listening: Playbooks, control: Control, api_url: str, target_python: str
) -> None:
    here = local_hosts([f"here-{version}" for version in VERSIONS])
    there = remote_hosts([f"there-{version}" for version in ELSEWHERE["there"]])
    old = remote_hosts([f"old-{version}" for version in ELSEWHERE["old"]], target_python)
    hosts = with_accounts({**here, **there, **old})
    control.scenario({"accounts": [each["account"] for each in hosts.values()]})
    plays = [play(from_none_to_none(each), hosts=f"*-{each}", defaults=defaults(api_url)) for each in VERSIONS]
    run = listening.run(plays, hosts=hosts, variables=variables())

    assert run.code == 0, run.output
    sent = [(entry["method"], entry["status"]) for entry in control.counters()["log"] if entry["kind"] == "callback"]
    for host in hosts:
        api_version = host.partition("-")[2]
        assert run.result("none", host)["callbacks"] == [facts(hosts[host]["account"], api_version, None)]
        assert run.result("still none", host)["callbacks"] == run.result("none", host)["callbacks"]
        has_changed = {task: run.result(task, host)["changed"] for task in ("tried", "made", "made again", "changed")}
        assert has_changed == {"tried": True, "made": True, "made again": False, "changed": True}
        registered = facts(hosts[host]["account"], api_version, MASKED)
        for task in ("tried", "made", "made again", "changed", "removal tried"):
            shown = run.result(task, host)["callback"]
            assert shown == (
                registered if task != "removal tried" else facts(hosts[host]["account"], api_version, None)
            )
        assert run.result("shown", host)["callbacks"] == [registered]
        assert run.result("made", host)["differences"] == (["url", "credentials"] if api_version == "v1" else ["url"])
        assert run.result("made", host)["diff"]["before"] == {"url": "none", "credentials": "none"}
        assert run.result("made again", host)["diff"]["before"] == run.result("made again", host)["diff"]["after"]
        assert run.result("changed", host)["differences"] == ["url"]
        changed = run.result("changed", host)["diff"]
        assert (changed["before"]["url"], changed["after"]["url"]) == (
            f"{MASKED} (as registered)",
            f"{MASKED} (as given)",
        )
        assert [run.result(task, host)["changed"] for task in ("removal tried", "removed", "removed again")] == [
            True,
            True,
            False,
        ]
        gone = run.result("gone", host)["callbacks"]
        assert [(each["api_version"], each["registered"]) for each in gone] == [
            ("v1", False),
            ("v2", False),
            ("v3", False),
        ]
    # Check mode and repetitions have sent only reads.
    assert sorted(entry for entry in sent if entry[0] != "GET") == sorted(
        [("POST", 200), ("POST", 200), ("DELETE", 200)] * len(hosts)
    )
    commands = listening.commands_elsewhere().splitlines()
    assert {line.split(":")[0] for line in commands} == {*there, *old}
    assert control.counters()["logins_refused"] == 0


def facts(account: str, api_version: str, url: str | None) -> dict[str, Any]:
    return {
        "account_name": account,
        "api_version": api_version,
        "registered": url is not None,
        "url": url,
        "has_credentials": url is not None and api_version == "v1",
    }


def test_an_unclear_answer_is_read_back(listening: Playbooks, control: Control, api_url: str) -> None:
    """The registration has a fault: the answer was lost, or the request never reached the service."""
    hosts = with_accounts({**local_hosts(["here"]), **remote_hosts(["there"])})
    control.scenario({"accounts": [each["account"] for each in hosts.values()]})
    for each in hosts.values():
        control.fault("close", kind="callback", path=each["account"], midway=True, skip=1, times=1)
        # This rule does not count requests that the previous rule hits: after three reads is the second registration.
        control.fault("close", kind="callback", path=each["account"], skip=3, times=1)
    tasks = [
        callback("answer lost", {"url": ONE}),
        callback("not come through", {"url": TWO}, ignore_errors=True),
        callback_info("then", {"api_version": "v2"}),
    ]
    run = listening.run([play(tasks, hosts="all", defaults=defaults(api_url))], hosts=hosts, variables=variables())

    assert run.code == 0, run.output
    for host in hosts:
        made = run.result("answer lost", host)
        assert (made["changed"], made["callback"]["url"]) == (True, MASKED)
        # Ansible wraps its warnings.
        assert "got no clear response, but the service shows it" in " ".join(run.output.split())
        failed = run.failure("not come through", host)
        assert (failed["reason"], failed["changed"]) == ("not_confirmed", False)
        assert "but the service does not show it" in failed["msg"]
        assert "got no clear response" in failed["msg"]
        assert run.result("then", host)["callbacks"][0]["registered"] is True
    methods = [entry["method"] for entry in control.counters()["log"] if entry["kind"] == "callback"]
    assert methods.count("POST") == 2 * len(hosts)


def test_what_the_service_does_not_show_is_no_success(listening: Playbooks, control: Control, api_url: str) -> None:
    """A registration with a successful answer but without an effect, and one that cannot be read afterwards."""
    hosts = with_accounts(local_hosts(["silent", "broken"]))
    control.scenario({"accounts": [each["account"] for each in hosts.values()]})
    silent, broken = (each["account"] for each in hosts.values())
    control.fault("status", kind="callback", path=silent, status=200, json={"url": URLS["url_one"]}, skip=1, times=1)
    control.fault("status", kind="callback", path=broken, status=503, skip=2)
    run = listening.run(
        [play([callback("made", {"url": ONE})], hosts="all", defaults=defaults(api_url))],
        hosts=hosts,
        variables=variables(),
    )

    assert run.code == 2, run.output
    assert run.failure("made", "silent")["reason"] == "not_confirmed"
    assert "but the service does not show it" in run.failure("made", "silent")["msg"]
    broken_result = run.failure("made", "broken")
    assert (broken_result["reason"], broken_result["changed"]) == ("not_confirmed", True)
    assert "what is registered now could not be read" in broken_result["msg"]


def test_a_service_that_repeats_secrets(listening: Playbooks, control: Control, api_url: str) -> None:
    said = {"errorCode": "E", "errorMessage": URLS["url_one"]}
    control.fault("status", kind="callback", status=400, json=said)
    hosts = with_accounts({**local_hosts(["here"]), **remote_hosts(["there"])})
    task = callback("refused", {"url": ONE, "account_name": ACCOUNT, "api_url": api_url, **BY_VARIABLES})
    run = listening.run([play([task], hosts="all")], hosts=hosts, variables=variables())

    assert run.code == 2, run.output
    for host in hosts:
        assert run.failure("refused", host)["reason"] == "request_refused"
        assert "E: ********" in run.failure("refused", host)["msg"]


def test_bad_input(listening: Playbooks, api_url: str) -> None:
    needs_v1 = "callback_username and callback_password go with api_version: v1 only"
    bad: list[tuple[str, dict[str, Any], str]] = [
        ("no url", {}, "url is missing: set it to the address of your listener"),
        ("url with absent", {"state": "absent", "url": ONE}, "url does not go with state: absent"),
        ("no scheme", {"url": "listener.example/{{ path_one }}"}, "url must look like https://"),
        ("blank", {"url": f"{ONE} "}, "url must look like https://"),
        ("user in it", {"url": "https://{{ path_one }}@listener.example/"}, "url must not hold a user"),
        ("no TLS", {"url": "http://listener.example/{{ path_one }}"}, "url must begin with https"),
        ("number", {"url": 7}, "url was read as a number"),
        ("v2 with a user", {"url": ONE, "callback_username": "{{ body_user }}"}, needs_v1),
        (
            "half a pair",
            {"url": ONE, "api_version": "v1", "callback_username": "{{ body_user }}"},
            "callback_password is missing: set both",
        ),
        ("state", {"url": ONE, "state": "there"}, "state must be one of present, absent, not 'there'."),
        ("version", {"url": ONE, "api_version": "v4"}, "api_version must be one of v1, v2, v3, not 'v4'."),
        ("unknown", {"callback_url": ONE}, "There is no option callback_url"),
        ("account", {"url": ONE, "account_name": 12345}, "account_name was read as a number"),
    ]
    by_default = {"module_defaults": {GROUP: defaults(api_url)}}
    cases = [case(callback(name, options, **by_default), "invalid_option", says) for name, options, says in bad]
    empty = callback_info("empty list", {"api_version": []}, **by_default)
    cases.append(case(empty, "invalid_option", "api_version is an empty list"))

    run_cases(listening, cases, lambda names: with_accounts(local_hosts(names)), variables=variables())
