# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes become JSON that all other code can process, or a ValueError."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.json_body import MAX_DEPTH, TooDeep, read


def nested(depth: int) -> object:
    return {"a": nested(depth - 1)} if depth else 1


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
        (b'{"a":' * 64 + b"1" + b"}" * 64, nested(MAX_DEPTH)),
        (b"[1]", [1]),
        (b"null", None),
    ],
)
def test_good_and_nearly_good_json(body: bytes, value: object) -> None:
    assert read(body) == value


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 400 + b".5"])
def test_a_number_beyond_all_floats_does_not_become_infinity(number: bytes) -> None:
    value = read(b'{"a": ' + number + b"}")
    # Strict readers of the result, such as databases, do not support infinity.
    json.dumps(value, allow_nan=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"a": ',
        b'{"a": 1} {"b": 2}',
        b"<html></html>",
        b'{"a": "caf\xe9"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_no_json(body: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        read(body)
    assert not isinstance(caught.value, TooDeep)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b'{"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_too_deep(body: bytes) -> None:
    with pytest.raises(TooDeep):
        read(body)


@pytest.mark.slow
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_bring_another_exception(body: bytes) -> None:
    try:
        value = read(body)
    except ValueError:
        return
    json.dumps(value, allow_nan=False).encode()
