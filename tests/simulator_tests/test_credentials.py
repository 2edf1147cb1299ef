# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's two tokens: their lifetime and expiry, and the lock after refused logins."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any

import pytest
import requests

from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID, V3_ACCOUNT, V3_ID
from simulator_tests.raw import RawClient

EXPIRED = {"errorCode": "INVALID_PARAMETER", "errorMessage": "UWS verification failure (The Session has expired.)"}


def status_and_json(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def fault_code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["fault"]["code"]


def test_the_oauth_token_is_the_same_within_its_hour_and_counts_down(api_url: str, control: Control) -> None:
    client = RawClient(api_url)
    first = client.ask_token().json()
    control.advance(3599)
    second = client.ask_token().json()
    control.advance(1)
    third = client.ask_token().json()

    assert re.fullmatch("[0-9a-f]{32}", first["access_token"])
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
    assert (second["access_token"], second["expires_in"]) == (first["access_token"], 1)
    assert third["access_token"] != first["access_token"]
    assert third["expires_in"] == 3600


def test_without_the_countdown_the_whole_lifetime_is_returned_again(api_url: str, control: Control) -> None:
    control.behaviour(oauth_countdown=False, token_lifetime_seconds=100)
    client = RawClient(api_url)
    client.ask_token()
    control.advance(60)

    assert client.ask_token().json()["expires_in"] == 100


def test_an_expired_oauth_token_is_refused_by_the_gateway(client: RawClient, control: Control) -> None:
    control.advance(1000)
    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
    assert control.expire_tokens() == 1

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert fault_code(answer) == (401, "900901")
    assert answer.json()["fault"]["description"] == (
        "Access failure for API: /fota/v2, version: v2. Make sure you have given the correct access token"
    )


def test_a_revoked_oauth_token_is_followed_by_a_new_one(client: RawClient) -> None:
    old = client.access_token
    answer = client.revoke_token()

    assert (answer.status_code, answer.content, answer.headers["RevokedAccessToken"]) == (200, b"", old)
    assert fault_code(client.read("v2", ACCOUNT, V2_ID)) == (401, "900901")
    client.ask_token()
    assert client.access_token != old
    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200


@pytest.mark.parametrize(
    ("headers", "form", "status", "expected"),
    [
        ({}, {"grant_type": "client_credentials"}, 401, '"code":"900902"'),
        ({"Authorization": "Bearer x"}, {"grant_type": "client_credentials"}, 403, "<am:code>404</am:code>"),
        ({"Authorization": "BASIC"}, {}, 400, "Missing grant_type parameter value"),
        ({"Authorization": "BASIC"}, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"Authorization": "Basic %%%"}, {"grant_type": "client_credentials"}, 401, "invalid_client"),
    ],
)
def test_the_token_call_refuses(
    api_url: str, control: Control, headers: dict[str, str], form: dict[str, str], status: int, expected: str
) -> None:
    pair = f"{DEMO_CREDENTIALS['api_key']}:{DEMO_CREDENTIALS['api_secret']}"
    basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    sent = {name: basic if value == "BASIC" else value for name, value in headers.items()}

    answer = requests.post(f"{api_url}/ts/v1/oauth2/token", data=form, headers=sent, timeout=10)

    assert answer.status_code == status
    assert expected in answer.text
    assert control.counters()["tokens_refused"] == 1


def test_the_session_lives_as_long_as_it_is_used(client: RawClient, control: Control) -> None:
    for _poll in range(2):
        control.advance(1199)
        assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
    control.advance(1200)

    assert status_and_json(client.read("v2", ACCOUNT, V2_ID)) == (400, EXPIRED)
    # The session has expired. Using it does not renew it.
    assert status_and_json(client.read("v2", ACCOUNT, V2_ID)) == (400, EXPIRED)
    assert str(uuid.UUID(client.session_token)) == client.session_token


@pytest.mark.parametrize(
    ("form", "status", "expected"),
    [
        ("uws", 400, EXPIRED),
        (
            "m2m",
            400,
            {
                "errorCode": "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired",
                "errorMessage": "The Session has expired.",
            },
        ),
        (
            "account_401",
            401,
            {
                "errorCode": "INVALID_ACCOUNT",
                "errorMessage": "An error was encountered when trying to verify the UWS account.",
            },
        ),
    ],
)
def test_an_expired_session_has_three_possible_forms(
    client: RawClient, control: Control, form: str, status: int, expected: dict[str, str]
) -> None:
    control.behaviour(session_expired_form=form)
    assert control.expire_sessions() == 1

    assert status_and_json(client.read("v2", ACCOUNT, V2_ID)) == (status, expected)


def test_both_headers_are_needed(client: RawClient) -> None:
    access_token, client.access_token = client.access_token, ""
    assert fault_code(client.read("v2", ACCOUNT, V2_ID)) == (401, "900902")
    client.access_token, client.session_token = access_token, ""
    assert "Session token is missing" in client.read("v2", ACCOUNT, V2_ID).json()["errorMessage"]
    client.session_token = str(uuid.uuid4())
    assert "Session token is invalid" in client.read("v2", ACCOUNT, V2_ID).json()["errorMessage"]


def test_a_new_login_leaves_the_older_session_alone(client: RawClient) -> None:
    older = client.session_token
    client.ask_session()
    assert client.session_token != older
    client.session_token = older

    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200


def test_five_refused_logins_lock_the_user(client: RawClient, control: Control) -> None:
    for _attempt in range(5):
        assert client.ask_session(password="wrong").json()["errorCode"].endswith("Password.Invalid")

    locked = client.ask_session()

    assert (locked.status_code, locked.json()["errorCode"].endswith("User.Locked")) == (400, True)
    # A session from before the lock is still valid.
    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
    counters = control.counters()
    assert (counters["logins_accepted"], counters["logins_refused"]) == (1, 6)
    assert control.unlock_users() == 1
    assert client.ask_session().status_code == 200


def test_a_good_login_forgets_the_refused_ones(client: RawClient) -> None:
    for password in [*["wrong"] * 4, DEMO_CREDENTIALS["password"], *["wrong"] * 4]:
        client.ask_session(password=password)

    assert client.ask_session().status_code == 200


def test_a_user_reads_its_own_accounts_only(client: RawClient, control: Control) -> None:
    control.scenario(
        {
            "credentials": [
                {"accounts": [ACCOUNT]},
                {"api_key": "k", "api_secret": "s", "username": "u", "password": "p", "accounts": [V3_ACCOUNT]},
            ]
        }
    )
    client.log_in()
    foreign = client.read("v3", V3_ACCOUNT, V3_ID)
    assert (foreign.status_code, "Could not find account" in foreign.text) == (400, True)

    client.ask_token(api_key="k", api_secret="s")
    client.ask_session(username="u", password="p")
    assert client.read("v3", V3_ACCOUNT, V3_ID).status_code == 200


def test_predefined_tokens_of_a_scenario_work(client: RawClient, control: Control) -> None:
    control.scenario({"credentials": {"access_token": "made-before", "session_token": "also-made-before"}})
    client.access_token, client.session_token = "made-before", "also-made-before"

    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
    assert client.ask_token().json()["access_token"] == "made-before"
    control.advance(3600)
    assert fault_code(client.read("v2", ACCOUNT, V2_ID)) == (401, "900901")


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [("/fota/v2/nothing", 400, '"900906"'), ("/other", 404, "<am:fault"), ("/fota/v4/campaigns/1/2", 404, "<am:fault")],
)
def test_a_wrong_path_is_the_gateways_fault(client: RawClient, path: str, status: int, expected: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, expected in answer.text) == (status, True)
