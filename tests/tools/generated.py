# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes generated files, or lists those that are out of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.paths import ROOT


def write_or_check(wanted: Mapping[Path, str], arguments: Sequence[str]) -> int:
    """Write the files that differ. With ``--check``, only print their names, and return 1 if there are any."""
    stale = {path: text for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run make tables")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return int(bool(stale) and "--check" in arguments)
