# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logins and tokens that all processes of one run of Ansible share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import (
    LoginCount,
    LoginMemory,
    SharedToken,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore


class RunLogins(LoginMemory):
    """Counts logins across all tasks and hosts of a run. Methods raise RunFolderUnusable."""

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        super().__init__()
        self._store = RunStore(folder, clock or Clock())

    def locked(self, account: tuple[str, ...], give_up_at: float) -> AbstractContextManager[None]:  # type: ignore[override]
        """Lock out all other processes of the run."""
        return self._store.locked(("login", *account), give_up_at)

    def count(self, account: tuple[str, ...]) -> LoginCount:
        """Return the logins of all processes of the run."""
        name = self._store.digest(*account)
        with self._store.transaction() as database:
            return _count(database, name)

    def token(self, identity: tuple[str, ...]) -> SharedToken | None:
        """Return the last token that a process of the run got."""
        name = self._store.digest(*identity)
        with self._store.transaction() as database:
            return self._token(database, name)

    def keep_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Share this token with the other processes."""
        name = self._store.digest(*identity)
        with self._store.transaction() as database:
            self._put(database, name, token)

    def update_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Update the data about a token, unless another process has replaced the token."""
        name = self._store.digest(*identity)
        with self._store.transaction() as database:
            stored = self._token(database, name)
            if stored is not None and stored.value == token.value:
                self._put(database, name, token)

    def _token(self, database: sqlite3.Connection, name: str) -> SharedToken | None:
        row = database.execute("SELECT token FROM tokens WHERE identity = ?", (name,)).fetchone()
        content = self._store.decrypt(row[0]) if row is not None else None
        return SharedToken(**content) if content is not None else None

    def _put(self, database: sqlite3.Connection, name: str, token: SharedToken) -> None:
        database.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (name, self._store.encrypt(asdict(token))))

    def give_up_at(self, moment: float) -> None:
        """Do not wait for other processes after this monotonic time."""
        self._store.give_up_at = moment

    def _change(self, account: tuple[str, ...], change: Callable[[LoginCount], LoginCount]) -> None:
        name = self._store.digest(*account)
        with self._store.transaction() as database:
            count = change(_count(database, name))
            database.execute("INSERT OR REPLACE INTO logins VALUES (?, ?, ?)", (name, count.refusal, count.unclear))


def _count(database: sqlite3.Connection, name: str) -> LoginCount:
    row = database.execute("SELECT refusal, unclear FROM logins WHERE account = ?", (name,)).fetchone()
    return LoginCount(*row) if row is not None else LoginCount()
