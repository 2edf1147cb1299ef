# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database and the locks that the processes of one run of Ansible share.

Ansible forks a worker for each task and host, and workers share no memory. The files are in the temporary directory of
ansible-playbook, which only its user can read, and which is removed at the end of the run.

Secrets are never stored in plain text. Names are salted digests. Contents are encrypted with a key that exists only in
memory: ansible-playbook creates it when it imports this file, before it forks. (Measured: the key is the same in all
workers, plays and strategies of ansible-core 2.16, 2.19 and 2.21.) A process with another key treats the contents as
missing.
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
    # ansible-core depends on it. Without it, encrypted contents cannot be shared.
    _CIPHER = None
else:
    _CIPHER = Fernet(Fernet.generate_key())
    # Used once before the forks, because OpenSSL loads its ciphers at the first use, which takes 6 ms for each process.
    _CIPHER.decrypt(_CIPHER.encrypt(b""))

# The maximum seconds to wait for the transaction of another process, which takes milliseconds.
_BUSY_SECONDS: t.Final = 30.0
# The minimum, also after give_up_at.
_MIN_BUSY_SECONDS: t.Final = 1.0
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


class _ConnectionCache(threading.local):
    """The open database of this thread and process.

    SQLite does not allow a process to use, or even close, a connection that it inherited by a fork.
    """

    def __init__(self) -> None:
        self._open: tuple[int, Path, sqlite3.Connection] | None = None
        self._inherited: list[t.Any] = []

    def database_of(self, file: Path) -> sqlite3.Connection | None:
        """Return the open connection to this file, or None if there is none that can be used."""
        if self._open is not None and self._open[0] != os.getpid():
            self._inherited.append(self._open)
            self._open = None
        if self._open is not None and self._open[1] != file:
            self.close()
        return self._open[2] if self._open is not None else None

    def keep(self, file: Path, database: sqlite3.Connection) -> None:
        """Store an open connection."""
        self._open = (os.getpid(), file, database)

    def close(self) -> None:
        """Close the connection, if this process has opened it."""
        if self._open is not None and self._open[0] == os.getpid():
            opened, self._open = self._open, None
            opened[2].close()


_CONNECTION_CACHE: t.Final = _ConnectionCache()
# The device and inode of each database that this process or a parent has used, to detect a replaced file.
_FILES: t.Final[dict[Path, tuple[int, int] | None]] = {}


@atexit.register
def _close() -> None:
    _CONNECTION_CACHE.close()


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class RunStore:
    """The shared state of one run. It can be used before and after a fork.

    After C(give_up_at), in monotonic seconds, it does not wait for other processes.
    """

    def __init__(self, folder: str | os.PathLike[str], clock: Clock) -> None:
        self.path = Path(folder) / "fleetops.thingspace"
        self.give_up_at = math.inf
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block in an exclusive transaction. Raises RunFolderUnusable if the directory cannot be used."""
        file = self.path / "run.sqlite3"
        try:
            self._check_not_replaced(file)
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
                    # Closing rolls back, at whatever point the transaction was interrupted.
                    _close()
            _FILES.setdefault(file, _identity(file))
        except (OSError, sqlite3.Error, ValueError, TypeError) as error:
            # A damaged database can raise the last two.
            raise self._unusable(error) from error

    @contextmanager
    def locked(self, name: tuple[str, ...], give_up_at: float) -> Iterator[None]:
        """Hold a lock with this name. The operating system releases it if the process dies.

        Raises LockTimeout if the lock is not free by C(give_up_at), in monotonic seconds, or RunFolderUnusable.
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
        """Return a digest of the parts, which is the same in all processes of the run."""
        # The name of the directory is random, so it serves as a salt.
        return hashlib.sha256(json.dumps([str(self.path), *parts]).encode()).hexdigest()

    @staticmethod
    def encrypt(content: t.Any) -> bytes:
        """Encrypt a value, as JSON, for the processes of this run."""
        return b"" if _CIPHER is None else _CIPHER.encrypt(json.dumps(content).encode())

    @staticmethod
    def decrypt(encrypted: bytes) -> t.Any:
        """Decrypt a value. None if it was encrypted with another key."""
        if _CIPHER is None:
            return None
        try:
            return json.loads(_CIPHER.decrypt(encrypted))
        except InvalidToken:
            return None

    @staticmethod
    def _check_not_replaced(file: Path) -> None:
        """Raise OSError if the database of this process was removed or replaced, so that its data is lost."""
        if file in _FILES and _FILES[file] != _identity(file):
            raise OSError(errno.ESTALE, "its database was removed or replaced")

    def _connection(self, file: Path) -> sqlite3.Connection:
        left = max(self.give_up_at - self._clock.monotonic(), _MIN_BUSY_SECONDS)
        busy = min(_BUSY_SECONDS, left)
        database = _CONNECTION_CACHE.database_of(file)
        if database is None:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            database = sqlite3.connect(file, isolation_level=None)
            _CONNECTION_CACHE.keep(file, database)
            # The data need not survive a crash of the machine. Otherwise, each change would wait for the disk.
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
        said = type(error).__name__
        if isinstance(error, OSError) and error.strerror:
            said = error.strerror
        elif isinstance(error, sqlite3.Error):
            said = str(error)
        return RunFolderUnusable(
            f"The tasks of this run cannot share their login history in {self.path.parent} ({said}). Without it, a "
            "refused login could be repeated, which locks the user, so no request was sent. Free some space, or set "
            "ANSIBLE_LOCAL_TEMP to a directory on a local disk."
        )
