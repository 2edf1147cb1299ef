# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: foreign texts, read tolerantly and made fit for a line of output."""

from __future__ import annotations

import re


def bare_word(text: object) -> str:
    """C(text) in lower case, with nothing but its letters and digits; empty for anything that is not text."""
    return re.sub(r"[\W_]", "", text.casefold()) if isinstance(text, str) else ""


def flag_of(value: object) -> bool | None:
    """A flag of the service, which it may send as text; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().casefold()) if isinstance(value, str) else None


def printable(text: object, longest: int = 80) -> str:
    """C(text) without line breaks and control characters, C(longest) characters at most."""
    return "".join(char if char.isprintable() else " " for char in str(text))[:longest]


def shorten(text: str, most_bytes: int) -> str:
    """The beginning of C(text) that has no more than this many bytes in UTF-8."""
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")
