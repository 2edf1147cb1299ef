# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the checkout that are tested and built: tracked files, and new files that git does not ignore."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tools.paths import ROOT


def known_files() -> list[Path]:
    """Return the tracked files and the new, not ignored files that exist, relative to the checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = sorted(set(listing.split("\0")) - {""})
    return [Path(name) for name in names if (ROOT / name).is_file()]


def copy_to(folder: Path, keep: Iterable[str] = ()) -> None:
    """Make the folder a copy of the known files. Other files in it are deleted, except for the paths in ``keep``."""
    folder.mkdir(parents=True, exist_ok=True)
    _empty(folder, {Path(path) for path in keep})
    for name in known_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def _empty(folder: Path, keep: set[Path], base: Path = Path()) -> None:
    for entry in folder.iterdir():
        path = base / entry.name
        if path in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            if any(path in kept.parents for kept in keep):
                _empty(entry, keep, path)
            else:
                shutil.rmtree(entry)
        else:
            entry.unlink()
