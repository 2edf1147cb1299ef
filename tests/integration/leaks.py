# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches for secrets in a text, in all encodings. Independent of the collection's code."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterable


def forms_of(secret: str) -> set[str]:
    """Return the secret itself, and its forms in JSON, Python, URLs and base64."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        _base64(secret),
    }


def basic_pair(name: str, secret: str) -> str:
    """Return the value for HTTP Basic authentication."""
    return _base64(f"{name}:{secret}")


def leaks_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets that occur in the text in any form, each with some context."""
    found = []
    for form in sorted({form for secret in secrets for form in forms_of(secret)}):
        at = text.find(form)
        if at >= 0:
            found.append(f"{form!r} in {text[max(at - 200, 0) : at + len(form) + 80]!r}")
    return found


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
