# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: decides who can send a callback, by address, secret and rate limit."""

from __future__ import annotations

import hmac
import ipaddress
import typing as t
from collections import OrderedDict
from collections.abc import Collection, Sequence

Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# From the page "About Callback Services" of the ThingSpace documentation, which asks to allow these addresses.
SERVICE_ADDRESSES: t.Final = (
    *("3.87.163.45", "3.91.119.203", "54.197.62.209", "54.200.43.232", "34.216.81.234", "137.117.33.109"),
    *("168.62.173.153", "68.128.212.217"),
)
# The maximum number of addresses to remember. The least recently used one is forgotten first.
_MAX_ADDRESSES: t.Final = 1024


def address_of(text: str) -> Address | None:
    """Parse an address from a socket or a header. Unwrap IPv4-mapped IPv6 addresses. None if it is not an address."""
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_within(address: Address, networks: Collection[Network]) -> bool:
    """Return whether an address belongs to one of these networks."""
    return any(address.version == network.version and address in network for network in networks)


def client_of(peer: str, forwarded: Sequence[str], trusted_proxies: Collection[Network]) -> Address | None:
    """Return the address of the sender of a request, or None if it is unknown.

    C(peer) is the other end of the connection. C(forwarded) are the values of all C(X-Forwarded-For) headers. They are
    used only if the peer is a trusted proxy, and only from the right up to the first address that is not a trusted
    proxy, because a sender can forge the rest.
    """
    address = address_of(peer)
    if address is None or not is_within(address, trusted_proxies):
        return address
    for text in reversed([part for value in forwarded for part in value.split(",")]):
        address = address_of(text)
        if address is None or not is_within(address, trusted_proxies):
            return address
    # The headers contain only trusted proxies.
    return None


def same_secret(given: object, wanted: str) -> bool:
    """Compare two secrets in constant time. A value that is not a string never matches."""
    text = given if isinstance(given, str) else ""
    is_same = hmac.compare_digest(text.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
    return is_same and isinstance(given, str)


class RateLimit:
    """A token bucket for each address, with a capacity of one minute of callbacks."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[Address, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, address: Address, now: float) -> float:
        """Count a callback of this address and return 0, or return the seconds until it can send the next one.

        C(now) is in monotonic seconds.
        """
        tokens, at = self._buckets.pop(address, (float(self._per_minute), now))
        tokens = min(tokens + (now - at) * self._per_minute / 60, float(self._per_minute))
        is_allowed = tokens >= 1
        self._buckets[address] = (tokens - 1 if is_allowed else tokens, now)
        if len(self._buckets) > _MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - tokens) * 60 / self._per_minute
