# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: bytes -> JSON that everything behind can hold: the masking of secrets, Ansible, a database behind AWX.

Python reads more than they do: numbers that are none, text that is no text, and, from Python 3.12 on, deeper nesting
than its own functions may call each other.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

# Ansible walks through results with functions that call themselves, some twice for each level.
MAX_DEPTH: t.Final = 64
# Escapes for what UTF-8 cannot hold (one half of a pair of surrogates) and PostgreSQL refuses (NUL).
_SUSPECT: t.Final = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_NO_TEXT: t.Final = re.compile("[\ud800-\udfff\0]")
REPLACEMENT: t.Final = "\ufffd"


class TooDeep(ValueError):
    """Lists and objects within each other, further than MAX_DEPTH levels."""


def read(body: bytes) -> t.Any:
    """The value in C(body), which is UTF-8; raises ValueError if there is none, TooDeep if it is nested too deeply.

    Numbers that no JSON can hold (C(NaN), C(1e999)) become null, characters that no UTF-8 can hold C(U+FFFD). Of two
    equal keys the last one counts.
    """
    text = body.decode("utf-8-sig")
    try:
        value = json.loads(text, parse_constant=lambda _name: None, parse_float=_finite)
    except RecursionError as error:
        raise TooDeep("nested too deeply") from error
    _check_depth(value)
    return _as_text(value) if _SUSPECT.search(body) else value


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _check_depth(value: t.Any) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    for _depth in range(MAX_DEPTH):
        if not level:
            return
        level = [
            item
            for node in level
            for item in (node.values() if isinstance(node, dict) else node)
            if isinstance(item, (dict, list))
        ]
    if level:
        raise TooDeep("nested too deeply")


def _as_text(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _NO_TEXT.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, dict):
        return {_as_text(key): _as_text(item) for key, item in value.items()}
    return value
