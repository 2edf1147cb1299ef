# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a description strict: only described properties are allowed, so that tests detect missing ones."""

from __future__ import annotations

import copy
from typing import Any

_REQUESTS = ("Schedule", "Dates", "DeviceChange", "TokenRequest", "RevokeRequest")


def closed(description: dict[str, Any]) -> dict[str, Any]:
    """Return a copy in which objects of answers cannot have properties that are not described."""
    whole = copy.deepcopy(description)
    for name, schema in whole["components"]["schemas"].items():
        # Requests can have more, because the service ignores unknown properties.
        if not name.startswith(_REQUESTS) or name == "ScheduledV2":
            _close(schema)
    return whole


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema["additionalProperties"] = False
    for key, value in schema.items():
        if key != "example":
            _close(value)
