# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of docs/awx.md, and the settings for Ansible in our project."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import yaml
from integration.lane import Lane
from integration.playbooks import Playbooks

from awx.controller.serving import Controller
from awx.shipped import EXTENSIONS
from tools.paths import ROOT

PAGE = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
SETUP = "fleetops.thingspace.awx_setup"


def test_the_setup_as_it_is_typed(playbooks: Playbooks, controller: Controller) -> None:
    commands = re.findall(rf"\$ ansible-playbook {re.escape(SETUP)} (.+)", PAGE)
    assert len(commands) == 2
    first = shlex.split(commands[0])
    run = playbooks.run(SETUP, environment=controller.environment, arguments=[*first, "--tags", "projects"])
    assert run.code == 0, run.output
    (project,) = controller.tables.all("projects")
    assert project["scm_url"] == "https://git.example.com/rollout.git"


def test_the_variables_can_be_loaded_without_the_setup(playbooks: Playbooks) -> None:
    """Users of the configuration-as-code collections do this."""
    names = sorted(path.name for path in EXTENSIONS.glob("*.yml") if path.name not in ("execution-environment.yml",))
    loads = [{"ansible.builtin.include_vars": str(EXTENSIONS / name)} for name in names]
    # In other sections of the page, such names are options of modules.
    section = PAGE.partition("\n## Configuration as code\n")[2].partition("\n## ")[0]
    variables = sorted(set(re.findall(r"`(controller_[a-z_]+)`", section)))
    assert len(variables) == 9
    show = {"name": "show", "ansible.builtin.set_fact": {"seen": {name: f"{{{{ {name} }}}}" for name in variables}}}
    run = playbooks.run([{"hosts": "localhost", "gather_facts": False, "tasks": [*loads, show]}])
    assert run.code == 0, run.output
    seen = run.result("show")["ansible_facts"]["seen"]
    assert {name for name, value in seen.items() if not value} == {"controller_execution_environments"}
    # When the module gets it, "!unsafe" was already removed, but the value is not yet templated.
    environment = seen["controller_credential_types"][0]["injectors"]["env"]
    assert environment["THINGSPACE_PASSWORD"] == "{{ password }}"


def test_a_job_takes_the_setting_from_the_project(lane: Lane, tmp_path: Path) -> None:
    """Ansible has no environment variable for this setting."""
    command = [*lane.program("ansible-config"), "dump", "--format", "yaml"]
    environment = {**lane.environment(tmp_path), "ANSIBLE_INTERNAL_POLL_INTERVAL": "0.7"}

    def interval(folder: Path) -> float:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        found = {one["name"]: one["value"] for one in yaml.safe_load(done.stdout) if "name" in one}
        return float(found["DEFAULT_INTERNAL_POLL_INTERVAL"])

    assert interval(tmp_path) == 0.001
    assert interval(EXTENSIONS / "project") == 0.05
