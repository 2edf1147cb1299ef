# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decoding of escapes in a text. test_disguises.py tests that they cannot hide secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._escapes import (
    Readings,
    as_utf8,
    ascii_lower,
    unescaped,
    unescaped_pieces,
)

ESCAPES = [
    ("%2B", "+"),
    ("%e2%82%ac", "\u20ac"),
    ("%c3%bc%2F", "\u00fc/"),
    ("%ff", "\udcff"),
    ("&#43;", "+"),
    ("&#43", "+"),
    ("&#x2b;", "+"),
    ("&#X0002B;", "+"),
    ("&#9999999999;", "?"),
    ("&plus;", "+"),
    ("&PLUS;", "+"),
    ("&nothing;", "?"),
    ("\\u002B", "+"),
    ("\\x2b", "+"),
    ("\\n", " "),
    ("\\/", "/"),
    ("\\\\", "\\"),
]


@pytest.mark.parametrize(("escape", "meaning"), ESCAPES)
def test_an_escape_is_taken_off(escape: str, meaning: str) -> None:
    assert unescaped(f"<{escape}>") == f"<{meaning}>"


@pytest.mark.parametrize("text", ["100%", "%2", "%zz", "a & b", "&;", "&#;", "\\u12", "plain", ""])
def test_what_is_none_stays(text: str) -> None:
    assert unescaped(text) == text


def test_one_layer_at_a_time() -> None:
    assert unescaped("%2525") == "%25"
    assert unescaped("&amp;amp;") == "&amp;"


@given(st.lists(st.sampled_from([escape for escape, _meaning in ESCAPES]) | st.text("ab%&\\;", max_size=3)))
def test_each_piece_has_its_place(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = list(unescaped_pieces(text))
    assert "".join(piece for piece, _start, _end in pieces) == unescaped(text)
    assert [start for _piece, start, _end in pieces] == [0, *(end for _piece, _start, end in pieces)][:-1]
    assert not pieces or pieces[-1][2] == len(text)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("a", ("a", 1)),
        ("%2b", ("+", 3)),
        ("%2b", ("%", 1)),
        ("+", ("", 1)),
        ("%252b", ("+", 5)),
        ("%25252b", ("+", 7)),
        ("&plus;", ("+", 6)),
        ("&#x2b;", ("+", 6)),
        ("&#43", ("+", 4)),
        ("&amp;#43;", ("+", 9)),
        ("\\u002b", ("+", 6)),
        ("\\u{2b}", ("+", 6)),
        ("\\x2b", ("+", 4)),
        ("\\53", ("+", 3)),
        ("\\n", ("", 2)),
        ("\\/", ("/", 2)),
        ("\\\\u002b", ("+", 7)),
        # Multi-byte characters are compared byte by byte, also as UTF-16 surrogates.
        ("\u20ac", (as_utf8("\u20ac"), 1)),
        ("%e2%82%ac", (as_utf8("\u20ac"), 9)),
        ("\\ud83d\\udd11", (as_utf8("\U0001f511"), 12)),
        # A soft hyphen is invisible.
        ("\u00ad", ("", 1)),
        ("&#173;", ("", 6)),
    ],
)
def test_a_place_can_be_read_as(text: str, reading: tuple[str, int]) -> None:
    assert reading in Readings(text).at(0)


@pytest.mark.parametrize("text", ["%2", "%g0", "&#;", "\\u12", "&nosuchname;"])
def test_what_is_no_escape_has_no_reading_beyond_itself(text: str) -> None:
    assert {end for piece, end in Readings(text).at(0) if piece} == {1}
    assert Readings(text).at(len(text)) == ()


def test_only_so_many_layers_are_read() -> None:
    assert ("+", len("%" + "25" * 3 + "2b")) in Readings("%" + "25" * 3 + "2b").at(0)
    assert ("+", len("%" + "25" * 4 + "2b")) not in Readings("%" + "25" * 4 + "2b").at(0)


@pytest.mark.parametrize(
    ("text", "is_broken"), [("ab%", True), ("ab%2", True), ("ab&am", True), ("ab\\u00", True), ("abc", False)]
)
def test_a_text_that_was_cut_within_an_escape(text: str, is_broken: bool) -> None:
    assert Readings(text).is_broken(2, {len(text)}) is is_broken
    assert not Readings(text).is_broken(2, set())


def test_small_letters_are_those_of_ascii() -> None:
    assert ascii_lower("ABC\u0130\u212a") == "abc\u0130\u212a"
    assert len(ascii_lower("\u0130")) == 1
    assert as_utf8("a\u20ac") == "a\u00e2\u0082\u00ac"
