# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request as plain data, for the handlers of the API."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Mapping

from simulator.counters import Kind


@dataclasses.dataclass(frozen=True)
class Call:
    """A request that was read completely. The names in ``headers`` are case-insensitive."""

    method: str
    path: str
    kind: Kind
    headers: Mapping[str, str]
    query: Mapping[str, str]
    parts: Mapping[str, str]
    body: bytes

    def cursor(self) -> int | None:
        """The number after which a page of a device report starts: 0 for the first page, None if it is no IMEI."""
        text = self.query.get("lastSeenDeviceId") or "0"
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None

    def authorization(self) -> tuple[str, str] | None:
        """Return the scheme (lowercase) and value of the Authorization header, or None if it is missing."""
        header = self.headers.get("authorization", "").strip()
        scheme, _space, value = header.partition(" ")
        return (scheme.lower(), value.strip()) if header else None


def basic_pair(value: str) -> tuple[str, str] | None:
    """Return the name and password of a Basic value, or None if it is malformed."""
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None
