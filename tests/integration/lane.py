# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core the tests run, and what it is given to work with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools import collection
from tools.environments import CORE_LANES
from tools.paths import without_blanks

_HERE = Path(__file__).resolve().parent
OLDEST, NEWEST = CORE_LANES[0].folder.name, CORE_LANES[-1].folder.name
_OF_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_CORE", "PYTHONPATH")


@dataclass(frozen=True)
class Lane:
    """An environment with ansible-core and requests, and a folder in which the collection is installed."""

    venv: Path
    collections: Path

    @property
    def python(self) -> str:
        """The Python that carries this ansible-core."""
        return str(self.venv / "bin" / "python")

    def program(self, name: str) -> list[str]:
        """How to run one of its programs; through its Python, so that Ansible knows that one by this very path."""
        return [self.python, str(self.venv / "bin" / name)]

    def environment(self, home: Path) -> dict[str, str]:
        """A whole environment in which nothing of the user's own, and no credentials, are to be found."""
        return {
            "PATH": os.pathsep.join([str(self.venv / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            # What ansible-core before 2.21 adds to a result by itself: the arguments that a module was called with.
            "ANSIBLE_INJECT_INVOCATION": "1",
            # Not below "~": for local connections Ansible takes the user's home from the system, not from HOME.
            "ANSIBLE_ASYNC_DIR": str(home / "async"),
            "ANSIBLE_REMOTE_TMP": str(home / "remote-tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"),
            "ANSIBLE_CONNECTION_PLUGINS": str(_HERE / "connection_plugins"),
            # "make coverage" measures each process from its start.
            **{name: os.environ[name] for name in _OF_COVERAGE if "COVERAGE_PROCESS_START" in os.environ},
        }


def lane_from(environment: os._Environ[str], folder: Path) -> Lane:
    """The lane that the environment names; the collection is installed into ``folder`` if it is installed nowhere."""
    venv = without_blanks(Path(environment.get("FLEETOPS_LANE_VENV") or CORE_LANES[-1].folder))
    installed = environment.get("FLEETOPS_COLLECTIONS")
    if installed:
        return Lane(venv, Path(installed))
    collection.install(collection.build(folder / "dist", venv), folder, venv)
    return Lane(venv, folder)
