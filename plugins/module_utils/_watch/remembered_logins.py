# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Stores refused logins across restarts. A restart would repeat them, and five refused logins lock the user."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import typing as t
from collections.abc import Callable
from dataclasses import replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginCount, LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Credentials

# Makes it expensive to guess a password from its digest.
_ROUNDS: t.Final = 200_000


class RememberedLogins(LoginMemory):
    """Stores in its own file which credentials were refused, as a salted digest. Changed credentials are tried again.

    C(mask) removes secrets from messages of the service.
    """

    def __init__(self, path: str, credentials: Credentials, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._path = path
        self._credentials = credentials
        self._mask = mask
        self._digests: dict[tuple[str, ...], str] = {}

    def count(self, account: tuple[str, ...]) -> LoginCount:
        """Return the logins of this process, and the refusal that an earlier process stored."""
        count = super().count(account)
        if count.refusal is not None:
            return count
        stored = self._read()
        if stored is None:
            return replace(
                count,
                refusal="No login is sent, because the file with the refused logins of earlier runs cannot be read. "
                f"Check the credentials, and delete {self._path} to try them.",
            )
        said = stored.get(self._digest(account, stored["salt"])) if stored else None
        if said is None:
            return count
        hint = f"That was in an earlier run. Change the credentials, or delete {self._path} to try them once more."
        return replace(count, refusal=f"{said} {hint}")

    def login_refused(self, account: tuple[str, ...], sentence: str) -> None:
        """Record a refused login, also for later processes."""
        super().login_refused(account, sentence)
        stored = self._read() or {"salt": secrets.token_hex(16)}
        stored[self._digest(account, stored["salt"])] = self._mask(sentence)
        # If the file cannot be written, the process stays idle instead of ending. See may_repeat_refusal.
        with contextlib.suppress(OSError):
            self._write(stored)

    def may_repeat_refusal(self) -> bool:
        """Return whether a later process, which reads the file, could repeat a login that may have been refused."""
        counts, stored = dict(self._counts), self._read()
        if stored is None:
            return False
        refused = [account for account, count in counts.items() if count.refusal is not None]
        is_stored = all(stored and self._digest(account, stored["salt"]) in stored for account in refused)
        return not is_stored or any(count.unclear for count in counts.values())

    def _digest(self, account: tuple[str, ...], salt: str) -> str:
        if (*account, salt) not in self._digests:
            given = self._credentials
            used = [*account, given.api_secret, given.password]
            digest = hashlib.pbkdf2_hmac("sha256", json.dumps(used).encode(), bytes.fromhex(salt), _ROUNDS)
            self._digests[(*account, salt)] = digest.hex()
        return self._digests[(*account, salt)]

    def _read(self) -> dict[str, str] | None:
        """Return the content of the file, empty if there is no file, or None if it cannot be read."""
        try:
            with open(self._path, encoding="utf-8") as file:
                stored = json.load(file)
            if not all(isinstance(value, str) for value in stored.values()):
                return None
            bytes.fromhex(stored["salt"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, AttributeError):
            return None
        return t.cast("dict[str, str]", stored)

    def _write(self, stored: dict[str, str]) -> None:
        draft = f"{self._path}.new"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(stored, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._path)
