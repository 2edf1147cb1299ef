# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: bytes -> JSON that everything downstream can store: the masking of secrets, Ansible, and the database of AWX.

Python accepts more than they do: NaN and Infinity, invalid Unicode, and, from Python 3.12 on, nesting deeper than its
recursion limit.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

# Ansible traverses results recursively, in places twice for each level.
MAX_DEPTH: t.Final = 64
# Escapes that UTF-8 cannot encode (a lone surrogate) or PostgreSQL refuses (NUL).
_INVALID_ESCAPE: t.Final = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_INVALID_TEXT: t.Final = re.compile("[\ud800-\udfff\0]")
REPLACEMENT: t.Final = "\ufffd"


class TooDeep(ValueError):
    """Lists and objects are nested more than MAX_DEPTH levels deep."""


def read(body: bytes) -> t.Any:
    """The value of C(body), which is UTF-8. Raises ValueError if it is not JSON, TooDeep if it is nested too deeply.

    Numbers that JSON cannot represent (C(NaN), C(1e999)) become null. Characters that UTF-8 cannot encode become
    C(U+FFFD). Of two equal keys, the last one counts.
    """
    text = body.decode("utf-8-sig")
    try:
        value = json.loads(text, parse_constant=lambda _name: None, parse_float=_finite)
    except RecursionError as error:
        raise TooDeep("nested too deeply") from error
    _check_depth(value)
    return _replace_invalid(value) if _INVALID_ESCAPE.search(body) else value


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


def _replace_invalid(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _INVALID_TEXT.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_replace_invalid(item) for item in value]
    if isinstance(value, dict):
        return {_replace_invalid(key): _replace_invalid(item) for key, item in value.items()}
    return value
