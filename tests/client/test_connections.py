# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kept connections: which are reused, and what happens if the other side has closed one in the meantime."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from client.hostile import GOOD, Act, Peer, answering, error_of, outcome_of, serving, through, transport_to


class HandClock:
    """A clock that only a test advances."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def leave(_peer: Peer) -> None:
    """Close the connection normally."""


def half_a_word(peer: Peer) -> None:
    peer.sock.sendall(b"HTT")


DEATHS: dict[str, Callable[[Peer], None]] = {"reset": Peer.reset, "close": leave}


def good_once(then: Callable[[Peer], None], connections: int = 1) -> Act:
    """On the first connections, answer one request, and then do this. All other connections work."""

    def act(peer: Peer) -> None:
        if peer.number > connections:
            answering(GOOD)(peer)
        elif peer.request():
            peer.sock.sendall(GOOD)
            if peer.request():
                then(peer)

    return act


def test_a_connection_is_used_again() -> None:
    with serving(answering(GOOD)) as server:
        transport = transport_to(server.url)
        assert [outcome_of(transport) for _number in range(3)] == [Response(200, {"content-length": "2"}, b"{}")] * 3
        assert server.connections == 1


@pytest.mark.parametrize("death", DEATHS)
def test_a_get_that_dies_unanswered_on_a_kept_connection_is_repeated_once(death: str) -> None:
    with serving(good_once(DEATHS[death])) as server:
        transport = transport_to(server.url)
        assert isinstance(outcome_of(transport), Response)
        assert isinstance(outcome_of(transport), Response)
        assert server.connections == 2
        # The repeated request is counted, too.
        assert transport.requests == 3


@pytest.mark.parametrize("death", DEATHS)
def test_the_second_attempt_is_the_last(death: str) -> None:
    def act(peer: Peer) -> None:
        if peer.request() and peer.number == 1:
            peer.sock.sendall(GOOD)
            peer.request()
        DEATHS[death](peer)

    with serving(act) as server:
        transport = transport_to(server.url)
        outcome_of(transport)
        error = error_of(transport)
        assert server.connections == 2

    assert isinstance(error, ConnectionFailed)
    assert error.maybe_processed


@pytest.mark.parametrize("death", DEATHS)
def test_a_get_on_a_new_connection_is_not_repeated(death: str) -> None:
    with serving(lambda peer: DEATHS[death](peer) if peer.request() else None) as server:
        assert "was closed before the response was complete" in error_of(transport_to(server.url)).message
        assert server.connections == 1


def test_what_was_answered_in_part_is_not_repeated() -> None:
    with serving(good_once(half_a_word)) as server:
        transport = transport_to(server.url)
        outcome_of(transport)
        assert isinstance(error_of(transport), ConnectionFailed)
        assert server.connections == 1


def test_what_is_not_answered_in_time_is_not_repeated() -> None:
    with serving(good_once(Peer.silence)) as server:
        transport = transport_to(server.url, request_timeout=1)
        outcome_of(transport)
        assert "did not respond within" in error_of(transport).message
        assert server.connections == 1


@pytest.mark.parametrize("then", [Peer.silence, Peer.reset, leave])
def test_a_connection_without_traffic_for_a_minute_is_not_used_again(then: Callable[[Peer], None]) -> None:
    """A NAT has dropped it, so there would be neither an answer nor an error."""
    clock = HandClock()
    with serving(good_once(then)) as server:
        transport = transport_to(server.url, monotonic=clock)
        outcome_of(transport)
        clock.seconds += 61
        assert isinstance(outcome_of(transport), Response)
        assert server.connections == 2
        assert transport.requests == 2


def test_a_connection_with_traffic_within_a_minute_is_used_again() -> None:
    clock = HandClock()
    with serving(answering(GOOD)) as server:
        transport = transport_to(server.url, monotonic=clock)
        for _number in range(3):
            outcome_of(transport)
            clock.seconds += 50
        assert server.connections == 1


@pytest.mark.parametrize("then", [Peer.silence, Peer.reset, leave])
def test_a_login_starts_on_a_new_connection(then: Callable[[Peer], None]) -> None:
    with serving(good_once(then)) as server:
        transport = transport_to(server.url)
        outcome_of(transport)
        assert isinstance(outcome_of(transport, "POST"), Response)
        assert server.connections == 2


@pytest.mark.parametrize("death", DEATHS)
def test_a_login_is_never_repeated(death: str) -> None:
    posts: list[bytes] = []

    def act(peer: Peer) -> None:
        while True:
            request = peer.request()
            if not request or request.startswith(b"POST"):
                posts.append(request)
                return DEATHS[death](peer)
            peer.sock.sendall(GOOD)

    with serving(act) as server:
        transport = transport_to(server.url)
        outcome_of(transport)
        error = error_of(transport, "POST")

    assert isinstance(error, ConnectionFailed)
    assert error.maybe_processed
    assert len([post for post in posts if post]) == 1
    assert transport.requests == 2


@pytest.mark.parametrize("death", DEATHS)
def test_a_kept_connection_to_a_proxy_is_no_better(death: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(good_once(DEATHS[death])) as proxy:
        through(monkeypatch, proxy.url)
        transport = transport_to("http://thingspace.example/api")
        assert isinstance(outcome_of(transport), Response)
        assert isinstance(outcome_of(transport), Response)
        assert proxy.connections == 2


@pytest.mark.parametrize(
    "cookie",
    ["NODE=dead; Path=/", "NODE=dead", "NODE=dead; Domain=127.0.0.1; Max-Age=99999", "a=b\r\nSet-Cookie: NODE=dead"],
)
@pytest.mark.parametrize("status", [200, 302, 503])
def test_no_cookie_is_kept(cookie: str, status: int) -> None:
    """With the cookie of a load balancer, each poll would go to the same node, even if that is down."""
    seen: list[bytes] = []

    def act(peer: Peer) -> None:
        while True:
            request = peer.request()
            if not request:
                return
            seen.append(request.lower())
            head = f"HTTP/1.1 {status} X\r\nLocation: /y\r\nSet-Cookie: {cookie}\r\nContent-Length: 2\r\n\r\n{{}}"
            peer.sock.sendall(head.encode())

    with serving(act) as server:
        transport = transport_to(server.url)
        for method in ("GET", "POST", "GET"):
            outcome_of(transport, method)

    assert len(seen) == 3
    assert not [request for request in seen if b"cookie" in request]
