# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every documented format of errors: which token it refuses, and which error it means; and other JSON."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import (
    TokenKind,
    error_of,
    json_object_of,
    json_of,
    not_found,
    refused_token_of,
    says_no_callback,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response

NOW: t.Final = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
ACCESS: t.Final = TokenKind.ACCESS_TOKEN
SESSION: t.Final = TokenKind.SESSION_TOKEN
XML_FAULT: t.Final = (
    '<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>404</am:code><am:type>Status report</am:type>'
    "<am:message>Not Found</am:message><am:description>The requested resource is not available.</am:description>"
    "</am:fault>"
)


def fault(code: t.Any, message: str, description: str = "Access failure for API: /m2m/v1, version: v1.") -> t.Any:
    return {"fault": {"code": code, "message": message, "description": description}}


def coded(code: str, message: str) -> dict[str, str]:
    return {"errorCode": code, "errorMessage": message}


def answer(status: int, body: t.Any, headers: dict[str, str] | None = None) -> Response:
    """Return an answer with this body: bytes and strings unchanged, anything else as JSON."""
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Response(status, headers or {}, text if isinstance(text, bytes) else text.encode())


def error_for(status: int, body: t.Any, headers: dict[str, str] | None = None) -> errors.ThingSpaceError:
    error = error_of(answer(status, body, headers), "api.example:443", str, NOW)
    assert error is not None
    return error


UWS: t.Final = "UnifiedWebService"
SHAPES: t.Final = [
    # the gateway
    (401, fault("900902", "Missing Credentials"), ACCESS, errors.AccessRefused),
    (401, fault("900901", "Invalid Credentials"), ACCESS, errors.AccessRefused),
    (401, fault("900903", "Access Token Expired"), ACCESS, errors.AccessRefused),
    (401, fault(900901, "Invalid Credentials"), ACCESS, errors.AccessRefused),
    (403, fault("900908", "Resource forbidden"), None, errors.AccessRefused),
    (400, fault("900906", "No matching resource found in the API for the given request"), None, errors.WrongAddress),
    (404, fault("900906", "No matching resource found in the API for the given request"), None, errors.WrongAddress),
    (403, XML_FAULT, None, errors.WrongAddress),
    (404, XML_FAULT, None, errors.WrongAddress),
    (404, "\n <html>no such page</html>", None, errors.WrongAddress),
    (429, fault("900800", "Message throttled out"), None, errors.ServiceTrouble),
    # the session, in the words of the services that document it
    (
        400,
        coded(f"{UWS}.REQUEST_FAILED.SessionToken.Expired", "The Session has expired."),
        SESSION,
        errors.AccessRefused,
    ),
    (400, coded(f"{UWS}.REQUEST_FAILED.SessionToken.Format", ""), SESSION, errors.AccessRefused),
    (400, coded(f"{UWS}.INPUT_INVALID.SessionToken.Invalid", ""), SESSION, errors.AccessRefused),
    (400, coded("REQUEST_FAILED.SessionToken.Expired", "in other words"), SESSION, errors.AccessRefused),
    (
        400,
        coded("INVALID_PARAMETER", "UWS verification failure (The Session has expired.)"),
        SESSION,
        errors.AccessRefused,
    ),
    (
        401,
        coded("INVALID_ACCOUNT", "An error was encountered when trying to verify the UWS account."),
        SESSION,
        errors.AccessRefused,
    ),
    (
        401,
        {
            "error": "unauthorized",
            "error_description": "Failure response received for UWS V1 REST accounts: [400]",
            "cause": "Requested service is unauthorized for given token",
        },
        SESSION,
        errors.AccessRefused,
    ),
    (
        400,
        {"responseCode": "INVALID_ACCESS", "message": "UWS verification failure (Common exception)"},
        SESSION,
        errors.AccessRefused,
    ),
    (401, coded("UNAUTHORIZED", "no"), SESSION, errors.AccessRefused),
    (403, coded("UNAUTHORIZED", "no"), SESSION, errors.AccessRefused),
    (401, "", SESSION, errors.AccessRefused),
    (401, "no JSON at all", SESSION, errors.AccessRefused),
    # an account of another user is not an expired session: a new login would not help
    (
        400,
        coded("INVALID_PARAMETER", "UWS verification failure (Could not find account 0000000000-00001)"),
        None,
        errors.RequestRefused,
    ),
    (401, coded("INVALID_PARAMETER", "Could not find account 0000000000-00001"), None, errors.AccessRefused),
    # firmware management: one code for everything
    (400, coded("INVALID_PARAMETER", "Invalid upgradeId"), None, errors.CampaignNotFound),
    (400, coded("INVALID_PARAMETER", "Invalid uuid"), None, errors.CampaignNotFound),
    (404, coded("INVALID_PARAMETER", "Invalid upgradeId"), None, errors.CampaignNotFound),
    (404, "", None, errors.CampaignNotFound),
    (400, coded("INVALID_PARAMETER", "Invalid account name format"), None, errors.RequestRefused),
    (400, coded("INVALID_PARAMETER", "Inactive account"), None, errors.RequestRefused),
    (400, coded("INVALID_PARAMETER", "Input binding error"), None, errors.RequestRefused),
    (400, coded("INVALID_PARAMETER", "Device list is empty"), None, errors.RequestRefused),
    (400, coded("INVALID_PARAMETER", "Invalid device id format"), None, errors.RequestRefused),
    (400, "", None, errors.RequestRefused),
    (403, coded("ACCOUNT_USAGE_EXCEEDED", ""), None, errors.AccessRefused),
    (409, {}, None, errors.RequestRefused),
    (409, coded("INVALID_PARAMETER", "Invalid upgradeId"), None, errors.RequestRefused),
    (400, "<html>Bad request</html>", None, errors.RequestRefused),
    (499, "", None, errors.RequestRefused),
    (405, "", None, errors.RequestRefused),
    # logins
    (400, coded(f"{UWS}.INPUT_INVALID.Password.Invalid", "The password is invalid."), None, errors.RequestRefused),
    (
        401,
        {"error": "invalid_client", "error_description": "A valid OAuth client could not be found"},
        SESSION,
        errors.AccessRefused,
    ),
    (
        400,
        {"error": "invalid_request", "error_description": "Missing grant_type parameter value"},
        None,
        errors.RequestRefused,
    ),
    # transient errors: sister services send them with status 500 and any code
    (500, coded("INTERNAL_SYSTEM_ERROR", ""), None, errors.ServiceTrouble),
    (500, coded("INVALID_ACCOUNT", "UWS"), None, errors.ServiceTrouble),
    (500, fault("900900", "Unclassified Authentication Failure"), None, errors.ServiceTrouble),
    (502, "<html>Bad Gateway</html>", None, errors.ServiceTrouble),
    (503, "maintenance", None, errors.ServiceTrouble),
    (504, "", None, errors.ServiceTrouble),
    (408, "", None, errors.ServiceTrouble),
    (425, "", None, errors.ServiceTrouble),
    (429, "", None, errors.ServiceTrouble),
    (599, "", None, errors.ServiceTrouble),
    # never followed
    (300, "", None, errors.WrongAddress),
    (399, "", None, errors.WrongAddress),
    (301, "", None, errors.WrongAddress),
    (302, "<html>Sign in</html>", None, errors.WrongAddress),
    (304, "", None, errors.WrongAddress),
    (307, "", None, errors.WrongAddress),
]


@pytest.mark.parametrize(("status", "body", "refused", "kind"), SHAPES)
def test_a_documented_shape(
    status: int, body: t.Any, refused: TokenKind | None, kind: type[errors.ThingSpaceError]
) -> None:
    assert refused_token_of(answer(status, body)) is refused
    assert error_for(status, body).__class__ is kind


@pytest.mark.parametrize("status", [200, 201, 204, 299])
@pytest.mark.parametrize("body", ["", coded("INVALID_ACCOUNT", "SessionToken"), fault("900901", "x"), XML_FAULT])
def test_a_success_is_neither(status: int, body: t.Any) -> None:
    assert refused_token_of(answer(status, body)) is None
    assert error_of(answer(status, body), "api.example:443", str, NOW) is None


@pytest.mark.parametrize(
    "body",
    [
        {"fault": None},
        {"fault": []},
        {"fault": {"code": None}},
        {"fault": {"code": {"a": 1}}},
        [],
        None,
        7,
        "\xff",
        b"\xff\xfe\x00",
        {"errorCode": None, "errorMessage": None},
        {"errorCode": {"a": [1]}, "errorMessage": ["x"]},
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"fault": {"code": ' + "9" * 5000 + "}}",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_odd_bodies_of_errors_are_errors_too(status: int, body: t.Any) -> None:
    refused_token_of(answer(status, body))
    message = error_for(status, body).message
    assert str(status) in message
    assert "\n" not in message


def test_a_redirect_does_not_show_where_it_leads() -> None:
    error = error_for(302, "", {"location": "https://elsewhere.example/?token=abc"})
    assert "elsewhere" not in error.message
    assert "api_url" in error.message


def as_the_user(name: str) -> str:
    """The user's name of an option."""
    return f"my_{name}"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(302, "", "check my_api_url."), (404, XML_FAULT, "Check my_api_url and my_api_version.")],
)
def test_an_address_is_called_what_the_user_calls_it(status: int, body: str, words: str) -> None:
    error = error_of(answer(status, body), "api.example:443", str, NOW, as_the_user)
    assert error is not None and error.message.endswith(words)


@pytest.mark.parametrize(("version", "others"), [("v1", "v2 or v3"), ("v2", "v1 or v3"), ("v3", "v1 or v2")])
def test_a_campaign_that_is_not_known(version: str, others: str) -> None:
    assert not_found("No.", version, "account", "abc", as_the_user) == (
        f"No. Requested: campaign abc of account account with my_api_version {version}; check my_campaign_id and "
        f"my_account_name, or try another my_api_version ({others})."
    )


@pytest.mark.parametrize("several", ["a,b", "a;b", "a b"])
def test_several_campaigns_in_one_text_are_not_known(several: str) -> None:
    assert not_found("No.", "v2", "account", several, as_the_user).endswith(
        "; if these are several campaigns, write my_campaign_id as a list, with one ID in each entry."
    )


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 405, 500])
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (coded("REQUEST_FAILED.CALLBACK_NOT_REGISTERED", ""), True),
        (coded("X", "The callback is not registered."), True),
        (coded("X", "The campaign is not registered."), False),
        ("", False),
    ],
)
def test_no_callback(status: int, body: t.Any, says: bool) -> None:
    assert says_no_callback(answer(status, body)) is (says and status in (400, 403, 404))


def test_only_the_beginning_of_a_body_is_searched() -> None:
    word = "SessionToken"
    for length, refused in ((10_000, SESSION), (10_001, None)):
        assert refused_token_of(answer(400, f"{word:>{length}}")) is refused


ERRORS_OF_SUCCESS: t.Final = [
    fault("900901", "x"),
    *({name: "x"} for name in ("errorCode", "errorMessage", "error", "error_description", "responseCode")),
]


@pytest.mark.parametrize("body", ERRORS_OF_SUCCESS)
def test_an_error_that_comes_as_a_success(body: dict[str, t.Any]) -> None:
    with pytest.raises(errors.BadResponse, match="returned an error with a success status: HTTP 200, "):
        json_of(answer(200, body), "api.example:443", str)
    # Responses to logins are not checked for this: without a token they are invalid anyway.
    assert json_of(answer(200, body), "api.example:443") == body


@pytest.mark.parametrize("body", ERRORS_OF_SUCCESS)
@pytest.mark.parametrize("name", ["id", "deviceList", "campaignList"])
def test_what_was_requested_is_no_error_whatever_is_next_to_it(body: dict[str, t.Any], name: str) -> None:
    whole = {**body, name: []}
    assert json_of(answer(200, whole), "api.example:443", str) == whole


@pytest.mark.parametrize("body", [{"fault": "x"}, {"errorCode": None}, {"error": ""}, {"status": "x"}, []])
def test_what_only_resembles_an_error_is_none(body: t.Any) -> None:
    assert json_of(answer(200, body), "api.example:443", str) == body


def json_in(body: bytes) -> object:
    return json_object_of(Response(200, {}, body), "api.example:443")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body instead of JSON"),
        (b" ", "invalid JSON"),
        (b'{"a": ', "invalid JSON"),
        (b'{"status": CampaignEnded}', "invalid JSON"),
        (b'{"a": 1} {"b": 2}', "invalid JSON"),
        (b"<!DOCTYPE html><html></html>", "HTML or XML"),
        (b"\n <am:fault/>", "HTML or XML"),
        (b'{"a": "caf\xe9"}', "invalid JSON"),
        ('{"a": 1}'.encode("utf-16"), "invalid JSON"),
        (b"\x1f\x8b\x08\x00", "invalid JSON"),
        (b"\x00", "invalid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "invalid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested too deeply"),
        (b'{"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}", "nested too deeply"),
        (b"[]", "not an object"),
        (b'[{"id": 1}]', "not an object"),
        (b"null", "not an object"),
        (b'"text"', "not an object"),
        (b"7", "not an object"),
    ],
)
def test_everything_else_is_a_bad_answer_in_one_sentence(body: bytes, words: str) -> None:
    with pytest.raises(errors.BadResponse, match=words) as caught:
        json_in(body)

    assert caught.value.message.isprintable()
    assert "api.example:443" in caught.value.message
    assert len(caught.value.message) < 300
