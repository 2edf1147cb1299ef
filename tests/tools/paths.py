# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths in the checkout."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENVS = ROOT / ".venv"
LOGS = ROOT / ".logs"
REQUIREMENTS = ROOT / "requirements"
NAMESPACE = "fleetops"
NAME = "thingspace"
# A symlink with the path that Python imports and ansible-lint require, regardless of the checkout's folder name.
SHAPE = VENVS / "shape"
SHAPED_CHECKOUT = SHAPE / "ansible_collections" / NAMESPACE / NAME


def without_blanks(path: Path) -> Path:
    """Return a path without spaces to the same file or folder of the checkout.

    Ansible passes the path of Python to a shell without quotes, so modules do not run in ``my projects/.venv``.
    """
    if " " not in str(path):
        return path
    alias = Path(tempfile.gettempdir()) / f"thingspace-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    with contextlib.suppress(FileExistsError):
        alias.symlink_to(ROOT, target_is_directory=True)
    return alias / path.relative_to(ROOT)


def link_shape() -> None:
    """Create or repair the symlink ``.venv/shape/ansible_collections/<namespace>/<name>``."""
    SHAPED_CHECKOUT.parent.mkdir(parents=True, exist_ok=True)
    if SHAPED_CHECKOUT.is_symlink() and SHAPED_CHECKOUT.resolve() == ROOT:
        return
    if SHAPED_CHECKOUT.is_symlink():
        SHAPED_CHECKOUT.unlink()
    SHAPED_CHECKOUT.symlink_to("../../../..", target_is_directory=True)
