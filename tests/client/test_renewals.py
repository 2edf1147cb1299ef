# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renewals of the two tokens by the collection's client: once per expiry, and in advance if the expiry is known."""

from __future__ import annotations

import pytest
from simulator_tests.raw import RawClient

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import AccessRefused
from client.test_reads import THREADS, Rig, counted, in_threads
from simulator.control import Control
from simulator.stock import V2_ID


def pass_time(rig: Rig, control: Control, seconds: float) -> None:
    """Advance the clocks of the client and the service."""
    rig.clock.seconds += seconds
    control.advance(seconds)


@pytest.mark.parametrize("end", ["expire_tokens", "revoke_tokens"])
def test_an_access_token_that_was_refused_is_renewed_once(api_url: str, control: Control, end: str) -> None:
    rig = Rig(api_url)
    rig.read()
    assert getattr(control, end)() == 1

    assert rig.read().body["id"] == V2_ID
    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (2, 1, 4)
    assert control.counters()["by_status"] == {"200": 6, "401": 1}


@pytest.mark.parametrize(("form", "status"), [("uws", "400"), ("m2m", "400"), ("account_401", "401")])
def test_a_session_that_was_refused_is_renewed_once(api_url: str, control: Control, form: str, status: str) -> None:
    control.behaviour(session_expired_form=form)
    rig = Rig(api_url)
    rig.read()
    assert control.expire_sessions() == 1

    assert rig.read().body["id"] == V2_ID
    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 2, 4)
    assert control.counters()["by_status"] == {"200": 6, status: 1}


@pytest.mark.parametrize("form", ["uws", "m2m", "account_401"])
def test_both_at_once_are_renewed_once_each(api_url: str, control: Control, form: str) -> None:
    control.behaviour(session_expired_form=form)
    rig = Rig(api_url)
    rig.read()
    control.expire_tokens()
    control.expire_sessions()

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (2, 2, 4)


@pytest.mark.parametrize(
    ("end", "logins"), [("expire_tokens", (2, 1)), ("expire_sessions", (1, 2)), ("revoke_tokens", (2, 1))]
)
def test_many_threads_that_meet_a_refusal_renew_once(
    api_url: str, control: Control, end: str, logins: tuple[int, int]
) -> None:
    rig = Rig(api_url)
    rig.read()
    getattr(control, end)()

    results = in_threads(lambda: rig.read().body["id"])

    assert results == [V2_ID] * THREADS
    assert counted(control)[:2] == logins
    # Each refused request was repeated once, none a second time.
    assert counted(control)[2] <= 1 + 2 * THREADS


@pytest.mark.parametrize(
    ("fault", "counts", "word"),
    [
        ({"action": "gateway", "name": "900901"}, (2, 1, 2), "access_token"),
        ({"action": "gateway", "name": "900902"}, (2, 1, 2), "access_token"),
        (
            {"action": "status", "status": 400, "json": {"errorCode": "X.REQUEST_FAILED.SessionToken.Expired"}},
            (1, 2, 2),
            "session_token",
        ),
        ({"action": "status", "status": 401}, (1, 2, 2), "session_token"),
    ],
)
def test_refused_again_right_after_its_renewal_there_is_no_third_request(
    api_url: str, control: Control, fault: dict[str, object], counts: tuple[int, int, int], word: str
) -> None:
    rig = Rig(api_url, retries=2)
    control.fault(kind="campaign_read", **fault)  # type: ignore[arg-type]

    error = rig.error()

    assert isinstance(error, AccessRefused)
    assert f"The {word} was refused again right after its renewal" in error.message
    assert counted(control) == counts
    assert rig.clock.slept == []


def test_a_gateway_refusal_for_want_of_rights_costs_no_login(api_url: str, control: Control) -> None:
    body = {"fault": {"code": "900908", "message": "Resource forbidden", "description": "Not subscribed"}}
    control.fault("status", kind="campaign_read", status=403, json=body)

    error = Rig(api_url, retries=2).error()

    assert isinstance(error, AccessRefused)
    assert "900908" in error.message
    assert counted(control) == (1, 1, 1)


@pytest.mark.parametrize("seconds", [1200, 1260, 86_000])
def test_a_session_that_was_idle_is_renewed_before_it_is_used(api_url: str, control: Control, seconds: float) -> None:
    rig = Rig(api_url)
    rig.read()
    pass_time(rig, control, seconds)

    assert rig.read().body["id"] == V2_ID
    assert counted(control)[1:] == (2, 2)
    assert set(control.counters()["by_status"]) == {"200"}


def test_a_session_that_is_used_stays_valid(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    for _poll in range(6):
        rig.read()
        pass_time(rig, control, 1190)

    assert counted(control)[1] == 1
    assert set(control.counters()["by_status"]) == {"200"}


def test_an_access_token_is_renewed_when_its_hour_is_over(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    for _poll in range(9):
        rig.read()
        pass_time(rig, control, 1000.5)

    # Tokens are valid for 3600 seconds, so the polls at 0, 4002 and 8004 seconds need a new token.
    assert counted(control) == (3, 1, 9)
    assert set(control.counters()["by_status"]) == {"200"}


def test_the_rest_of_an_hour_that_somebody_else_began(api_url: str, control: Control) -> None:
    other = RawClient(api_url)
    other.ask_token()
    control.advance(3000)
    rig = Rig(api_url)
    rig.read()
    # The same token, which is valid for another 600 seconds.
    assert len(control.state()["issued"]["access_tokens"]) == 1
    pass_time(rig, control, 590)
    rig.read()
    assert counted(control)[0] == 2
    pass_time(rig, control, 12)
    rig.read()

    assert counted(control) == (3, 1, 3)
    assert set(control.counters()["by_status"]) == {"200"}


def test_a_lifetime_that_is_not_reported_is_found_out_by_a_refusal(api_url: str, control: Control) -> None:
    control.fault("extra_fields", kind="oauth_token", fields={"expires_in": None})
    rig = Rig(api_url)
    rig.read()
    control.expire_tokens()

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (2, 1, 3)


@pytest.mark.parametrize("expires_in", ["3600", 3600.0, "soon", -1, 0, 1e300, [], True])
def test_odd_lifetimes_do_not_cost_a_login_for_each_read(api_url: str, control: Control, expires_in: object) -> None:
    control.fault("extra_fields", kind="oauth_token", fields={"expires_in": expires_in})
    rig = Rig(api_url)
    for _poll in range(3):
        rig.read()

    assert counted(control) == (1, 1, 3)
