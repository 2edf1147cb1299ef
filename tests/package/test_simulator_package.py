# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a Python package, which users install from the repository: built, and run outside the checkout."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomllib
import yaml

from tools import worktree
from tools.paths import REQUIREMENTS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the files that git knows."""
    copy, folder = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheels")
    worktree.copy_to(copy)
    subprocess.run([sys.executable, "-c", _BUILD, str(folder)], cwd=copy, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def test_it_has_the_whole_simulator_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    here = [path for path in worktree.known_files() if path.is_relative_to("tests/simulator") and path.suffix != ".md"]
    assert names == {path.relative_to("tests").as_posix() for path in here}
    assert {"simulator/status_page.html", "simulator/scenarios/happy_path.yml"} <= names


def test_it_runs_where_the_checkout_is_not(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from simulator.cli import main; sys.exit(main())"]
        + ["--scenario", "happy_path", "--", sys.executable, "-c", "import simulator; print(simulator.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))


def test_its_metadata(wheel: Path) -> None:
    (name,) = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("/METADATA")]
    metadata = email.message_from_bytes(zipfile.ZipFile(wheel).read(name))
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert metadata["Version"] == galaxy["version"]
    assert PROJECT["urls"]["Homepage"] == galaxy["repository"]
    # The packages that "make simulator" installs, except for those that only the demo needs.
    demo = set(re.findall(r"^([A-Za-z][\w-]*)", (REQUIREMENTS / "demo.in").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(metadata.get_all("Requires-Dist") or []) == demo - {"ansible-core", "pygal", "requests"}
