# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refused logins: five of them lock the user, so there must be exactly one, in any play."""

from __future__ import annotations

import pytest

from integration.playbooks import Playbooks, Run
from integration.tasks import (
    BY_VARIABLES,
    CREDENTIALS,
    FAST,
    Task,
    as_environment,
    campaign_ids,
    defaults,
    info,
    local_hosts,
    play,
    remote_hosts,
)
from simulator.control import Control
from simulator.stock import V2_ID

THREE = ["host-1", "host-2", "host-3"]
WRONG = {**CREDENTIALS, "password": "mistyped-password-5555-wrong"}

PLAIN = info("plain")
WAIT = info("wait", FAST)
UNTIL = info("until", FAST, register="tried", until="tried is succeeded", retries=4, delay=0)
LOOP = info("loop", {"campaign_id": "{{ item }}"}, loop=[V2_ID, V2_ID.upper(), V2_ID])
LIST = info("list", {"campaign_id": [V2_ID, *campaign_ids(3)]})
BACKGROUND: Task = {"async": 60, "poll": 1}
IN_BACKGROUND: Task = {**info("in background"), **BACKGROUND}
LIST_IN_BACKGROUND: Task = {**LIST, "name": "list in background", **BACKGROUND}


def ignoring(*tasks: Task) -> list[Task]:
    """Return the tasks. All of them except for the last one have ignore_errors."""
    return [{**task, "ignore_errors": True} for task in tasks[:-1]] + [tasks[-1]]


def check_refusal(run: Run, control: Control, hosts: list[str], tasks: list[Task], word: str) -> None:
    assert run.code == 2, run.output
    for host in hosts:
        assert run.tasks_begun(host) == [task["name"] for task in tasks], run.output
        for task in tasks:
            result = run.failure(task["name"], host)
            for one in result["results"] if "loop" in task else [result]:
                assert one["reason"] == "login_refused"
                assert word in one["msg"]
    (user,) = control.state()["users"]
    assert user["locked"] is False


@pytest.mark.parametrize(
    ("hosts", "strategy", "tasks"),
    [
        pytest.param(THREE, "free", [WAIT, LOOP, UNTIL], id="free"),
        pytest.param(THREE, "linear", [LIST_IN_BACKGROUND, LIST, PLAIN], id="linear"),
    ],
)
def test_a_wrong_password_is_sent_once(
    playbooks: Playbooks, control: Control, api_url: str, hosts: list[str], strategy: str, tasks: list[Task]
) -> None:
    playbooks.know_secrets(WRONG)
    run = playbooks.run(
        [play(ignoring(*tasks), hosts="all", defaults=defaults(api_url), strategy=strategy)],
        hosts=local_hosts(hosts),
        variables=WRONG,
    )

    check_refusal(run, control, hosts, tasks, "username and password")
    assert control.count("session_login") == 1
    assert control.count("oauth_token") == 1
    assert control.count("campaign_read") == 0
    assert control.state()["users"][0]["refusals"] == 1


@pytest.mark.parametrize(
    ("strategy", "tasks"),
    [
        pytest.param("free", [WAIT, LOOP, UNTIL], id="free"),
        pytest.param("linear", [IN_BACKGROUND, LIST, PLAIN], id="linear"),
    ],
)
def test_a_wrong_password_is_sent_once_from_other_hosts(
    playbooks: Playbooks, control: Control, api_url: str, strategy: str, tasks: list[Task]
) -> None:
    playbooks.know_secrets(WRONG)
    run = playbooks.run(
        [play(ignoring(*tasks), hosts="all", defaults=defaults(api_url), strategy=strategy)],
        hosts=remote_hosts(THREE),
        variables=WRONG,
    )

    check_refusal(run, control, THREE, tasks, "username and password")
    assert control.count("session_login") == 1
    assert control.count("oauth_token") == 1
    assert control.state()["users"][0]["refusals"] == 1


def test_a_wrong_password_is_sent_once_in_two_plays(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """The password comes from the environment. One play delegates to one host, the other runs on other hosts."""
    playbooks.know_secrets(WRONG)
    options = {"api_url": api_url}
    tasks = [
        info("from here", options, ignore_errors=True),
        info("from there", options, ignore_errors=True, delegate_to="host-1"),
    ]
    plays = [play(tasks), play([info("from everywhere", {**options, **BY_VARIABLES})], hosts="all")]
    run = playbooks.run(
        plays,
        hosts={**local_hosts(["localhost"]), **remote_hosts(THREE)},
        variables=WRONG,
        environment=as_environment(WRONG),
    )

    assert run.code == 2, run.output
    assert [event.result["reason"] for event in run.events] == ["login_refused"] * 6
    assert control.count("session_login") == 1
    assert control.count("oauth_token") == 1


def test_the_right_password_after_the_wrong_one(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """A refusal is stored for the user, regardless of the password, and only for the same run."""
    playbooks.know_secrets(WRONG)
    wrong = info("wrong", {"password": "{{ mistyped }}"}, ignore_errors=True)
    right = [
        play([wrong, info("right")], defaults=defaults(api_url)),
        play([info("right")], defaults=defaults(api_url)),
    ]
    variables = {**CREDENTIALS, "mistyped": WRONG["password"]}
    first = playbooks.run(right[:1], variables=variables)
    second = playbooks.run(right[1:], variables=variables)

    assert (first.code, second.code) == (2, 0), first.output
    assert first.failure("wrong")["reason"] == first.failure("right")["reason"] == "login_refused"
    assert second.result("right")["campaign"]["id"] == V2_ID
    counters = control.counters()
    assert (counters["logins_refused"], counters["logins_accepted"]) == (1, 1)
