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
# The values come from a file, because Ansible could show a secret in the playbook itself.
BY_VARIABLES = {name: f"{{{{ {name} }}}}" for name in CREDENTIALS}
# Options for fast polls.
FAST: dict[str, Any] = {"wait": True, "wait_interval": 0.2, "wait_max_interval": 0.2, "wait_timeout": 60}


def as_environment(options: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for these options."""
    return {f"THINGSPACE_{name.upper()}": value for name, value in options.items()}


def info(name: str, options: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    """Return a campaign_info task, by default for the documented campaign of v2. Options of None are omitted."""
    wanted = {"account_name": ACCOUNT, "campaign_id": V2_ID, **(options or {})}
    given = {option: value for option, value in wanted.items() if value is not None}
    return {"name": name, MODULE: given, **keywords}


def play(
    tasks: Iterable[Task], hosts: str = "localhost", defaults: Mapping[str, Any] | None = None, **more: Any
) -> Task:
    """Return a play without facts. ``defaults`` are those of the action group."""
    wanted: Task = {"hosts": hosts, "gather_facts": False, **more}
    if defaults is not None:
        wanted["module_defaults"] = {GROUP: dict(defaults)}
    return {**wanted, "tasks": list(tasks)}


def defaults(api_url: str, **more: Any) -> dict[str, Any]:
    """Return defaults of the action group: the simulator's URL, and credentials from variables."""
    return {"api_url": api_url, **BY_VARIABLES, **more}


def campaign_ids(count: int) -> list[str]:
    """Return IDs for campaigns that a test adds."""
    return [f"{number:08d}-0000-4000-8000-{number:012d}" for number in range(1, count + 1)]


def timeline(*steps: tuple[int, str]) -> list[dict[str, Any]]:
    """Return a timeline: from the n-th poll on, the campaign has this status."""
    return [{"after_looks": looks, "status": status} for looks, status in steps]


def local_hosts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return hosts with a local connection."""
    return {
        name: {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        for name in names
    }


def remote_hosts(names: Sequence[str], python: str = "{{ ansible_playbook_python }}") -> dict[str, dict[str, Any]]:
    """Return hosts that are not the controller."""
    return {name: {"ansible_connection": "elsewhere", "ansible_python_interpreter": python} for name in names}
