# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""External texts are compared tolerantly, and made printable in one line."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._text import (
    CUT,
    bare_word,
    brief_name,
    flag_of,
    printable,
    same_id,
    shorten,
    shown,
)

UUID: t.Final = "60b5d639-ccdc-4db8-8824-069bd94c95bf"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("CampaignEnded", "campaignended"),
        (" upgrade_Success\r\n", "upgradesuccess"),
        ("Request-Pending\t", "requestpending"),
        # Similar words do not match.
        ("Ended.", "ended."),
        ("Ende\u0501", ""),
        ("\u017fcheduled", ""),
        ("", ""),
        (7, ""),
        (None, ""),
        (["Ended"], ""),
    ],
)
def test_a_bare_word(text: object, word: str) -> None:
    assert bare_word(text) == word


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (True, True),
        (False, False),
        ("true", True),
        (" FALSE ", False),
        ("yes", None),
        ("", None),
        (1, None),
        (0, None),
        (None, None),
        ([True], None),
    ],
)
def test_a_flag(value: object, flag: bool | None) -> None:
    assert flag_of(value) is flag


def test_what_is_printed_is_one_line_that_ends() -> None:
    assert printable("a\nb\x1b[31m\u202ec") == "a b [31m c"
    assert printable("x" * 80) == "x" * 80
    assert printable("x" * 81) == "x" * 79 + CUT
    assert printable(None) == "None"


@pytest.mark.parametrize(
    ("name", "campaign_id", "brief"),
    [
        ("Spring", UUID, "Spring (60b5d639)"),
        ("Spring", UUID.upper(), "Spring (60B5D639)"),
        ("x" * 21, UUID, f"{'x' * 19}{CUT} (60b5d639)"),
        ("Spring", "spring-rollout", "Spring (spring-rollout)"),
        ("Spring", f"{UUID}-2", f"Spring ({UUID}-2)"),
        ("", UUID, UUID),
        (None, UUID, UUID),
    ],
)
def test_a_brief_name(name: object, campaign_id: str, brief: str) -> None:
    assert brief_name(name, campaign_id) == brief


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (UUID, UUID.upper(), True),
        ("stra\u00dfe", "stra\u00dfe", True),
        ("\u212a", "k", False),
        (UUID, f"{UUID} ", False),
    ],
)
def test_spellings_of_an_id(one: str, other: str, is_same: bool) -> None:
    assert same_id(one, other) is is_same


def test_a_value_is_shown_as_json_writes_it() -> None:
    assert shown({"a": [None, "\n"]}) == '{"a": [null, "\\n"]}'
    assert shown("x" * 99) == f'"{"x" * 38}{CUT}'
    assert shown({1, 2}) == '"{1, 2}"'


@given(st.text(st.characters(codec="utf-8")), st.integers(3, 40))
def test_a_text_is_cut_to_its_bytes(text: str, most: int) -> None:
    cut = shorten(text, most)
    assert len(cut.encode()) <= most
    assert cut == text or (cut.endswith(CUT) and text.startswith(cut[:-1]) and len(text.encode()) > most)


def test_no_character_is_cut_in_two() -> None:
    assert shorten("\u20ac\u20ac\u20ac", 9) == "\u20ac\u20ac\u20ac"
    assert shorten("\u20ac\u20ac\u20ac", 8) == f"\u20ac{CUT}"
