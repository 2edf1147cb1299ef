# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions of ``noxfile.py``, as nox itself lists them."""

from __future__ import annotations

import functools
import json
import subprocess

from tools.paths import ROOT, VENVS


@functools.cache
def sessions(*selection: str) -> dict[str, list[str]]:
    """Return the selected sessions (default: all) and those that they require, each with its tags."""
    # JSON, because the table also lists sessions that are not selected.
    command = [str(VENVS / "nox" / "bin" / "nox"), "--list", "--json", *(selection or ("--keywords", "not none"))]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {entry["session"]: entry["tags"] for entry in json.loads(listed)}
