# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: foreign texts, read tolerantly and made fit for a line of output."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable

# Ends a text that was cut off. What stands before it may be the beginning of a secret, and is masked as such.
CUT: t.Final = "\u2026"
_UUID: t.Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Of a campaign's name, in a line that must be short.
_LONGEST_NAME: t.Final = 20
# From the name of an option to what the user calls it.
Names = Callable[[str], str]


def bare_word(text: object) -> str:
    """C(text) in lower case, its words joined; empty for anything that is not ASCII text.

    Blanks, hyphens and underscores join words. Any other character stays, so that no word is found in what only
    resembles it.
    """
    return re.sub(r"[ \t\r\n_-]", "", text).lower() if isinstance(text, str) and text.isascii() else ""


def flag_of(value: object) -> bool | None:
    """A flag of the service, which it may send as text; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().casefold()) if isinstance(value, str) else None


def printable(text: object, longest: int = 80) -> str:
    """C(text) without line breaks and control characters, C(longest) characters at most."""
    text = "".join(char if char.isprintable() else " " for char in str(text))
    return text if len(text) <= longest else f"{text[: longest - 1]}{CUT}"


def brief_name(name: object, campaign_id: str) -> str:
    """A campaign in a short line: the beginning of its name, if it has one, and the first group of a UUID."""
    brief_id = campaign_id.partition("-")[0] if _UUID.fullmatch(campaign_id) else campaign_id
    return f"{printable(name, _LONGEST_NAME)} ({brief_id})" if name else campaign_id


def same_id(one: str, other: str) -> bool:
    """True if these are spellings of one UUID, whose hex digits come in both cases."""
    return one == other or (one.isascii() and one.lower() == other.lower())


def shown(value: object, longest: int = 40) -> str:
    """A value of the service's as JSON writes it, fit for a line of output."""
    return printable(json.dumps(value, default=str), longest)


def shorten(text: str, most_bytes: int) -> str:
    """The beginning of C(text) that has no more than this many bytes in UTF-8."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - len(CUT.encode())].decode("utf-8", "ignore") + CUT
