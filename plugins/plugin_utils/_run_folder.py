# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class RunFolder:
    """A folder of this collection's own that lives as long as a run of Ansible, for what its processes must share."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = Path(folder) / "fleetops.thingspace"

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold an exclusive lock of this name; the system lets it go if the process dies."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.path / name, "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
