# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The two credentials of every call: an OAuth access token and a session token.

Facts that shape this file, all from the service's documentation: a new access token is the same one until its hour
is over; a session dies after 20 minutes without use; five refused logins in a row lock the user. So a refused login is
never tried again, and a token that was refused is renewed once, however many threads met the refusal.
"""

from __future__ import annotations

import base64
import threading
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._answers import (
    Refusal,
    error_of,
    json_object_of,
    refusal_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadAnswer,
    LoginRefused,
    ServiceTrouble,
    ThingSpaceError,
    TransientError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Credentials, is_token
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._transport import Answer, Transport

# From the service's session guide: "20 minutes of inactivity".
_SESSION_IDLE_SECONDS: t.Final = 20 * 60
# No credential is as short as that, and masking it would mask half of the result.
_SHORTEST_TOKEN: t.Final = 8
# Below the five refusals that lock a user, with one to spare for the operator.
_MAX_UNCLEAR_LOGINS: t.Final = 3
# Answers after which nobody can say whether the login was judged.
_UNCLEAR_STATUS: t.Final = frozenset({408, 500, 504})

# Those that tell enough by themselves. A 401 may be about the access token: only its body tells.
_REFUSED_STATUS: t.Final = frozenset({400, 403})
_NOT_AGAIN: t.Final = "It is not tried again, because five refused logins lock the user"


@dataclass(frozen=True)
class Held:
    """The headers of one request, and which generation of each token is in them."""

    headers: Mapping[str, str]
    generations: Mapping[Refusal, int]


class _Token:
    """A token and its history in this process."""

    def __init__(self, value: str | None) -> None:
        self.value = value
        self.generation = 0
        self.dead_at: float | None = None

    def replace(self, value: str, dead_at: float | None) -> None:
        self.value, self.dead_at = value, dead_at
        self.generation += 1


class Auth:
    """Holds both tokens, gets them when they are missing, and renews each once per expiry. Safe for threads."""

    def __init__(
        self, credentials: Credentials, transport: Transport, secrets: Secrets, memory: LoginMemory, clock: Clock
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._secrets = secrets
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = {
            Refusal.ACCESS_TOKEN: _Token(credentials.access_token),
            Refusal.SESSION_TOKEN: _Token(credentials.session_token),
        }
        self._refused: str | None = None
        self._unclear = 0
        self._user_was_accepted = False
        self.logins = 0

    def hold(self) -> Held:
        """Both tokens, got first where there is none or where it is known to be dead.

        Raises LoginRefused, and whatever the transport raises during a login.
        """
        with self._lock:
            now = self._clock.monotonic()
            needed = [kind for kind, token in self._tokens.items() if self._is_needed(kind, token, now)]
            if needed:
                self._log_in(needed)
            return self._held()

    def renew(self, refused: Refusal, held: Held) -> None:
        """Replace a token that was refused, unless another thread has done so since C(held) was handed out."""
        with self._lock:
            if self._tokens[refused].generation == held.generations[refused]:
                self._log_in([refused])

    def session_was_used(self) -> None:
        """Tell that the service has just answered: its session lives for another 20 minutes."""
        if self._credentials.username:
            self._tokens[Refusal.SESSION_TOKEN].dead_at = self._clock.monotonic() + _SESSION_IDLE_SECONDS

    def _is_needed(self, kind: Refusal, token: _Token, now: float) -> bool:
        if token.value is None:
            return True
        return token.dead_at is not None and now >= token.dead_at and self._can_log_in(kind)

    def _can_log_in(self, kind: Refusal) -> bool:
        name = self._credentials.api_key if kind is Refusal.ACCESS_TOKEN else self._credentials.username
        return name is not None

    def _held(self) -> Held:
        access, session = self._tokens[Refusal.ACCESS_TOKEN], self._tokens[Refusal.SESSION_TOKEN]
        headers = {"Authorization": f"Bearer {access.value}", "VZ-M2M-Token": str(session.value)}
        return Held(headers, {kind: token.generation for kind, token in self._tokens.items()})

    def _log_in(self, kinds: t.Sequence[Refusal]) -> None:
        for kind in kinds:
            if not self._can_log_in(kind):
                raise _cannot_renew(kind)
        if self._refused is not None:
            raise LoginRefused(self._refused)
        identity = login_identity(self._transport.base_url, self._credentials)
        with self._memory.alone(identity) as remembered:
            self._refused = remembered
            if remembered is not None:
                raise LoginRefused(remembered)
            try:
                for kind in kinds:
                    self._get_access_token() if kind is Refusal.ACCESS_TOKEN else self._get_session_token()
            except LoginRefused as error:
                self._refused = error.message
                self._memory.remember_refusal(identity, error.message)
                raise
            except TransientError as error:
                error.during_login = True
                raise

    def _get_access_token(self) -> None:
        given = self._credentials
        pair = base64.b64encode(f"{given.api_key}:{given.api_secret}".encode()).decode("ascii")
        self.logins += 1
        answer = self._transport.send(
            "POST",
            ("ts", "v1", "oauth2", "token"),
            {"Authorization": f"Basic {pair}"},
            form={"grant_type": "client_credentials"},
        )
        self._check(answer, "The login with api_key was refused", "check api_key and api_secret")
        body = self._body_of(answer)
        # Counted from the answer, and with a second for rounding: within its hour the service would hand out the
        # same token again, so a renewal only helps once the old one is dead.
        lifetime = _seconds(body.get("expires_in"))
        dead_at = None if lifetime is None else self._clock.monotonic() + lifetime + 1
        self._tokens[Refusal.ACCESS_TOKEN].replace(self._token_in(body, "access_token"), dead_at)

    def _get_session_token(self) -> None:
        if self._unclear >= _MAX_UNCLEAR_LOGINS and not self._user_was_accepted:
            raise LoginRefused(
                f"{self._unclear} logins of the user got no clear answer: not tried again, because five refused ones "
                "lock the user. Look at the service's state, then start again."
            )
        answer = self._post_session_login()
        if refusal_of(answer) is Refusal.ACCESS_TOKEN and self._credentials.api_key:
            self._get_access_token()
            answer = self._post_session_login()
        if refusal_of(answer) is Refusal.ACCESS_TOKEN:
            raise _cannot_renew(Refusal.ACCESS_TOKEN)
        self._check(
            answer,
            "The login of the user was refused",
            f"check username and password. {_NOT_AGAIN}",
        )
        token = self._token_in(self._body_of(answer), "sessionToken")
        self._tokens[Refusal.SESSION_TOKEN].replace(token, self._clock.monotonic() + _SESSION_IDLE_SECONDS)
        self._unclear = 0
        self._user_was_accepted = True

    def _post_session_login(self) -> Answer:
        login = {"username": self._credentials.username, "password": self._credentials.password}
        headers = {"Authorization": f"Bearer {self._tokens[Refusal.ACCESS_TOKEN].value}"}
        self.logins += 1
        try:
            answer = self._transport.send("POST", ("m2m", "v1", "session", "login"), headers, json=login)
        except TransientError as error:
            if error.status in _REFUSED_STATUS:
                raise LoginRefused(
                    f"The login of the user was refused with HTTP {error.status}, and the rest of the answer was lost: "
                    f"check username and password. {_NOT_AGAIN}."
                ) from error
            self._unclear += 1 if error.maybe_processed else 0
            raise
        self._unclear += 1 if answer.status in _UNCLEAR_STATUS or answer.status < 300 else 0
        return answer

    def _check(self, answer: Answer, what: str, advice: str) -> None:
        error = error_of(answer, self._transport.host, self._secrets.mask, self._clock.now())
        if error is None:
            return
        if isinstance(error, (WrongAddress, ServiceTrouble)):
            raise error
        raise LoginRefused(f"{what}: {error.message.rstrip('.')}; {advice}.")

    def _body_of(self, answer: Answer) -> dict[str, t.Any]:
        return json_object_of(answer, self._transport.host)

    def _token_in(self, body: Mapping[str, t.Any], key: str) -> str:
        token = body.get(key)
        if not isinstance(token, str) or not is_token(token) or len(token) < _SHORTEST_TOKEN:
            raise BadAnswer(f"{self._transport.host} answered a login without a usable {key}.")
        self._secrets.add(token)
        return token


def login_identity(api_url: str, credentials: Credentials) -> tuple[str, ...]:
    """What tells one login from another, for a LoginMemory: a secret itself."""
    given = (credentials.api_key, credentials.api_secret, credentials.username, credentials.password)
    return (api_url, *(value or "" for value in given))


def _cannot_renew(kind: Refusal) -> ThingSpaceError:
    if kind is Refusal.ACCESS_TOKEN:
        return AccessRefused(
            "The access token was refused (it lives for one hour): give api_key and api_secret so that it can be "
            "renewed, or a new access_token."
        )
    return AccessRefused(
        "The session token was refused (it lives for 20 minutes without use): give username and password so that it "
        "can be renewed, or a new session_token."
    )


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < float("inf") else None
