# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of the session service, their sessions, and the lock after refused logins."""

from __future__ import annotations

import dataclasses
import hmac
import uuid
from typing import Literal

from simulator.clock import SimulatedClock
from simulator.errors import SessionTrouble


@dataclasses.dataclass
class User:
    """A user. ``accounts`` are the names of the accounts that it can read, None for all accounts."""

    username: str
    password: str
    accounts: list[str] | None = None
    refusals: int = 0
    locked: bool = False

    def may_read(self, account: str) -> bool:
        """Whether the user can read the account."""
        return self.accounts is None or account in self.accounts


@dataclasses.dataclass
class Session:
    """A session. ``last_used`` is in simulated seconds."""

    token: str
    user: User
    last_used: float
    ended: bool = False


class SessionStore:
    """Logs users in and out. A session expires if it is not used."""

    def __init__(self, clock: SimulatedClock, users: list[User]) -> None:
        self._clock = clock
        self._users = {user.username: user for user in users}
        self._sessions: dict[str, Session] = {}
        self.issued: list[str] = []

    def login(self, username: str, password: str, lock_after: int) -> Session | Literal["refused", "locked"]:
        """Return a new session, or why there is none. Older sessions of the user stay valid."""
        user = self._users.get(username)
        if user is None:
            return "refused"
        if user.locked:
            return "locked"
        if not hmac.compare_digest(user.password.encode(), password.encode()):
            user.refusals += 1
            user.locked = user.refusals >= lock_after
            return "refused"
        user.refusals = 0
        return self.open(user)

    def open(self, user: User, token: str | None = None) -> Session:
        """Open a session without a password (with ``token``, for predefined tokens)."""
        session = Session(token or str(uuid.uuid4()), user, self._clock.seconds())
        self._sessions[session.token] = session
        self.issued.append(session.token)
        return session

    def use(self, token: str | None, idle_seconds: float) -> Session | SessionTrouble:
        """Return the session of a token and reset its idle time, or return what is wrong with the token."""
        if not token:
            return "missing"
        session = self._sessions.get(token)
        if session is None:
            return "unknown"
        if session.ended or self._clock.seconds() - session.last_used >= idle_seconds:
            session.ended = True
            return "expired"
        session.last_used = self._clock.seconds()
        return session

    def logout(self, session: Session) -> None:
        """End a session."""
        session.ended = True

    def end_others(self, newest: Session) -> None:
        """End all other sessions of its user."""
        for session in self._sessions.values():
            session.ended = session.ended or (session.user is newest.user and session is not newest)

    def expire_all(self) -> int:
        """End all sessions as if they had been idle, and return the number of those that were open."""
        opened = [session for session in self._sessions.values() if not session.ended]
        for session in opened:
            session.ended = True
        return len(opened)

    def unlock_all(self) -> int:
        """Unlock all users, reset their refused logins, and return the number of those that were locked."""
        locked = sum(user.locked for user in self._users.values())
        for user in self._users.values():
            user.locked, user.refusals = False, 0
        return locked

    def users(self) -> list[User]:
        """Return all users."""
        return list(self._users.values())

    def open_sessions(self) -> int:
        """Return the number of sessions that were not ended. Some of them can be expired."""
        return sum(not session.ended for session in self._sessions.values())
