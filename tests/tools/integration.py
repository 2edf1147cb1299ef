# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration tests on one lane. Usage: ``python3 -m tools.integration LANE [PYTEST ARGUMENT ...]``.

The tests find their lane in the environment:

* ``FLEETOPS_LANE_VENV``: the virtual environment whose ansible-playbook they run;
* ``FLEETOPS_COLLECTIONS``: a collections folder with the built tarball, installed by that lane's ansible-galaxy;
* ``FLEETOPS_TARGET_PYTHON``: a Python of the oldest version that runs modules, if there is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tools import collection
from tools.environments import BY_NAME, DEV, TARGET
from tools.paths import ROOT, VENVS, without_blanks


def main(lane_name: str, arguments: list[str]) -> int:
    """Build, install and test; the exit code is pytest's."""
    lane = BY_NAME[lane_name]
    collections = VENVS / "collections" / lane.name
    shutil.rmtree(collections, ignore_errors=True)
    try:
        tarball = collection.build(collections / "dist", lane.folder)
        installed = collection.install(tarball, collections, lane.folder)
    except collection.BuildError as error:
        print(error)
        return 1
    print(f"{lane.name}: installed {tarball.name} in {installed.relative_to(ROOT)}", flush=True)
    environment = {
        **os.environ,
        "FLEETOPS_LANE_VENV": str(lane.folder),
        "FLEETOPS_COLLECTIONS": str(collections),
    }
    target = TARGET.folder / "bin" / "python"
    if target.exists():
        environment["FLEETOPS_TARGET_PYTHON"] = str(without_blanks(target))
    command = [str(DEV.folder / "bin" / "python"), "-m", "pytest", "tests/integration", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
