# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth clients and their bearer tokens."""

from __future__ import annotations

import dataclasses
import hmac
import secrets

from simulator.clock import SimulatedClock


@dataclasses.dataclass
class BearerToken:
    """A bearer token. ``expires_at`` is in simulated seconds."""

    value: str
    api_key: str
    expires_at: float


class TokenStore:
    """Issues one token per client. Repeated requests within its lifetime return the same token."""

    def __init__(self, clock: SimulatedClock, clients: dict[str, str]) -> None:
        self._clock = clock
        self._clients = clients
        self._current: dict[str, BearerToken] = {}
        self._known: dict[str, BearerToken] = {}
        self.issued: list[str] = []

    def is_client(self, api_key: str, api_secret: str) -> bool:
        """Whether key and secret belong together."""
        expected = self._clients.get(api_key)
        return expected is not None and hmac.compare_digest(expected.encode(), api_secret.encode())

    def issue(self, api_key: str, lifetime: float, value: str | None = None) -> BearerToken:
        """Return the client's valid token, or issue a new one (with ``value``, for predefined tokens)."""
        current = self._current.get(api_key)
        if current is not None and current.expires_at > self._clock.seconds():
            return current
        token = BearerToken(value or secrets.token_hex(16), api_key, self._clock.seconds() + lifetime)
        self._current[api_key] = self._known[token.value] = token
        self.issued.append(token.value)
        return token

    def remaining(self, token: BearerToken) -> float:
        """Return the simulated seconds until a token expires."""
        return token.expires_at - self._clock.seconds()

    def is_valid(self, value: str) -> bool:
        """Whether a bearer token exists and has not expired."""
        token = self._known.get(value)
        return token is not None and self.remaining(token) > 0

    def revoke(self, value: str, api_key: str | None = None) -> bool:
        """Revoke a token (only of this client, if given). Returns False if there is no such token."""
        token = self._known.get(value)
        if token is None or (api_key is not None and token.api_key != api_key):
            return False
        del self._known[value]
        self._current.pop(token.api_key, None)
        return True

    def revoke_all(self) -> int:
        """Revoke all tokens, and return their number."""
        return sum(self.revoke(value) for value in list(self._known))

    def expire_all(self) -> int:
        """Expire all tokens, and return their number."""
        for token in self._known.values():
            token.expires_at = min(token.expires_at, self._clock.seconds())
        return len(self._known)
