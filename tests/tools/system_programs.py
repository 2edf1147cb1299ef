# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs programs of the system without their output, and without asking for a password."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def as_administrator() -> list[str] | None:
    """Return what has to precede a command that needs the rights of an administrator. None if there is no way."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "--non-interactive"] if shutil.which("sudo") else None


def run(command: Sequence[str], seconds: float, folder: Path | None = None) -> subprocess.CompletedProcess[str] | None:
    """Run a program. Return None if it does not start, or does not end in time."""
    try:
        return subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
