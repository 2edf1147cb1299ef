# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes playbooks of the documentation fast: shortens intervals and delays, and changes nothing else."""

from __future__ import annotations

from typing import Any

import yaml

_SECONDS = 0.01
_INTERVALS = ("wait_interval", "wait_max_interval")
_MODULES = "group/fleetops.thingspace.thingspace"
# For the role. The task keywords below need whole seconds.
EXTRA_VARIABLES = {f"campaign_{name}": _SECONDS for name in _INTERVALS}
_KEYWORDS = {"delay": 1, "poll": 1}


def playbook(content: str) -> str:
    """Return a fast version of this playbook or list of tasks."""
    plays: list[dict[str, Any]] = yaml.safe_load(content)
    if not any("hosts" in play for play in plays):
        plays = [{"name": "Tasks", "hosts": "localhost", "gather_facts": False, "tasks": plays}]
    return yaml.safe_dump([_quick_play(play) for play in plays], sort_keys=False)


def _quick_play(play: dict[str, Any]) -> dict[str, Any]:
    quick: dict[str, Any] = _quick(play)
    # The callback modules do not wait, and refuse the interval options.
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
    # A poll of 0 has another meaning: do not wait.
    return _KEYWORDS[key] if key in _KEYWORDS and value else _quick(value)
