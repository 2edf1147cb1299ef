# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Different files of the collection agree with each other."""

from __future__ import annotations

import pathlib
import typing as t

import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._version import VERSION

ROOT: t.Final = pathlib.Path(__file__).parents[3]


# The gate of the role has none of the options that a group's defaults set, and reads these itself.
NOT_FOR_TASKS: t.Final = {"campaign_gate"}


def test_the_action_group_has_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")} - {"__init__"} - NOT_FOR_TASKS

    assert modules
    assert set(runtime["action_groups"]) == {"thingspace"}
    assert sorted(runtime["action_groups"]["thingspace"]) == sorted(modules)


def test_the_version_of_the_user_agent_is_the_collections() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

    assert galaxy["version"] == VERSION
