# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random scenarios of tests/task/storms.py through real playbooks, at a verbosity of 4, in real time.

``Playbooks.run`` searches for secrets and tracebacks in the output, the results and the remaining files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from task.storms import storm
from task.test_storms import most_refusals

from ansible_collections.fleetops.thingspace.tests.unit.return_docs import RETURN, deviations
from integration.listener import listening
from integration.playbooks import Playbooks
from integration.tasks import info, local_hosts, play, remote_hosts
from simulator.control import Control

# The simulated seconds per real second. The durations in the task's options are divided by it.
SPEED = 600.0
SHORTENED = ("wait_timeout", "wait_interval", "wait_max_interval", "wait_not_found", "max_error_seconds")
SECRETS = ("api_key", "api_secret", "username", "password", "access_token", "session_token")
# A refusal with a lost body, sessions that expire, permanent errors, repeated secrets, thresholds.
SEEDS = (2, 25, 41, 66, 78)

# Ansible adds many more keys to a result, which are ignored.
KEYS = {*RETURN, "changed", "msg"}


def in_real_time(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a storm's task, with shorter durations for a real clock."""
    hurried = {name: value / SPEED if name in SHORTENED else value for name, value in options.items()}
    if hurried.pop("wait_until_end_plus", None) is not None:
        hurried.setdefault("wait_timeout", 2.5)
    return hurried


@pytest.fixture
def hurried(control: Control) -> Iterator[Control]:
    """The simulator, with a running clock."""
    yield control
    control.set_speed(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm(playbooks: Playbooks, hurried: Control, api_url: str, seed: int) -> None:
    with listening() as elsewhere:
        one = storm(seed, elsewhere.url)
        hurried.scenario({**one.scenario, "clock": {**one.scenario["clock"], "speed": SPEED}})
        secrets = {name: str(one.options[name]) for name in SECRETS if name in one.options}
        playbooks.know_secrets(secrets)
        plain = {name: value for name, value in in_real_time(one.options).items() if name not in secrets}
        task = info("storm", {"api_url": api_url, **plain, **{name: f"{{{{ {name} }}}}" for name in secrets}})

        run = playbooks.run(
            [play([{**task, "ignore_errors": True}], hosts="all")],
            hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
            variables=secrets,
        )

    assert run.code == 0, run.output
    assert elsewhere.seen == []
    assert hurried.counters()["logins_refused"] <= most_refusals(one)
    for host in ("here", "there"):
        event = run.event("storm", host)
        result = {"failed": event.failed, **{key: value for key, value in event.result.items() if key in KEYS}}
        if (host, result.get("reason")) != ("there", "login_refused"):
            # On another host, a refused login ends the task before its wait starts, and without the keys of a wait.
            assert deviations(result, plain) == []
        assert result.get("elapsed", 0.0) <= plain.get("wait_timeout", 0.0) + 20.0
