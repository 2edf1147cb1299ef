# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: who may send a callback: from which address, to which path, how often."""

from __future__ import annotations

import hmac
import ipaddress
import typing as t
from collections import OrderedDict
from collections.abc import Collection, Sequence

Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# From the page "About Callback Services" of the service's documentation, which asks to let them in.
SERVICE_ADDRESSES: t.Final = (
    *("3.87.163.45", "3.91.119.203", "54.197.62.209", "54.200.43.232", "34.216.81.234", "137.117.33.109"),
    *("168.62.173.153", "68.128.212.217"),
)
# So many addresses are remembered; the one that was not heard of for the longest time is forgotten first.
_MOST_ADDRESSES: t.Final = 1024


def address_of(text: str) -> Address | None:
    """An address as a socket or a header names it; one of IPv4 within IPv6 as what it is. None for anything else."""
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_within(address: Address, networks: Collection[Network]) -> bool:
    """Whether an address belongs to one of these networks."""
    return any(address.version == network.version and address in network for network in networks)


def client_of(peer: str, forwarded: Sequence[str], trusted_proxies: Collection[Network]) -> Address | None:
    """Who has sent a request; None if that cannot be told.

    C(peer) is the other end of the connection, C(forwarded) the values of all headers C(X-Forwarded-For). These are
    believed only from a proxy that is trusted, and only as far as trusted proxies wrote them: from the right, up to the
    first address that is not one of them.
    """
    address = address_of(peer)
    if address is None or not is_within(address, trusted_proxies):
        return address
    for text in reversed([part for value in forwarded for part in value.split(",")]):
        address = address_of(text)
        if address is None or not is_within(address, trusted_proxies):
            return address
    # It names nobody but the proxies themselves.
    return None


def same_secret(given: object, wanted: str) -> bool:
    """Compared in a time that does not depend on where the two differ. What is no text is not the same."""
    text = given if isinstance(given, str) else ""
    is_same = hmac.compare_digest(text.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
    return is_same and isinstance(given, str)


class RateLimit:
    """A bucket for each address: it holds as many callbacks as a minute may have, and fills evenly."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[Address, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, address: Address, now: float) -> float:
        """0 if a callback of this address may come now, which is then counted; else after how many seconds.

        C(now) is a moment of a monotonic clock, in seconds.
        """
        level, at = self._buckets.pop(address, (float(self._per_minute), now))
        level = min(level + (now - at) * self._per_minute / 60, float(self._per_minute))
        has_room = level >= 1
        self._buckets[address] = (level - 1 if has_room else level, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if has_room else (1 - level) * 60 / self._per_minute
