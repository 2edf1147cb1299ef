# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs many tasks that must fail in one run, each on its own host, so that no failure hides another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.playbooks import Playbooks, Run
from integration.tasks import Task, play

HostMaker = Callable[[list[str]], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Case:
    """A task, the reason of its failure, and texts that its message must contain."""

    task: Task
    reason: str
    says: tuple[str, ...]


def case(task: Task, reason: str, *says: str) -> Case:
    """Return a case."""
    return Case(task, reason, says)


def run_cases(playbooks: Playbooks, cases: list[Case], hosts: HostMaker, **arguments: Any) -> dict[str, dict[str, Any]]:
    """Run each case on its own host, check its failure, and return the results by task name."""
    names = {f"case-{number}": case for number, case in enumerate(cases)}
    for host, each in names.items():
        playbooks.write_tasks(f"{host}.yml", [each.task])
    tasks: list[Task] = [
        {"ansible.builtin.include_tasks": "{{ inventory_hostname }}.yml"},
        {"name": "not reached", "ansible.builtin.debug": {"msg": "reached"}},
    ]
    run = playbooks.run([play(tasks, hosts="all", strategy="free")], hosts=hosts(list(names)), **arguments)
    assert run.code == 2, run.output
    return {each.task["name"]: _checked(run, host, each) for host, each in names.items()}


def _checked(run: Run, host: str, each: Case) -> dict[str, Any]:
    result = run.failure(each.task["name"], host)
    assert run.tasks_begun(host)[-1] == each.task["name"]
    message = result["msg"]
    context = f"{each.task['name']}: {message!r}"
    assert result["reason"] == each.reason, context
    for text in each.says:
        assert text in message, context
    assert re.fullmatch(r"[^\n]{20,600}", message), context
    assert result.get("changed", False) is False, context
    return result
