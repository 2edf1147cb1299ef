# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, their choices and return values use the words in docs/glossary.md."""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS
from docs.pages import codes, page
from docs.vocabulary import MODULE, docstring, role_options

GLOSSARY = page("docs/glossary.md")
MEANINGS = {row[0]: row[1:] for row in GLOSSARY.table("Word", "What it means")}
INSTEAD = {row[0]: row[1] for row in GLOSSARY.table("Not", "But")}


def _returned(documented: dict[str, dict[str, object]]) -> set[str]:
    keys = set(documented)
    for value in documented.values():
        contains = value.get("contains")
        keys |= _returned(contains) if isinstance(contains, dict) else set()
    return keys


def public_names() -> set[str]:
    """Return the names that users see: options, variables of the role, choices, keys of results."""
    choices = {choice for option in CAMPAIGN_INFO_OPTIONS for choice in option.choices}
    options = {option.name for option in CAMPAIGN_INFO_OPTIONS}
    return {*choices, *options, *role_options(), *_returned(docstring(MODULE, "RETURN"))}


@pytest.mark.parametrize("word", INSTEAD)
def test_no_public_name_has_another_word_for_the_same(word: str) -> None:
    names = public_names()
    assert {"polls", "wait_timeout", "campaign_wait_on_timeout", "next_poll_at"} <= names
    assert {name for name in names if word in re.split(r"_", name)} == set()


def test_each_word_to_be_used_has_a_meaning() -> None:
    assert set(INSTEAD.values()) <= set(MEANINGS)


@pytest.mark.parametrize("word", MEANINGS)
def test_each_meaning_names_a_place(word: str) -> None:
    _meaning, places = MEANINGS[word]
    assert codes(places)
