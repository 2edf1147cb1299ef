# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search path for Python interpreters.

pyenv and similar tools put a shim on PATH for each installed version, even if that version is not enabled. Such a shim
only fails, and hides the real interpreter from programs that search PATH.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_SHIMS = "shims"
_LAYOUTS = ("versions/*/bin", "installs/python/*/bin")


def search_path(environment: Mapping[str, str]) -> str:
    """Return PATH with the interpreters of version managers, newest first, in place of their shims."""
    folders = [folder for folder in environment.get("PATH", os.defpath).split(os.pathsep) if folder]
    roots = [Path(folder).parent for folder in folders if Path(folder).name == _SHIMS]
    roots += [Path(environment[name]) for name in ("PYENV_ROOT",) if environment.get(name)]
    real = {path for root in roots for layout in _LAYOUTS for path in root.glob(layout) if path.is_dir()}
    newest_first = sorted(real, key=lambda path: _numbers(path.parent.name), reverse=True)
    kept = [folder for folder in folders if Path(folder).name != _SHIMS]
    return os.pathsep.join(dict.fromkeys([*kept, *map(str, newest_first)]))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
