# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both tokens: when each is got, taken from others, and renewed, and after which logins there is none."""

from __future__ import annotations

import base64
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    ConnectionFailed,
    LoginRefused,
    ServiceTrouble,
    ThingSpaceError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth, AuthHeaders
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import (
    LockTimeout,
    LoginCount,
    LoginMemory,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import TokenKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.tests.unit.scripted_service import (
    ACCESS_REFUSAL,
    GIVEN,
    SESSION_REFUSAL,
    ScriptedService,
    answer,
    credentials,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import HOUR, MINUTE, FakeClock

ACCESS: t.Final = TokenKind.ACCESS_TOKEN
SESSION: t.Final = TokenKind.SESSION_TOKEN
USER: t.Final = (SESSION.value, "user-1111")
KEY: t.Final = (ACCESS.value, "key-2222")
WRONG: t.Final = answer(400, {"errorCode": "X", "errorMessage": "Wrong password-4444"})
BUSY: t.Final = answer(503, {})
KEY_PAIR: t.Final = {name: GIVEN[name] for name in ("api_key", "api_secret")}
USER_PAIR: t.Final = {name: GIVEN[name] for name in ("username", "password")}
TOKENS: t.Final = {"access_token": "ready-access-token", "session_token": "ready-session-token"}


def lost_after(status: int) -> ConnectionFailed:
    """The error of an answer that was lost after its head."""
    return ConnectionFailed("lost").with_changes(status=status)


class Rig:
    """One C(Auth), and what is around it."""

    def __init__(
        self,
        service: ScriptedService | None = None,
        memory: LoginMemory | None = None,
        given: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        self.service = service or ScriptedService()
        self.memory = memory or LoginMemory()
        self.clock = FakeClock()
        self.secrets = Secrets(["password-4444"])
        self.auth = self.another(given)

    def another(self, given: t.Mapping[str, t.Any] | None = None) -> Auth:
        """One more with the same memory."""
        return Auth(
            credentials(**(GIVEN if given is None else given)),
            t.cast(t.Any, self.service),
            self.secrets,
            self.memory,
            self.clock,
        )

    def error(self) -> ThingSpaceError:
        """What comes instead of the tokens."""
        with pytest.raises(ThingSpaceError) as caught:
            self.auth.headers()
        return caught.value

    def values(self) -> list[str]:
        """The tokens."""
        return list(self.auth.headers().headers.values())


def test_both_are_got_once() -> None:
    rig = Rig()
    assert rig.values() == rig.values() == ["Bearer access-token-1", "session-token-1"]
    assert list(rig.auth.headers().headers) == ["Authorization", "VZ-M2M-Token"]
    token, login = rig.service.sent
    assert [token.path, login.path] == [("ts", "v1", "oauth2", "token"), ("m2m", "v1", "session", "login")]
    pair = base64.b64encode(b"key-2222:secret-3333").decode()
    assert (token.headers, token.content) == (
        {"Authorization": f"Basic {pair}"},
        {"grant_type": "client_credentials"},
    )
    assert (login.headers, login.content) == ({"Authorization": "Bearer access-token-1"}, USER_PAIR)
    assert rig.auth.logins == 2
    assert rig.secrets.mask("access-token-1 session-token-1") == "******** ********"


@pytest.mark.parametrize(
    ("kind", "scripts", "error", "unclear", "refused"),
    [
        ("login", [WRONG], LoginRefused, 0, True),
        ("login", [answer(401, "no JSON")], LoginRefused, 0, True),
        ("login", [lost_after(400)], LoginRefused, 0, True),
        ("login", [lost_after(403)], LoginRefused, 0, True),
        # Of these nobody knows.
        ("login", [lost_after(401)], ConnectionFailed, 1, False),
        ("login", [ConnectionFailed("lost")], ConnectionFailed, 1, False),
        ("login", [BUSY], ServiceTrouble, 1, False),
        ("login", [answer(429, {}, **{"retry-after": "0"})], ServiceTrouble, 1, False),
        ("login", [answer(500, SESSION_REFUSAL)], ServiceTrouble, 1, False),
        ("login", [Response(502, {}, b"<html>Bad Gateway</html>")], ServiceTrouble, 1, False),
        ("login", [Response(200, {}, b"")], BadResponse, 1, False),
        ("login", [Response(200, {}, b"<html>Sign in</html>")], BadResponse, 1, False),
        ("login", [Response(200, {}, b'{"sessionToken": "session-to')], BadResponse, 1, False),
        ("login", [answer(302, {})], WrongAddress, 1, False),
        ("login", [answer(200, {})], BadResponse, 1, False),
        ("login", [answer(200, [])], BadResponse, 1, False),
        ("login", [answer(200, {"sessionToken": "7-chars"})], BadResponse, 1, False),
        ("login", [answer(200, {"sessionToken": "with a blank in it"})], BadResponse, 1, False),
        ("login", [answer(200, {"sessionToken": 1234567890})], BadResponse, 1, False),
        # These never reached the service's own logic.
        ("login", [ConnectionFailed("refused", maybe_processed=False)], ConnectionFailed, 0, False),
        ("token", [answer(401, {"error": "invalid_client"})], LoginRefused, 0, True),
        ("token", [BUSY], ServiceTrouble, 1, False),
        ("token", [ConnectionFailed("refused", maybe_processed=False)], ConnectionFailed, 0, False),
    ],
)
def test_how_a_login_that_fails_counts(
    kind: str, scripts: list[Response | Exception], error: type[ThingSpaceError], unclear: int, refused: bool
) -> None:
    rig = Rig(ScriptedService(**{kind: scripts}))
    met = rig.error()
    count = rig.memory.count(USER if kind == "login" else KEY)
    assert met.__class__ is error
    assert (count.unclear, count.refusal is not None) == (unclear, refused)
    assert met.during_login or refused
    assert "password-4444" not in met.message
    # What never reached it is no login.
    assert rig.auth.logins == rig.service.requests - (0 if unclear or refused else 1)


def test_a_token_of_eight_characters_is_one() -> None:
    assert Rig(ScriptedService(login=[answer(200, {"sessionToken": "8-signs-"})])).values()[1] == "8-signs-"


def test_a_new_session_needs_the_access_token_only() -> None:
    rig = Rig()
    rig.auth.headers()
    rig.clock.pass_time(20 * MINUTE)
    rig.auth.headers()
    assert rig.service.sent[-1].headers == {"Authorization": "Bearer access-token-1"}


def test_after_a_refusal_there_is_no_login_for_anybody() -> None:
    rig = Rig(ScriptedService(login=[WRONG]))
    first = rig.error()
    assert first.message == (
        "The login of the user was refused: The service refused the request: HTTP 400, X: Wrong ********; check "
        "username and password. The login is not retried in this run, because five refused logins lock the user."
    )
    rig.auth = rig.another({**GIVEN, "password": "another-password", "username": " USER-1111 "})
    assert rig.error().message == first.message
    assert rig.service.kinds.count("login") == 1


def test_after_two_logins_without_a_clear_answer_there_is_none() -> None:
    rig = Rig(ScriptedService(login=[BUSY, ConnectionFailed("lost")]))
    assert [rig.error().__class__ for _login in range(3)] == [ServiceTrouble, ConnectionFailed, LoginRefused]
    assert "2 logins in a row got no clear response (of the user)" in rig.error().message
    assert rig.service.kinds.count("login") == 2
    assert rig.memory.count(USER) == LoginCount(None, 2)
    # No read helps: the login will not come.
    assert rig.auth.probe_headers() is None


def test_an_accepted_login_lets_the_count_begin_anew() -> None:
    rig = Rig(ScriptedService(login=[BUSY]))
    assert rig.auth.probe_headers() is None
    rig.error()
    # After one such login a read comes first, with what there is.
    assert rig.auth.probe_headers() == {"Authorization": "Bearer access-token-1"}
    rig.auth.headers()
    assert rig.memory.count(USER) == LoginCount()
    assert rig.auth.probe_headers() is None


def test_no_read_comes_first_while_the_tokens_are_good() -> None:
    rig = Rig()
    rig.auth.headers()
    # Somebody else's login as the same user.
    rig.memory.login_begins(USER)
    assert rig.auth.probe_headers() is None


def test_a_token_of_somebody_else_is_masked() -> None:
    rig = Rig()
    rig.auth.headers()
    other = Rig(rig.service, rig.memory)
    assert other.values() == ["Bearer access-token-1", "session-token-1"]
    assert other.secrets.mask("access-token-1 session-token-1") == "******** ********"
    assert rig.service.requests == 2


def test_a_token_of_somebody_else_is_taken() -> None:
    rig = Rig()
    rig.auth.headers()
    rig.auth = rig.another()
    assert rig.values() == ["Bearer access-token-1", "session-token-1"]
    rig.auth = rig.another({**GIVEN, "password": "another-password"})
    # The key is the same, the user's password is not.
    assert rig.values() == ["Bearer access-token-1", "session-token-2"]
    assert rig.service.kinds == ["token", "login", "login"]


@pytest.mark.parametrize(
    ("idle", "kinds"), [(19.9 * MINUTE, []), (20 * MINUTE, ["login"]), (61 * MINUTE, ["token", "login"])]
)
def test_what_is_known_to_be_dead_is_renewed(idle: float, kinds: list[str]) -> None:
    rig = Rig()
    rig.auth.headers()
    rig.clock.pass_time(idle)
    rig.auth.headers()
    assert rig.service.kinds[2:] == kinds


def test_a_session_that_is_used_lives_on_and_others_learn_of_it_once_a_minute() -> None:
    rig = Rig()
    rig.auth.headers()
    identity = rig.auth._identity(SESSION)
    told = []
    for _poll in range(8):
        rig.clock.pass_time(30.0)
        rig.auth.session_was_used()
        shared = rig.memory.token(identity)
        assert shared is not None and shared.dead_at is not None
        told.append(shared.dead_at - rig.clock.monotonic() - 20 * MINUTE)
    assert told == [0.0, -30.0] * 4
    rig.clock.pass_time(19 * MINUTE)
    rig.auth.headers()
    assert rig.service.kinds == ["token", "login"]


def test_others_learn_of_a_used_session_after_sixty_seconds() -> None:
    rig, told = Rig(), []
    rig.auth.headers()
    for seconds in (0.0, 59.5, 0.5):
        rig.clock.pass_time(seconds)
        rig.auth.session_was_used()
        shared = rig.memory.token(rig.auth._identity(SESSION))
        assert shared is not None
        told.append(shared.dead_at == rig.clock.monotonic() + 20 * MINUTE)
    assert told == [True, False, True]


def test_a_session_that_nobody_has_got_was_not_used() -> None:
    rig = Rig()
    rig.auth.session_was_used()
    assert rig.values() == ["Bearer access-token-1", "session-token-1"]


@pytest.mark.parametrize("lifetime", [None, "soon", "inf", "nan", 0, -5, float("inf"), [], 10**400, True])
def test_a_lifetime_that_is_none(lifetime: t.Any) -> None:
    rig = Rig()
    rig.service.lifetime = lifetime
    rig.auth.headers()
    shared = rig.memory.token(rig.auth._identity(ACCESS))
    assert shared is not None
    assert shared.dead_at == (rig.clock.monotonic() + 2 if lifetime is True else None)


def refused(rig: Rig, kind: TokenKind) -> AuthHeaders:
    """The headers of a request in which the service has just refused a token."""
    headers = rig.auth.headers()
    rig.service.expire("token" if kind is ACCESS else "login")
    rig.auth.renew(kind, headers)
    return headers


@pytest.mark.parametrize(("kind", "sent"), [(ACCESS, ["token"]), (SESSION, ["login"])])
def test_a_refused_token_is_renewed_once_for_all_who_had_it(kind: TokenKind, sent: list[str]) -> None:
    rig = Rig()
    other = rig.another()
    old = other.headers()
    headers = refused(rig, kind)
    rig.auth.renew(kind, headers)
    other.renew(kind, old)
    assert rig.service.kinds == ["token", "login", *sent]
    assert other.headers() == rig.auth.headers() != headers


@pytest.mark.parametrize("kind", [ACCESS, SESSION])
def test_who_was_refused_right_after_a_renewal_renews_no_more(kind: TokenKind) -> None:
    rig = Rig()
    refused(rig, kind)
    again = rig.auth.headers()
    rig.auth.record_failed_renewal(kind, again)
    for auth in (rig.auth, rig.another()):
        with pytest.raises(AccessRefused, match="again right after its renewal"):
            auth.renew(kind, again if auth is rig.auth else auth.headers())
    assert rig.service.requests == 3


def test_a_late_word_of_a_vain_renewal_is_about_the_old_token() -> None:
    rig = Rig()
    old = refused(rig, SESSION)
    rig.auth.record_failed_renewal(SESSION, old)
    shared = rig.memory.token(rig.auth._identity(SESSION))
    assert shared is not None and not shared.is_refused


def test_a_renewal_that_brings_the_same_token_is_not_repeated() -> None:
    """Within its hour the service hands out the same access token again."""
    same = answer(200, {"access_token": "access-token-1", "expires_in": 3600})
    rig = Rig(ScriptedService(token=[same, same], login=[answer(200, {"sessionToken": "session-token-1"})]))
    headers = rig.auth.headers()
    rig.auth.renew(ACCESS, headers)
    assert rig.auth.headers() == headers
    with pytest.raises(AccessRefused, match="The access_token was refused again right after its renewal"):
        rig.auth.renew(ACCESS, headers)
    assert rig.service.kinds.count("token") == 2


def test_a_user_whose_access_token_is_dead_gets_a_new_one_on_the_way() -> None:
    rig = Rig()
    rig.auth.headers()
    rig.clock.pass_time(30 * MINUTE)
    rig.service.expire("token")
    assert rig.values() == ["Bearer access-token-3", "session-token-2"]
    assert rig.service.kinds[2:] == ["login", "token", "login"]
    # The gateway turned one away: no password was looked at, and nothing is counted.
    assert rig.memory.count(USER) == LoginCount()


def test_an_access_token_that_is_refused_again_at_the_login_ends_it() -> None:
    rig = Rig(ScriptedService(login=[answer(401, ACCESS_REFUSAL), answer(401, ACCESS_REFUSAL)]))
    error = rig.error()
    assert isinstance(error, AccessRefused) and "again right after its renewal" in error.message
    assert rig.service.kinds == ["token", "login", "token", "login"]
    assert rig.memory.count(USER) == LoginCount()


def test_given_tokens_need_no_login() -> None:
    rig = Rig(given=TOKENS)
    assert rig.auth.tokens_as_options() == TOKENS
    rig.clock.pass_time(9 * HOUR)
    assert rig.auth.tokens_as_options() == TOKENS
    assert rig.service.sent == []


@pytest.mark.parametrize(
    ("kind", "words"), [(ACCESS, "set api_key and api_secret"), (SESSION, "set username and password")]
)
def test_given_tokens_that_are_refused_say_what_could_renew_them(kind: TokenKind, words: str) -> None:
    rig = Rig(given=TOKENS)
    with pytest.raises(AccessRefused, match=words):
        rig.auth.renew(kind, rig.auth.headers())
    assert rig.service.sent == []


def test_a_dead_access_token_that_was_given_opens_no_session() -> None:
    rig = Rig(given={"access_token": TOKENS["access_token"], **USER_PAIR})
    assert "set api_key and api_secret" in rig.error().message
    assert rig.service.kinds == ["login"]


def test_who_must_not_log_in_uses_the_session_to_its_end() -> None:
    rig = Rig()
    given = {**GIVEN, **TOKENS, "log_in": False}
    rig.auth = rig.another(given)
    rig.auth.session_was_used()
    rig.clock.pass_time(HOUR)
    assert rig.auth.headers().tokens[SESSION] == TOKENS["session_token"]
    with pytest.raises(AccessRefused):
        rig.auth.renew(SESSION, rig.auth.headers())
    assert rig.service.sent == []


def test_a_lock_that_is_not_to_be_had_is_no_login() -> None:
    limits = []

    class Busy(LoginMemory):
        @contextmanager
        def locked(self, account: tuple[str, ...], give_up_at: float) -> Iterator[None]:
            limits.append(give_up_at)
            if limits:
                raise LockTimeout
            yield

    rig = Rig(memory=Busy())
    error = rig.error()
    rig.service.give_up_at = rig.clock.monotonic() + 5.0
    rig.error()
    assert isinstance(error, ConnectionFailed) and error.during_login and not error.maybe_processed
    assert limits == [rig.clock.monotonic() + 30.0, rig.clock.monotonic() + 5.0]
    assert (rig.auth.logins, rig.service.sent) == (0, [])


def test_a_deadline_holds_for_the_locks_as_well() -> None:
    moments = []

    class Memory(LoginMemory):
        def give_up_at(self, moment: float) -> None:
            moments.append(moment)

    Rig(memory=Memory()).auth.give_up_at(7.0)
    assert moments == [7.0]


def test_what_a_token_is_got_with_is_text_also_where_nothing_was_given() -> None:
    identity = Rig(given=TOKENS).auth._identity(SESSION)
    assert identity == ("session_token", "https://host/api", "", "", "", "")


def test_a_login_on_another_host_is_counted_here() -> None:
    rig = Rig()
    with rig.auth.counted_login_elsewhere():
        assert rig.memory.count(USER) == LoginCount(None, 1)
    assert rig.memory.count(USER) == LoginCount()
    with pytest.raises(LoginRefused), rig.auth.counted_login_elsewhere():
        raise LoginRefused("No.")
    assert rig.memory.count(USER) == LoginCount("No.")
    with pytest.raises(LoginRefused, match="No."), rig.auth.counted_login_elsewhere():
        raise AssertionError("nobody comes here")
    assert rig.auth.logins == 2
