# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The secrets of a run, and the only code that masks them.

A secret of eight or more characters is found in any escaped or encoded form. A shorter one is found literally and in
the common encodings; one of up to three characters only as a whole word: masked inside words, it would mask half of the
result and hide nothing.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import typing as t
import urllib.parse
from collections.abc import Iterable, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._disguises import Finder, Span, can_be_found

MASK = "********"

_WORD_ONLY: t.Final = 3
# The states and reasons of thousands of devices are few distinct texts.
_MAX_CACHED: t.Final = 4096
_MAX_CACHED_LENGTH: t.Final = 200


def _forms_of(value: str) -> set[str]:
    quoted = (
        urllib.parse.quote(value, safe="", errors="replace"),
        urllib.parse.quote(value, errors="replace"),
        urllib.parse.quote_plus(value, errors="replace"),
    )
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        base64.b64encode(value.encode("utf-8", "replace")).decode("ascii"),
        *quoted,
        # Some encoders write the escapes in lower case.
        *(re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), form) for form in quoted),
    }


def _is_same(old: t.Iterable[tuple[str, t.Any]], new: t.Iterable[tuple[str, t.Any]]) -> bool:
    return all(key == name and item is value for (key, value), (name, item) in zip(old, new))


class _Search:
    """Searches for a fixed set of values. Immutable except for its cache, so threads can share it."""

    def __init__(self, values: frozenset[str]) -> None:
        self.values = values
        self._finder = Finder(value for value in values if can_be_found(value))
        short = {form for value in values if not can_be_found(value) for form in _forms_of(value)}
        forms = sorted(short, key=len, reverse=True)
        # A lookahead also finds overlapping occurrences.
        self._short = re.compile(f"(?=({'|'.join(map(_as_pattern, forms))}))") if forms else None
        self._cache: dict[str, str] = {}

    def mask(self, text: str) -> str:
        if len(text) > _MAX_CACHED_LENGTH:
            return self._masked(text)
        masked = self._cache.get(text)
        if masked is None:
            masked = self._masked(text)
            if len(self._cache) < _MAX_CACHED:
                self._cache[text] = masked
        return masked

    def _masked(self, text: str) -> str:
        spans = self._finder.spans(text)
        if self._short is not None:
            spans += [found.span(1) for found in self._short.finditer(text)]
        return _replace_spans(text, sorted(spans)) if spans else text


def _as_pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) > _WORD_ONLY else rf"(?<!\w){escaped}(?!\w)"


def _replace_spans(text: str, spans: list[Span]) -> str:
    """C(text) with these spans masked. Spans that overlap or touch are merged."""
    parts, kept_to, masked_to = [], 0, -1
    for start, end in spans:
        if start > masked_to:
            parts += [text[kept_to:start], MASK]
        masked_to = max(masked_to, end)
        kept_to = masked_to
    return "".join(parts) + text[kept_to:]


class Secrets:
    """A growing set of strings that are masked wherever they occur, in any encoding."""

    def __init__(self, values: Iterable[str | None] = ()) -> None:
        self._search: _Search | None = None
        self._values: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        for value in values:
            self.add(value)

    def add(self, value: str | None) -> None:
        """Mask C(value) from now on, in any encoding."""
        # A value from a file or a shell may end with a line break.
        for one in {value, value.strip()} if value else ():
            if one:
                with self._lock:
                    if one not in self._values:
                        self._values = self._values.union([one])
                        self._search = None

    def add_within(self, value: t.Any) -> None:
        """Mask every string in C(value), of any type: users may have given a secret option anything."""
        if isinstance(value, Mapping):
            value = list(value.values())
        if isinstance(value, (list, tuple)):
            for item in value:
                self.add_within(item)
        elif value is not None:
            self.add(str(value))

    def add_pair(self, name: str | None, secret: str | None) -> None:
        """Mask both, and both together as in HTTP Basic authentication."""
        self.add(name)
        self.add(secret)
        if name and secret:
            self.add(f"{name}:{secret}")
            self.add(base64.b64encode(f"{name}:{secret}".encode("utf-8", "replace")).decode("ascii"))

    def mask(self, text: str) -> str:
        """C(text) with every secret masked. Secrets that overlap or touch are masked as one."""
        search = self._search
        if search is None:
            with self._lock:
                search = self._search = self._search or _Search(self._values)
        return search.mask(text)

    def clean(self, value: t.Any, foreign: bool = False) -> t.Any:
        """C(value), any JSON value, with every secret masked. Returns the same object if it contains none.

        Keys are masked only below C(extra), where they come from the service. All others are defined by this
        collection.
        """
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            clean = {
                self.mask(key) if foreign else key: self.clean(item, foreign or key == "extra")
                for key, item in value.items()
            }
            return value if _is_same(value.items(), clean.items()) else clean
        if isinstance(value, (list, tuple)):
            items = [self.clean(item, foreign) for item in value]
            return value if all(new is old for new, old in zip(items, value)) else items
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            masked = self.mask(str(value))
            return value if masked == str(value) else masked
        return value
