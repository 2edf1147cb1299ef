# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nginx: the one of the system, or the program out of Debian's package, unpacked without installing the package.

The package would start a web server on port 80 of the machine.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import system_programs
from tools.paths import VENVS

MISSING = "no nginx found: install your system's package nginx, or set FLEETOPS_NGINX to the path of the program"
_LIMIT_SECONDS = 300
# Administrators' programs are often not on the path of other users.
_SYSTEM = f"{os.defpath}:/usr/sbin:/usr/local/sbin"


def _folder() -> Path:
    return VENVS / "nginx"


def found() -> str | None:
    """The path of the program, None if there is none that runs."""
    named = os.environ.get("FLEETOPS_NGINX")
    unpacked = _folder() / "usr" / "sbin" / "nginx"
    for candidate in (named,) if named else (shutil.which("nginx"), shutil.which("nginx", path=_SYSTEM), str(unpacked)):
        if candidate and _run([candidate, "-v"]):
            return candidate
    return None


def found_or_unpacked() -> str | None:
    """The path of the program; if it is missing, apt-get downloads it. That needs no rights."""
    path = found()
    if path is not None or not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return path
    print("downloading the system's package nginx", flush=True)
    _folder().mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "nginx"]
    if not _run(download, _folder()):
        # A new machine has no lists of packages.
        _run([*(system_programs.as_administrator() or []), "apt-get", "update"])
        _run(download, _folder())
    for package in sorted(_folder().glob("nginx_*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(_folder())])
    return found()


def _run(command: list[str], folder: Path | None = None) -> bool:
    done = system_programs.run(command, _LIMIT_SECONDS, folder)
    return done is not None and done.returncode == 0
