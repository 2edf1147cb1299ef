# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On other hosts and in the background, the module runs, with the same results as the action plugin."""

from __future__ import annotations

import re
from typing import Any

from integration.playbooks import Event, Playbooks, Run
from integration.tasks import (
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
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ID

# Times and numbers of requests can differ, and Ansible adds different keys.
NUMBERS = {"elapsed", "requests", "logins", "deadline"}
OF_ANSIBLE = {
    *(
        "invocation",
        "ansible_facts",
        "exception",
        "failed",
        "warnings",
        "deprecations",
        "discovered_interpreter_python",
    ),
    *("ansible_job_id", "finished", "started", "results_file", "stdout", "stdout_lines", "stderr", "stderr_lines"),
}


def comparable(event: Event) -> dict[str, Any]:
    result = {key: value for key, value in event.result.items() if key not in OF_ANSIBLE and key[0] != "_"}
    if "history" in result:
        result = without_counts(result)
    return {"event": event.event, **{key: "a number" if key in NUMBERS else value for key, value in result.items()}}


def without_counts(result: dict[str, Any]) -> dict[str, Any]:
    """Remove the numbers and times of polls, because tasks on the controller share polls."""
    history = [{**entry, "polls": 0} for entry in result["history"]]
    waits = [{**wait, "polls": 0, "next_poll_at": None, "history": 0} for wait in result["waits"]]
    # A slow machine can take a second for a wait of 0 seconds.
    texts: dict[str, Any] = {
        name: re.sub(r"within \d+s", "within a time", result[name]) for name in ("message", "msg") if name in result
    }
    same = {**result, "polls": 0, "attempts": 0, "next_poll_at": None, "history": history, "waits": waits}
    return same | texts


def check_same(run: Run, tasks: list[str], hosts: list[str]) -> None:
    for task in tasks:
        first = comparable(run.event(task, hosts[0]))
        assert "campaigns" in first, first
        for host in hosts[1:]:
            assert comparable(run.event(task, host)) == first


def test_other_hosts_give_the_same(playbooks: Playbooks, control: Control, api_url: str, target_python: str) -> None:
    failed, scheduled, odd = campaign_ids(3)
    control.add_campaign(failed, body={"status": "CampaignFailed"})
    control.add_campaign(scheduled, body={"status": "CampaignScheduled"})
    control.add_campaign(odd, body={"status": "CampaignMystery", "note": {"a": [1, None]}, "startDate": "soon"})
    ignore: dict[str, Any] = {"ignore_errors": True}
    late = {**FAST, "campaign_id": [scheduled, V2_ID], "wait_timeout": 0}
    tasks = [
        info("v1", {"campaign_id": V1_ID, "api_version": "v1"}),
        info("v3", {"campaign_id": V3_ID, "api_version": "v3"}),
        info("several", {"campaign_id": [failed, V2_ID, odd]}),
        info("check", check_mode=True),
        info("reached", FAST),
        info("hopeless", {**FAST, "campaign_id": failed}, **ignore),
        info("late", late, **ignore),
        info("not yet", {**late, "wait_on_timeout": "return"}),
        info("unknown", {"campaign_id": "00000000-0000-4000-8000-999999999999"}, **ignore),
    ]
    hosts = {**local_hosts(["here"]), **remote_hosts(["there"]), **remote_hosts(["old"], target_python)}
    run = playbooks.run([play(tasks, hosts="all", defaults=defaults(api_url))], hosts=hosts, variables=CREDENTIALS)

    assert run.code == 0, run.output
    check_same(run, [str(task["name"]) for task in tasks], ["here", "there", "old"])
    events = {event.task: event.event for event in run.events}
    assert [name for name, event in events.items() if event == "failed"] == ["hopeless", "late", "unknown"]
    commands = playbooks.commands_elsewhere().splitlines()
    assert any(line.startswith("old: ") and f"{target_python} " in line for line in commands)
    assert any(line.startswith("there: ") and f"{playbooks.lane.python} " in line for line in commands)
    assert not any(line.startswith("here: ") for line in commands)


def test_the_background_gives_the_same(playbooks: Playbooks, control: Control, api_url: str) -> None:
    one, other, third = campaign_ids(3)
    for campaign_id in (one, other, third):
        control.add_campaign(campaign_id, body={"status": "CampaignScheduled"})
    names = {**local_hosts(["here", "behind"]), **remote_hosts(["there"])}
    options = {**FAST, "wait_timeout": 1, "wait_on_timeout": "return", "campaign_id": one}

    def result_of(job: str, name: str) -> Task:
        return {
            "name": name,
            "ansible.builtin.async_status": {"jid": f"{{{{ {job}.ansible_job_id }}}}"},
            "register": "seen",
            "until": "seen is finished",
            "retries": 60,
            "delay": 1,
            "ignore_errors": True,
        }

    start: dict[str, Any] = {"async": 600, "poll": 0}
    hopeless = {**FAST, "wait_state": "failed"}
    plays = [
        play([info("look", options), info("hopeless", hopeless, ignore_errors=True)], "here", defaults(api_url)),
        play(
            [
                info("start", options, **start, register="job"),
                info("start hopeless", hopeless, **start, register="hopeless_job"),
                result_of("job", "look"),
                result_of("hopeless_job", "hopeless"),
            ],
            "behind:there",
            defaults(api_url),
        ),
    ]
    run = playbooks.run(plays, hosts=names, variables=CREDENTIALS)

    assert run.code == 0, run.output
    for host in ("behind", "there"):
        assert run.result("start", host)["ansible_job_id"]
        assert run.result("start", host).get("campaigns") is None
        assert run.result("look", host)["timed_out"] is True
        assert run.failure("hopeless", host)["reason"] == "not_reachable"
        for task in ("look", "hopeless"):
            assert comparable(run.event(task, host)) == comparable(run.event(task, "here"))
    assert "/async_wrapper" in playbooks.commands_elsewhere() or "async_wrapper" in run.output
    assert not run.progress_lines("behind") and not run.progress_lines("there")


def test_the_controllers_environment_reaches_other_hosts(
    playbooks: Playbooks, control: Control, api_url: str, target_python: str
) -> None:
    given = {"api_url": api_url, "account_name": ACCOUNT, **CREDENTIALS}
    bare = {"account_name": None}
    tasks = [
        info("delegated", bare, delegate_to="bastion"),
        info("in the background", bare, delegate_to="bastion", **{"async": 60, "poll": 1}),
        {"name": "what it sees", "ansible.builtin.command": "env", "delegate_to": "bastion", "changed_when": False},
    ]
    run = playbooks.run(
        [play(tasks, hosts="device")],
        hosts={"device": {"ansible_connection": "elsewhere"}, **remote_hosts(["bastion"], target_python)},
        environment=as_environment(given),
    )

    assert run.code == 0, run.output
    for task in ("delegated", "in the background"):
        assert run.result(task, "device")["campaign"]["id"] == V2_ID
    # Otherwise the two checks above would prove nothing.
    assert "THINGSPACE" not in run.result("what it sees", "device")["stdout"]
    assert "device: " not in playbooks.commands_elsewhere()
