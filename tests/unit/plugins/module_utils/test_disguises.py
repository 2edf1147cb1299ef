# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret is masked in any encoding. The encoders here are independent of the collection's code."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import typing as t
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import MASK, Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable, shorten

Encoder = Callable[[str], str]

SECRET: t.Final = "Tok/en+1<&>\"2' 3%4\\5="
TOKEN: t.Final = "eyJhbGciOiJ-9_0aZ.q/W+x=="
# Half of them in characters that encoders care for.
ALPHABET: t.Final = "abcuxnXYZ0149+/%&\\\"'<>=;: -_.~#\u00e9\u00df\u20ac\U0001f511"


def _units(text: str) -> list[int]:
    encoded = text.encode("utf-16-be")
    return [int.from_bytes(encoded[at : at + 2], "big") for at in range(0, len(encoded), 2)]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ESCAPES: t.Final[dict[str, Encoder]] = {
    "html": html.escape,
    "decimal entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "some decimal entities": lambda text: "".join(char if char.isalnum() else f"&#{ord(char)};" for char in text),
    "hexadecimal entities": lambda text: "".join(f"&#X00{ord(char):x};" for char in text),
    "named entities": lambda text: text.replace("&", "&amp;").replace("/", "&sol;").replace("+", "&plus;"),
    "json": lambda text: json.dumps(text)[1:-1],
    "json with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "json of units": lambda text: "".join(f"\\u{unit:04X}" for unit in _units(text)),
    "repr": lambda text: repr(text)[1:-1],
    "percent": lambda text: urllib.parse.quote(text, safe=""),
    "small percent": lambda text: re.sub("%..", lambda found: found[0].lower(), urllib.parse.quote(text, safe="")),
    "percent of all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": urllib.parse.quote_plus,
    "shell": lambda text: re.sub(r"([^A-Za-z0-9\u0080-\U0010ffff])", r"\\\1", text),
}
CODES: t.Final[dict[str, Encoder]] = {
    "base64": _base64,
    "unpadded base64": lambda text: _base64(text).rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 with its scheme": lambda text: _base64(f"Bearer {text}"),
    "base64 of a pair": lambda text: _base64(f"some-key:{text}"),
    "hex": lambda text: text.encode().hex(),
}
CASES: t.Final[dict[str, Encoder]] = {"upper": str.upper, "lower": str.lower}
BREAKS: t.Final = ("\n", "\r\n  ", " ", "\u00ad", "\u200b", "\t")
ALL: t.Final = {**ESCAPES, **CODES, **CASES}


@pytest.mark.slow
@pytest.mark.parametrize("secret", [SECRET, "pl\u00e4in-\u20ac-\U0001f511-w\u00f6rd"])
@pytest.mark.parametrize("inner", [None, *ALL])
@pytest.mark.parametrize("outer", ALL)
def test_any_two_of_them(secret: str, inner: str | None, outer: str) -> None:
    if outer in CASES and inner in CODES:
        pytest.skip("nobody can decode that")
    encoded = ALL[outer](secret if inner is None else ALL[inner](secret))

    masked = Secrets([secret]).mask(f"said: {encoded} twice: {encoded}")

    assert masked.count(MASK) >= 2
    assert encoded not in masked
    assert masked.startswith("said: ")
    if not {inner, outer} & {"base64 with its scheme", "base64 of a pair"}:
        assert masked == f"said: {MASK} twice: {MASK}"


def test_a_line_break_that_a_shell_has_escaped() -> None:
    assert Secrets(["00100:00"]).mask("<001\\\n00\\%3A00>") == f"<{MASK}>"


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and how a service may return it: up to three nested encodings, or two split over lines."""
    secret = draw(st.text(ALPHABET, min_size=8, max_size=30)).strip()
    assume(len(secret.replace(" ", "")) >= 8)
    encoded, is_code = secret, False
    names = draw(st.lists(st.sampled_from(list(ALL)), min_size=1, max_size=3))
    for name in names:
        if name in CASES and is_code:
            continue
        encoded = ALL[name](encoded)
        is_code = is_code or name in CODES
        if len(names) < 3 and draw(st.booleans()):
            place = draw(st.integers(1, len(encoded) - 1))
            encoded = encoded[:place] + draw(st.sampled_from(BREAKS)) + encoded[place:]
    return secret, encoded


@pytest.mark.slow
# The same examples in each run: what nobody has thought of yet is looked for by hand, with more of them.
@settings(deadline=None, max_examples=200, derandomize=True)
@given(disguised(), st.text(ALPHABET, max_size=4), st.text(ALPHABET, max_size=4))
def test_any_secret_in_any_encoding_at_any_position(encoded: tuple[str, str], before: str, after: str) -> None:
    secret, text = encoded

    masked = Secrets([secret]).mask(before + text + after)

    assert MASK in masked
    assert secret not in masked
    assert text not in masked


@pytest.mark.slow
@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.text(ALPHABET, min_size=8, max_size=30).map(str.strip).filter(lambda text: len(text.replace(" ", "")) >= 8),
    st.sampled_from(list(ESCAPES)),
    st.text(ALPHABET, max_size=4),
    st.text(ALPHABET, max_size=4),
)
def test_nothing_of_a_secret_is_left(secret: str, name: str, before: str, after: str) -> None:
    text = ESCAPES[name](secret)

    masked = Secrets([secret]).mask(before + text + after)

    assert len(masked) <= len(before) + len(MASK) + len(after)


@pytest.mark.parametrize("outcome", ["\n", "\r\n", " ", "\n\n"])
@pytest.mark.parametrize("secret", [SECRET, "short"])
def test_a_secret_with_a_line_break_at_its_end(secret: str, outcome: str) -> None:
    assert Secrets([secret + outcome]).mask(f"<{secret}>") == f"<{MASK}>"


@pytest.mark.parametrize("taken", ["a%2Bb%2Fcdef", "a+b+cd&amp;efgh"])
def test_a_secret_from_which_a_layer_was_taken(taken: str) -> None:
    for form in (urllib.parse.unquote(taken), urllib.parse.unquote_plus(taken), html.unescape(taken)):
        assert Secrets([taken]).mask(f"<{form}>") == f"<{MASK}>"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["json", *ESCAPES, "base64", "base64 for URLs", "hex"])
def test_a_name_that_was_cut_shows_no_beginning_of_a_secret(name: str) -> None:
    """Also if somebody cuts before masking."""
    text, secrets = ALL[name](TOKEN), Secrets([TOKEN])
    for kept in range(64, 57 + len(text)):
        for cut in (printable(f"{'x ' * 30}{text}", kept), shorten(f"{'x ' * 30}{text}", kept + 2)):
            masked = secrets.mask(f"campaign {cut} is scheduled")

            assert cut.endswith("\u2026")
            assert ALL[name](TOKEN[:6]) not in masked
            assert masked.endswith(" is scheduled")


@pytest.mark.parametrize("secret", ["a", "ab", "abc", "no"])
def test_a_short_secret_is_hidden_alone_but_not_within_words(secret: str) -> None:
    text = f"{secret}: abcde known nobody, {secret}"

    assert Secrets([secret]).mask(text) == f"{MASK}: abcde known nobody, {MASK}"


@pytest.mark.parametrize("secret", ["abcd", "s3cret7", "a b c d e"])
@pytest.mark.parametrize("name", ["html", "json", "percent", "form", "base64"])
def test_a_secret_of_medium_length_is_found_as_it_travels(secret: str, name: str) -> None:
    assert Secrets([secret]).mask(f"<{ALL[name](secret)}>") == f"<{MASK}>"


@pytest.mark.parametrize("text", ["Upgrade Success", "UPGRADESUCCESS", "device-1", "the device is not ready", "%&\\+"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert Secrets(["UpgradeFailed", "not-a-device", "demo.user@example.com"]).mask(text) == text


def test_what_a_thread_learns_is_known_at_once_to_what_was_masked_before() -> None:
    secrets = Secrets(["first-secret"])
    assert secrets.mask("second-secret") == "second-secret"
    secrets.add("second-secret")

    assert secrets.mask("second-secret") == MASK


@pytest.mark.slow
@pytest.mark.parametrize("char", ["%", "&", "\\", "&#", "&amp;", "%25", "\\u", "+", " ", "a", "&#1", "\u00e9"])
def test_a_long_text_of_escapes_takes_no_time(char: str) -> None:
    secrets = Secrets([SECRET, TOKEN])
    text = char * (200_000 // len(char))
    begun = time.process_time()

    assert secrets.mask(text) == text
    assert secrets.mask(text + SECRET).find(SECRET) == -1
    assert time.process_time() - begun < 10


def test_ten_thousand_devices_take_no_time() -> None:
    """Twice of what a search for plain texts takes; it would be minutes if each text were read in every way."""
    secrets = Secrets([SECRET, TOKEN, "demo.user@example.com", "another-Secret-0815"])
    reason = "Download of the package & install succeeded."
    devices = [
        {"device_id": f"{number:015d}", "state": "succeeded", "status": "UpgradeSuccess", "reason": reason}
        for number in range(10_000)
    ]
    begun = time.process_time()

    assert secrets.clean({"devices": devices})["devices"] is devices
    assert time.process_time() - begun < 2
