# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback addresses that accounts have registered, one for each version of the API."""

from __future__ import annotations

import dataclasses

SERVICE = "Fota"


@dataclasses.dataclass(frozen=True)
class Callback:
    """A callback address, and the username and password that v1 sends back in each message."""

    url: str
    username: str | None = None
    password: str | None = None


class CallbackBook:
    """All registered addresses."""

    def __init__(self) -> None:
        self._callbacks: dict[tuple[str, str], Callback] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no address is registered."""
        return not self._callbacks

    def put(self, api_version: str, account: str, callback: Callback) -> None:
        """Register an address. It replaces the previous one."""
        self._callbacks[api_version, account] = callback

    def find(self, api_version: str, account: str) -> Callback | None:
        """Return the address of an account, or None."""
        return self._callbacks.get((api_version, account))

    def remove(self, api_version: str, account: str) -> bool:
        """Remove an address. Returns False if there was none."""
        return self._callbacks.pop((api_version, account), None) is not None
