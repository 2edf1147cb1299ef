# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON of a success, and everything that may come in its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import json_object_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response


def nested(depth: int) -> object:
    return {"a": nested(depth - 1)} if depth else 1


def read(body: bytes) -> object:
    return json_object_of(Response(200, {}, body), "api.example:443")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b' {"a": "b"} \r\n', {"a": "b"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "\u00e9\u20ac"}'.encode(), {"a": "\u00e9\u20ac"}),
        (b'{"a": NaN, "b": Infinity, "c": -Infinity}', {"a": None, "b": None, "c": None}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": 0.1}', {"a": 0.1}),
        (b'{"a": "\\ud83d\\ude00", "\\ud800": ["\\udfff", "\\u0000"]}', {"a": "\U0001f600", "\ufffd": ["\ufffd"] * 2}),
        (b'{"a":' * 64 + b"1" + b"}" * 64, nested(64)),
    ],
)
def test_good_and_nearly_good_json(body: bytes, value: object) -> None:
    assert read(body) == value


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 400 + b".5"])
def test_a_number_beyond_all_floats_does_not_become_infinity(number: bytes) -> None:
    value = read(b'{"a": ' + number + b"}")
    # Strict readers of the result, such as a database behind a web interface, know no infinity.
    json.dumps(value, allow_nan=False)


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
    with pytest.raises(BadResponse, match=words) as caught:
        read(body)

    assert caught.value.message.isprintable()
    assert "api.example:443" in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.slow
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_bring_another_exception(body: bytes) -> None:
    try:
        value = read(body)
    except BadResponse:
        return
    assert isinstance(value, dict)
