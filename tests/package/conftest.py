# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball, built once per run, and the collection installed from it outside the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools import collection
from tools.environments import DEV


class Installed:
    """The collection as a user has it: installed from the tarball, without the checkout."""

    def __init__(self, collections: Path, elsewhere: Path) -> None:
        self.collections = collections
        self.root = collections / "ansible_collections" / "fleetops" / "thingspace"
        self.elsewhere = elsewhere

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the development environment outside the checkout."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment = {
            **inherited,
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_HOME": str(self.elsewhere / "ansible-home"),
            "PATH": f"{DEV.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(
            [str(DEV.folder / "bin" / program), *arguments],
            cwd=self.elsewhere,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tarball, built from the files that git knows."""
    return collection.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The collection, installed from the tarball."""
    collections = tmp_path_factory.mktemp("collections")
    collection.install(tarball, collections, DEV.folder)
    return Installed(collections, tmp_path_factory.mktemp("elsewhere"))
