# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks of the documentation, with the waiting taken out: intervals and delays are short, nothing else changes."""

from __future__ import annotations

from typing import Any

import yaml

_SECONDS = 0.01
_INTERVALS = ("wait_interval", "wait_max_interval")
_MODULES = "group/fleetops.thingspace.thingspace"
# For the role. Ansible takes whole seconds for these keywords of a task.
EXTRA_VARIABLES = {f"campaign_{name}": _SECONDS for name in _INTERVALS}
_KEYWORDS = {"delay": 1, "poll": 1}


def playbook(content: str) -> str:
    """A playbook that does the same as this playbook or list of tasks, quickly."""
    plays: list[dict[str, Any]] = yaml.safe_load(content)
    if not any("hosts" in play for play in plays):
        plays = [{"name": "Tasks", "hosts": "localhost", "gather_facts": False, "tasks": plays}]
    return yaml.safe_dump([_quick_play(play) for play in plays], sort_keys=False)


def _quick_play(play: dict[str, Any]) -> dict[str, Any]:
    quick: dict[str, Any] = _quick(play)
    # The modules for callbacks wait for nothing, and refuse the intervals.
    if "hosts" in quick and "fleetops.thingspace.callback" not in str(quick):
        defaults = quick.setdefault("module_defaults", {})
        defaults[_MODULES] = {**dict.fromkeys(_INTERVALS, _SECONDS), **defaults.get(_MODULES, {})}
    return quick


def _quick(value: Any) -> Any:
    if isinstance(value, list):
        return [_quick(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _shortened(key, item) for key, item in value.items()}


def _shortened(key: str, value: Any) -> Any:
    if key.removeprefix("campaign_") in _INTERVALS:
        return _SECONDS
    # A poll of 0 means something else: do not wait.
    return _KEYWORDS[key] if key in _KEYWORDS and value else _quick(value)
