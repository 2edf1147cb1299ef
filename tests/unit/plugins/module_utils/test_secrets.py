# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked in all encodings, and nothing else is changed."""

from __future__ import annotations

import base64
import json
import threading
import typing as t
import urllib.parse

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import MASK, Secrets

TRICKY: t.Final = [
    "plain-secret-1234",
    'quote"back\\slash',
    "sl/ash pl+us perc%ent am&p",
    "p\u00e4ssw\u00f6rd-\u20ac",
    "new\nline\ttab",
    "<tag>&amp;",
    "\U0001f511key",
    "a b",
    "\ud800alone",
]


def forms_of(secret: str) -> dict[str, str]:
    """Return the forms in which a secret can appear in an answer, a log or a result."""
    encoded = secret.encode("utf-8", "replace")
    return {
        "plain": secret,
        "json": json.dumps(secret)[1:-1],
        "json unicode": json.dumps(secret, ensure_ascii=False)[1:-1],
        "percent": urllib.parse.quote(secret, safe="", errors="replace"),
        "form": urllib.parse.quote_plus(secret, errors="replace"),
        "base64": base64.b64encode(encoded).decode(),
    }


@pytest.mark.parametrize("secret", TRICKY)
@pytest.mark.parametrize("form", ["plain", "json", "json unicode", "percent", "form", "base64"])
def test_every_form_is_masked(secret: str, form: str) -> None:
    text = forms_of(secret)[form]

    assert Secrets([secret]).mask(f"said <{text}> twice: {text}") == f"said <{MASK}> twice: {MASK}"


@pytest.mark.parametrize("secret", ["sl/ash", "sl%ash", "sch\u00f6n", "a b:c"])
def test_percent_encoding_with_small_letters_and_with_slashes_kept(secret: str) -> None:
    lower = "".join(
        part.lower() if part.startswith("%") else part for part in _split_escapes(urllib.parse.quote(secret, safe=""))
    )
    with_slashes = urllib.parse.quote(secret)

    assert Secrets([secret]).mask(f"x{lower}x") == f"x{MASK}x"
    assert Secrets([secret]).mask(f"x{with_slashes}x") == f"x{MASK}x"


def _split_escapes(text: str) -> list[str]:
    parts: list[str] = []
    while text:
        size = 3 if text.startswith("%") else 1
        parts.append(text[:size])
        text = text[size:]
    return parts


def test_the_pair_of_basic_authentication() -> None:
    secrets = Secrets()
    secrets.add_pair("key-1", "secret-2")
    pair = base64.b64encode(b"key-1:secret-2").decode()

    assert secrets.mask(f"Authorization: Basic {pair}") == f"Authorization: Basic {MASK}"
    assert secrets.mask("key-1 and secret-2") == f"{MASK} and {MASK}"


@pytest.mark.parametrize("pair", [(None, None), ("", ""), (None, "b"), ("a", None)])
def test_half_a_pair_and_nothing(pair: tuple[str | None, str | None]) -> None:
    secrets = Secrets([None, ""])
    secrets.add_pair(*pair)

    assert secrets.mask("x:y") == "x:y"


@pytest.mark.parametrize("inner", ["abc", "bcd", "def", "c"])
def test_a_secret_within_another_one_leaves_nothing_behind(inner: str) -> None:
    for order in ([inner, "abcdef"], ["abcdef", inner]):
        assert Secrets(order).mask(f"abcdef {inner}") == f"{MASK} {MASK}"


def test_secrets_that_overlap_leave_nothing_of_either_behind() -> None:
    masked = Secrets(["first-shared", "shared-last"]).mask("first-shared-last")

    for rest in ("first", "shared", "last"):
        assert rest not in masked


def test_a_later_secret_is_masked_too() -> None:
    secrets = Secrets(["one1"])
    secrets.add("two2")

    assert secrets.mask("one1 two2") == f"{MASK} {MASK}"


def test_structures_are_copied_with_every_secret_masked() -> None:
    value = {
        "campaign": {"id": "tok-1", "list": ["x tok-1 y", ("tok-1",)], "n": None, "b": True, "i": 7, "f": 1.5},
        "extra": {"tok-1": "tok-1", "deep": {"a tok-1": 1}},
    }
    before = json.dumps(value)

    cleaned = Secrets(["tok-1"]).clean(value)

    assert cleaned == {
        "campaign": {"id": MASK, "list": [f"x {MASK} y", [MASK]], "n": None, "b": True, "i": 7, "f": 1.5},
        "extra": {MASK: MASK, "deep": {f"a {MASK}": 1}},
    }
    assert json.dumps(value) == before


def test_our_own_keys_are_not_changed() -> None:
    """A username can be equal to a key of the result."""
    value = {"state": "ended", "campaigns": [{"state": "state", "extra": {"state": 1}}]}

    assert Secrets(["state"]).clean(value) == {"state": "ended", "campaigns": [{"state": MASK, "extra": {MASK: 1}}]}


def test_a_secret_of_digits_is_masked_as_a_number_too() -> None:
    assert Secrets(["8812345"]).clean({"a": 8812345, "b": 188123450, "c": 3}) == {"a": MASK, "b": f"1{MASK}0", "c": 3}


@pytest.mark.slow
@settings(deadline=None)
@given(
    secrets=st.lists(st.text(min_size=4, max_size=12), min_size=1, max_size=4),
    parts=st.lists(st.text(max_size=6), max_size=4),
    data=st.data(),
)
def test_no_secret_is_left_in_any_text(secrets: list[str], parts: list[str], data: st.DataObject) -> None:
    assume(not any(secret in MASK or MASK[:1] in secret for secret in secrets))
    pieces = [piece for part in parts for piece in (part, data.draw(st.sampled_from(secrets)))]

    masked = Secrets(secrets).mask("".join(pieces))

    assert not [secret for secret in secrets if secret in masked]


@given(text=st.text(max_size=50))
def test_without_secrets_nothing_is_changed(text: str) -> None:
    assert Secrets().mask(text) == text
    assert Secrets().clean({"a": [text, 1, None]}) == {"a": [text, 1, None]}


def test_adding_from_many_threads_loses_nothing() -> None:
    secrets = Secrets()
    values = [[f"<{number}-{index}>" for index in range(5)] for number in range(8)]
    start = threading.Barrier(len(values))

    def add_all(mine: list[str]) -> None:
        start.wait()
        for value in mine:
            secrets.add(value)

    threads = [threading.Thread(target=add_all, args=(mine,)) for mine in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(secrets.mask(value) == MASK for mine in values for value in mine)
