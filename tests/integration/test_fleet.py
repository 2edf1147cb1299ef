# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role before the tasks of a whole fleet: who goes on, however the play is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.fleets import ROLE, STOP, TOUCH, WAIT, Fleet, gate, make_fleet, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment
from simulator.control import Control

Play = dict[str, Any]
# In play for all that is left of it: the names of the hosts that have not been held, without a task on each.
ROLL_CALL: Play = {"name": "roll call", "ansible.builtin.debug": {"var": "ansible_play_batch"}, "run_once": True}


def large(playbooks: Playbooks) -> int:
    """A thousand hosts, or fewer where ansible-core cannot end a role and needs a task on each host."""
    return 100 if "core-2.16" in str(playbooks.lane.venv) else 1000


def test_a_large_fleet(playbooks: Playbooks, control: Control, api_url: str) -> None:
    size = large(playbooks)
    fleet = make_fleet(control, size, failed=0.03 if size == 1000 else 0.1)
    plays = [gate(role_variables(api_url), tasks=[ROLL_CALL])]
    run = playbooks.run(plays, hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)

    assert len(fleet.not_upgraded) >= size * 0.03
    (roll_call,) = [event.result for event in run.events if event.task == "roll call"]
    assert set(roll_call["ansible_play_batch"]) == fleet.upgraded
    assert {event.host for event in run.events if event.failed} == fleet.not_upgraded
    counters = control.counters()
    assert (control.count("oauth_token"), control.count("session_login")) == (1, 1)
    # Each round reads each campaign once, and once more to believe its end.
    assert counters["reads_by_campaign"] == dict.fromkeys(fleet.campaigns, 4)
    assert control.count("device_report") == len(fleet.campaigns)
    assert counters["total"] == 2 + 4 * len(fleet.campaigns) + len(fleet.campaigns)


def _excluded_by_pattern(fleet: Fleet, play: Play) -> list[str]:
    play["hosts"] = f"all:!{fleet.names[0]}"
    return []


def _excluded_by_limit(fleet: Fleet, _play: Play) -> list[str]:
    return ["--limit", f"all:!{fleet.names[0]}"]


def _excluded_by_condition(fleet: Fleet, play: Play) -> list[str]:
    play["roles"][0]["when"] = "takes_part | default(true)"
    fleet.hosts[fleet.names[0]]["takes_part"] = False
    play["tasks"][0]["when"] = "takes_part | default(true)"
    return []


def _failed_before(fleet: Fleet, play: Play) -> list[str]:
    play["pre_tasks"] = [
        {"name": "fail", "ansible.builtin.fail": {}, "when": f"inventory_hostname == '{fleet.names[0]}'"}
    ]
    return []


def _unreachable_before(fleet: Fleet, play: Play) -> list[str]:
    fleet.hosts[fleet.names[0]].update(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    play["pre_tasks"] = [{"name": "reach", "ansible.builtin.raw": "true", "changed_when": False}]
    return []


def _unreachable_later(fleet: Fleet, play: Play) -> list[str]:
    """The gate asks nothing of the hosts: one that cannot be reached only fails at the first task of the play."""
    play["tasks"] = [{"name": "touch", "ansible.builtin.raw": "true", "changed_when": False}]
    fleet.hosts[fleet.names[0]].update(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    return []


def _keywords(**keywords: Any) -> Callable[[Fleet, Play], list[str]]:
    def change(_fleet: Fleet, play: Play) -> list[str]:
        play.update(keywords)
        return []

    return change


def _check_mode(_fleet: Fleet, _play: Play) -> list[str]:
    return ["--check"]


def _included(_fleet: Fleet, play: Play) -> list[str]:
    (role,) = play.pop("roles")
    play["tasks"] = [
        {"name": "include", "ansible.builtin.include_role": {"name": ROLE}, "vars": role["vars"]},
        *play["tasks"],
    ]
    return []


def _checked_by_ansible(_fleet: Fleet, play: Play) -> list[str]:
    (role,) = play.pop("roles")
    play["tasks"] = [
        {"ansible.builtin.import_role": {"name": ROLE, "tasks_from": "checked"}, "vars": role["vars"]},
        *play["tasks"],
    ]
    return []


@pytest.mark.parametrize(
    ("change", "takes_part"),
    [
        pytest.param(_keywords(), True, id="linear"),
        pytest.param(_keywords(strategy="free"), True, id="free"),
        pytest.param(_keywords(strategy="ansible.builtin.host_pinned"), True, id="host-pinned"),
        pytest.param(_keywords(serial=10), True, id="serial"),
        pytest.param(_keywords(order="reverse_inventory", become=True), True, id="become"),
        pytest.param(_check_mode, True, id="check-mode"),
        pytest.param(_included, True, id="include-role"),
        pytest.param(_checked_by_ansible, True, id="checked"),
        pytest.param(_excluded_by_pattern, False, id="first-not-in-pattern"),
        pytest.param(_excluded_by_limit, False, id="first-not-in-limit"),
        pytest.param(_excluded_by_condition, False, id="first-by-condition"),
        pytest.param(_failed_before, False, id="first-failed-before"),
        pytest.param(_unreachable_before, False, id="first-unreachable-before"),
        pytest.param(_unreachable_later, False, id="first-unreachable-later"),
    ],
)
def test_the_same_hosts_go_on(
    playbooks: Playbooks,
    control: Control,
    api_url: str,
    change: Callable[[Fleet, Play], list[str]],
    takes_part: bool,
) -> None:
    fleet = make_fleet(control, 30, campaigns=3)
    play = gate(role_variables(api_url), tasks=[dict(TOUCH)])
    arguments = change(fleet, play)
    run = playbooks.run(
        [play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), arguments=arguments, verbosity=0
    )

    first = fleet.names[0]
    assert len(fleet.upgraded) == 27
    expected = fleet.upgraded if takes_part else fleet.upgraded - {first}
    touched = run.hosts_of("touch") - (set() if takes_part else {first})
    assert touched == expected, run.output
    batches = 3 if "serial" in play else 1
    logins = (control.count("oauth_token"), control.count("session_login"))
    assert logins == (batches, batches)
    assert control.count("device_report") == 3


def test_one_failure_can_stop_them_all(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 10, campaigns=1)
    run = _run(playbooks, fleet, gate(role_variables(api_url), any_errors_fatal=True))

    assert run.code == 2
    assert run.hosts_of("touch") == set()


def test_a_host_that_fails_can_be_rescued(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 10, campaigns=1, failed=0.2)
    include = {"ansible.builtin.include_role": {"name": ROLE}, "vars": role_variables(api_url)}
    say = {"ansible.builtin.debug": {"msg": "{{ campaign_wait_result.device.status }}"}}
    play = {
        **gate({}),
        "roles": [],
        "tasks": [{"block": [include, TOUCH], "rescue": [{"name": "rescue", **say}]}],
    }
    run = _run(playbooks, fleet, play)

    assert run.code == 0, run.output
    assert run.hosts_of("touch") == fleet.upgraded
    assert run.hosts_of("rescue") == fleet.not_upgraded
    assert {event.result["msg"] for event in run.events if event.task == "rescue"} == {"UpgradeFailed"}


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_a_second_gate_looks_anew(playbooks: Playbooks, control: Control, api_url: str, strategy: str) -> None:
    fleet = make_fleet(control, 4, campaigns=1, failed=0)
    play = gate(role_variables(api_url), strategy=strategy)
    play["roles"] = [
        {**play["roles"][0], "vars": {**play["roles"][0]["vars"], "campaign_wait_stats": name}} for name in "aa"
    ]
    play["roles"][1]["allow_duplicates"] = True
    include = {"ansible.builtin.include_role": {"name": ROLE}, "vars": role_variables(api_url)}
    play["roles"], play["tasks"] = [], [include, TOUCH, {**include, "name": "again"}]
    run = _run(playbooks, fleet, play)

    assert run.code == 0, run.output
    assert control.count("session_login") == 2
    # Three looks and one to confirm; the second gate finds the campaign over, and confirms that.
    assert control.count("campaign_read") == 4 + 2


def test_every_host_has_its_own_result_in_later_plays_too(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 10, campaigns=2, failed=0.2)
    text = "{{ campaign_wait_result.campaign.id }} {{ campaign_wait_result.device.device_id }}"
    later = {"name": "later", "ansible.builtin.debug": {"msg": text}}
    other = {
        "name": "other",
        "ansible.builtin.debug": {"msg": f"{{{{ hostvars['{fleet.names[1]}'].campaign_wait_result.device }}}}"},
    }
    plays = [
        gate(role_variables(api_url, on_device_failure="continue")),
        {"hosts": "all", "gather_facts": False, "tasks": [later]},
        {"hosts": fleet.names[0], "gather_facts": False, "tasks": [other]},
    ]
    run = playbooks.run(plays, hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.code == 0, run.output
    assert run.hosts_of("touch") == set(fleet.hosts)
    for name, variables in fleet.hosts.items():
        assert run.result("later", name)["msg"] == f"{variables['campaign']} {variables['imei']}"
    assert run.result("other", fleet.names[0])["msg"]["device_id"] == fleet.hosts[fleet.names[1]]["imei"]


def _run(playbooks: Playbooks, fleet: Fleet, play: Play) -> Run:
    return playbooks.run([play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)


def test_what_is_printed(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """At any verbosity: the fixture looks for secrets; here the words for the operator."""
    fleet = make_fleet(control, 10, campaigns=1)
    run = playbooks.run(
        [gate(role_variables(api_url))], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=4
    )

    (failed,) = fleet.not_upgraded
    imei = fleet.hosts[failed]["imei"]
    sentence = f"Device {imei} was not upgraded: it is failed [UpgradeFailed]: RovaClientDownloadFailed."
    assert run.failure(STOP, failed)["msg"] == sentence
    assert run.failure(STOP, failed)["reason"] == "device_not_upgraded"
    assert run.result(WAIT, fleet.names[0])["message"] == "9 of 10 hosts go on, 1 fail."
    assert run.progress_lines(f"{fleet.names[0]} and 9 more")[-1].endswith("9 of 10 hosts go on, 1 fail.")
