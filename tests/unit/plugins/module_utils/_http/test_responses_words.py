# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of the service are quoted in one short line without secrets. Retry-After is parsed."""

from __future__ import annotations

import datetime
import json
import time
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ServiceTrouble
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import (
    date_of,
    error_of,
    retry_after_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets

UTC: t.Final = datetime.timezone.utc
NOW: t.Final = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def message_for(status: int, body: t.Any, mask: t.Callable[[str], str] = str) -> str:
    error = error_of(Response(status, {}, json.dumps(body).encode()), "api.example:443", mask, NOW)
    assert error is not None
    return error.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        ({"errorCode": "INVALID_PARAMETER", "errorMessage": "Inactive account"}, "INVALID_PARAMETER: Inactive account"),
        ({"fault": {"code": "900908", "message": "m", "description": "Not for you."}}, "900908: Not for you"),
        ({"fault": {"code": "900908", "message": "Forbidden"}}, "900908: Forbidden"),
        ({"error": "invalid_client", "error_description": "No such client"}, "invalid_client: No such client"),
        ({"responseCode": "INVALID_ACCESS", "message": "Common exception"}, "INVALID_ACCESS: Common exception"),
        ({"errorMessage": "alone"}, "alone"),
        ({"errorCode": 7}, "7"),
    ],
)
def test_the_services_own_words_are_in_the_message(status: int, body: t.Any, quoted: str) -> None:
    message = message_for(status, body)
    assert f"HTTP {status}, {quoted}." in message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_message_is_one_short_printable_line(status: int) -> None:
    said = "a\r\nb\tc\x1b[31md\x00e\u2028f\u202eg" + "x" * 100_000

    message = message_for(status, {"errorCode": "C\nD", "errorMessage": said})

    assert message.isprintable()
    assert len(message) < 400
    assert "C D: a b c [31md e f g" in message


def test_no_more_than_two_hundred_characters_are_quoted() -> None:
    assert message_for(400, {"errorMessage": "x" * 300}).endswith(f": HTTP 400, {'x' * 200}.")


def test_a_sentence_of_the_service_has_one_full_stop() -> None:
    assert message_for(400, {"errorMessage": " It is late. . "}).endswith(": HTTP 400, It is late.")


def test_secrets_are_masked_before_the_quote_is_cut() -> None:
    secrets = Secrets(["tok-0123456789"])
    for length in range(170, 205):
        message = message_for(400, {"errorMessage": "x" * length + "tok-0123456789"}, secrets.mask)
        assert "tok-" not in message, length


def test_the_host_is_named() -> None:
    assert message_for(503, {}).startswith("api.example:443 returned a temporary error: HTTP 503")
    assert "api.example:443" in message_for(302, {})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "0"}, 0),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "Sun, 01 Mar 2026 12:02:00 GMT"}, 120),
        ({"retry-after": "Sunday, 01-Mar-26 12:02:00 GMT"}, 120),
        ({"retry-after": "Sun Mar  1 12:02:00 2026"}, 120),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        # By the service's clock, which is a year ahead of ours or a year behind.
        ({"retry-after": "Mon, 01 Mar 2027 12:02:00 GMT", "date": "Mon, 01 Mar 2027 12:00:00 GMT"}, 120),
        ({"retry-after": "Sat, 01 Mar 2025 12:02:00 GMT", "date": "Sat, 01 Mar 2025 12:00:00 GMT"}, 120),
        ({"retry-after": "Sun, 01 Mar 2026 12:02:00 GMT", "date": "not a date"}, 120),
        ({"retry-after": "Sun, 01 Mar 2026 13:02:00 +0100"}, 120),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "\u0661\u0662"}, None),
        ({"retry-after": "Sun, 99 Mar 2026 12:02:00 GMT"}, None),
        ({"retry-after": "Sun, 01 Mar 99999 12:02:00 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -0100"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    answer = Response(503, headers, b"")
    error = error_of(answer, "api.example:443", str, NOW)

    assert retry_after_of(answer, NOW) == seconds
    assert isinstance(error, ServiceTrouble)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 01 Mar 2026 12:00:00 GMT", NOW),
        ("Sun, 01 Mar 2026 12:00:00 -0000", NOW),
        ("Sun, 01 Mar 2026 13:00:00 +0100", NOW),
        ("", None),
        ("yesterday", None),
        ("Sun, 01 Mar 2026 25:00:00 GMT", None),
        ("Sun, 01 Mar 2026 12:00:00 +9999", None),
        (",", None),
        # In UTC they, or sums with them, are outside the range of datetime.
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
    ],
)
def test_the_date_of_an_answer(text: str, moment: datetime.datetime | None) -> None:
    found = date_of(Response(200, {"date": text}, b""))
    assert found == moment
    assert found is None or found.tzinfo is not None
    assert date_of(Response(200, {}, b"")) is None


@pytest.mark.parametrize(("year", "is_one"), [(1969, False), (1970, True), (2199, True), (2200, False)])
def test_only_the_years_around_ours_are_years(year: int, is_one: bool) -> None:
    assert (date_of(Response(200, {"date": f"01 Mar {year} 12:00:00 GMT"}, b"")) is not None) is is_one


def test_a_date_without_a_zone_is_in_utc_wherever_the_task_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as patched:
            patched.setenv("TZ", "XYZ-5:30")
            time.tzset()
            assert date_of(Response(200, {"date": "Sun, 01 Mar 2026 12:00:00 -0000"}, b"")) == NOW
    finally:
        time.tzset()
