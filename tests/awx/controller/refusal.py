# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error responses of the API."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An error response with an HTTP status of 400 or higher, and its JSON."""

    def __init__(self, body: dict[str, Any], status: int = 400) -> None:
        super().__init__(f"HTTP {status}: {body}")
        self.body = body
        self.status = status
