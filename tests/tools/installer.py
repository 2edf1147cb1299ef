# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make virtual environments from locked requirements: with uv if it can be had, else with venv and pip."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools import indexes
from tools.paths import REQUIREMENTS, ROOT, VENVS

_UV_HOME = VENVS / "uv"
_UV_REQUIREMENTS = REQUIREMENTS / "uv.txt"
_STAMP = ".requirements-stamp"


class SetupError(Exception):
    """An environment could not be made; the message says why and what to do."""


def fingerprint(requirements: Path, python: str) -> str:
    """Return a digest that changes when the locked requirements or the interpreter change."""
    return hashlib.sha256(python.encode() + b"\0" + requirements.read_bytes()).hexdigest()


def is_current(folder: Path, requirements: Path, python: str) -> bool:
    """Tell whether the environment was made completely, by this interpreter, from these requirements."""
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(requirements, python)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise SetupError(f"{' '.join(command)}\n{done.stdout}")


def _plain_venv(python: str, folder: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _run([python, "-m", "venv", str(folder)])
    except SetupError as error:
        advice = "On Debian and Ubuntu: install the package python3-venv."
        raise SetupError(f"{python} cannot make a virtual environment. {advice}\n{error}") from error
    _run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(requirements)])


def find_uv() -> Path | None:
    """Return the pinned uv in an environment of its own, or None (with a warning) if it cannot be had."""
    program = _UV_HOME / "bin" / "uv"
    if is_current(_UV_HOME, _UV_REQUIREMENTS, sys.executable) and program.exists():
        return program
    try:
        _plain_venv(sys.executable, _UV_HOME, _UV_REQUIREMENTS)
    except SetupError as error:
        print(f"uv cannot be had here; going on with venv and pip, which is slower. {error}", file=sys.stderr)
        return None
    (_UV_HOME / _STAMP).write_text(fingerprint(_UV_REQUIREMENTS, sys.executable))
    return program


def uv_run(uv: Path, arguments: list[str], for_lock: bool = False) -> None:
    """Run uv with the user's pip configuration; raises SetupError with uv's words."""
    _run([str(uv), *arguments], indexes.uv_environment(_UV_HOME / "bin" / "python", for_lock))


def make(folder: Path, requirements: Path, python: str, uv: Path | None) -> bool:
    """Bring an environment up to date; return False if there was nothing to do.

    Raises SetupError if neither uv nor pip could install the requirements.
    """
    if is_current(folder, requirements, python):
        return False
    if uv is not None:
        try:
            uv_run(uv, ["venv", "--quiet", "--clear", "--python", python, str(folder)])
            target = str(folder / "bin" / "python")
            uv_run(uv, ["pip", "install", "--quiet", "--python", target, "-r", str(requirements)])
        except SetupError as error:
            print(f"uv failed; trying again with venv and pip. {error}", file=sys.stderr)
            _plain_venv(python, folder, requirements)
    else:
        _plain_venv(python, folder, requirements)
    (folder / _STAMP).write_text(fingerprint(requirements, python))
    return True
