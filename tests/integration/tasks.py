# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays and tasks of these tests, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID

Task = dict[str, Any]

MODULE = "fleetops.thingspace.campaign_info"
GROUP = "group/fleetops.thingspace.thingspace"
CREDENTIALS: dict[str, str] = {name: str(value) for name, value in DEMO_CREDENTIALS.items()}
# The variables of these names come from a file: a secret in the playbook itself could be shown by Ansible.
BY_VARIABLES = {name: f"{{{{ {name} }}}}" for name in CREDENTIALS}
# Looks as fast as a test wants them.
FAST: dict[str, Any] = {"wait": True, "wait_interval": 0.2, "wait_max_interval": 0.2, "wait_timeout": 60}


def as_environment(options: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of these options."""
    return {f"THINGSPACE_{name.upper()}": value for name, value in options.items()}


def info(name: str, options: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    """A task with campaign_info, by default for the documented campaign of v2; None leaves an option out."""
    wanted = {"account_name": ACCOUNT, "campaign_id": V2_ID, **(options or {})}
    given = {option: value for option, value in wanted.items() if value is not None}
    return {"name": name, MODULE: given, **keywords}


def play(
    tasks: Iterable[Task], hosts: str = "localhost", defaults: Mapping[str, Any] | None = None, **more: Any
) -> Task:
    """A play without facts; ``defaults`` are those of the action group."""
    wanted: Task = {"hosts": hosts, "gather_facts": False, **more}
    if defaults is not None:
        wanted["module_defaults"] = {GROUP: dict(defaults)}
    return {**wanted, "tasks": list(tasks)}


def defaults(api_url: str, **more: Any) -> dict[str, Any]:
    """Options of the action group: the simulator, and credentials by variables."""
    return {"api_url": api_url, **BY_VARIABLES, **more}


def campaign_ids(count: int) -> list[str]:
    """So many IDs for campaigns that a test adds."""
    return [f"{number:08d}-0000-4000-8000-{number:012d}" for number in range(1, count + 1)]


def timeline(*steps: tuple[int, str]) -> list[dict[str, Any]]:
    """A timeline: from the n-th look on, the campaign has this status."""
    return [{"after_looks": looks, "status": status} for looks, status in steps]


def local_hosts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Hosts with a local connection."""
    return {
        name: {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        for name in names
    }


def remote_hosts(names: Sequence[str], python: str = "{{ ansible_playbook_python }}") -> dict[str, dict[str, Any]]:
    """Hosts that are not the controller."""
    return {name: {"ansible_connection": "elsewhere", "ansible_python_interpreter": python} for name in names}
