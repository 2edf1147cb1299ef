# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""State shared by all users of the same credentials: tokens, and counts of refused and unclear logins.

The service locks a user after five refused logins in a row, no matter who sends them. So logins are counted by user
name (and API key), not by task, host or password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace


class LockTimeout(Exception):
    """Another holder kept a lock for too long."""


@dataclass(frozen=True)
class LoginCount:
    """The logins of one account since the last accepted one.

    C(refusal) is the message of a refused login, None if there was none. C(unclear) counts logins without a known
    result: no response, a response that says nothing about the login, or a killed process.
    """

    refusal: str | None = None
    unclear: int = 0


@dataclass(frozen=True)
class SharedToken:
    """A token that was obtained at run time.

    C(dead_at) is its expiry on the monotonic clock, None if unknown. C(replaces) is the refused token before it.
    C(is_refused) marks a token that was refused right after its renewal.
    """

    value: str
    dead_at: float | None
    replaces: str | None = None
    is_refused: bool = False


class LoginMemory:
    """The implementation for a single process, such as a module."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], LoginCount] = {}
        self._tokens: dict[tuple[str, ...], SharedToken] = {}

    @contextlib.contextmanager
    def locked(self, account: tuple[str, ...], give_up_at: float) -> Iterator[None]:
        """Keep others from logging in with this account.

        Raises LockTimeout at C(give_up_at), a time of the monotonic clock.
        """
        yield

    def count(self, account: tuple[str, ...]) -> LoginCount:
        """The logins so far. C(account) is the kind of login and its name: treat it as a secret."""
        return self._counts.get(account, LoginCount())

    def login_begins(self, account: tuple[str, ...]) -> None:
        """Count a login as unclear before it is sent, because its process may be killed."""
        self._change(account, lambda count: replace(count, unclear=count.unclear + 1))

    def login_not_sent(self, account: tuple[str, ...]) -> None:
        """Uncount a login that never reached the service's own logic."""
        self._change(account, lambda count: replace(count, unclear=count.unclear - 1))

    def login_accepted(self, account: tuple[str, ...]) -> None:
        """Record that the login was accepted, so the service counts from zero again."""
        self._change(account, lambda count: replace(count, unclear=0))

    def login_refused(self, account: tuple[str, ...], sentence: str) -> None:
        """Record that the login was refused, so no login with this account is tried again."""
        self._change(account, lambda count: replace(count, refusal=sentence, unclear=count.unclear - 1))

    def may_repeat_refusal(self) -> bool:
        """True if a process without this memory could repeat a login that was refused, or may have been."""
        return any(count.refusal is not None or count.unclear for count in list(self._counts.values()))

    def token(self, identity: tuple[str, ...]) -> SharedToken | None:
        """The last token for this kind and these credentials. Treat C(identity) as a secret."""
        return self._tokens.get(identity)

    def keep_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Share this token."""
        self._tokens[identity] = token

    def update_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Update a token, unless it has been replaced since."""
        kept = self._tokens.get(identity)
        if kept is not None and kept.value == token.value:
            self._tokens[identity] = token

    def give_up_at(self, moment: float) -> None:
        """Do not wait for a lock after this time of the monotonic clock, except for a second or two."""

    def _change(self, account: tuple[str, ...], change: Callable[[LoginCount], LoginCount]) -> None:
        self._counts[account] = change(self.count(account))
