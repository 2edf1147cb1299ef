# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: tolerant parsing and safe printing of strings from outside."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable

# Marks a truncated text. The part before it may be the start of a secret, and is masked as one.
CUT: t.Final = "\u2026"
_UUID: t.Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The maximum length of a campaign name in a short line.
_LONGEST_NAME: t.Final = 20
# Maps the name of an option to what the user calls it.
Names = Callable[[str], str]


def bare_word(text: object) -> str:
    """C(text) in lower case without spaces, hyphens and underscores; empty for anything that is not ASCII text.

    Any other character is kept, so that a text that only resembles a word does not match it.
    """
    return re.sub(r"[ \t\r\n_-]", "", text).lower() if isinstance(text, str) and text.isascii() else ""


def flag_of(value: object) -> bool | None:
    """A boolean that the service may send as a string; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().casefold()) if isinstance(value, str) else None


def printable(text: object, longest: int = 80) -> str:
    """C(text) without line breaks and control characters, at most C(longest) characters."""
    text = "".join(char if char.isprintable() else " " for char in str(text))
    return text if len(text) <= longest else f"{text[: longest - 1]}{CUT}"


def brief_name(name: object, campaign_id: str) -> str:
    """A campaign in a short line: the start of its name, if it has one, and the first group of a UUID."""
    brief_id = campaign_id.partition("-")[0] if _UUID.fullmatch(campaign_id) else campaign_id
    return f"{printable(name, _LONGEST_NAME)} ({brief_id})" if name else campaign_id


def same_id(one: str, other: str) -> bool:
    """True if both are the same UUID. Its hex digits occur in upper and lower case."""
    return one == other or (one.isascii() and one.lower() == other.lower())


def shown(value: object, longest: int = 40) -> str:
    """A value of the service as JSON, shortened for one line."""
    return printable(json.dumps(value, default=str), longest)


def shorten(text: str, most_bytes: int) -> str:
    """C(text), truncated to at most this many bytes of UTF-8."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - len(CUT.encode())].decode("utf-8", "ignore") + CUT
