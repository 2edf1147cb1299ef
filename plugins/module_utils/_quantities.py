# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: parse the times and percentages that users write. Invalid ones raise ValueError."""

from __future__ import annotations

import math
import re
import typing as t

_NUMBER: t.Final = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_PART: t.Final = r"[0-9]+(?:\.[0-9]+)?"
# Each unit at most once, the largest first: 1w2d, 1h30m.
_PARTS: t.Final = re.compile(r"\s*".join(rf"(?:({_PART})\s*{unit})?" for unit in "wdhms"), re.IGNORECASE)
_SECONDS: t.Final = (604_800, 86_400, 3_600, 60, 1)


class Ambiguous(ValueError):
    """A number between 0 and 1 without a percent sign: 0.98 could be 98 percent or less than one."""


def seconds_of(value: object) -> float:
    """A time in seconds, 0 or more: a number, or numbers with units such as C(45s), C(1h30m), C(2d), C(1w)."""
    text = _text_of(value)
    parts = _PARTS.fullmatch(text)
    if parts and any(parts.groups()):
        return _finite(sum(float(part) * unit for part, unit in zip(parts.groups(), _SECONDS) if part))
    return _number_of(text)


def percent_of(value: object) -> float:
    """A percentage from 0 to 100, with or without the sign. Raises Ambiguous for 0.98 without it."""
    text = _text_of(value)
    number = _number_of(text.rstrip("%").rstrip() if text.count("%") == 1 else text)
    if number > 100:
        raise ValueError("more than everything")
    if 0 < number < 1 and not text.endswith("%"):
        raise Ambiguous(text)
    return number


def _text_of(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("neither a number nor a text")
    return str(value).strip()


def _number_of(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number of 0 or more")
    return _finite(float(text))


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("too large")
    return number
