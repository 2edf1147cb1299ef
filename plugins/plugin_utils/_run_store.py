# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the processes of one run of Ansible keep what they share: a database and locks in the run's own folder.

Ansible forks a worker for each task and host, and workers share no memory. The folder is ansible-playbook's own
temporary one, which only its user can read, and which is removed at the end of the run.

Secrets are never written as they are. Names are salted digests. Contents are encrypted with a key that exists only in
the memory of the run: it is made when this file is imported in ansible-playbook itself, before it forks. (Measured: the
same key in all workers, plays and strategies of ansible-core 2.16, 2.19 and 2.21.) A process with another key cannot
read them, and then does without.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import sqlite3
import typing as t
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RunFolderUnusable
from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LockTimeout

try:
    from cryptography.fernet import Fernet, InvalidToken
except ImportError:
    # ansible-core depends on it. Without it nothing that is sealed can be shared.
    _CIPHER = None
else:
    _CIPHER = Fernet(Fernet.generate_key())
    # Used once before the forks: OpenSSL looks its ciphers up at the first use, which takes 6 ms in each process.
    _CIPHER.decrypt(_CIPHER.encrypt(b""))

# How long one process may be in the way of another, in seconds. A transaction takes milliseconds.
_BUSY_SECONDS: t.Final = 30.0
# The same when the time of the one that waits is over.
_LEAST_BUSY_SECONDS: t.Final = 1.0
_LOCK_PAUSES: t.Final = (0.002, 0.05)

_TABLES: t.Final = """
CREATE TABLE logins (account TEXT PRIMARY KEY, refusal TEXT, unclear INTEGER NOT NULL);
CREATE TABLE tokens (identity TEXT PRIMARY KEY, token BLOB NOT NULL);
CREATE TABLE polls (
  campaign TEXT PRIMARY KEY, facts BLOB NOT NULL, service_time TEXT NOT NULL, polled_at REAL NOT NULL,
  is_confirmed INTEGER NOT NULL
);
CREATE TABLE reports (
  campaign TEXT PRIMARY KEY, read_at REAL NOT NULL, is_final INTEGER NOT NULL, summary BLOB NOT NULL
);
CREATE TABLE devices (
  campaign TEXT NOT NULL, position INTEGER NOT NULL, device_id TEXT, state TEXT NOT NULL, words BLOB NOT NULL,
  PRIMARY KEY (campaign, position)
) WITHOUT ROWID;
CREATE INDEX devices_by_id ON devices (campaign, device_id);
CREATE TABLE stories (wait TEXT PRIMARY KEY, story BLOB NOT NULL);
CREATE TABLE uses (
  number INTEGER PRIMARY KEY, task TEXT NOT NULL, turn INTEGER NOT NULL, hosts TEXT NOT NULL, started REAL NOT NULL
);
CREATE TABLE turns (
  task TEXT NOT NULL, host TEXT NOT NULL, turn INTEGER NOT NULL, use INTEGER NOT NULL, PRIMARY KEY (task, host)
);
CREATE TABLE notes (use INTEGER NOT NULL, host TEXT NOT NULL, note BLOB NOT NULL, PRIMARY KEY (use, host));
CREATE TABLE decisions (use INTEGER NOT NULL, host TEXT NOT NULL, decision TEXT NOT NULL, PRIMARY KEY (use, host));
CREATE TABLE told (use INTEGER NOT NULL, what TEXT NOT NULL, PRIMARY KEY (use, what));
"""
_VERSION: t.Final = 1


class RunStore:
    """The shared state of one run. Each call opens the database anew, so it may be used before and after a fork.

    C(give_up_at) is the moment of the monotonic clock after which nobody is waited for.
    """

    def __init__(self, folder: str | os.PathLike[str], clock: Clock) -> None:
        self.path = Path(folder) / "fleetops.thingspace"
        self.give_up_at = math.inf
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else meanwhile. Raises RunFolderUnusable if the folder cannot be used."""
        try:
            with closing(self._connection()) as database:
                database.execute("BEGIN IMMEDIATE")
                self._create_tables(database)
                try:
                    yield database
                except BaseException:
                    database.execute("ROLLBACK")
                    raise
                database.execute("COMMIT")
        except (OSError, sqlite3.Error, ValueError, TypeError) as error:
            # The last two are what a damaged database gives.
            raise self._unusable(error) from error

    @contextmanager
    def locked(self, name: tuple[str, ...], give_up_at: float) -> Iterator[None]:
        """Hold a lock of this name, which the system takes back if the process dies.

        Raises LockTimeout if it is not free by C(give_up_at), a moment of the monotonic clock; RunFolderUnusable.
        """
        path = self.path / f"{self.digest(*name)}.lock"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._wait_for(lock, give_up_at)
            yield
        finally:
            os.close(lock)

    def digest(self, *parts: str) -> str:
        """A name that tells nothing of its parts, the same in all processes of the run."""
        # The folder's name is random, which makes it a salt.
        return hashlib.sha256(json.dumps([str(self.path), *parts]).encode()).hexdigest()

    @staticmethod
    def sealed(content: t.Any) -> bytes:
        """JSON that only the processes of this run can read."""
        return b"" if _CIPHER is None else _CIPHER.encrypt(json.dumps(content).encode())

    @staticmethod
    def opened(sealed: bytes) -> t.Any:
        """What C(sealed) has made, None if another key has sealed it."""
        if _CIPHER is None:
            return None
        try:
            return json.loads(_CIPHER.decrypt(sealed))
        except InvalidToken:
            return None

    def _connection(self) -> sqlite3.Connection:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        left = max(self.give_up_at - self._clock.monotonic(), _LEAST_BUSY_SECONDS)
        busy = min(_BUSY_SECONDS, left)
        database = sqlite3.connect(self.path / "run.sqlite3", timeout=busy, isolation_level=None)
        # Nothing here has to outlive the machine, and without it each change would wait for the disk.
        database.execute("PRAGMA synchronous = OFF")
        return database

    @staticmethod
    def _create_tables(database: sqlite3.Connection) -> None:
        if database.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
            return
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {_VERSION}")

    def _wait_for(self, lock: int, give_up_at: float) -> None:
        pause, longest = _LOCK_PAUSES
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                pass
            except OSError as error:
                raise self._unusable(error) from error
            left = give_up_at - self._clock.monotonic()
            if left <= 0:
                raise LockTimeout
            self._clock.sleep(min(pause, left))
            pause = min(pause * 2, longest)

    def _unusable(self, error: Exception) -> RunFolderUnusable:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return RunFolderUnusable(
            f"The tasks of this run cannot share what they know of logins in {self.path.parent} ({said}). Without that "
            "a refused login could be repeated, which locks the user, so nothing was sent. Free some space, or let "
            "ANSIBLE_LOCAL_TEMP name a folder on a local disk."
        )
