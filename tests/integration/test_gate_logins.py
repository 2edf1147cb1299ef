# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five refused logins lock the user. In any run, at most one login is refused, and at most two have an unclear result.

The count is per username and run. One playbook has everything that could repeat a login: hosts with their own keys, two
strategies, loops, ``until``, delegation, background jobs of both kinds, several plays, and the role.
"""

from __future__ import annotations

from typing import Any

import pytest

from integration.cases import case, run_cases
from integration.fleets import gate, role_variables
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, FAST, Task, as_environment, info, local_hosts, play, remote_hosts
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, V2_ID

_HERE = ["here-1", "here-2", "here-3"]
_WRONG = {**CREDENTIALS, "password": "mistyped-password-5555-wrong"}
_SHORT = {**FAST, "wait_timeout": 1}


def _key(number: int) -> dict[str, str]:
    return {"api_key": f"demo-key-000{number}-of-its-own", "api_secret": f"demo-secret-000{number}-of-its-own"}


_KEYS = [_key(number) for number in range(1, 5)]


def _tries(api_url: str) -> list[dict[str, Any]]:
    """Return plays in which each task could repeat the login."""
    options = {"api_url": api_url, "api_key": "{{ own_key }}", "api_secret": "{{ own_secret }}"}
    waiting = {**options, **_SHORT}
    tasks: list[Task] = [
        info("plain", options),
        info("wait", waiting),
        info("until", options, register="tried", until="tried is succeeded", retries=2, delay=0),
        info("loop", {**options, "campaign_id": "{{ item }}"}, loop=[V2_ID, V2_ID.upper()]),
        info("delegated", options, delegate_to="here-1"),
        info("in the background", options, **{"async": 30, "poll": 1}),
        info("unwatched", options, **{"async": 30, "poll": 0}),
    ]
    role = gate(role_variables(api_url, campaign_id=V2_ID, device_id=None, timeout=1), tasks=[])
    return [
        play([{**task, "ignore_errors": True} for task in tasks[:4]], hosts="all"),
        play([{**task, "ignore_errors": True} for task in tasks[3:]], hosts="all", strategy="free"),
        {**role, "hosts": "here-1,here-2"},
    ]


def _hosts() -> dict[str, dict[str, Any]]:
    hosts = {**local_hosts(_HERE), **remote_hosts(["there"])}
    for own, key in zip(hosts.values(), _KEYS):
        own.update(own_key=key["api_key"], own_secret=key["api_secret"])
    return hosts


def _let_in(control: Control, playbooks: Playbooks) -> None:
    """Load a scenario with one user, and with a key for each host in addition to that of the environment."""
    control.scenario({"credentials": [{}, *_KEYS]})
    for key in _KEYS:
        playbooks.know_secrets(key)


def _logins(control: Control) -> tuple[int, int, int]:
    """Return the numbers of the user's logins that were accepted, refused, and neither."""
    entries = [entry for entry in control.counters()["log"] if entry["kind"] == "session_login"]
    clear = [entry["status"] for entry in entries if entry["fault"] is None]
    return clear.count(200), len(clear) - clear.count(200), len(entries) - len(clear)


# tests/unit/plugins/module_utils/_http/test_auth.py tests how other responses count.
_FAULTS: dict[str, dict[str, Any]] = {
    "no answer": {"action": "reset"},
    "an answer that tells nothing": {"action": "status", "status": 503, "text": "busy", "retry_after": 0},
}


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS)
def test_logins_without_a_clear_answer(
    playbooks: Playbooks, control: Control, api_url: str, fault: dict[str, Any]
) -> None:
    _let_in(control, playbooks)
    control.fault(**{"kind": "session_login", **fault})
    run = playbooks.run(_tries(api_url), hosts=_hosts(), environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.code == 2, run.output
    accepted, refused, unclear = _logins(control)
    assert (accepted, refused) == (0, 0)
    assert 1 <= unclear <= 2
    reads = [entry["status"] for entry in control.counters()["log"] if entry["kind"] == "campaign_read"]
    # Nothing can be read without a session. Reads that only check whether the service is up are refused.
    assert 200 not in reads


def test_a_wrong_password(playbooks: Playbooks, control: Control, api_url: str) -> None:
    _let_in(control, playbooks)
    playbooks.know_secrets(_WRONG)
    run = playbooks.run(_tries(api_url), hosts=_hosts(), environment=as_environment(_WRONG), verbosity=0)

    assert run.code == 2, run.output
    assert _logins(control) == (0, 1, 0)
    # Each key is valid, and used once.
    assert control.count("oauth_token") <= len(_KEYS) + 1
    assert control.state()["users"][0]["refusals"] == 1


def test_a_wrong_password_that_is_answered_unclearly_at_first(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    _let_in(control, playbooks)
    playbooks.know_secrets(_WRONG)
    control.fault("reset", kind="session_login", times=1)
    playbooks.run(_tries(api_url), hosts=_hosts(), environment=as_environment(_WRONG), verbosity=0)

    accepted, refused, unclear = _logins(control)
    assert (accepted, unclear) == (0, 1)
    assert refused <= 1


def test_a_wrong_api_secret(playbooks: Playbooks, control: Control, api_url: str) -> None:
    wrong = {**CREDENTIALS, "api_secret": "mistyped-secret-6666-wrong"}
    playbooks.know_secrets(wrong)
    plays = _tries(api_url)
    hosts = {
        name: {**own, "own_key": wrong["api_key"], "own_secret": wrong["api_secret"]} for name, own in _hosts().items()
    }
    playbooks.run(plays, hosts=hosts, environment=as_environment(wrong), verbosity=0)

    assert (control.count("oauth_token"), control.count("session_login")) == (1, 0)


def test_a_password_that_is_changed_after_the_first_success(
    playbooks: Playbooks, control: Control, api_url: str, simulator: SimulatorProcess
) -> None:
    """Earlier success does not matter: the second login is refused, and there is no third one."""
    _let_in(control, playbooks)
    change: Task = {
        "name": "change",
        "ansible.builtin.uri": {
            "url": "{{ admin }}",
            "method": "PUT",
            "body_format": "json",
            "body": {"credentials": [{**key, "password": "changed-elsewhere-7777"} for key in ({}, *_KEYS)]},
        },
        "no_log": True,
        "vars": {"admin": f"{simulator.admin_url}/scenario"},
    }
    plays = [play([info("first", {"api_url": api_url}), change], hosts="here-1"), *_tries(api_url)]
    run = playbooks.run(plays, hosts=_hosts(), environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.hosts_of("first") == run.hosts_of("change") == {"here-1"}, run.output
    assert _logins(control) == (1, 1, 0)


def test_a_login_that_hangs_ends_with_the_wait(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Hosts wait for each other's logins no longer than for their campaigns."""
    control.fault("hang", kind="session_login")
    hosts = local_hosts([f"host-{number}" for number in range(5)])
    options = {**FAST, "wait_timeout": 2, "api_url": api_url, "account_name": ACCOUNT}
    run = playbooks.run(
        [play([info("wait", options)], hosts="all")], hosts=hosts, environment=as_environment(CREDENTIALS), verbosity=0
    )

    assert run.code == 2, run.output
    for host in hosts:
        assert run.failure("wait", host).get("elapsed", 0.0) < 5.0
    logins = [entry["real"] for entry in control.counters()["log"] if entry["kind"] == "session_login"]
    assert 1 <= len(logins) <= 2
    assert max(event.at for event in run.events) - logins[0] < 15.0


_ALTERED: list[tuple[str, Any]] = [
    ("password", "demo-password-3333-not-a-real-password\n"),
    ("password", "demo-password-3333-not-a-real-password\r\n"),
    ("api_secret", "demo-secret-1111-not-a-real-secret\n"),
    ("password", 123456),
    ("password", True),
    ("username", 1000),
    ("password", 0.5),
]


def test_secrets_that_would_be_sent_altered(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Such values from YAML or a file are refused before any request."""
    cases = []
    for number, (option, _value) in enumerate(_ALTERED):
        given = {**{name: f"{{{{ {name} }}}}" for name in CREDENTIALS}, option: f"{{{{ altered_{number} }}}}"}
        cases.append(case(info(f"altered {number}", {"api_url": api_url, **given}), "invalid_option", option))
    altered = {f"altered_{number}": value for number, (_option, value) in enumerate(_ALTERED)}
    run_cases(
        playbooks,
        cases,
        local_hosts,
        variables={**CREDENTIALS, **altered},
        environment={"ANSIBLE_JINJA2_NATIVE": "1"},
    )

    assert control.counters()["total"] == 0
