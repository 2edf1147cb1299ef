# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_folder import RunFolder

Result = dict[str, t.Any]


class RunResults:
    """Hands the result of one host's wait on to other hosts of the same play, which are other processes.

    Under some strategies each host runs a task for itself, whatever C(run_once) says. The first one does the work for
    all; the others stand behind its lock and then find the result. A host that has been given a result is not given
    the same one again: when it asks anew, it wants to know anew. The files lie in the run's own folder and hold no
    secret; C(play) tells the plays of a run apart.
    """

    def __init__(self, folder: str | os.PathLike[str], play: str) -> None:
        self._folder = RunFolder(folder)
        self._name = hashlib.blake2b(play.encode(), digest_size=16).hexdigest()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off all other hosts of the play; the system lets the lock go if the process dies."""
        with self._folder.locked(f"{self._name}.gate"):
            yield

    def take(self, host: str, wish: str) -> Result | None:
        """The oldest result that answers this C(wish) of this host, and that it has not been given yet, or None.

        To be called within C(alone).
        """
        for number in range(self._count()):
            kept = json.loads(self._path(number, "json").read_text(encoding="utf-8"))
            if kept["wishes"].get(host) == wish and host not in self._given(number):
                self._give(number, host)
                return t.cast(Result, kept["result"])
        return None

    def put(self, host: str, wishes: dict[str, str], result: Result) -> None:
        """Keep the result that C(host) has got for all hosts of C(wishes). To be called within C(alone)."""
        number = self._count()
        text = json.dumps({"wishes": wishes, "result": result})
        self._path(number, "json").write_text(text, encoding="utf-8")
        self._give(number, host)

    def _count(self) -> int:
        number = 0
        while self._path(number, "given").exists():
            number += 1
        return number

    def _given(self, number: int) -> set[str]:
        return set(json.loads(f"[{self._path(number, 'given').read_text(encoding='utf-8').rstrip(',')}]"))

    def _give(self, number: int, host: str) -> None:
        with open(self._path(number, "given"), "a", encoding="utf-8") as given:
            given.write(json.dumps(host) + ",")

    def _path(self, number: int, kind: str) -> Path:
        return self._folder.path / f"{self._name}.{number}.{kind}"
