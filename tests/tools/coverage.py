# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report how much of ``plugins/`` the tests run, by branch. Usage: ``python3 -m tools.coverage [PYTEST ARGUMENT ...]``.

The integration tests run playbooks with the ansible-core of ``.venv/dev``, which has coverage.py. Ansible forks a
worker for each task, which ends with ``os._exit``, and sends modules as archives to other processes. Therefore every
process starts its own measurement (``sitecustomize.py`` below), and saves the data before it ends. Nothing is installed
into an environment. Arguments for pytest (folders, ``-k``) select tests. The default is all tests that run our code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tools import collection
from tools.environments import DEV, TARGET
from tools.paths import LOGS, ROOT, without_blanks

FOLDER = LOGS / "coverage"
FOLDERS = ("unit", "client", "task", "integration")
_PLUGINS = "*/ansible_collections/fleetops/thingspace/plugins"
_CONFIGURATION = f"""
[run]
branch = true
parallel = true
concurrency = multiprocessing, thread
patch = _exit
sigterm = true
data_file = {FOLDER / "data"}
include =
    {ROOT / "plugins"}/*
    {_PLUGINS}/*

[paths]
plugins =
    {ROOT / "plugins"}
    {_PLUGINS}

[report]
skip_covered = true
# What Ansible makes for the archive of a module: an __init__.py that is nowhere else.
ignore_errors = true
show_missing = true
exclude_also =
    if t\\.TYPE_CHECKING:
    class .*\\bProtocol\\):
    raise AssertionError\\("unreachable"\\)
"""
_START = "import coverage\n\ncoverage.process_startup()\n"


def _environment() -> dict[str, str]:
    """Return variables that start the measurement in all child processes, and select .venv/dev for the playbooks."""
    (FOLDER / "start").mkdir(parents=True)
    (FOLDER / "start" / "sitecustomize.py").write_text(_START, encoding="utf-8")
    configuration = FOLDER / "coveragerc"
    configuration.write_text(_CONFIGURATION, encoding="utf-8")
    collections = FOLDER / "collections"
    collection.install(collection.build(FOLDER / "dist", DEV.folder), collections, DEV.folder)
    environment = {
        **os.environ,
        "PYTHONPATH": str(FOLDER / "start"),
        "COVERAGE_PROCESS_START": str(configuration),
        # Python 3.14 has a different default.
        "COVERAGE_CORE": "ctrace",
        "FLEETOPS_LANE_VENV": str(DEV.folder),
        "FLEETOPS_COLLECTIONS": str(collections),
        "FLEETOPS_FORMS": "all",
    }
    target = TARGET.folder / "bin" / "python"
    return {**environment, "FLEETOPS_TARGET_PYTHON": str(without_blanks(target))} if target.exists() else environment


def main(arguments: list[str]) -> int:
    """Run the tests, combine the data, and print the report. Returns the exit code of the tests."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    python, environment = str(DEV.folder / "bin" / "python"), _environment()
    tests = arguments or [f"tests/{name}" for name in FOLDERS]
    done = subprocess.run([python, "-m", "pytest", "-n", "2", *tests], cwd=ROOT, env=environment, check=False)
    plain = {name: value for name, value in environment.items() if not name.startswith(("COVERAGE_", "PYTHONPATH"))}
    for command in (["combine", "--quiet"], ["html", "--quiet", "--directory", str(FOLDER / "html")], ["report"]):
        options = ["--rcfile", str(FOLDER / "coveragerc")]
        subprocess.run([python, "-m", "coverage", command[0], *options, *command[1:]], cwd=ROOT, env=plain, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
