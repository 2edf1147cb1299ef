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

import atexit
import errno
import fcntl
import hashlib
import json
import math
import os
import sqlite3
import threading
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RunFolderUnusable
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout

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
CREATE TABLE reports_due (report TEXT PRIMARY KEY);
CREATE TABLE report_hosts (
  report TEXT NOT NULL, use INTEGER NOT NULL, host TEXT NOT NULL, refusal TEXT, PRIMARY KEY (report, use, host)
);
CREATE TABLE report_results (
  report TEXT NOT NULL, use INTEGER NOT NULL, name TEXT NOT NULL, result BLOB NOT NULL, PRIMARY KEY (report, use, name)
);
CREATE TABLE report_devices (
  report TEXT NOT NULL, campaign TEXT NOT NULL, devices BLOB NOT NULL, PRIMARY KEY (report, campaign)
);
"""
_VERSION: t.Final = 1


class _Open(threading.local):
    """The database that this thread of this process has open.

    SQLite forbids to carry a connection across a fork, and even to close it on the other side.
    """

    def __init__(self) -> None:
        self._opened: tuple[int, Path, sqlite3.Connection] | None = None
        self._of_parents: list[t.Any] = []

    def database_of(self, file: Path) -> sqlite3.Connection | None:
        """The open database, None if there is none that is of this file and may be used."""
        if self._opened is not None and self._opened[0] != os.getpid():
            self._of_parents.append(self._opened)
            self._opened = None
        if self._opened is not None and self._opened[1] != file:
            self.close()
        return self._opened[2] if self._opened is not None else None

    def keep(self, file: Path, database: sqlite3.Connection) -> None:
        """Have it open from now on."""
        self._opened = (os.getpid(), file, database)

    def close(self) -> None:
        """Close what this process has opened."""
        if self._opened is not None and self._opened[0] == os.getpid():
            opened, self._opened = self._opened, None
            opened[2].close()


_OPEN: t.Final = _Open()
# What this process and those before it have used, by device and number, so that another file is not taken for it.
_FILES: t.Final[dict[Path, tuple[int, int] | None]] = {}


@atexit.register
def _close() -> None:
    _OPEN.close()


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class RunStore:
    """The shared state of one run. It may be used before and after a fork.

    C(give_up_at) is the moment of the monotonic clock after which nobody is waited for.
    """

    def __init__(self, folder: str | os.PathLike[str], clock: Clock) -> None:
        self.path = Path(folder) / "fleetops.thingspace"
        self.give_up_at = math.inf
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else meanwhile. Raises RunFolderUnusable if the folder cannot be used."""
        file = self.path / "run.sqlite3"
        try:
            self._check_that_it_is_there(file)
            database = self._connection(file)
            is_done = False
            try:
                database.execute("BEGIN IMMEDIATE")
                self._create_tables(database)
                yield database
                database.execute("COMMIT")
                is_done = True
            finally:
                if not is_done:
                    # Undoes what was not committed, wherever it was interrupted.
                    _close()
            _FILES.setdefault(file, _identity(file))
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

    @staticmethod
    def _check_that_it_is_there(file: Path) -> None:
        """Raises OSError if the database that this process has used is another one, or none: what it knew is lost."""
        if file in _FILES and _FILES[file] != _identity(file):
            raise OSError(errno.ESTALE, "its database was removed or replaced")

    def _connection(self, file: Path) -> sqlite3.Connection:
        left = max(self.give_up_at - self._clock.monotonic(), _LEAST_BUSY_SECONDS)
        busy = min(_BUSY_SECONDS, left)
        database = _OPEN.database_of(file)
        if database is None:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            database = sqlite3.connect(file, isolation_level=None)
            _OPEN.keep(file, database)
            # Nothing here has to outlive the machine, and without it each change would wait for the disk.
            database.execute("PRAGMA synchronous = OFF")
        database.execute(f"PRAGMA busy_timeout = {round(busy * 1000)}")
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
            f"The tasks of this run cannot share their login history in {self.path.parent} ({said}). Without it, a "
            "refused login could be repeated, which locks the user, so no request was sent. Free some space, or set "
            "ANSIBLE_LOCAL_TEMP to a directory on a local disk."
        )
