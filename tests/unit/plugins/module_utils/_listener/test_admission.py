# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may send a callback: from which address, with which secret, how often."""

from __future__ import annotations

import ipaddress
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import (
    SERVICE_ADDRESSES,
    Network,
    RateLimit,
    address_of,
    client_of,
    is_within,
    same_secret,
)

PROXIES: t.Final[list[Network]] = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")]
CLIENT: t.Final = "3.87.163.45"


def shown(address: object) -> str | None:
    return None if address is None else str(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.7:443", None),
        ("192.0.2", None),
        ("unknown", None),
        ("X192.0.2.7", None),
        ("", None),
        ("0x7f000001", None),
        ("127.1", None),
    ],
)
def test_addresses(text: str, address: str | None) -> None:
    assert shown(address_of(text)) == address


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # No proxy: the sender has forged the header.
        ("198.51.100.9", [], "198.51.100.9"),
        ("198.51.100.9", [CLIENT], "198.51.100.9"),
        # From a trusted proxy.
        ("10.0.0.1", [CLIENT], CLIENT),
        ("::1", [CLIENT], CLIENT),
        ("::ffff:10.0.0.1", [CLIENT], CLIENT),
        # Values from the sender are to the left of the value that the proxy adds.
        ("10.0.0.1", [f"{CLIENT}, 198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", [CLIENT, "198.51.100.9"], "198.51.100.9"),
        # A chain of trusted proxies.
        ("10.0.0.1", [f"{CLIENT}, 10.0.0.2, 10.0.0.3"], CLIENT),
        ("10.0.0.1", [f"{CLIENT}, 198.51.100.9, 10.0.0.3"], "198.51.100.9"),
        # Unknown sender.
        ("10.0.0.1", [], None),
        ("10.0.0.1", [""], None),
        ("10.0.0.1", ["unknown"], None),
        ("10.0.0.1", [f"{CLIENT}, garbage"], None),
        ("10.0.0.1", [f"{CLIENT},"], None),
        ("10.0.0.1", ["10.0.0.2"], None),
        ("", [CLIENT], None),
        ("/run/listener.sock", [CLIENT], None),
    ],
)
def test_who_has_sent_a_request(peer: str, forwarded: list[str], client: str | None) -> None:
    assert shown(client_of(peer, forwarded, PROXIES)) == client


@given(forwarded=st.lists(st.text()), last=st.ip_addresses(v=4).filter(lambda one: one not in PROXIES[0]))
def test_no_header_makes_the_last_one_before_the_proxies_another(forwarded: list[str], last: t.Any) -> None:
    assert client_of("10.0.0.1", [*forwarded, str(last)], PROXIES) == last


def test_networks_of_the_other_kind_hold_no_address() -> None:
    everybody: list[Network] = [ipaddress.ip_network("0.0.0.0/0")]
    assert is_within(ipaddress.ip_address("192.0.2.7"), everybody)
    assert not is_within(ipaddress.ip_address("2001:db8::1"), everybody)
    assert not is_within(ipaddress.ip_address("192.0.2.7"), [])


@pytest.mark.parametrize(
    ("given_one", "is_same"),
    [("s\u00e4cret", True), ("sacret", False), ("s\u00e4cret ", False), ("", False), (None, False), (["s"], False)],
)
def test_secrets(given_one: object, is_same: bool) -> None:
    assert same_secret(given_one, "s\u00e4cret") is is_same


def test_half_a_character_is_a_wrong_secret_and_no_error() -> None:
    assert not same_secret("\ud800", "secret")
    assert not same_secret("secret", "\ud800")


def test_the_services_own_addresses_are_addresses() -> None:
    assert len({address_of(text) for text in SERVICE_ADDRESSES} - {None}) == len(SERVICE_ADDRESSES) == 8


def test_no_text_is_not_the_empty_secret() -> None:
    assert not same_secret(None, "")


ONE, OTHER = ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("192.0.2.2")


def test_a_minute_has_so_many_and_no_more() -> None:
    rate = RateLimit(3)
    assert [rate.seconds_to_wait(ONE, 100.0) for _number in range(3)] == [0, 0, 0]
    assert rate.seconds_to_wait(ONE, 100.0) == pytest.approx(20)
    assert rate.seconds_to_wait(OTHER, 100.0) == 0
    # Refused callbacks do not count, and one more is allowed after a third of a minute.
    assert rate.seconds_to_wait(ONE, 119.0) == pytest.approx(1)
    assert rate.seconds_to_wait(ONE, 120.5) == 0
    assert rate.seconds_to_wait(ONE, 120.5) > 0
    assert [rate.seconds_to_wait(ONE, 1000.0) for _number in range(4)][:3] == [0, 0, 0]
    assert rate.seconds_to_wait(ONE, 1000.0) > 0


def test_many_addresses_take_no_more_memory() -> None:
    rate = RateLimit(1)
    for number in range(5000):
        rate.seconds_to_wait(ipaddress.ip_address(number), 0.0)
    assert len(rate._buckets) == 1024
    # The least recently used address is forgotten.
    assert rate.seconds_to_wait(ipaddress.ip_address(4999), 0.0) > 0
    assert rate.seconds_to_wait(ipaddress.ip_address(0), 0.0) == 0


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 10))
def test_no_minute_has_more_than_twice_its_number(gaps: list[float], per_minute: int) -> None:
    """A full bucket, and the tokens that are added meanwhile."""
    rate, now, taken = RateLimit(per_minute), 0.0, []
    for gap in gaps:
        now += gap
        if not rate.seconds_to_wait(ONE, now):
            taken.append(now)
    for moment in taken:
        assert sum(1 for one in taken if moment <= one < moment + 60) <= 2 * per_minute
