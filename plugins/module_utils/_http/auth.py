# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The two credentials of every call: an OAuth access token and a session token.

All from the service's documentation: requesting an access token returns the same one until its hour is over; a session
expires after 20 minutes without use; five refused logins in a row lock the user. So a refused login is never retried,
and a refused token is renewed once, no matter how many threads, tasks and hosts met the refusal.
"""

from __future__ import annotations

import base64
import threading
import typing as t
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    ConnectionFailed,
    LoginRefused,
    ServiceTrouble,
    ThingSpaceError,
    TransientError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import (
    LockTimeout,
    LoginMemory,
    SharedToken,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import (
    TokenKind,
    error_of,
    json_object_of,
    refused_token_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Credentials, is_token
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets

# From the service's session guide: "20 minutes of inactivity".
_SESSION_IDLE_SECONDS: t.Final = 20 * 60
# Seconds. How often the use of a session is shared with others.
_SHARE_USE_INTERVAL: t.Final = 60.0
# No real token is this short, and masking it would mask half of the result.
_SHORTEST_TOKEN: t.Final = 8
# Well below the five refusals that lock a user, since others may have failed before this run.
_MAX_UNCLEAR_LOGINS: t.Final = 2

# A refusal by status alone. A 401 may be about the access token: only its body says so.
_REFUSED_STATUS: t.Final = frozenset({400, 403})
_CHECK_USER: t.Final = "check the permissions of the user, and that no other program uses the same user"
_NOT_AGAIN: t.Final = "The login is not retried in this run, because five refused logins lock the user"


@dataclass(frozen=True)
class AuthHeaders:
    """The headers of one request, and the tokens in them."""

    headers: Mapping[str, str]
    tokens: Mapping[TokenKind, str]


class Auth:
    """Holds both tokens, obtains missing ones, and renews each once per expiry. Safe for threads."""

    def __init__(
        self, credentials: Credentials, transport: Transport, secrets: Secrets, memory: LoginMemory, clock: Clock
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._secrets = secrets
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[TokenKind, SharedToken | None] = {
            TokenKind.ACCESS_TOKEN: _given(credentials.access_token),
            TokenKind.SESSION_TOKEN: _given(credentials.session_token),
        }
        self._use_shared_at = float("-inf")
        self.logins = 0

    def headers(self) -> AuthHeaders:
        """The headers with both tokens. A token that is missing or known to have expired is obtained first.

        Raises LoginRefused, AccessRefused, and whatever the transport raises during a login.
        """
        with self._lock:
            for kind in TokenKind:
                if not self._is_usable(kind, self._tokens[kind]):
                    self._obtain(kind, refused=None)
            return self._headers()

    def renew(self, refused: TokenKind, auth_headers: AuthHeaders) -> None:
        """Replace a refused token, unless that has happened since C(auth_headers) was returned."""
        with self._lock:
            current = self._tokens[refused]
            if current is not None and current.value == auth_headers.tokens[refused]:
                self._obtain(refused, current.value)

    def record_failed_renewal(self, refused: TokenKind, auth_headers: AuthHeaders) -> None:
        """Record that a token was refused right after its renewal, so that no task renews it again."""
        token = self._tokens[refused]
        if token is not None and token.value == auth_headers.tokens[refused] and self._can_log_in(refused):
            self._memory.update_token(self._identity(refused), replace(token, is_refused=True))

    def session_was_used(self) -> None:
        """Record that the service has just responded, so its session lives for another 20 minutes."""
        token, now = self._tokens[TokenKind.SESSION_TOKEN], self._clock.monotonic()
        if not self._credentials.username or token is None:
            return
        self._tokens[TokenKind.SESSION_TOKEN] = token = replace(token, dead_at=now + _SESSION_IDLE_SECONDS)
        if now - self._use_shared_at >= _SHARE_USE_INTERVAL:
            self._use_shared_at = now
            self._memory.update_token(self._identity(TokenKind.SESSION_TOKEN), token)

    def probe_headers(self) -> Mapping[str, str] | None:
        """The headers for a probe before the next login, None if the login may be sent right away.

        After a login without a clear result, a read shows whether the service responds at all. A read is idempotent and
        is not counted as a login.
        """
        # Under the lock, because a login in progress counts as unclear until it is over.
        with self._lock:
            needed = [kind for kind in TokenKind if not self._is_usable(kind, self._tokens[kind])]
            is_unclear = any(self._is_unclear(kind) for kind in needed if self._can_log_in(kind))
            return self._headers().headers if is_unclear else None

    def _is_unclear(self, kind: TokenKind) -> bool:
        with self._locked(kind):
            return 0 < self._memory.count(self._account(kind)).unclear < _MAX_UNCLEAR_LOGINS

    def give_up_at(self, moment: float) -> None:
        """Do not wait for another process after this time of the monotonic clock."""
        self._memory.give_up_at(moment)

    def tokens_as_options(self) -> dict[str, str]:
        """Both tokens as module options, for a module that must not log in itself. Raises what C(headers) raises."""
        tokens = self.headers().tokens
        return {kind.value: token for kind, token in tokens.items()}

    @contextmanager
    def counted_login_elsewhere(self) -> Iterator[None]:
        """Count a login that another host sends inside this block, and keep others from logging in meanwhile.

        Raises LoginRefused if no login is allowed. The block must raise what a local login would raise.
        """
        with self._locked(TokenKind.SESSION_TOKEN), self._counted(TokenKind.SESSION_TOKEN):
            yield

    def _is_usable(self, kind: TokenKind, token: SharedToken | None) -> bool:
        if token is None:
            return False
        return token.dead_at is None or self._clock.monotonic() < token.dead_at or not self._can_log_in(kind)

    def _can_log_in(self, kind: TokenKind) -> bool:
        if kind is TokenKind.ACCESS_TOKEN:
            return self._credentials.api_key is not None
        return self._credentials.username is not None and self._credentials.log_in

    def _headers(self) -> AuthHeaders:
        tokens = {kind: token.value for kind, token in self._tokens.items() if token is not None}
        headers = {}
        if TokenKind.ACCESS_TOKEN in tokens:
            headers["Authorization"] = f"Bearer {tokens[TokenKind.ACCESS_TOKEN]}"
        if TokenKind.SESSION_TOKEN in tokens:
            headers["VZ-M2M-Token"] = tokens[TokenKind.SESSION_TOKEN]
        return AuthHeaders(headers, tokens)

    def _account(self, kind: TokenKind) -> tuple[str, ...]:
        """What refused logins are counted by. User names are not documented as case-sensitive, so case is ignored."""
        if kind is TokenKind.ACCESS_TOKEN:
            return (kind.value, str(self._credentials.api_key))
        return (kind.value, str(self._credentials.username).strip().casefold())

    def _identity(self, kind: TokenKind) -> tuple[str, ...]:
        """What identifies a token: its kind, the base URL, and the credentials that it was obtained with."""
        given = self._credentials
        pairs = [given.api_key, given.api_secret]
        if kind is TokenKind.SESSION_TOKEN:
            pairs += [given.username, given.password]
        return (kind.value, self._transport.base_url, *(value or "" for value in pairs))

    def _obtain(self, kind: TokenKind, refused: str | None) -> None:
        """Use a token that another task of this run has obtained, or log in. C(refused) is the token to replace."""
        if not self._can_log_in(kind):
            raise _cannot_renew(kind)
        with self._locked(kind):
            shared = self._memory.token(self._identity(kind))
            if shared is not None:
                self._secrets.add(shared.value)
                if shared.value == refused and (shared.is_refused or shared.replaces == refused):
                    raise AccessRefused(f"The {kind.value} was refused again right after its renewal: {_CHECK_USER}.")
                if shared.value != refused and self._is_usable(kind, shared):
                    self._tokens[kind] = shared
                    return
            self._get_access_token(refused) if kind is TokenKind.ACCESS_TOKEN else self._get_session_token(refused)

    @contextmanager
    def _locked(self, kind: TokenKind) -> Iterator[None]:
        limit = self._clock.monotonic() + self._transport.request_timeout
        try:
            with self._memory.locked(self._account(kind), min(limit, self._transport.give_up_at)):
                yield
        except LockTimeout:
            raise ConnectionFailed(
                "Another task of this run is logging in with the same credentials and has not finished in time: check "
                f"the status of the service, or raise {self._transport.names('request_timeout')}.",
                maybe_processed=False,
                during_login=True,
            ) from None

    @contextmanager
    def _counted(self, kind: TokenKind) -> Iterator[None]:
        """Count the login in this block before it is sent. Raises LoginRefused if it must not be sent.

        In the block, LoginRefused means a refused login, and no error an accepted one. An error that was certainly not
        processed does not count as a login.
        """
        account, memory = self._account(kind), self._memory
        count = memory.count(account)
        if count.refusal is not None:
            raise LoginRefused(count.refusal)
        if count.unclear >= _MAX_UNCLEAR_LOGINS:
            raise LoginRefused(
                f"{count.unclear} logins in a row got no clear response ({_WHAT[kind]}). No further login is sent in "
                "this run, because five refused logins lock the user. Check the status of the service, then run the "
                "playbook again."
            )
        memory.login_begins(account)
        self.logins += 1
        try:
            yield
        except LoginRefused as error:
            memory.login_refused(account, error.message)
            raise
        except ThingSpaceError as error:
            if not error.maybe_processed:
                memory.login_not_sent(account)
                self.logins -= 1
            raise error.with_changes(during_login=True) from error.__cause__
        except _AccessTokenRefused:
            # The gateway rejected the request, so the password of the user was not checked.
            memory.login_not_sent(account)
            raise
        memory.login_accepted(account)

    def _keep(self, kind: TokenKind, token: SharedToken) -> None:
        self._tokens[kind] = token
        self._memory.keep_token(self._identity(kind), token)

    def _get_access_token(self, refused: str | None) -> None:
        given = self._credentials
        pair = base64.b64encode(f"{given.api_key}:{given.api_secret}".encode()).decode("ascii")
        with self._counted(TokenKind.ACCESS_TOKEN):
            answer = self._transport.send(
                "POST",
                ("ts", "v1", "oauth2", "token"),
                {"Authorization": f"Basic {pair}"},
                form={"grant_type": "client_credentials"},
            )
            self._check(answer, "The login with api_key was refused", "check api_key and api_secret")
            body = self._body_of(answer)
            value = self._token_in(body, "access_token")
        # Counted from the response, plus a second for rounding: within the hour the service would return the same
        # token, so renewing it helps only once it has expired.
        lifetime = _seconds(body.get("expires_in"))
        dead_at = None if lifetime is None else self._clock.monotonic() + lifetime + 1
        self._keep(TokenKind.ACCESS_TOKEN, SharedToken(value, dead_at, refused))

    def _get_session_token(self, refused: str | None) -> None:
        try:
            value = self._log_in_user()
        except _AccessTokenRefused:
            access = self._tokens[TokenKind.ACCESS_TOKEN]
            self._obtain(TokenKind.ACCESS_TOKEN, access.value if access is not None else None)
            try:
                value = self._log_in_user()
            except _AccessTokenRefused:
                raise AccessRefused(
                    f"The access token was refused again right after its renewal: {_CHECK_USER}."
                ) from None
        dead_at = self._clock.monotonic() + _SESSION_IDLE_SECONDS
        self._keep(TokenKind.SESSION_TOKEN, SharedToken(value, dead_at, refused))

    def _log_in_user(self) -> str:
        """A new session token. Raises _AccessTokenRefused if the access token was rejected."""
        login = {"username": self._credentials.username, "password": self._credentials.password}
        headers = {name: value for name, value in self._headers().headers.items() if name == "Authorization"}
        with self._counted(TokenKind.SESSION_TOKEN):
            try:
                answer = self._transport.send("POST", ("m2m", "v1", "session", "login"), headers, json=login)
            except TransientError as error:
                if error.status in _REFUSED_STATUS:
                    raise LoginRefused(
                        f"The login of the user was refused with HTTP {error.status}, and the rest of the "
                        f"response was lost: check username and password. {_NOT_AGAIN}."
                    ) from error
                raise
            if refused_token_of(answer) is TokenKind.ACCESS_TOKEN:
                raise _AccessTokenRefused
            self._check(answer, "The login of the user was refused", f"check username and password. {_NOT_AGAIN}")
            return self._token_in(self._body_of(answer), "sessionToken")

    def _check(self, answer: Response, what: str, advice: str) -> None:
        error = error_of(answer, self._transport.host, self._secrets.mask, self._clock.now(), self._transport.names)
        if error is None:
            return
        if isinstance(error, (WrongAddress, ServiceTrouble)):
            raise error
        raise LoginRefused(f"{what}: {error.message.rstrip('.')}; {advice}.")

    def _body_of(self, answer: Response) -> dict[str, t.Any]:
        return json_object_of(answer, self._transport.host)

    def _token_in(self, body: Mapping[str, t.Any], key: str) -> str:
        token = body.get(key)
        if not isinstance(token, str) or not is_token(token) or len(token) < _SHORTEST_TOKEN:
            raise BadResponse(
                f"{self._transport.host} returned a login response without a valid {key}: "
                f"check {self._transport.names('api_url')}."
            )
        self._secrets.add(token)
        return token


class _AccessTokenRefused(Exception):
    """A session login was rejected because of its access token, before it reached the user's account."""


_WHAT: t.Final = {TokenKind.ACCESS_TOKEN: "with api_key", TokenKind.SESSION_TOKEN: "of the user"}


def _given(value: str | None) -> SharedToken | None:
    return None if value is None else SharedToken(value, None)


def _cannot_renew(kind: TokenKind) -> ThingSpaceError:
    if kind is TokenKind.ACCESS_TOKEN:
        return AccessRefused(
            "The access token was refused. It expires after an hour: set api_key and api_secret so that it can be "
            "renewed, or set a new access_token."
        )
    return AccessRefused(
        "The session token was refused. It expires after 20 idle minutes: set username and password so that it can be "
        "renewed, or set a new session_token."
    )


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < float("inf") else None
