# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks, the devcontainer and CODEOWNERS refer only to existing tools and paths."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tools import environments
from tools.paths import ROOT

HOOKS = [
    hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repo["hooks"]
]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", [hook["entry"] for hook in HOOKS])
def test_a_hook_runs_a_locked_tool_or_a_target(entry: str) -> None:
    program, first, *_rest = entry.split() + [""]
    locked = environments.DEV.requirements.read_text(encoding="utf-8")
    tool = re.escape(Path(program).name)
    is_locked = re.search(rf"^{tool}(-py)?==", locked, re.MULTILINE) is not None
    assert (program == f".venv/dev/bin/{Path(program).name}" and is_locked) or (program == "make" and first in TARGETS)


def test_the_devcontainer_is_set_up_as_contributing_says() -> None:
    program, target = DEVCONTAINER["postCreateCommand"].split()
    assert program == "make" and target in TARGETS
    assert f"make {target}" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_python_of_the_devcontainer_carries_the_tools() -> None:
    (version,) = re.findall(r"python:(\d+\.\d+)", DEVCONTAINER["image"])
    assert version in environments.DEV.pythons


def test_the_editor_of_the_devcontainer_uses_the_environment_of_the_tools() -> None:
    settings = DEVCONTAINER["customizations"]["vscode"]["settings"]
    inside = settings["python.defaultInterpreterPath"].removeprefix("${containerWorkspaceFolder}/")
    assert ROOT / inside == environments.DEV.folder / "bin" / "python"
    assert all((ROOT / folder).is_dir() for folder in settings["python.testing.pytestArgs"])


def test_every_path_that_has_owners_is_there() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text(encoding="utf-8").splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules
    for pattern, *owners in rules:
        assert owners and all(owner.startswith("@") for owner in owners)
        assert list(ROOT.glob(pattern.strip("/"))), pattern
