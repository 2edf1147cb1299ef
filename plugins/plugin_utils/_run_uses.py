# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts at one task of a play share: its start, their options, and their decisions.

The hosts share the start of a task, and therefore its deadline. Otherwise, the two days of host 600 would begin when
those of host 1 are over. All tasks of the role share one start too.
"""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore

Note = dict[str, t.Any]


@dataclass(frozen=True)
class Use:
    """One use of a task or of the role by the hosts of a batch. C(started) is in monotonic seconds."""

    number: int
    started: float


class RunUses:
    """The uses of tasks in a run. Methods raise RunFolderUnusable."""

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._store = RunStore(folder, self._clock)

    def join(self, task: str, host: str, batch: Iterable[str], in_step: bool = False) -> Use:
        """Add this host to a use of C(task).

        The first host of a batch starts the use. If hosts run the same task again, in a loop or for a retry, they share
        the next use. C(batch) are the hosts of the batch that are still in the play: all hosts that can follow the
        first one. If the hosts run their tasks C(in_step), a host that arrives after the first decision of a use was
        left out before, and starts its own use.
        """
        with self._store.transaction() as database:
            query = "SELECT turn FROM turns WHERE task = ? AND host = ?"
            row = database.execute(query, (task, host)).fetchone()
            turn = row[0] + 1 if row is not None else 1
            query = (
                "SELECT number, started, hosts FROM uses WHERE task = ? AND turn = ? "
                "AND NOT (? AND EXISTS (SELECT * FROM decisions WHERE use = number))"
            )
            uses = database.execute(query, (task, turn, in_step)).fetchall()
            use = next((Use(number, started) for number, started, hosts in uses if host in json.loads(hosts)), None)
            if use is None:
                started = self._clock.monotonic()
                hosts = json.dumps(sorted({host, *batch}))
                query = "INSERT INTO uses (task, turn, hosts, started) VALUES (?, ?, ?, ?)"
                use = Use(t.cast(int, database.execute(query, (task, turn, hosts, started)).lastrowid), started)
            database.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?)", (task, host, turn, use.number))
        return use

    def joined(self, task: str, host: str) -> Use | None:
        """Return the last use that this host has joined, or None."""
        query = "SELECT number, started FROM turns JOIN uses ON number = use WHERE turns.task = ? AND host = ?"
        with self._store.transaction() as database:
            row = database.execute(query, (task, host)).fetchone()
        return Use(*row) if row is not None else None

    def note(self, use: Use, host: str, note: Note) -> None:
        """Store the options of a host. They are encrypted, because they can contain secrets."""
        with self._store.transaction() as database:
            encrypted = self._store.encrypt(note)
            database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (use.number, host, encrypted))

    def notes(self, use: Use) -> dict[str, Note]:
        """Return the options of the hosts by host name, in order of arrival."""
        with self._store.transaction() as database:
            query = "SELECT host, note FROM notes WHERE use = ?"
            rows = database.execute(query, (use.number,)).fetchall()
        notes = {host: self._store.decrypt(note) for host, note in rows}
        return {host: note for host, note in notes.items() if note is not None}

    def open_note(self, use: Use, host: str) -> Note | None:
        """Return the options of a host, or None after its decision."""
        query = (
            "SELECT note FROM notes WHERE use = ?1 AND host = ?2 "
            "AND NOT EXISTS (SELECT * FROM decisions WHERE use = ?1 AND host = ?2)"
        )
        with self._store.transaction() as database:
            row = database.execute(query, (use.number, host)).fetchone()
        return self._store.decrypt(row[0]) if row is not None else None

    def decide(self, use: Use, host: str, decision: Mapping[str, t.Any]) -> None:
        """Store the decision for a host, which must not contain secrets."""
        with self._store.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", (use.number, host, json.dumps(decision))
            )

    def decisions(self, use: Use) -> dict[str, dict[str, t.Any]]:
        """Return the decisions by host name."""
        with self._store.transaction() as database:
            query = "SELECT host, decision FROM decisions WHERE use = ?"
            rows = database.execute(query, (use.number,)).fetchall()
        return {host: json.loads(decision) for host, decision in rows}

    def was_decided(self, host: str) -> bool:
        """Return whether there is a decision for this host in this run."""
        with self._store.transaction() as database:
            row = database.execute("SELECT 1 FROM decisions WHERE host = ? LIMIT 1", (host,)).fetchone()
        return row is not None

    def is_new(self, use: Use, what: str) -> bool:
        """Return true only for the first host that asks, so that one host prints what all hosts could print."""
        name = self._store.digest(what)
        with self._store.transaction() as database:
            done = database.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (use.number, name))
            return done.rowcount == 1
