# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every task for AWX fits the modules of awx.awx, and uses all of our variables for it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml
from integration.lane import Lane

from awx.shipped import PLAYBOOKS, load, setup_tasks, variable_files
from tools.environments import AWX
from tools.paths import ROOT

VERSION = "24.6.1"
Task = dict[str, Any]


def flat(some: list[Task]) -> list[Task]:
    """Return tasks, including those in blocks."""
    return [
        one
        for task in some
        for one in ([*flat(task["block"]), *flat(task.get("rescue", []))] if "block" in task else [task])
    ]


def tasks() -> list[tuple[str, Task]]:
    """Return every task with a module of awx.awx, with the name of the module."""
    found: list[Task] = []
    for path in sorted((PLAYBOOKS / "tasks").glob("awx_*.yml")):
        found += flat(yaml.safe_load(path.read_text(encoding="utf-8")))
    return [(key, task) for task in found for key in task if key.startswith("awx.awx.")]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The options of each module, from its own documentation."""
    lane = Lane(AWX.folder, tmp_path_factory.mktemp("none"))
    names = sorted({module for module, _task in tasks()})
    done = subprocess.run(
        [*lane.program("ansible-doc"), "--json", *names],
        env=lane.environment(tmp_path_factory.mktemp("home")),
        capture_output=True,
        text=True,
        check=True,
    )
    shown = json.loads(done.stdout)
    assert set(shown) == set(names)
    return {name: shown[name]["doc"]["options"] for name in names}


def complaints(module: str, task: Task, options: dict[str, dict[str, Any]]) -> list[str]:
    """Return the differences between the arguments of a task and the options of its module."""
    given, known = task[module], options[module]
    names = {alias: name for name, option in known.items() for alias in [name, *option.get("aliases", [])]}
    found = [f"{module} has no option {name}" for name in given if name not in names]
    required = [name for name, option in known.items() if option.get("required")]
    found += [f"{module} needs {name}" for name in required if name not in given]
    for name, value in given.items():
        choices = known.get(names.get(name, ""), {}).get("choices")
        if choices and isinstance(value, (str, bool)) and "{{" not in str(value) and value not in choices:
            found.append(f"{module} does not take {value} as {name}")
    return found


def test_the_modules_are_those_that_awx_has() -> None:
    (manifest,) = AWX.folder.glob("lib/python3*/site-packages/ansible_collections/awx/awx/MANIFEST.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"] == VERSION


def test_every_task_fits_its_module(options: dict[str, dict[str, Any]]) -> None:
    assert len(tasks()) == 20
    assert [complaint for module, task in tasks() for complaint in complaints(module, task, options)] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "red"}, "awx.awx.schedule has no option colour"),
        ({"name": None}, "awx.awx.schedule needs name"),
        ({"state": "gone"}, "awx.awx.schedule does not take gone as state"),
    ],
)
def test_what_does_not_fit_is_noticed(change: dict[str, Any], says: str, options: dict[str, dict[str, Any]]) -> None:
    arguments = {"name": "x", "state": "absent", **change}
    task = {"awx.awx.schedule": {name: value for name, value in arguments.items() if value is not None}}
    assert complaints("awx.awx.schedule", task, options) == [says]


def test_every_key_of_an_object_is_used_by_its_task() -> None:
    """The configuration-as-code collections use the same files, and would also apply keys that our tasks ignore."""
    variables: dict[str, Any] = {}
    for name in variable_files():
        variables.update(load(name))
    variables["controller_execution_environments"] = [variables["awx_setup_execution_environment_wanted"]]
    looked_at = 0
    for task in setup_tasks():
        listed = re.findall(r"\bcontroller_\w+", str(task.get("loop", "")))
        if not listed:
            continue
        (objects,) = listed
        included = task.get("ansible.builtin.include_tasks", {}).get("file")
        text = (PLAYBOOKS / "tasks" / included).read_text(encoding="utf-8") if included else json.dumps(task)
        name = task["loop_control"].get("loop_var", "credential" if objects == "controller_credentials" else "item")
        used = set(re.findall(rf"\b{name}\.(\w+)", text))
        for item in variables.pop(objects):
            assert set(item) <= used, (objects, set(item) - used)
            looked_at += 1
    assert looked_at == 17
    assert [name for name in variables if name.startswith("controller_")] == []


def test_every_file_of_variables_is_loaded_and_has_one_concern() -> None:
    shipped = {path.name for path in (ROOT / "extensions" / "awx").glob("*.yml")} - {"execution-environment.yml"}
    assert shipped == set(variable_files())
    kinds = {name: [key for key in load(name) if key.startswith("controller_")] for name in shipped}
    assert kinds.pop("inventories.yml") == ["controller_inventories", "controller_hosts"]
    assert all(len(found) <= 1 for found in kinds.values())


def test_every_setting_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "extensions" / "awx").glob("*.yml")]
    texts += [path.read_text(encoding="utf-8") for path in PLAYBOOKS.rglob("awx_setup*.yml")]
    for name in load("settings.yml"):
        assert sum(len(re.findall(rf"\b{name}\b", text)) for text in texts) >= 2, name
