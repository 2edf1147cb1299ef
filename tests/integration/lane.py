# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lane in which tests run: a version of ansible-core, and its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools import collection
from tools.environments import CORE_LANES
from tools.paths import without_blanks

_HERE = Path(__file__).resolve().parent
OLDEST, NEWEST = CORE_LANES[0].folder.name, CORE_LANES[-1].folder.name
_TESTED = os.environ.get("FLEETOPS_LANE_VENV", NEWEST)
IS_OLDEST, IS_NEWEST = OLDEST in _TESTED, NEWEST in _TESTED
_OF_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_CORE", "PYTHONPATH")


@dataclass(frozen=True)
class Lane:
    """A virtual environment with ansible-core and requests, and a folder with the installed collection."""

    venv: Path
    collections: Path

    @property
    def python(self) -> str:
        """The Python that runs this ansible-core."""
        return str(self.venv / "bin" / "python")

    def program(self, name: str) -> list[str]:
        """Return the command for one of its programs. It names Python, so that Ansible uses exactly this path."""
        return [self.python, str(self.venv / "bin" / name)]

    def environment(self, home: Path) -> dict[str, str]:
        """Return a complete environment without anything of the user, and without credentials."""
        return {
            "PATH": os.pathsep.join([str(self.venv / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            # ansible-core before 2.21 does this by default: it adds the arguments of a module to its result.
            "ANSIBLE_INJECT_INVOCATION": "1",
            # Not below "~": for local connections, Ansible gets the home folder from the system, not from HOME.
            "ANSIBLE_ASYNC_DIR": str(home / "async"),
            "ANSIBLE_REMOTE_TMP": str(home / "remote-tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"),
            "ANSIBLE_CONNECTION_PLUGINS": str(_HERE / "connection_plugins"),
            # "make coverage" starts the measurement of each process with these variables.
            **{name: os.environ[name] for name in _OF_COVERAGE if "COVERAGE_PROCESS_START" in os.environ},
        }


def lane_from(environment: os._Environ[str], folder: Path) -> Lane:
    """Return the lane that the environment selects. Installs the collection into ``folder`` if it is not installed."""
    venv = without_blanks(Path(environment.get("FLEETOPS_LANE_VENV") or CORE_LANES[-1].folder))
    installed = environment.get("FLEETOPS_COLLECTIONS")
    if installed:
        return Lane(venv, Path(installed))
    collection.install(collection.build(folder / "dist", venv), folder, venv)
    return Lane(venv, folder)
