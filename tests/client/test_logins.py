# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins of the collection's client: as few as possible, and none after a refusal."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    ConnectionFailed,
    LoginRefused,
    ServiceTrouble,
    TransientError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginMemory
from client.test_reads import THREADS, Rig, counted, in_threads
from simulator.control import Control
from simulator.stock import DEMO_CREDENTIALS, V2_ID

READY = {"access_token": "made-before", "session_token": "also-made-before"}


def test_one_login_of_each_kind_serves_many_reads(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    for _poll in range(20):
        rig.read()

    assert counted(control) == (1, 1, 20)
    assert (rig.client.logins, rig.client.requests) == (2, 22)
    assert control.counters()["by_status"] == {"200": 22}


def test_one_login_of_each_kind_serves_many_threads(api_url: str, control: Control) -> None:
    rig = Rig(api_url)

    results = in_threads(lambda: [rig.read().body["id"] for _poll in range(3)])

    assert results == [[V2_ID] * 3] * THREADS
    assert counted(control) == (1, 1, 3 * THREADS)
    assert (rig.client.logins, rig.client.requests) == (2, 2 + 3 * THREADS)


def test_a_wrong_password_is_sent_once(api_url: str, control: Control) -> None:
    rig = Rig(api_url, retries=2, credentials={**DEMO_CREDENTIALS, "password": "wrong-password-4444"})

    for _try in range(3):
        error = rig.error()
        assert isinstance(error, LoginRefused)
        assert "check username and password" in error.message
        assert "wrong-password-4444" not in error.message

    assert counted(control) == (1, 1, 0)
    assert control.state()["users"][0]["refusals"] == 1


def test_a_wrong_password_is_sent_once_by_many_threads(api_url: str, control: Control) -> None:
    rig = Rig(api_url, retries=2, credentials={**DEMO_CREDENTIALS, "password": "wrong"})

    results = in_threads(rig.read)

    assert [type(result) for result in results] == [LoginRefused] * THREADS
    assert counted(control) == (1, 1, 0)


def test_a_wrong_secret_of_the_application_is_sent_once(api_url: str, control: Control) -> None:
    rig = Rig(api_url, retries=2, credentials={**DEMO_CREDENTIALS, "api_secret": "wrong-secret-5555"})

    for result in in_threads(rig.read):
        assert isinstance(result, LoginRefused)
        assert "check api_key and api_secret" in result.message
        assert "wrong-secret-5555" not in result.message

    assert counted(control) == (1, 0, 0)


def test_a_password_that_becomes_wrong_is_sent_once_more(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    rig.read()
    control.scenario({"credentials": {"password": "changed"}})
    control.reset_counters()

    for _try in range(2):
        assert isinstance(rig.error(), LoginRefused)

    # The new scenario does not know the old access token. It is renewed, and then the session is refused.
    assert counted(control)[1] == 1
    assert control.state()["users"][0]["refusals"] == 1


@pytest.mark.parametrize("kind", ["session_login", "oauth_token"])
@pytest.mark.parametrize("action", ["hang", "reset", "close", "truncated", "html", "empty"])
def test_a_login_with_an_unclear_end_is_not_repeated_within_a_read(
    api_url: str, control: Control, action: str, kind: str
) -> None:
    rig = Rig(api_url, retries=2, options={"request_timeout": 0.5})
    control.fault(action, kind=kind, times=1)

    error = rig.error()

    assert isinstance(error, (ConnectionFailed, BadResponse))
    assert error.during_login
    assert error.maybe_processed
    assert control.count(kind) == 1
    assert control.count("campaign_read") == 0
    assert rig.clock.slept == []
    # The next read can log in again.
    assert rig.read().body["id"] == V2_ID
    assert control.count(kind) == 2


@pytest.mark.parametrize(
    "fault", [{"action": "truncated"}, {"action": "reset", "midway": True}, {"action": "hang", "midway": True}]
)
def test_a_refusal_whose_words_are_lost_is_a_refusal(api_url: str, control: Control, fault: dict[str, Any]) -> None:
    rig = Rig(api_url, credentials={**DEMO_CREDENTIALS, "password": "wrong"}, options={"request_timeout": 0.3})
    control.fault(kind="session_login", **fault)

    for _try in range(3):
        error = rig.error()
        assert isinstance(error, LoginRefused)
        assert "HTTP 400" in error.message
    assert control.count("session_login") == control.counters()["logins_refused"] == 1


@pytest.mark.parametrize("kind", ["session_login", "oauth_token"])
@pytest.mark.parametrize("status", [408, 500, 504])
def test_a_login_with_an_unclear_status_is_not_repeated_within_a_read(
    api_url: str, control: Control, status: int, kind: str
) -> None:
    rig = Rig(api_url, retries=2)
    control.fault("status", kind=kind, status=status, times=1)

    error = rig.error()

    assert isinstance(error, ServiceTrouble)
    assert error.during_login
    assert control.count(kind) == 1
    assert rig.read().body["id"] == V2_ID


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 500},
        {"action": "status", "status": 504},
        {"action": "reset"},
        {"action": "html"},
        {"action": "status", "status": 200, "json": {"sessionToken": ""}},
        {"action": "status", "status": 200, "json": {"sessionToken": "two\nlines"}},
        {"action": "status", "status": 200, "json": {"sessionToken": "7"}},
        {"action": "status", "status": 200, "json": {}},
    ],
)
def test_after_two_unclear_logins_there_is_none(api_url: str, control: Control, fault: dict[str, object]) -> None:
    rig = Rig(api_url, retries=2)
    control.fault(kind="session_login", **fault)  # type: ignore[arg-type]

    errors = [rig.error() for _try in range(6)]

    assert all(isinstance(error, TransientError) for error in errors[:2])
    assert [type(error) for error in errors[2:]] == [LoginRefused] * 4
    assert "five refused logins lock the user" in errors[2].message
    assert "2 logins in a row got no clear response" in errors[2].message
    # The second read requested the campaign without a session before its login. The others could not log in any more.
    assert counted(control) == (1, 2, 1)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_service_that_is_down_is_asked_before_a_second_login(api_url: str, control: Control, status: int) -> None:
    rig = Rig(api_url)
    control.fault("status", kind="session_login", status=status)
    assert isinstance(rig.error(), ServiceTrouble)
    control.fault("status", kind="campaign_read", status=status)

    errors = [rig.error() for _try in range(9)]

    assert [type(error) for error in errors] == [ServiceTrouble] * 9
    assert not [error for error in errors if error.during_login]
    assert counted(control) == (1, 1, 9)
    # When the service is up again, there is one more login.
    control.clear_faults()
    assert rig.read().body["id"] == V2_ID
    assert counted(control)[1] == 2


def test_an_accepted_login_lets_the_count_begin_again(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    for _expiry in range(4):
        control.expire_sessions()
        control.fault("status", kind="session_login", status=500, times=1)
        assert isinstance(rig.error(), ServiceTrouble)
        assert rig.read().body["id"] == V2_ID

    assert control.count("session_login") == 8


def test_a_login_that_never_reached_the_service_does_not_count(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        elsewhere = Rig(f"http://127.0.0.1:{nobody.getsockname()[1]}/api", memory=rig.memory)
        for _try in range(6):
            error = elsewhere.error()
            assert isinstance(error, ConnectionFailed)
            assert not error.maybe_processed

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 1)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"errorCode": "UnifiedWebService.REQUEST_FAILED.Invalid", "errorMessage": "Bad credentials"}),
        (401, {"errorCode": "X.REQUEST_FAILED", "errorMessage": "Credentials are invalid"}),
        (403, {"errorCode": "X.REQUEST_FAILED", "errorMessage": "User locked"}),
    ],
)
def test_a_clear_refusal_is_the_last_login_for_everybody(
    api_url: str, control: Control, status: int, body: dict[str, str]
) -> None:
    control.fault("status", kind="session_login", status=status, json=body)
    memory = LoginMemory()
    # Other keys, another spelling of the username, the right password: refusals are counted per user.
    others: list[dict[str, str]] = [
        {},
        {"password": "another-password-1"},
        {"username": f" {DEMO_CREDENTIALS['username'].upper()} "},
        {"api_key": "another-key-2", "api_secret": "another-secret-2", "access_token": "an-access-token"},
    ]
    errors = [Rig(api_url, credentials={**DEMO_CREDENTIALS, **other}, memory=memory).error() for other in others]

    assert [type(error) for error in errors] == [LoginRefused] * 4
    assert control.count("session_login") == 1


def test_a_client_with_a_token_continues_after_a_refused_login(api_url: str, control: Control) -> None:
    good = Rig(api_url)
    good.read()
    bad = Rig(api_url, credentials={**DEMO_CREDENTIALS, "password": "wrong"}, memory=good.memory)
    assert isinstance(bad.error(), LoginRefused)

    assert good.read().body["id"] == V2_ID
    # A client with the same credentials uses the same token.
    assert Rig(api_url, memory=good.memory).read().body["id"] == V2_ID
    assert counted(control) == (1, 2, 3)


def test_a_login_that_a_redirect_meets_is_not_carried_on(api_url: str, control: Control) -> None:
    control.fault("redirect", kind="session_login", url=f"{api_url}/m2m/v1/session/elsewhere", status=307)

    assert isinstance(Rig(api_url).error(), WrongAddress)
    assert counted(control) == (1, 1, 0)
    assert control.count("other") == 0


def test_predefined_tokens_need_no_login(api_url: str, control: Control) -> None:
    control.scenario({"credentials": READY})

    assert Rig(api_url, credentials=READY).read().body["id"] == V2_ID
    assert counted(control) == (0, 0, 1)


@pytest.mark.parametrize(
    ("expire", "words"),
    [("expire_tokens", "set api_key and api_secret"), ("expire_sessions", "set username and password")],
)
def test_predefined_tokens_without_pairs_cannot_be_renewed(
    api_url: str, control: Control, expire: str, words: str
) -> None:
    control.scenario({"credentials": READY})
    rig = Rig(api_url, retries=2, credentials=READY)
    rig.read()
    assert getattr(control, expire)() == 1

    error = rig.error()

    assert isinstance(error, AccessRefused)
    assert words in error.message
    assert counted(control) == (0, 0, 2)


def test_predefined_tokens_with_pairs_are_used_until_they_are_refused(api_url: str, control: Control) -> None:
    control.scenario({"credentials": READY})
    rig = Rig(api_url, credentials={**DEMO_CREDENTIALS, **READY})
    rig.read()
    assert counted(control) == (0, 0, 1)
    control.expire_tokens()
    control.expire_sessions()

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 4)


def test_a_predefined_token_that_was_never_good_is_renewed_once(api_url: str, control: Control) -> None:
    rig = Rig(api_url, credentials={**DEMO_CREDENTIALS, "access_token": "no-such-token"})

    assert rig.read().body["id"] == V2_ID
    # The session login also uses the access token, which was refused there.
    assert counted(control) == (1, 2, 1)
    assert control.counters()["logins_refused"] == 0


def test_a_predefined_access_token_that_is_dead_cannot_open_a_session(api_url: str, control: Control) -> None:
    user = {name: DEMO_CREDENTIALS[name] for name in ("username", "password")}

    error = Rig(api_url, credentials={**user, "access_token": "no-such-token"}).error()

    assert isinstance(error, AccessRefused)
    assert "set api_key and api_secret" in error.message
    assert counted(control) == (0, 1, 0)
