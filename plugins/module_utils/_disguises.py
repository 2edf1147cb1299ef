# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: find texts that are escaped for JSON, HTML or URLs, encoded in base64 or hex, split over lines, or truncated.

Escapes and encodings can be nested, so there is no list of variants to search for. Instead, every position of a text is
read in every possible way, and base64 is decoded and searched recursively.
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from ansible_collections.fleetops.thingspace.plugins.module_utils._escapes import (
    IGNORED_RUN,
    Readings,
    as_utf8,
    ascii_lower,
    unescaped,
    unescaped_pieces,
)

Span = tuple[int, int]

# Shorter texts match by chance too often when case and whitespace are ignored.
SHORTEST: t.Final = 8
# How many layers of base64 or hex are decoded. Each can contain layers of escapes.
_LAYERS: t.Final = 3
# A longer text that has escapes and contains a secret is masked entirely. No service sends such a text.
_MAX_SEARCHED: t.Final = 5_000
# How many characters an adjacent escape can absorb at each end of a pattern, and how many must remain to search for.
_MAX_TRIMMED, _MIN_MIDDLE = 8, 4
# How many characters before a truncation count as a match.
_MIN_BEFORE_CUT: t.Final = 3

_CUT: t.Final = re.compile(r"\u2026|\.\.\.")
_ESCAPES: t.Final = re.compile(r"[%&\\+]")
# A plus can stand for a space, and a backslash can precede one.
_DROP_PLUS_AND_BACKSLASH: t.Final = str.maketrans("", "", "+\\")
_BACKSLASH: t.Final = re.compile(r"\\")
_ESCAPE_STARTS: t.Final = "%&\\"
_NOT_ASCII: t.Final = re.compile(r"[^\x00-\x7f]+")
_BASE64: t.Final = re.compile(r"[A-Za-z0-9+/_-]{4,}")
_BASE64_CHAR: t.Final = re.compile(r"[A-Za-z0-9+/_-]").match
_SHORTEST_BASE64: t.Final = 11
_HEX: t.Final = re.compile(r"[0-9A-Fa-f]{6,}")
# Three printable characters, in base64 and in hex. Device names and numbers match this only by chance.
_TRIPLE: t.Final = r"[CDI-Za-f][AC-HQS-Xgi-nwyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_BASE64_OF_TEXT: t.Final = re.compile(rf"{_TRIPLE}(?:[A-Za-z0-9+/_-]{{4}}){{0,2}}{_TRIPLE}").search
_HEX_OF_TEXT: t.Final = re.compile(r"(?:[2-7][0-9A-Fa-f]){4}").search
# No whitespace, no escapes, only ASCII.
_NO_ESCAPES: t.Final = re.compile(r"[0-9A-Za-z!-$'-*,./:-@_`{|}~\[\]^-]*").fullmatch
_STANDARD: t.Final = str.maketrans("-_", "+/")
_URL_SAFE: t.Final = str.maketrans("+/", "-_")
_READABLE: t.Final = re.compile(rb"[\t\n\r -~]{3}")
_READABLE_OR_UTF8: t.Final = re.compile(rb"[\t\n\r -~\x80-\xff]{3}")


@dataclass(frozen=True)
class _Layer:
    """A text, and where each of its characters begins and ends in the original."""

    text: str
    starts: t.Sequence[int]
    ends: t.Sequence[int]

    def span(self, start: int, end: int) -> Span:
        return self.starts[start], self.ends[end - 1]


def can_be_found(value: str) -> bool:
    """True if C(value) is long enough to be searched for without regard to case and whitespace."""
    return len(IGNORED_RUN.sub("", value)) >= SHORTEST


class Finder:
    """Finds texts in other texts, in any escaped or encoded form."""

    def __init__(self, values: Iterable[str]) -> None:
        # A pattern, and whether the base64 characters before and after it also encode a part of it.
        self._sides = {pattern: sides for value in values for pattern, sides in _patterns_of(value).items()}
        self._patterns = sorted(self._sides, key=len)
        self._middles = {middle for pattern in self._patterns for middle in _middles_of(pattern)}
        self._plain = [pattern for pattern in self._patterns if pattern.isascii()]
        self._by_first: dict[str, list[str]] = {}
        for pattern in self._patterns:
            self._by_first.setdefault(pattern[0], []).append(pattern)
        firsts = "".join(re.escape(first) for first in self._by_first if first.isascii())
        self._start = re.compile(rf"[{firsts}%&\\]|[^\x00-\x7f]")
        self._are_ascii = len(self._plain) == len(self._patterns)
        self._readable = _READABLE if self._are_ascii else _READABLE_OR_UTF8

    def spans(self, text: str) -> list[Span]:
        """The spans of C(text) that contain one of the texts, in no order."""
        if _NO_ESCAPES(text) and not self._may_contain(text):
            return []
        return self._find(_layer(text), _LAYERS) if self._patterns else []

    def _may_contain(self, text: str) -> bool:
        """False if a text without whitespace and escapes contains none: a fast path for thousands of devices."""
        size, lower = len(text), text.lower()
        if size >= SHORTEST:
            for pattern in self._plain:
                if len(pattern) > size:
                    break
                if pattern in lower:
                    return True
        return (".." in text) or self._may_hold_encoded(text)

    def _may_hold_encoded(self, text: str) -> bool:
        if len(text) < _SHORTEST_BASE64:
            return False
        return not self._are_ascii or _BASE64_OF_TEXT(text) is not None or _HEX_OF_TEXT(text) is not None

    def _find(self, layer: _Layer, layers: int) -> list[Span]:
        layer, is_cut = _without_ignored(layer), _CUT.search(layer.text) is not None
        if len(layer.text) < SHORTEST and not is_cut:
            return []
        if _ESCAPES.search(layer.text) or not layer.text.isascii():
            if not self._may_contain_escaped(layer.text, layers) and not (is_cut and len(layer.text) <= _MAX_SEARCHED):
                return []
            if len(layer.text) > _MAX_SEARCHED:
                return [layer.span(0, len(layer.text))]
        found = self._find_escaped(layer)
        for deeper in _layers_of(layer) if layers else ():
            found += self._find_encoded(deeper, layers - 1)
        return found

    def _may_contain_escaped(self, text: str, layers: int) -> bool:
        """False if a text with escapes contains none. Searching every position takes a thousand times longer.

        Only the middle of each pattern is searched for, because its ends can read as part of an adjacent escape.
        """
        return any(self._may_match_unescaped(text, layers, blank) for blank in (("", "+") if "+" in text else ("",)))

    def _may_match_unescaped(self, text: str, layers: int, blank: str) -> bool:
        texts = {text.replace(blank, "") if blank else text}
        for _number in range(_LAYERS + 2):
            # A backslash can also be a shell escape before any character, or at the end of a line.
            texts |= {text.replace("\\", "") for text in texts}
            if any(self._may_match(text, layers) for text in texts):
                return True
            before, texts = texts, {IGNORED_RUN.sub("", unescaped(text)) for text in texts}
            if texts <= before:
                return False
        return False

    def _may_match(self, text: str, layers: int) -> bool:
        plain = _NOT_ASCII.sub("", text).lower()
        loose = plain.translate(_DROP_PLUS_AND_BACKSLASH)
        if any(middle in plain or middle in loose for middle in self._middles):
            return True
        return bool(layers and self._find_encoded(_layer(text), layers - 1))

    def _find_escaped(self, layer: _Layer) -> list[Span]:
        """The matches in a text without whitespace, escaped or not."""
        text, is_cut = ascii_lower(layer.text), bool(_CUT.search(layer.text))
        if text.isascii() and not is_cut and not _ESCAPES.search(text):
            return [layer.span(*self._full_span(text, *found)) for found in self._plain_matches(text)]
        readings = Readings(text)
        cuts = {cut.start() for cut in _CUT.finditer(text)} if is_cut else set()
        return [layer.span(*self._full_span(text, *found)) for found in self._escaped_matches(text, readings, cuts)]

    def _plain_matches(self, text: str) -> Iterator[tuple[str, int, int]]:
        for pattern in self._plain:
            if len(pattern) > len(text):
                return
            position = text.find(pattern)
            while position >= 0:
                yield pattern, position, position + len(pattern)
                position = text.find(pattern, position + 1)

    def _escaped_matches(self, text: str, readings: Readings, cuts: set[int]) -> Iterator[tuple[str, int, int]]:
        for candidate in self._start.finditer(text):
            position = candidate.start()
            for first in {piece[0] for piece, _end in readings.at(position) if piece}:
                for pattern in self._by_first.get(first, ()):
                    end = _end_of(readings, position, pattern, cuts)
                    if end:
                        yield pattern, position, end

    def _full_span(self, text: str, pattern: str, start: int, end: int) -> Span:
        before, after = self._sides[pattern]
        if not before and not after:
            return start, end
        start -= before and _BASE64_CHAR(text, max(start - 1, 0)) is not None and start > 0
        end += after and _BASE64_CHAR(text, end) is not None
        return start, _without_padding(text, end)

    def _find_encoded(self, layer: _Layer, layers: int) -> list[Span]:
        """The matches in base64 or hex."""
        found = []
        for run in _BASE64.finditer(layer.text):
            if self._may_be_encoded(run, _SHORTEST_BASE64, _BASE64_OF_TEXT):
                text = run.group().translate(_STANDARD)
                for shift in range(4):
                    decoded_spans = self._find_decoded(_from_base64(text[shift:]), layer.text, run.end(), layers)
                    found += _encoded_spans(layer, decoded_spans, run.start() + shift, run.end(), 4 / 3)
        for run in _HEX.finditer(layer.text):
            if self._may_be_encoded(run, SHORTEST * 2, _HEX_OF_TEXT):
                for shift in range(2):
                    text = run.group()[shift:]
                    decoded_spans = self._find_decoded(
                        bytes.fromhex(text[: len(text) // 2 * 2]), layer.text, run.end(), layers
                    )
                    found += _encoded_spans(layer, decoded_spans, run.start() + shift, run.end(), 2)
        return found

    def _may_be_encoded(self, run: re.Match[str], least: int, sample: t.Callable[[str], object]) -> bool:
        """True if a run of characters can be base64 or hex, possibly truncated."""
        if run.end() - run.start() >= least and (not self._are_ascii or sample(run.group()) is not None):
            return True
        return _CUT.match(run.string, run.end()) is not None

    def _find_decoded(self, content: bytes, text: str, end: int, layers: int) -> list[Span]:
        """The matches in the bytes that were decoded from a run that ends at C(end)."""
        if not self._readable.search(content):
            return []
        layer = _layer_of(content)
        if _CUT.match(text, end):
            size = len(content)
            layer = _Layer(f"{layer.text}\u2026", [*layer.starts, size], [*layer.ends, size])
        elif len(layer.text) < SHORTEST:
            return []
        return self._find(layer, layers)


def _patterns_of(value: str) -> dict[str, tuple[bool, bool]]:
    """The patterns for a value: without whitespace, UTF-8 with one character per byte, ASCII letters in lower case."""
    spellings = {value, value.encode("utf-8", "replace").decode("utf-8")}
    spellings |= {unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in set(spellings)}
    # As returned by a service that unescapes once too often.
    spellings |= {urllib.parse.unquote(value), urllib.parse.unquote_plus(value), unescape(value)}
    cases = {case for one in spellings for case in (one, one.lower(), one.upper())}
    content = value.strip().encode("utf-8", "surrogatepass")
    patterns = {
        **_base64_cores(content),
        content.hex(): (False, False),
        **{as_utf8(ascii_lower(IGNORED_RUN.sub("", case))): (False, False) for case in cases},
    }
    return {pattern: sides for pattern, sides in patterns.items() if len(pattern) >= SHORTEST}


def _middles_of(pattern: str) -> Iterator[str]:
    """The ASCII middle of a pattern, and of the pattern with its own escapes removed."""
    for _number in range(_LAYERS + 2):
        plain = _NOT_ASCII.sub("", pattern).lower()
        trimmed = min(_MAX_TRIMMED, max((len(plain) - _MIN_MIDDLE) // 2, int(len(plain) > 2)))
        yield from {
            middle[trimmed : len(middle) - trimmed] for middle in (plain, plain.translate(_DROP_PLUS_AND_BACKSLASH))
        }
        before, pattern = pattern, IGNORED_RUN.sub("", unescaped(pattern))
        if pattern == before:
            return


def _base64_cores(content: bytes) -> dict[str, tuple[bool, bool]]:
    """The base64 forms of the content at any offset, without the characters that neighbors share.

    The flags tell whether the characters before and after also encode a part of the content.
    """
    found = {}
    for before in range(3):
        first, bits = -(-before * 8 // 6), (before + len(content)) * 8
        core = base64.b64encode(bytes(before) + content).decode("ascii")[first : bits // 6]
        for form in (core, core.translate(_URL_SAFE)):
            found[form.lower()] = (before > 0, bits % 6 > 0)
    return found


def _without_padding(text: str, end: int) -> int:
    """The end of the base64 padding that begins here, if there is any."""
    return end + next(size for size in (2, 1, 0) if text.startswith("=" * size, end))


def _layer(text: str) -> _Layer:
    return _Layer(text, range(len(text)), range(1, len(text) + 1))


def _without_ignored(layer: _Layer, ignored: re.Pattern[str] = IGNORED_RUN) -> _Layer:
    """The layer without whitespace, control characters and invisible marks."""
    if not ignored.search(layer.text):
        return layer
    kept = [position for position, char in enumerate(layer.text) if not ignored.match(char)]
    return _Layer(
        "".join(layer.text[position] for position in kept),
        [layer.starts[position] for position in kept],
        [layer.ends[position] for position in kept],
    )


def _unescaped(layer: _Layer) -> _Layer:
    """The layer with one level of escapes removed. Returns the same object if there are none."""
    if not any(escape_start in layer.text for escape_start in _ESCAPE_STARTS):
        return layer
    pieces = list(unescaped_pieces(layer.text))
    if len(pieces) == len(layer.text):
        return layer
    spans = [layer.span(start, end) for _piece, start, end in pieces]
    text = "".join(piece for piece, _start, _end in pieces)
    return _Layer(text, [start for start, _end in spans], [end for _start, end in spans])


def _layers_of(layer: _Layer) -> Iterator[_Layer]:
    """The layer and every level below its escapes, without whitespace, each with and without backslashes."""
    for _number in range(_LAYERS + 2):
        yield layer
        if "\\" in layer.text:
            yield _without_ignored(layer, _BACKSLASH)
        deeper = _unescaped(layer)
        if deeper is layer:
            return
        layer = _without_ignored(deeper)


def _end_of(readings: Readings, position: int, pattern: str, cuts: set[int]) -> int:
    """The last position at which a reading of the whole pattern ends, or 0 if none does."""
    best, seen, stack = 0, {(position, 0)}, [(position, 0)]
    while stack:
        here, read = stack.pop()
        if read >= _MIN_BEFORE_CUT and (here in cuts or readings.is_broken(here, cuts)):
            best = max(best, here)
        for piece, end in readings.at(here):
            if not pattern.startswith(piece, read) or not (piece or read):
                continue
            state = (end, read + len(piece))
            if state[1] == len(pattern):
                best = max(best, end)
            elif state not in seen:
                seen.add(state)
                stack.append(state)
    return best


def _from_base64(text: str) -> bytes:
    text = text[: len(text) - 1] if len(text) % 4 == 1 else text
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


def _layer_of(content: bytes) -> _Layer:
    """The text of these bytes, and the bytes of each character. A byte that is not UTF-8 is its own character."""
    text = content.decode("utf-8", "surrogateescape")
    if len(text) == len(content):
        return _layer(text)
    ends, end = [], 0
    for char in text:
        end += len(char.encode("utf-8", "surrogateescape"))
        ends.append(end)
    return _Layer(text, [0, *ends[:-1]], ends)


def _encoded_spans(layer: _Layer, decoded_spans: t.Sequence[Span], begin: int, end: int, ratio: float) -> list[Span]:
    """The spans of encoded characters that contain these bytes, with the padding after the last ones."""
    found = []
    for first, last in decoded_spans:
        until = min(begin - int(-last * ratio // 1), end)
        found.append(layer.span(begin + int(first * ratio), _without_padding(layer.text, until)))
    return found
