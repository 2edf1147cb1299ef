# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A login memory that all worker processes of one Ansible run share."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_folder import RunFolder


class RunMemory(LoginMemory):
    """Remembers, in a folder that lives as long as the run, which credentials were refused or accepted.

    Ansible forks a worker for each host, and workers share no memory: without this, a wrong password would be tried
    once for each host, and five refusals lock the user. No secret is written: a file's name is a salted digest, its
    content is the sentence of the refusal.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = RunFolder(folder)

    @contextlib.contextmanager
    def alone(self, identity: tuple[str, ...]) -> Iterator[str | None]:
        """Hold an exclusive lock for these credentials; the system lets it go if the process dies."""
        with self._folder.locked(self._path(identity, "lock").name):
            yield self._refusal(identity)

    def remember_refusal(self, identity: tuple[str, ...], message: str) -> None:
        """Keep the sentence with which a login was refused, for the rest of the run."""
        self._path(identity, "refused").write_text(json.dumps(message), encoding="utf-8")

    def remember_acceptance(self, identity: tuple[str, ...]) -> None:
        """Keep that these credentials have worked in this run."""
        self._path(identity, "accepted").touch()

    def was_accepted(self, identity: tuple[str, ...]) -> bool:
        """True if these credentials have worked in this run."""
        return self._path(identity, "accepted").exists()

    def _refusal(self, identity: tuple[str, ...]) -> str | None:
        with contextlib.suppress(FileNotFoundError):
            return t.cast(str, json.loads(self._path(identity, "refused").read_text(encoding="utf-8")))
        return None

    def _path(self, identity: tuple[str, ...], kind: str) -> Path:
        salt = hashlib.blake2b(str(self._folder.path).encode(), digest_size=16).digest()
        digest = hashlib.blake2b(json.dumps(identity).encode(), digest_size=16, salt=salt).hexdigest()
        return self._folder.path / f"{digest}.{kind}"
