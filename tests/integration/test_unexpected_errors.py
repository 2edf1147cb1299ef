# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exception that nobody expects, with secrets in its text: no host continues, and Ansible prints no traceback."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from integration.fleets import TOUCH, VERDICT, gate, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, info, local_hosts, play
from simulator.control import Control
from simulator.stock import ACCOUNT

HOSTS = local_hosts(["a", "b"])
CALLBACKS = "fleetops.thingspace.callback_info"


def run_with(playbooks: Playbooks, target: str, plays: Sequence[dict[str, Any]]) -> Run:
    """Run plays while this function raises an exception in each process. ``Playbooks.run`` searches for secrets."""
    plugins = playbooks.lane.environment(playbooks.home)["ANSIBLE_CALLBACK_PLUGINS"]
    return playbooks.run(
        plays,
        hosts=HOSTS,
        environment={
            **as_environment(CREDENTIALS),
            "ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join([plugins, str(Path(__file__).parent / "injection")]),
            "FLEETOPS_INJECT_INTO": target,
            "FLEETOPS_INJECT_TEXT": " ".join(CREDENTIALS.values()),
        },
    )


@pytest.fixture
def role(control: Control, api_url: str) -> list[dict[str, Any]]:
    """A play with the role, for a campaign that lets all hosts continue."""
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, body={"status": "CampaignEnded"}, devices={"count": 1})
    return [
        gate(
            {
                **role_variables(api_url),
                "campaign_wait_campaign_id": campaign_id,
                "campaign_wait_device_id": "{{ omit }}",
            }
        )
    ]


@pytest.mark.parametrize(
    ("target", "what_failed"),
    [
        ("plugin_utils/_task_identity.py:inherits_run_once", "Refuse run_once around the role"),
        ("plugin_utils/_run_uses.py:RunUses.note", "Validate the options of each host, and record its campaigns"),
        ("_wait/target.py:outcome_of", "Fail the host"),
        ("plugin_utils/_gate_summary.py:decision_of", "Set the result of each host"),
    ],
)
def test_no_host_continues(
    playbooks: Playbooks, control: Control, role: list[dict[str, Any]], target: str, what_failed: str
) -> None:
    run = run_with(playbooks, target, role)
    assert run.code == 2, run.output
    assert run.hosts_of("touch") == set()
    failed = [event for event in run.events if event.failed]
    assert what_failed in failed[-1].task
    assert all("An unexpected error: KeyError, at " in event.result["msg"] for event in failed), failed
    assert control.count("session_login") <= 1
    for verdict in [event.result for event in run.events if event.task == VERDICT]:
        assert verdict["reason"] == "unexpected_error" and verdict.get("decision") != "continue"
        # What the wait has learned is returned.
        assert verdict["campaign"]["state"] == "ended"


def test_hosts_wait_one_by_one_if_the_shared_wait_fails(playbooks: Playbooks, role: list[dict[str, Any]]) -> None:
    run = run_with(playbooks, "plugin_utils/_shared_wait.py:wait_for_all", role)
    assert run.code == 0, run.output
    assert run.hosts_of("touch") == set(HOSTS)
    assert "The hosts do not share a wait, and wait one by one. An unexpected error" in " ".join(run.stderr.split())


def test_a_task_fails_with_a_sentence(playbooks: Playbooks, api_url: str) -> None:
    options = {"api_url": api_url, "account_name": ACCOUNT}
    tasks = [
        {**info("info", options), "ignore_errors": True},
        {"name": "callbacks", CALLBACKS: options, "ignore_errors": True},
        TOUCH,
    ]
    run = run_with(playbooks, "_http/transport.py:Transport.__init__", [play(tasks, hosts="a")])
    assert run.code == 0, run.output
    failed = [event.result for event in run.events if event.failed]
    assert [result["reason"] for result in failed] == ["unexpected_error"] * 2
    assert all(result["msg"].startswith("An unexpected error: KeyError, at ") for result in failed)
