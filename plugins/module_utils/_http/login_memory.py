# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What several users of the same credentials share: tokens, and how many logins were refused or got no clear answer.

The service locks a user after five refused logins in a row, whoever sends them. So logins are counted for each user
name (and each API key), and not for each task, host or password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace


class LockTimeout(Exception):
    """Somebody else has held a lock for too long."""


@dataclass(frozen=True)
class LoginCount:
    """The logins of one account since the last accepted one.

    C(refusal) is the sentence with which one was refused, None if none was. C(unclear) counts those of which nobody
    knows whether they were: no answer, an answer that says nothing about the login, a process that was killed.
    """

    refusal: str | None = None
    unclear: int = 0


@dataclass(frozen=True)
class SharedToken:
    """A token that was got at run time; C(dead_at) is a moment of the monotonic clock, None if nobody knows.

    C(replaces) is the token that was refused before. C(is_refused) marks one that was refused right after its renewal.
    """

    value: str
    dead_at: float | None
    replaces: str | None = None
    is_refused: bool = False


class LoginMemory:
    """This one is of one process: for a module, which runs alone."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], LoginCount] = {}
        self._tokens: dict[tuple[str, ...], SharedToken] = {}

    @contextlib.contextmanager
    def locked(self, account: tuple[str, ...], give_up_at: float) -> Iterator[None]:
        """Hold off everybody else who would log in with this account.

        Raises LockTimeout at C(give_up_at), a moment of the monotonic clock.
        """
        yield

    def count(self, account: tuple[str, ...]) -> LoginCount:
        """The logins so far. C(account) is a kind of login and the name that it uses: treat it as a secret."""
        return self._counts.get(account, LoginCount())

    def login_begins(self, account: tuple[str, ...]) -> None:
        """Count a login before it is sent, as one without a clear answer: its sender may be killed on the way."""
        self._change(account, lambda count: replace(count, unclear=count.unclear + 1))

    def login_not_sent(self, account: tuple[str, ...]) -> None:
        """The login that has begun never reached the service's own logic."""
        self._change(account, lambda count: replace(count, unclear=count.unclear - 1))

    def login_accepted(self, account: tuple[str, ...]) -> None:
        """The login that has begun was accepted, so the service counts from zero again."""
        self._change(account, lambda count: replace(count, unclear=0))

    def login_refused(self, account: tuple[str, ...], sentence: str) -> None:
        """The login that has begun was refused: none with this account is to be tried again."""
        self._change(account, lambda count: replace(count, refusal=sentence, unclear=count.unclear - 1))

    def token(self, identity: tuple[str, ...]) -> SharedToken | None:
        """The last token that somebody got for this kind and these credentials: treat C(identity) as a secret."""
        return self._tokens.get(identity)

    def keep_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Let others use this token."""
        self._tokens[identity] = token

    def update_token(self, identity: tuple[str, ...], token: SharedToken) -> None:
        """Keep what has become known of a token, unless somebody has replaced it since."""
        kept = self._tokens.get(identity)
        if kept is not None and kept.value == token.value:
            self._tokens[identity] = token

    def give_up_at(self, moment: float) -> None:
        """Wait for nobody after this moment of the monotonic clock, or for no longer than a second or two."""

    def _change(self, account: tuple[str, ...], change: Callable[[LoginCount], LoginCount]) -> None:
        self._counts[account] = change(self.count(account))
