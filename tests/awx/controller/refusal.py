# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API answers when it does not do what was asked."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An answer with an HTTP status from 400 on, and its JSON."""

    def __init__(self, body: dict[str, Any], status: int = 400) -> None:
        super().__init__(f"HTTP {status}: {body}")
        self.body = body
        self.status = status
