# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test on this checkout. Usage: ``python3 -m tools.ansible_test LANE ARGUMENT ...``.

ansible-test wants the path ``.../ansible_collections/NAMESPACE/NAME`` and resolves symlinks, so it gets a copy of
the known files. The copy is a git work tree of its own: ansible-test asks the nearest one above for the files to test,
and below an ignored folder of ours it would find none, and pass.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tools import indexes, pythons, worktree
from tools.environments import BY_NAME, Environment
from tools.paths import NAME, NAMESPACE, ROOT, VENVS

_PROGRAM = "ansible_test._util.target.cli.ansible_test_cli_stub"
# Made by ansible-test itself, and worth keeping: the environments of "units --venv".
_OUTPUT = "tests/output"
# What ansible-test prints, with success, when it has tested nothing.
_NOTHING_TESTED = "All targets skipped"
# Every Python that some supported ansible-core knows.
_VERSIONS = tuple(f"3.{minor}" for minor in range(8, 16))

# ansible-test makes environments without pip and then downloads get-pip.py, which is a program that carries a copy of
# pip and installs what its arguments name. This does the same with the wheel of that pip, from the package index.
_GET_PIP = """\
import runpy
import sys

wheels, pip = {wheels!r}, {pip!r}
sys.path.insert(0, pip)
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.argv = ["pip", "install", "--find-links", wheels] + wanted
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def prepare_home(lane: Environment, home: Path) -> None:
    """Make a home folder for ansible-test, so that nothing of the user's own is read or changed.

    ansible-test hides the PIP_* variables from pip: what they and pip.conf say is written down in this home.
    """
    bootstrap = VENVS / "uv" / "bin" / "python"
    pip = [str(bootstrap if bootstrap.exists() else sys.executable), "-m", "pip", "--disable-pip-version-check"]
    settings = indexes.parse_pip_config(
        subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    )
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    lines = [f"{name} = {' '.join(value.split())}\n" for name, value in sorted(settings.items()) if value]
    config.write_text("[global]\n" + "".join(lines))

    sources = next(lane.folder.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py"))
    version = re.search(r"^ +pip='([0-9.]+)'", sources.read_text(), re.MULTILINE)
    if version is None:
        raise RuntimeError(f"{sources} no longer names the version of pip that it wants")
    wheels = home / "wheels"
    command = [*pip, "download", "--quiet", "--no-deps", "--dest", str(wheels), f"pip=={version[1]}"]
    if not list(wheels.glob(f"pip-{version[1]}-*.whl")):
        subprocess.run(command, check=True)
    (wheel,) = wheels.glob(f"pip-{version[1]}-*.whl")
    stand_in = home / ".ansible" / "test" / "cache" / f"get_pip_{version[1].replace('.', '_')}.py"
    stand_in.parent.mkdir(parents=True, exist_ok=True)
    stand_in.write_text(_GET_PIP.format(wheels=str(wheels), pip=str(wheel)))


def search_path(lane: Environment) -> str:
    """Return a PATH on which each pythonX.Y is one that runs: real interpreters first, no version manager's shims."""
    found = [pythons.find([version]) for version in _VERSIONS]
    real = [str(Path(python).parent) for _version, python in filter(None, found)]
    rest = [part for part in pythons.search_path() if Path(part).name != pythons.SHIMS]
    return os.pathsep.join(dict.fromkeys([str(lane.folder / "bin"), *real, *rest]))


def copy_folder(lane: Environment, command: str) -> Path:
    """Return where a lane's copy for a command of ansible-test is."""
    return VENVS / "ansible-test" / f"{lane.name}-{command}" / "ansible_collections" / NAMESPACE / NAME


def run(lane: Environment, arguments: list[str]) -> int:
    """Run ansible-test of a lane on a copy of the known files; its exit code, or 1 if it has tested nothing."""
    content = copy_folder(lane, arguments[0])
    home = content.parents[2] / "home"
    ignores = sorted(ROOT.glob("tests/sanity/ignore-*.txt"))
    if ignores:
        print(f"No ignore files here, please: {', '.join(path.name for path in ignores)}", flush=True)
        return 1
    worktree.copy_to(content, keep=[_OUTPUT])
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=content, check=True)
    prepare_home(lane, home)
    environment = {**os.environ, "HOME": str(home), "PATH": search_path(lane)}
    for name in ("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH", "VIRTUAL_ENV", "XDG_CONFIG_HOME"):
        environment.pop(name, None)
    # Not the script in bin: in a folder with a space in its name the one of ansible-core 2.16 does not start.
    command = [str(lane.folder / "bin" / "python"), "-m", _PROGRAM, *arguments]
    process = subprocess.Popen(
        command, cwd=content, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    nothing_tested = False
    assert process.stdout is not None
    for line in process.stdout:
        nothing_tested = nothing_tested or _NOTHING_TESTED in line
        print(line, end="", flush=True)
    code = process.wait()
    if nothing_tested and code == 0:
        print("ansible-test has tested nothing")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(run(BY_NAME[sys.argv[1]], sys.argv[2:]))
