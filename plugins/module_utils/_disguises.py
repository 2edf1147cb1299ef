# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: finds texts in other clothes: escaped for JSON, HTML or URLs, in base64 or hex, broken over lines, cut off.

Not by a list of the clothes, since they can be worn one over the other: each place of a text is read in all ways in
which it can be read, and base64 is decoded and searched in the same way.
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

# Shorter texts are found by chance too often when case and blanks do not matter.
SHORTEST: t.Final = 8
# How many layers of base64 or hex are taken off, each of which may hold some of escapes.
_LAYERS: t.Final = 3
# Longer texts with escapes and a secret in them, which no service sends, are hidden as a whole.
_MOST_SEARCHED: t.Final = 5_000
# How much an escape around it can take from a pattern, at each end, and what is left to look for.
_MOST_TAKEN, _LEAST_LEFT = 8, 4
# Of a text that was cut off, so much may be seen.
_LEAST_OF_CUT: t.Final = 3

_CUT: t.Final = re.compile(r"\u2026|\.\.\.")
_ESCAPES: t.Final = re.compile(r"[%&\\+]")
# They may stand for a blank, or before one.
_LOOSE: t.Final = str.maketrans("", "", "+\\")
_BACKSLASH: t.Final = re.compile(r"\\")
_BEGINNINGS: t.Final = "%&\\"
_NOT_ASCII: t.Final = re.compile(r"[^\x00-\x7f]+")
_BASE64: t.Final = re.compile(r"[A-Za-z0-9+/_-]{4,}")
_BASE64_CHAR: t.Final = re.compile(r"[A-Za-z0-9+/_-]").match
_SHORTEST_BASE64: t.Final = 11
_HEX: t.Final = re.compile(r"[0-9A-Fa-f]{6,}")
# Three characters that can be read, in base64 and in hex. Names and numbers of devices look so by chance only.
_TRIPLE: t.Final = r"[CDI-Za-f][AC-HQS-Xgi-nwyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_BASE64_OF_TEXT: t.Final = re.compile(rf"{_TRIPLE}(?:[A-Za-z0-9+/_-]{{4}}){{0,2}}{_TRIPLE}").search
_HEX_OF_TEXT: t.Final = re.compile(r"(?:[2-7][0-9A-Fa-f]){4}").search
# Neither blanks nor escapes, and nothing but ASCII.
_NOTHING_TO_READ: t.Final = re.compile(r"[0-9A-Za-z!-$'-*,./:-@_`{|}~\[\]^-]*").fullmatch
_STANDARD: t.Final = str.maketrans("-_", "+/")
_URL_SAFE: t.Final = str.maketrans("+/", "-_")
_TEXT: t.Final = re.compile(rb"[\t\n\r -~]{3}")
_ANY_TEXT: t.Final = re.compile(rb"[\t\n\r -~\x80-\xff]{3}")


@dataclass(frozen=True)
class _Layer:
    """A text, and where in the original each of its characters begins and ends."""

    text: str
    starts: t.Sequence[int]
    ends: t.Sequence[int]

    def span(self, start: int, end: int) -> Span:
        return self.starts[start], self.ends[end - 1]


def can_be_found(value: str) -> bool:
    """True if C(value) is long enough to be looked for without regard to case and blanks."""
    return len(IGNORED_RUN.sub("", value)) >= SHORTEST


class Finder:
    """Finds some texts in others, whatever they wear."""

    def __init__(self, values: Iterable[str]) -> None:
        # A pattern, and how many characters at its sides belong to it as well, in part.
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
        self._text = _TEXT if self._are_ascii else _ANY_TEXT

    def spans(self, text: str) -> list[Span]:
        """Where in C(text) they are, in no order; empty if nowhere."""
        if _NOTHING_TO_READ(text) and not self._is_within(text):
            return []
        return self._found(_layer(text), _LAYERS) if self._patterns else []

    def _is_within(self, text: str) -> bool:
        """False if none of them is in a text without blanks and escapes, as is what is said of thousands of devices."""
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

    def _found(self, layer: _Layer, layers: int) -> list[Span]:
        layer, is_cut = _squeezed(layer), _CUT.search(layer.text) is not None
        if len(layer.text) < SHORTEST and not is_cut:
            return []
        if _ESCAPES.search(layer.text) or not layer.text.isascii():
            if not self._is_suspicious(layer.text, layers) and not (is_cut and len(layer.text) <= _MOST_SEARCHED):
                return []
            if len(layer.text) > _MOST_SEARCHED:
                return [layer.span(0, len(layer.text))]
        found = self._worn(layer)
        for deeper in _layers_of(layer) if layers else ():
            found += self._encoded(deeper, layers - 1)
        return found

    def _is_suspicious(self, text: str, layers: int) -> bool:
        """False if there is nothing in a text with escapes: to search it place by place takes a thousand times longer.

        Looks for the middle parts only, since the beginning or the end may read as a part of an escape around it.
        """
        return any(self._may_be_below(text, layers, blank) for blank in (("", "+") if "+" in text else ("",)))

    def _may_be_below(self, text: str, layers: int, blank: str) -> bool:
        texts = {text.replace(blank, "") if blank else text}
        for _number in range(_LAYERS + 2):
            # A backslash may as well be one that a shell wants before any character, or at the end of a line.
            texts |= {text.replace("\\", "") for text in texts}
            if any(self._may_be_in(text, layers) for text in texts):
                return True
            before, texts = texts, {IGNORED_RUN.sub("", unescaped(text)) for text in texts}
            if texts <= before:
                return False
        return False

    def _may_be_in(self, text: str, layers: int) -> bool:
        plain = _NOT_ASCII.sub("", text).lower()
        loose = plain.translate(_LOOSE)
        if any(middle in plain or middle in loose for middle in self._middles):
            return True
        return bool(layers and self._encoded(_layer(text), layers - 1))

    def _worn(self, layer: _Layer) -> list[Span]:
        """Where they are in a text without blanks, escaped or not."""
        text, is_cut = ascii_lower(layer.text), bool(_CUT.search(layer.text))
        if text.isascii() and not is_cut and not _ESCAPES.search(text):
            return [layer.span(*self._whole(text, *found)) for found in self._as_they_are(text)]
        readings = Readings(text)
        cuts = {cut.start() for cut in _CUT.finditer(text)} if is_cut else set()
        return [layer.span(*self._whole(text, *found)) for found in self._as_they_read(text, readings, cuts)]

    def _as_they_are(self, text: str) -> Iterator[tuple[str, int, int]]:
        for pattern in self._plain:
            if len(pattern) > len(text):
                return
            place = text.find(pattern)
            while place >= 0:
                yield pattern, place, place + len(pattern)
                place = text.find(pattern, place + 1)

    def _as_they_read(self, text: str, readings: Readings, cuts: set[int]) -> Iterator[tuple[str, int, int]]:
        for candidate in self._start.finditer(text):
            place = candidate.start()
            for first in {piece[0] for piece, _end in readings.at(place) if piece}:
                for pattern in self._by_first.get(first, ()):
                    end = _end_of(readings, place, pattern, cuts)
                    if end:
                        yield pattern, place, end

    def _whole(self, text: str, pattern: str, start: int, end: int) -> Span:
        before, after = self._sides[pattern]
        if not before and not after:
            return start, end
        start -= before and _BASE64_CHAR(text, max(start - 1, 0)) is not None and start > 0
        end += after and _BASE64_CHAR(text, end) is not None
        return start, _without_padding(text, end)

    def _encoded(self, layer: _Layer, layers: int) -> list[Span]:
        """Where they are in base64 or hex."""
        found = []
        for run in _BASE64.finditer(layer.text):
            if self._may_be(run, _SHORTEST_BASE64, _BASE64_OF_TEXT):
                text = run.group().translate(_STANDARD)
                for shift in range(4):
                    inner = self._inner(_from_base64(text[shift:]), layer.text, run.end(), layers)
                    found += _outer(layer, inner, run.start() + shift, run.end(), 4 / 3)
        for run in _HEX.finditer(layer.text):
            if self._may_be(run, SHORTEST * 2, _HEX_OF_TEXT):
                for shift in range(2):
                    text = run.group()[shift:]
                    inner = self._inner(bytes.fromhex(text[: len(text) // 2 * 2]), layer.text, run.end(), layers)
                    found += _outer(layer, inner, run.start() + shift, run.end(), 2)
        return found

    def _may_be(self, run: re.Match[str], least: int, sample: t.Callable[[str], object]) -> bool:
        """Whether a run of characters may be a text in base64 or hex; the end of it may have been cut off."""
        if run.end() - run.start() >= least and (not self._are_ascii or sample(run.group()) is not None):
            return True
        return _CUT.match(run.string, run.end()) is not None

    def _inner(self, content: bytes, text: str, end: int, layers: int) -> list[Span]:
        """Where they are in bytes that were decoded from a run which ended here."""
        if not self._text.search(content):
            return []
        layer = _layer_of(content)
        if _CUT.match(text, end):
            size = len(content)
            layer = _Layer(f"{layer.text}\u2026", [*layer.starts, size], [*layer.ends, size])
        elif len(layer.text) < SHORTEST:
            return []
        return self._found(layer, layers)


def _patterns_of(value: str) -> dict[str, tuple[bool, bool]]:
    """What to look for: without blanks, in UTF-8 (a byte a character), ASCII letters in lower case."""
    spoken = {value, value.encode("utf-8", "replace").decode("utf-8")}
    spoken |= {unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in set(spoken)}
    # As a service has it that has taken off one layer too many.
    spoken |= {urllib.parse.unquote(value), urllib.parse.unquote_plus(value), unescape(value)}
    cases = {case for one in spoken for case in (one, one.lower(), one.upper())}
    content = value.strip().encode("utf-8", "surrogatepass")
    patterns = {
        **_base64_cores(content),
        content.hex(): (False, False),
        **{as_utf8(ascii_lower(IGNORED_RUN.sub("", case))): (False, False) for case in cases},
    }
    return {pattern: sides for pattern, sides in patterns.items() if len(pattern) >= SHORTEST}


def _middles_of(pattern: str) -> Iterator[str]:
    """The middle of a pattern in ASCII, and in what is below the escapes that are its own."""
    for _number in range(_LAYERS + 2):
        plain = _NOT_ASCII.sub("", pattern).lower()
        taken = min(_MOST_TAKEN, max((len(plain) - _LEAST_LEFT) // 2, int(len(plain) > 2)))
        yield from {middle[taken : len(middle) - taken] for middle in (plain, plain.translate(_LOOSE))}
        before, pattern = pattern, IGNORED_RUN.sub("", unescaped(pattern))
        if pattern == before:
            return


def _base64_cores(content: bytes) -> dict[str, tuple[bool, bool]]:
    """What base64 makes of it whatever stands before and after, and whether these share a character with it."""
    found = {}
    for before in range(3):
        first, bits = -(-before * 8 // 6), (before + len(content)) * 8
        core = base64.b64encode(bytes(before) + content).decode("ascii")[first : bits // 6]
        for form in (core, core.translate(_URL_SAFE)):
            found[form.lower()] = (before > 0, bits % 6 > 0)
    return found


def _without_padding(text: str, end: int) -> int:
    """Where the padding of base64 ends that begins here, if any does."""
    return end + next(size for size in (2, 1, 0) if text.startswith("=" * size, end))


def _layer(text: str) -> _Layer:
    return _Layer(text, range(len(text)), range(1, len(text) + 1))


def _squeezed(layer: _Layer, ignored: re.Pattern[str] = IGNORED_RUN) -> _Layer:
    """Without blanks, control characters and marks that nobody sees."""
    if not ignored.search(layer.text):
        return layer
    kept = [place for place, char in enumerate(layer.text) if not ignored.match(char)]
    return _Layer(
        "".join(layer.text[place] for place in kept),
        [layer.starts[place] for place in kept],
        [layer.ends[place] for place in kept],
    )


def _unescaped(layer: _Layer) -> _Layer:
    """With one layer of escapes taken off; the same object if it has none."""
    if not any(beginning in layer.text for beginning in _BEGINNINGS):
        return layer
    pieces = list(unescaped_pieces(layer.text))
    if len(pieces) == len(layer.text):
        return layer
    spans = [layer.span(start, end) for _piece, start, end in pieces]
    text = "".join(piece for piece, _start, _end in pieces)
    return _Layer(text, [start for start, _end in spans], [end for _start, end in spans])


def _layers_of(layer: _Layer) -> Iterator[_Layer]:
    """The layer itself, and what is below its escapes, each without blanks, and without those that a shell escapes."""
    for _number in range(_LAYERS + 2):
        yield layer
        if "\\" in layer.text:
            yield _squeezed(layer, _BACKSLASH)
        deeper = _unescaped(layer)
        if deeper is layer:
            return
        layer = _squeezed(deeper)


def _end_of(readings: Readings, place: int, pattern: str, cuts: set[int]) -> int:
    """The last place at which a reading of the whole pattern ends that begins here, or 0."""
    best, seen, waiting = 0, {(place, 0)}, [(place, 0)]
    while waiting:
        here, read = waiting.pop()
        if read >= _LEAST_OF_CUT and (here in cuts or readings.is_broken(here, cuts)):
            best = max(best, here)
        for piece, end in readings.at(here):
            if not pattern.startswith(piece, read) or not (piece or read):
                continue
            state = (end, read + len(piece))
            if state[1] == len(pattern):
                best = max(best, end)
            elif state not in seen:
                seen.add(state)
                waiting.append(state)
    return best


def _from_base64(text: str) -> bytes:
    text = text[: len(text) - 1] if len(text) % 4 == 1 else text
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


def _layer_of(content: bytes) -> _Layer:
    """The text that these bytes are, and which bytes each character was; a byte that is no UTF-8 is one of its own."""
    text = content.decode("utf-8", "surrogateescape")
    if len(text) == len(content):
        return _layer(text)
    ends, end = [], 0
    for char in text:
        end += len(char.encode("utf-8", "surrogateescape"))
        ends.append(end)
    return _Layer(text, [0, *ends[:-1]], ends)


def _outer(layer: _Layer, inner: t.Sequence[Span], begin: int, end: int, ratio: float) -> list[Span]:
    """The spans of encoded characters that hold these bytes, with the padding after the last ones."""
    found = []
    for first, last in inner:
        until = min(begin - int(-last * ratio // 1), end)
        found.append(layer.span(begin + int(first * ratio), _without_padding(layer.text, until)))
    return found
