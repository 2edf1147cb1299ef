# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What must never be shown, and the one way to hide it."""

from __future__ import annotations

import base64
import json
import re
import threading
import typing as t
import urllib.parse
from collections.abc import Iterable, Mapping

MASK = "********"


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
        base64.b64encode(value.encode("utf-8", "replace")).decode("ascii"),
        *quoted,
        # Some encoders write the escapes in small letters.
        *(re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), form) for form in quoted),
    }


def _is_same(old: t.Iterable[tuple[str, t.Any]], new: t.Iterable[tuple[str, t.Any]]) -> bool:
    return all(key == name and item is value for (key, value), (name, item) in zip(old, new))


class Secrets:
    """A growing set of strings that are masked wherever they occur, also in the forms in which they travel."""

    def __init__(self, values: Iterable[str | None] = ()) -> None:
        self._forms: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        for value in values:
            self.add(value)

    def add(self, value: str | None) -> None:
        """Mask C(value) from now on, also percent-encoded, JSON-escaped and in base64."""
        if not value:
            return
        with self._lock:
            self._forms = self._forms.union(_forms_of(value))

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
        """Mask both, and the form in which HTTP Basic authentication sends them."""
        self.add(name)
        self.add(secret)
        if name and secret:
            self.add(base64.b64encode(f"{name}:{secret}".encode("utf-8", "replace")).decode("ascii"))

    def mask(self, text: str) -> str:
        """C(text) with every secret in it replaced; secrets that overlap or touch are replaced as one."""
        present = [form for form in self._forms if form in text]
        if not present:
            return text
        longest_first = sorted(present, key=len, reverse=True)
        # A lookahead finds every occurrence, also one that begins within another one.
        pattern = re.compile(f"(?=({'|'.join(re.escape(form) for form in longest_first)}))")
        parts, kept_to, masked_to = [], 0, -1
        for found in pattern.finditer(text):
            start, end = found.span(1)
            if start > masked_to:
                parts += [text[kept_to:start], MASK]
            masked_to = max(masked_to, end)
            kept_to = masked_to
        return "".join(parts) + text[kept_to:]

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
