# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts at one task of a play share: its start, what each of them waits for, and what was decided for it.

Hosts of one task share its start, and so its deadline: host 600 must not begin its own two days after those of host 1
are over. The role has several tasks, which share one start, too.
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
    """One use of a task (or of the role) by the hosts of one batch; C(started) is of the monotonic clock."""

    number: int
    started: float


class RunUses:
    """Raises RunFolderUnusable where it cannot be kept."""

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._store = RunStore(folder, self._clock)

    def join(self, task: str, host: str, batch: Iterable[str], in_step: bool = False) -> Use:
        """Begin a use of C(task) on this host.

        The first host of a batch starts it. A host that comes to the same task again, in a loop or for a retry, starts
        the next use together with the others that come again. C(batch) names the hosts of the batch as far as they are
        still in the play: the first one to come knows of all that may follow. Where hosts take their tasks C(in_step),
        one that comes when others have been decided about has been left out before, and starts a use of its own.
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
        """The last use that this host has begun, None if it has begun none."""
        query = "SELECT number, started FROM turns JOIN uses ON number = use WHERE turns.task = ? AND host = ?"
        with self._store.transaction() as database:
            row = database.execute(query, (task, host)).fetchone()
        return Use(*row) if row is not None else None

    def note(self, use: Use, host: str, note: Note) -> None:
        """Keep what a host waits for. It may hold secrets: it is encrypted."""
        with self._store.transaction() as database:
            sealed = self._store.sealed(note)
            database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (use.number, host, sealed))

    def notes(self, use: Use) -> dict[str, Note]:
        """What the hosts wait for, by their names, in the order in which they came."""
        with self._store.transaction() as database:
            query = "SELECT host, note FROM notes WHERE use = ?"
            rows = database.execute(query, (use.number,)).fetchall()
        notes = {host: self._store.opened(note) for host, note in rows}
        return {host: note for host, note in notes.items() if note is not None}

    def open_note(self, use: Use, host: str) -> Note | None:
        """What a host waits for, as long as nothing was decided for it."""
        query = (
            "SELECT note FROM notes WHERE use = ?1 AND host = ?2 "
            "AND NOT EXISTS (SELECT * FROM decisions WHERE use = ?1 AND host = ?2)"
        )
        with self._store.transaction() as database:
            row = database.execute(query, (use.number, host)).fetchone()
        return self._store.opened(row[0]) if row is not None else None

    def decide(self, use: Use, host: str, decision: Mapping[str, t.Any]) -> None:
        """Keep what was decided for a host. Nothing secret."""
        with self._store.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", (use.number, host, json.dumps(decision))
            )

    def decisions(self, use: Use) -> dict[str, dict[str, t.Any]]:
        """What was decided, by the names of the hosts."""
        with self._store.transaction() as database:
            query = "SELECT host, decision FROM decisions WHERE use = ?"
            rows = database.execute(query, (use.number,)).fetchall()
        return {host: json.loads(decision) for host, decision in rows}

    def was_decided(self, host: str) -> bool:
        """Whether anything was decided for this host in this run."""
        with self._store.transaction() as database:
            row = database.execute("SELECT 1 FROM decisions WHERE host = ? LIMIT 1", (host,)).fetchone()
        return row is not None

    def is_new(self, use: Use, what: str) -> bool:
        """True for the first host that asks, so that one of them tells what all could tell."""
        name = self._store.digest(what)
        with self._store.transaction() as database:
            done = database.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (use.number, name))
            return done.rowcount == 1
