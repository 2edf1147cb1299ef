# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: every way to read a text: as it is, or as escapes of JSON, HTML, URLs and shells."""

from __future__ import annotations

import re
import string
import typing as t
from collections.abc import Iterator
from html.entities import html5

# The meaning, in UTF-8 with one character per byte (empty if ignored), and the position where it ends.
Reading = tuple[str, int]

# How deeply escapes can be nested.
DEPTH: t.Final = 4
# Invisible characters: soft hyphen, joiners, directions, byte order mark.
_INVISIBLE: t.Final = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
IGNORED_RUN: t.Final = re.compile(rf"[\s\x00-\x1f\x7f-\x9f{_INVISIBLE}]+")

_LOWER: t.Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_HEX_DIGITS: t.Final = frozenset("0123456789abcdef")
_OCTAL_DIGITS: t.Final = frozenset("01234567")
_DIGITS: t.Final = frozenset("0123456789")
_ALPHANUMERIC: t.Final = frozenset(string.ascii_lowercase + string.digits)
_MAX_SKIPPED: t.Final = 8
_LONGEST_NAME: t.Final = 18
_BROKEN: t.Final = re.compile(r"[%&\\][#\\0-9a-zA-Z{]{0,9}")

_NAMES: t.Final[dict[str, set[str]]] = {}
for _name, _value in html5.items():
    if _name.endswith(";") and len(_name) <= _LONGEST_NAME:
        _NAMES.setdefault(_name[:-1].translate(_LOWER), set()).add(_value)

_ESCAPE: t.Final = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|&\#(?P<decimal>[0-9]{1,10});?|&\#[xX](?P<hexadecimal>[0-9A-Fa-f]{1,8});?"
    r"|&(?P<name>[A-Za-z][A-Za-z0-9]{0,17});|\\[uU](?P<unicode>[0-9A-Fa-f]{4})|\\[xX](?P<hex>[0-9A-Fa-f]{2})"
    r"|\\(?P<control>[abfnrtv0])|\\(?P<other>[^A-Za-z0-9])"
)


def ascii_lower(text: str) -> str:
    """C(text) with its ASCII letters in lower case. The length stays the same."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def as_utf8(text: str) -> str:
    """The UTF-8 bytes of C(text), one character per byte."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def unescaped(text: str) -> str:
    """C(text) with one level of escapes removed."""
    return _ESCAPE.sub(_meaning, text)


def unescaped_pieces(text: str) -> Iterator[tuple[str, int, int]]:
    """The characters of C(text) with one level of escapes removed, and where each began and ended."""
    done = 0
    for found in _ESCAPE.finditer(text):
        yield from ((text[position], position, position + 1) for position in range(done, found.start()))
        yield from _pieces_of(found)
        done = found.end()
    yield from ((text[position], position, position + 1) for position in range(done, len(text)))


def _pieces_of(found: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    if found.lastgroup != "percent":
        yield _meaning(found), found.start(), found.end()
        return
    start = found.start()
    for char in _meaning(found):
        end = start + len("%00") * len(char.encode("utf-8", "surrogateescape"))
        yield char, start, end
        start = end


def _meaning(found: re.Match[str]) -> str:
    kind = t.cast(str, found.lastgroup)
    value = found.group(kind)
    if kind == "percent":
        return bytes.fromhex(value.replace("%", "")).decode("utf-8", "surrogateescape")
    if kind == "name":
        meaning = html5.get(f"{value};") or next(iter(_NAMES.get(value.translate(_LOWER), ("?",))))
        return meaning[:1]
    if kind == "control":
        return " "
    if kind == "other":
        return value
    code = int(value, 10 if kind == "decimal" else 16)
    return chr(code) if code < 0x110000 else "?"


class Readings:
    """All readings of a text at any position. Its ASCII letters are in lower case."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[tuple[int, int], tuple[Reading, ...]] = {}

    def at(self, position: int, depth: int = DEPTH) -> tuple[Reading, ...]:
        """The possible readings at this position, including the character itself."""
        if position >= len(self._text):
            return ()
        char = self._text[position]
        if depth == 0 or char not in "%&\\+":
            return tuple((piece, position + 1) for piece in _literal(char))
        key = (position, depth)
        if key not in self._known:
            found = dict.fromkeys(self.at(position, depth - 1))
            for piece, end in list(found):
                found.update(dict.fromkeys(self._escape(piece, end, depth - 1)))
            # A plus is a space in a form, and a backslash precedes one in a shell.
            found.update({("", end): None for piece, end in list(found) if piece in ("+", "\\")})
            self._known[key] = tuple(found)
        return self._known[key]

    def is_broken(self, position: int, cuts: set[int]) -> bool:
        """True if the text was truncated in an escape that begins here."""
        found = _BROKEN.match(self._text, position)
        return found is not None and found.end() in cuts

    def _escape(self, marker: str, position: int, depth: int) -> Iterator[Reading]:
        if marker == "%":
            yield from self._byte(position, depth)
        elif marker == "&":
            yield from self._entity(position, depth)
        elif marker == "\\":
            yield from self._backslash(position, depth)

    def _byte(self, position: int, depth: int) -> Iterator[Reading]:
        for code, end in self._number(position, depth, _HEX_DIGITS, 2, 2):
            yield from ((piece, end) for piece in _pieces(code))
            if code >= 0xC2:
                # The bytes of one character, which may be an ignored one.
                yield from self._character(bytes([code]), end, depth)

    def _character(self, begun: bytes, position: int, depth: int) -> Iterator[Reading]:
        for percent, after in self._next(position, depth):
            if percent == "%":
                for code, end in self._number(after, depth, _HEX_DIGITS, 2, 2):
                    whole = begun + bytes([code])
                    if not 0x80 <= code < 0xC0 or len(whole) > 4:
                        continue
                    try:
                        yield from ((piece, end) for piece in _pieces(ord(whole.decode("utf-8"))))
                    except ValueError:
                        yield from self._character(whole, end, depth)

    def _entity(self, position: int, depth: int) -> Iterator[Reading]:
        for char, after in self._next(position, depth):
            if char == "#":
                yield from self._numeric_entity(after, depth)
        for name, after in self._words(position, depth, _ALPHANUMERIC, 2, _LONGEST_NAME):
            for meaning in _NAMES.get(name, ()):
                for char, end in self._next(after, depth):
                    if char == ";":
                        yield from ((piece, end) for piece in _pieces(ord(meaning[0])) if len(meaning) == 1)

    def _numeric_entity(self, position: int, depth: int) -> Iterator[Reading]:
        numbers = list(self._number(position, depth, _DIGITS, 1, 10))
        for char, after in self._next(position, depth):
            if char == "x":
                numbers += self._number(after, depth, _HEX_DIGITS, 1, 8)
        for code, after in numbers:
            ends = [after, *(end for char, end in self._next(after, depth) if char == ";")]
            yield from ((piece, end) for end in ends for piece in _pieces(code))

    def _backslash(self, position: int, depth: int) -> Iterator[Reading]:
        for char, after in self._next(position, depth):
            if char == "u":
                yield from self._unicode(after, depth)
            elif char == "x":
                yield from self._codes(after, depth, _HEX_DIGITS, 2, 2)
            elif char in "abfnrtv0":
                yield "", after
            elif char not in _ALPHANUMERIC:
                yield char, after
        yield from self._codes(position, depth, _OCTAL_DIGITS, 1, 3)

    def _unicode(self, position: int, depth: int) -> Iterator[Reading]:
        yield from self._codes(position, depth, _HEX_DIGITS, 8, 8)
        for brace, after in self._next(position, depth):
            if brace == "{":
                for code, end in self._number(after, depth, _HEX_DIGITS, 1, 6):
                    yield from (
                        (piece, last) for char, last in self._next(end, depth) if char == "}" for piece in _pieces(code)
                    )
        for code, end in self._number(position, depth, _HEX_DIGITS, 4, 4):
            yield from ((piece, end) for piece in _pieces(code))
            if 0xD800 <= code < 0xDC00:
                yield from self._second_half(code, end, depth)

    def _second_half(self, first: int, position: int, depth: int) -> Iterator[Reading]:
        for backslash, after in self._next(position, depth):
            for letter, digits in self._next(after, depth) if backslash == "\\" else ():
                for code, end in self._number(digits, depth, _HEX_DIGITS, 4, 4) if letter == "u" else ():
                    if 0xDC00 <= code < 0xE000:
                        whole = 0x10000 + ((first - 0xD800) << 10) + (code - 0xDC00)
                        yield from ((piece, end) for piece in _pieces(whole))

    def _codes(self, position: int, depth: int, digits: frozenset[str], least: int, most: int) -> Iterator[Reading]:
        for code, end in self._number(position, depth, digits, least, most):
            yield from ((piece, end) for piece in _pieces(code))

    def _number(
        self, position: int, depth: int, digits: frozenset[str], least: int, most: int
    ) -> Iterator[tuple[int, int]]:
        base = {8: 8, 10: 10, 16: 16}[len(digits)]
        for word, end in self._words(position, depth, digits, least, most):
            yield int(word, base), end

    def _words(
        self, position: int, depth: int, allowed: frozenset[str], least: int, most: int
    ) -> Iterator[tuple[str, int]]:
        """Words of C(least) to C(most) of these characters that begin here."""
        words = {("", position)}
        for size in range(1, most + 1):
            words = {
                (word + char, end) for word, after in words for char, end in self._next(after, depth) if char in allowed
            }
            if size >= least:
                yield from words

    def _next(self, position: int, depth: int, skipped: int = 0) -> Iterator[Reading]:
        """The next characters that are not ignored."""
        for piece, end in self.at(position, depth):
            if piece:
                yield piece, end
            elif skipped < _MAX_SKIPPED:
                yield from self._next(end, depth, skipped + 1)


def _literal(char: str) -> tuple[str, ...]:
    return (char,) if char.isascii() else _pieces(ord(char))


def _pieces(code: int) -> tuple[str, ...]:
    """The forms of a character for comparison. A Latin-1 character may also be a byte of UTF-8."""
    if code >= 0x110000:
        return ()
    if 0xDC80 <= code < 0xDD00:
        return chr(code - 0xDC00), as_utf8(chr(code))
    char = chr(code)
    if 0x80 <= code < 0x100:
        return as_utf8(char), char, *(("",) if IGNORED_RUN.match(char) else ())
    return ("",) if IGNORED_RUN.match(char) else (as_utf8(char.translate(_LOWER)),)
