# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find Python interpreters of given versions by really running the candidates.

A version manager's shim is on PATH for each version that it knows, also for those that it will not run,
so a file's name says nothing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

_QUESTION = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
_SECONDS = 20
# What version managers call their folder of stand-ins.
SHIMS = "shims"


@cache
def ask(candidate: str) -> tuple[str, str] | None:
    """Return (``X.Y``, real executable) of a Python that runs, or None."""
    try:
        done = subprocess.run(
            [candidate, "-c", _QUESTION], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.split("\n")
    if done.returncode != 0 or len(lines) < 2 or not lines[1]:
        return None
    return lines[0], lines[1]


def version_manager_bins() -> list[Path]:
    """Return the folders with real interpreters below the version managers' roots, newest version first.

    A root is where pyenv says, or its usual place, or what stands beside a folder of shims on PATH.
    """
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    roots += [Path(part).parent for part in search_path() if Path(part).name == SHIMS]
    patterns = ("versions/*/bin", "installs/python/*/bin")
    found = {path for root in roots for pattern in patterns for path in root.glob(pattern) if path.is_dir()}
    return sorted(found, key=lambda path: _numbers(path.parent.name), reverse=True)


def search_path() -> list[str]:
    """Return the folders on PATH."""
    return [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _candidates(version: str, uv: Path | None) -> Iterator[str]:
    for folder in search_path():
        for name in (f"python{version}", "python3", "python"):
            path = Path(folder) / name
            if path.is_file() and os.access(path, os.X_OK):
                yield str(path)
    for bin_folder in version_manager_bins():
        path = bin_folder / f"python{version}"
        if path.is_file():
            yield str(path)
    if uv is not None:
        command = [str(uv), "python", "find", "--no-python-downloads", "--no-project", "--system", version]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            yield done.stdout.strip()


def find(versions: Iterable[str], uv: Path | None = None) -> tuple[str, str] | None:
    """Return (version, executable) for the first of the wanted versions that some interpreter answers to."""
    for version in versions:
        for candidate in _candidates(version, uv):
            answer = ask(candidate)
            if answer is not None and answer[0] == version:
                return answer
    return None
