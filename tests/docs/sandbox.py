# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder with the files of a page, in which its commands run against the simulator, as for a user."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from docs.quick import EXTRA_VARIABLES
from simulator.stock import V2_ID
from tools.environments import DEV
from tools.paths import ROOT, SHAPE, without_blanks

# A rehearsal of three scenarios takes a minute on an idle machine.
_SECONDS = 300
_INVENTORY = {
    "devices": {
        "hosts": {"tracker-01": {"imei": "990003425730535"}, "tracker-02": {"imei": "990003425730543"}},
        "vars": {"ansible_connection": "local", "campaign": V2_ID},
    },
    "elsewhere": {"hosts": {"bastion": None}, "vars": {"ansible_connection": "elsewhere"}},
    "all": {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
}


class Sandbox:
    """A home folder with the working folder ``rollout``. ``variables`` are the exports of the user."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        self.home = home
        self.folder = home / "rollout"
        self.folder.mkdir()
        (self.folder / "tests").symlink_to(ROOT / "tests")
        self.variables = dict(variables)
        self._bin = home / "bin"
        self._bin.mkdir()
        extra = json.dumps(EXTRA_VARIABLES)
        tools = without_blanks(DEV.folder) / "bin"
        self._install("ansible-playbook", f"{tools / 'python'} {tools / 'ansible-playbook'} \"$@\" -e '{extra}'")
        simulator = f"env PYTHONPATH='{ROOT / 'tests'}' {tools / 'python'} -m simulator \"$@\""
        self._install("thingspace-simulator", simulator)

    def _install(self, name: str, command: str) -> None:
        wrapper = self._bin / name
        wrapper.write_text(f"#!/bin/sh\nexec {command}\n")
        wrapper.chmod(0o755)

    def write(self, name: str, content: str) -> None:
        """Write a file to the working folder."""
        (self.folder / name).write_text(content, encoding="utf-8")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command in the working folder."""
        return subprocess.run(
            ["bash", "-uc", command],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def play(self, playbook: str) -> subprocess.CompletedProcess[str]:
        """Run a playbook with an inventory of the hosts in the documentation."""
        self.write("playbook.yml", playbook)
        self.write("hosts.yml", yaml.safe_dump(_INVENTORY))
        return self.run("ansible-playbook -i hosts.yml playbook.yml")

    def _environment(self) -> dict[str, str]:
        ours = ("ANSIBLE_", "THINGSPACE_", "AWX_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {
            **inherited,
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(self._bin), str(without_blanks(DEV.folder) / "bin"), os.environ["PATH"]]),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(SHAPE),
            "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests" / "integration" / "connection_plugins"),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            # By default, Ansible would use the home folder of the user who runs the tests.
            "ANSIBLE_ASYNC_DIR": str(self.home / ".ansible_async"),
            "ANSIBLE_NOCOLOR": "1",
            "NO_PROXY": "127.0.0.1",
            **self.variables,
        }
