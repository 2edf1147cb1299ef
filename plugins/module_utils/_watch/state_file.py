# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The memory of a watch in an SQLite file, so that a restart loses no event and marks repeated ones.

A change of a campaign and its events are stored in one transaction before any event is sent. The process can die at any
moment after that. The next process repeats the events that were not delivered, or delivered less than C(repeat_within)
before the end of the previous one. The time between two processes does not count, because no rule can act in it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Event, as_repeated
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Known, StoredEvent, WatchMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Standing

# Marks a file of this kind: "TSev" in ASCII.
_APPLICATION_ID: t.Final = 0x54536576
_VERSION: t.Final = 1
_SQLITE: t.Final = b"SQLite format 3\x00"
# Seconds to wait for the previous process to release the file.
_LOCK_TIMEOUT: t.Final = 5.0
_TABLES: t.Final = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE campaigns (id TEXT PRIMARY KEY, state TEXT, outcome TEXT, threshold TEXT, "
    "is_over INTEGER NOT NULL, trouble TEXT) WITHOUT ROWID",
    "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, told_at REAL)",
)


class StateFileUnusable(OptionError):
    """The file cannot be read or written, or belongs to something else. No event is sent."""

    reason = "state_file_unusable"


class StateFile(WatchMemory):
    """The file of one watch, used by one process and one thread at a time.

    C(identity) identifies the watch. After a restart, an event is repeated unless the previous process ran for
    C(repeat_within) more seconds after its delivery. Every method raises StateFileUnusable, with one sentence.
    """

    is_persistent = True

    def __init__(self, path: str, identity: Sequence[str], repeat_within: float, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._repeat_within = repeat_within
        self._prune_at = math.inf
        with self._translated_errors():
            is_new = _is_new(path)
        if is_new is None:
            raise self._unusable("is not a file that this source has written")
        with self._translated_errors():
            # isolation_level=None: _transaction begins and commits explicitly.
            self._database = sqlite3.connect(path, timeout=_LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            with self._translated_errors():
                self._open(is_new, json.dumps(list(identity)))
        except BaseException:
            self._database.close()
            raise

    def known(self) -> dict[str, Known]:
        """See the parent."""
        with self._translated_errors():
            rows = self._database.execute("SELECT id, state, outcome, threshold, is_over, trouble FROM campaigns")
            return {
                name: Known(None if state is None else Standing(state, outcome, threshold), bool(is_over), trouble)
                for name, state, outcome, threshold, is_over, trouble in rows
            }

    def to_repeat(self) -> list[StoredEvent]:
        """See the parent. The events are marked as repeated, and count as undelivered until they are sent again."""
        with self._translated_errors(), self._transaction():
            self._database.execute("UPDATE events SET told_at = NULL")
            rows = self._database.execute("SELECT number, event FROM events ORDER BY number")
            return [StoredEvent(as_repeated(json.loads(event)), number) for number, event in rows]

    def store(self, changes: Mapping[str, Known], events: Sequence[Event]) -> list[StoredEvent]:
        """See the parent."""
        with self._translated_errors(), self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?, ?, ?, ?)",
                [_row(name, known) for name, known in changes.items()],
            )
            return [StoredEvent(event, self._insert(event)) for event in events]

    def mark_delivered(self, numbers: Sequence[int]) -> None:
        """See the parent."""
        now = self._now()
        with self._translated_errors(), self._transaction():
            self._database.executemany(
                "UPDATE events SET told_at = ? WHERE number = ?", [(now, number) for number in numbers]
            )
        self._prune_at = min(self._prune_at, now + self._repeat_within)

    def prune(self) -> None:
        """See the parent."""
        now = self._now()
        if now < self._prune_at:
            return
        with self._translated_errors():
            self._database.execute("DELETE FROM events WHERE told_at <= ?", [now - self._repeat_within])
            (oldest,) = self._database.execute("SELECT min(told_at) FROM events").fetchone()
        self._prune_at = math.inf if oldest is None else oldest + self._repeat_within

    def mark_listed(self) -> None:
        """See the parent."""
        if not self.has_listed:
            with self._translated_errors():
                self._database.execute("INSERT OR REPLACE INTO facts VALUES ('has_listed', 'yes')")
        self.has_listed = True

    def close(self) -> None:
        """See the parent."""
        self._database.close()

    def _open(self, is_new: bool, identity: str) -> None:
        execute = self._database.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("PRAGMA synchronous = FULL")
        with self._transaction():
            if is_new:
                self._create(identity)
        if execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            raise self._unusable("is not a file that this source has written")
        if execute("PRAGMA user_version").fetchone()[0] > _VERSION:
            raise self._unusable("was written by a newer version of this collection")
        if execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise self._unusable("is damaged")
        facts = dict(execute("SELECT name, value FROM facts"))
        if facts.get("identity") != identity:
            raise self._unusable("belongs to another account, api_version or api_url")
        self.has_listed = "has_listed" in facts

    def _create(self, identity: str) -> None:
        for statement in (f"PRAGMA application_id = {_APPLICATION_ID}", f"PRAGMA user_version = {_VERSION}", *_TABLES):
            self._database.execute(statement)
        self._database.execute("INSERT INTO facts VALUES ('identity', ?)", [identity])

    def _insert(self, event: Event) -> int:
        text = json.dumps(event, separators=(",", ":"))
        return int(self._database.execute("INSERT INTO events (event) VALUES (?)", [text]).lastrowid or 0)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextlib.contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Convert errors of files and SQLite to StateFileUnusable."""
        try:
            yield
        except OSError as error:
            raise self._unusable(f"cannot be opened ({error.strerror or type(error).__name__})") from None
        except sqlite3.OperationalError as error:
            said = "is in use by another process" if "locked" in str(error) else f"cannot be used ({error})"
            raise self._unusable(said) from None
        except (sqlite3.Error, ValueError, TypeError):
            raise self._unusable("is damaged") from None

    def _unusable(self, said: str) -> StateFileUnusable:
        return StateFileUnusable(
            f"state_file {self._path} {said}, so no event is sent: set another file, or none.",
            option="state_file",
        )


def _is_new(path: str) -> bool | None:
    """Return whether the file is empty or missing. None if it is not a database.

    Create a missing file, readable only by its owner.
    """
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
        begin = file.read(len(_SQLITE))
    return not begin if begin in (b"", _SQLITE) else None


def _row(name: str, known: Known) -> tuple[t.Any, ...]:
    standing = known.standing
    words = (None, None, None) if standing is None else (standing.state, standing.outcome, standing.threshold)
    return (name, *words, int(known.is_over), known.trouble)


def open_memory(path: str | None, identity: Sequence[str], repeat_within: float, clock: Clock) -> WatchMemory:
    """Open the memory in a file, or a volatile one if the path is None. Raises StateFileUnusable."""
    return WatchMemory() if path is None else StateFile(path, identity, repeat_within, clock)
