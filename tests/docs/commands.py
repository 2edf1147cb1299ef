# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands on the pages. They are run if that is possible here, and otherwise checked."""

from __future__ import annotations

import argparse
import contextlib
import re
import shlex
import subprocess

import tomllib
import yaml
from ansible import constants as C

from docs import awx_commands
from docs.awx_commands import CHECKOUT
from docs.sandbox import Sandbox
from docs.vocabulary import environment_variables, make_targets
from simulator import cli
from simulator.control import Control, SimulatorProcess
from simulator.examples import found_scenario
from simulator.scenario import read_scenario
from simulator.stock import ACCOUNT
from tools.paths import ROOT

# The simulator's URL and the path of the demo's environment on the pages.
SHOWN_ROOT = "http://127.0.0.1:8080"
_DEMO_BIN = ".venv/demo/bin/"
_METADATA = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
_RUN_AS_THEY_ARE = ("ansible-playbook", "ansible-inventory", "ansible-doc", "curl", "sh", "thingspace-simulator")
_GALAXY = "ansible-galaxy collection install"


class UnknownCommand(Exception):
    """There is no test for this command."""


class Session:
    """A user who types one command after the other."""

    def __init__(self, sandbox: Sandbox, simulator: SimulatorProcess, control: Control) -> None:
        self._sandbox = sandbox
        self._simulator = simulator
        self._control = control
        self._root = simulator.url.removesuffix("/api")
        # The user starts without any settings. "..." in an export stands for the user's own value.
        self._own = {name: value for name, value in sandbox.variables.items() if name != "THINGSPACE_API_URL"}
        self._own["THINGSPACE_ACCOUNT_NAME"] = ACCOUNT
        self._sandbox.variables = {"THINGSPACE_API_URL": simulator.url}

    def type(self, command: str) -> None:
        """Run or check one command. Raises UnknownCommand, or AssertionError if it fails."""
        words = shlex.split(command)
        program = words[0].removeprefix(_DEMO_BIN)
        if awx_commands.is_typed(self._sandbox, words):
            return
        if program == "export":
            self._export(words[1:])
        elif program == "make":
            self._make(words[1:])
        elif program == "thingspace-simulator" and "--" not in words:
            # The simulator would run until it is stopped, so the command is only checked.
            assert read_scenario(found_scenario(self._options(words[1:]).scenario)).campaigns
        elif program in _RUN_AS_THEY_ARE:
            self._run(command.replace(_DEMO_BIN, ""))
        elif command.startswith(_GALAXY):
            _check_installation(words[3:])
        elif words[:2] == ["git", "clone"]:
            assert words[2] == f"{_METADATA['repository']}.git"
            assert words[3:] in ([], [CHECKOUT])
        elif program == "cd":
            assert words[1] == _METADATA["repository"].rpartition("/")[2]
        elif words[:4] == ["python3", "-m", "pip", "install"]:
            _check_packages(words[4:])
        else:
            raise UnknownCommand(command)

    def _export(self, assignments: list[str]) -> None:
        for assignment in assignments:
            name, _equals, value = assignment.partition("=")
            if name.startswith("ANSIBLE_"):
                # The collection is the checkout here, so the value is not used.
                assert name in _ansible_variables()
                continue
            assert name in {*environment_variables(), *awx_commands.CONNECTION}
            if name in awx_commands.CONNECTION:
                continue
            self._sandbox.variables[name] = self._own[name] if value == "..." else self._here(value)

    def _make(self, words: list[str]) -> None:
        assert words[0] in make_targets()
        if words[0] != "simulator":
            assert len(words) == 1
            return
        arguments = words[1].removeprefix("ARGS=") if len(words) > 1 else ""
        with contextlib.suppress(SystemExit) if arguments == "--help" else contextlib.nullcontext():
            options = self._options(shlex.split(arguments))
            if options.scenario:
                scenario = read_scenario(options.scenario)
                assert scenario.campaigns
                self._control.scenario(yaml.safe_load(options.scenario.read_text(encoding="utf-8")))

    def _options(self, words: list[str]) -> argparse.Namespace:
        """Parse the options of the simulator's command line. Raises SystemExit for wrong ones."""
        return cli._parser().parse_args([word.replace("$HOME", str(self._sandbox.home)) for word in words])

    def _run(self, command: str) -> None:
        done: subprocess.CompletedProcess[str] = self._sandbox.run(self._here(command))
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        assert not _warnings(done.stdout), done.stdout
        if "|| echo" in command:
            assert done.stdout.endswith("stopped\n"), done.stdout
        if command.startswith("curl"):
            assert '"error"' not in done.stdout, done.stdout

    def _here(self, text: str) -> str:
        return text.replace(SHOWN_ROOT, self._root)


def _warnings(output: str) -> list[str]:
    warnings = [line for line in output.splitlines() if line.startswith("[WARNING]")]
    # Ansible's own warnings: about runs without an inventory, and about a part of itself.
    own = ("No inventory was parsed", "implicit localhost", "_protomatter")
    return [line for line in warnings if not any(text in line for text in own)]


def _ansible_variables() -> set[str]:
    definitions = C.config.get_configuration_definitions().values()
    return {entry["name"] for definition in definitions for entry in definition.get("env") or ()}


def _check_packages(packages: list[str]) -> None:
    needed = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split()
    # The simulator is the Python project of this repository.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Homepage"] == _METADATA["repository"]
    known = {*needed, *(requirement.partition(">")[0] for requirement in needed)}
    known |= {"ansible-core", "ansible-rulebook"}
    assert packages
    assert set(packages) <= known | {f"git+{_METADATA['repository']}.git"}


def _check_installation(what: list[str]) -> None:
    name, version = f"{_METADATA['namespace']}.{_METADATA['name']}", _METADATA["version"]
    known = {name, f"git+{_METADATA['repository']}.git", f"dist/{name.replace('.', '-')}-{version}.tar.gz"}
    assert what[0] in known
    assert what[1:] in ([], [awx_commands.MODULES])


def commands_of(content: str) -> list[str]:
    """Return the commands of a console block. Each line must be a command; a backslash continues a line."""
    joined = re.sub(r"\\\n\s*", "", content).splitlines()
    assert all(line.startswith("$ ") for line in joined), joined
    return [line.removeprefix("$ ") for line in joined]


def commands_of_workflow(content: str) -> list[str]:
    """Return the commands of all jobs in a workflow of GitHub Actions, which are one per line."""
    jobs = yaml.safe_load(content)["jobs"].values()
    return [line for job in jobs for step in job["steps"] for line in step.get("run", "").splitlines()]
