# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What must never be shown, and the one way to hide it.

Of a text of eight characters or more every disguise is found. A shorter one is found as it is, and as it travels; of
three characters or less only as a word of its own: masked within words, it would mask half of the result and hide
nothing.
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
# The states and reasons of thousands of devices are few different texts.
_MOST_KEPT: t.Final = 4096
_LONGEST_KEPT: t.Final = 200


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
        # Some encoders write the escapes in small letters.
        *(re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), form) for form in quoted),
    }


def _is_same(old: t.Iterable[tuple[str, t.Any]], new: t.Iterable[tuple[str, t.Any]]) -> bool:
    return all(key == name and item is value for (key, value), (name, item) in zip(old, new))


class _Search:
    """Looks for a fixed set of values. Never changed, so that threads can share it; but for what it remembers."""

    def __init__(self, values: frozenset[str]) -> None:
        self.values = values
        self._finder = Finder(value for value in values if can_be_found(value))
        short = {form for value in values if not can_be_found(value) for form in _forms_of(value)}
        forms = sorted(short, key=len, reverse=True)
        # A lookahead finds every occurrence, also one that begins within another one.
        self._short = re.compile(f"(?=({'|'.join(map(_as_pattern, forms))}))") if forms else None
        self._kept: dict[str, str] = {}

    def mask(self, text: str) -> str:
        if len(text) > _LONGEST_KEPT:
            return self._masked(text)
        masked = self._kept.get(text)
        if masked is None:
            masked = self._masked(text)
            if len(self._kept) < _MOST_KEPT:
                self._kept[text] = masked
        return masked

    def _masked(self, text: str) -> str:
        spans = self._finder.spans(text)
        if self._short is not None:
            spans += [found.span(1) for found in self._short.finditer(text)]
        return _without(text, sorted(spans)) if spans else text


def _as_pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) > _WORD_ONLY else rf"(?<!\w){escaped}(?!\w)"


def _without(text: str, spans: list[Span]) -> str:
    """C(text) with these spans replaced; those that overlap or touch as one."""
    parts, kept_to, masked_to = [], 0, -1
    for start, end in spans:
        if start > masked_to:
            parts += [text[kept_to:start], MASK]
        masked_to = max(masked_to, end)
        kept_to = masked_to
    return "".join(parts) + text[kept_to:]


class Secrets:
    """A growing set of strings that are masked wherever they occur, also in the forms in which they travel."""

    def __init__(self, values: Iterable[str | None] = ()) -> None:
        self._search: _Search | None = None
        self._values: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        for value in values:
            self.add(value)

    def add(self, value: str | None) -> None:
        """Mask C(value) from now on, whatever it wears."""
        # From a file or a shell it may have come with a line break at its end.
        for one in {value, value.strip()} if value else ():
            if one:
                with self._lock:
                    if one not in self._values:
                        self._values = self._values.union([one])
                        self._search = None

    def add_within(self, value: t.Any) -> None:
        """Mask every text in C(value), whatever its shape: an option for a secret may have been given anything."""
        if isinstance(value, Mapping):
            value = list(value.values())
        if isinstance(value, (list, tuple)):
            for item in value:
                self.add_within(item)
        elif value is not None:
            self.add(str(value))

    def add_pair(self, name: str | None, secret: str | None) -> None:
        """Mask both, and both together, as HTTP Basic authentication sends them."""
        self.add(name)
        self.add(secret)
        if name and secret:
            self.add(f"{name}:{secret}")
            self.add(base64.b64encode(f"{name}:{secret}".encode("utf-8", "replace")).decode("ascii"))

    def mask(self, text: str) -> str:
        """C(text) with every secret in it replaced; secrets that overlap or touch are replaced as one."""
        search = self._search
        if search is None:
            with self._lock:
                search = self._search = self._search or _Search(self._values)
        return search.mask(text)

    def clean(self, value: t.Any, foreign: bool = False) -> t.Any:
        """C(value), anything that JSON can hold, in which every secret is masked; the same object if it held none.

        Keys are masked only below C(extra), where they come from the service; all others are this collection's own.
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
