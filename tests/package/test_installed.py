# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible and related tools find the content of the installed collection by name, from any folder."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
import yaml

from .conftest import Installed

NEEDED = ("requests>=2.28", "pygal>=3.0.5")


def output(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a program printed, if it succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_module_documents_itself(installed: Installed) -> None:
    shown = json.loads(output(installed.run("ansible-doc", "--json", "fleetops.thingspace.campaign_info")))
    assert {"account_name", "campaign_id", "wait"} <= set(shown["fleetops.thingspace.campaign_info"]["doc"]["options"])


def test_the_role_documents_itself(installed: Installed) -> None:
    arguments = ("--json", "--type", "role", "fleetops.thingspace.campaign_wait")
    shown = json.loads(output(installed.run("ansible-doc", *arguments)))
    entry_points = shown["fleetops.thingspace.campaign_wait"]["entry_points"]
    assert set(entry_points) == {"main"}
    description = entry_points["main"]["options"]["campaign_wait_campaign_id"]["description"]
    assert description[-1].startswith("Required.")
    assert "campaign_wait_device_id" in entry_points["main"]["options"]


def test_the_playbook_is_found_by_name(installed: Installed) -> None:
    shown = output(installed.run("ansible-playbook", "--syntax-check", "fleetops.thingspace.campaign_wait"))
    assert shown.strip() == f"playbook: {installed.root / 'playbooks' / 'campaign_wait.yml'}"


def test_the_action_group_has_every_module(installed: Installed) -> None:
    runtime = yaml.safe_load((installed.root / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = {path.stem for path in (installed.root / "plugins" / "modules").glob("*.py")}
    assert modules
    # The role's own action has no options that a group could set.
    assert set(runtime["action_groups"]["thingspace"]) == modules - {"campaign_gate"}


def test_an_execution_environment_gets_the_libraries(installed: Installed) -> None:
    found = output(installed.run("ansible-builder", "introspect", str(installed.collections)))
    python = yaml.safe_load(found)["python"]
    assert all(library in json.dumps(python) for library in NEEDED)


@pytest.mark.parametrize("definition", ["awx/execution-environment.yml", "eda/decision-environment.yml"])
def test_an_image_can_be_built_by_the_definition(installed: Installed, definition: str) -> None:
    """Without a registry, only this is tested: ansible-builder accepts it, and the build context has all files."""
    context = installed.elsewhere / definition
    shipped = str(installed.root / "extensions" / definition)
    output(installed.run("ansible-builder", "create", "--file", shipped, "--context", str(context)))
    collections = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert "fleetops.thingspace" in {one["name"] for one in collections}
    python = context / "_build" / "requirements.txt"
    if definition.startswith("eda/"):
        names = {re.split(r"[=>]", line)[0] for line in python.read_text(encoding="utf-8").split()}
        assert names == {"ansible-rulebook", "requests"}
        assert "java-17-openjdk" in (context / "_build" / "bindep.txt").read_text(encoding="utf-8")
