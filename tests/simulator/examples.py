# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example scenarios, by their names."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "scenarios"


def example_names() -> list[str]:
    """Return the names of all example scenarios."""
    return sorted(path.stem for path in _FOLDER.glob("*.yml"))


def found_scenario(path: Path) -> Path:
    """Return this file, or the example with this name. Raises FileNotFoundError with one sentence."""
    if path.exists():
        return path
    if str(path) in example_names():
        return _FOLDER / f"{path}.yml"
    names = ", ".join(example_names())
    raise FileNotFoundError(f"there is no scenario file {path}; the examples are {names}")
