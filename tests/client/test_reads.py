# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of the collection's client: the requests, and retries after errors."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import connection_of, credentials_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V1_ID, V2_ID, V3_ACCOUNT, V3_ID

THREADS = 8


class HandClock(Clock):
    """A clock that only a test or a sleep advances. It starts at the same time as the simulator."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime.datetime:
        start = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
        return start + datetime.timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Rig:
    """The client with its parts, for a simulator, by default with the demo credentials."""

    def __init__(
        self,
        api_url: str,
        retries: int = 0,
        options: dict[str, Any] | None = None,
        credentials: dict[str, str] | None = None,
        memory: LoginMemory | None = None,
    ) -> None:
        params = {name: spec.get("default") for name, spec in argument_spec().items()}
        params.update({"api_url": api_url, "request_timeout": 10.0, **(options or {})})
        params.update(DEMO_CREDENTIALS if credentials is None else credentials)
        self.clock = HandClock()
        self.memory = memory or LoginMemory()
        self.secrets = Secrets(value for value in (credentials or DEMO_CREDENTIALS).values())
        self.transport = Transport(connection_of(params), THREADS)
        self.auth = Auth(credentials_of(params), self.transport, self.secrets, self.memory, self.clock)
        self.client = Client(self.transport, self.auth, self.secrets, self.clock, retries)

    def read(self) -> Reading:
        """Read the stock campaign of version 2."""
        return self.client.campaign("v2", ACCOUNT, V2_ID)

    def error(self) -> ThingSpaceError:
        """Return the error of a read. Checks that its message is one printable line without a demo secret."""
        with pytest.raises(ThingSpaceError) as caught:
            self.read()
        message = caught.value.message
        assert message.isprintable()
        assert not [secret for secret in DEMO_CREDENTIALS.values() if secret in message]
        return caught.value


def in_threads(work: Callable[[], Any]) -> list[Any]:
    """Run a function in threads that start together, and return the result or exception of each thread."""
    start = threading.Barrier(THREADS)
    results: list[Any] = []

    def run() -> None:
        start.wait(10)
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == THREADS
    return results


def counted(control: Control) -> tuple[int, int, int]:
    """Return the numbers of requests so far: for OAuth tokens, sessions and campaigns."""
    kinds = control.counters()["by_kind"]
    return kinds["oauth_token"], kinds["session_login"], kinds["campaign_read"]


def test_each_version_is_read_at_its_path(api_url: str, control: Control) -> None:
    client = Rig(api_url).client
    wanted = [("v1", ACCOUNT, V1_ID), ("v2", ACCOUNT, V2_ID), ("v3", V3_ACCOUNT, V3_ID)]

    bodies = [client.campaign(*one).body for one in wanted]

    assert [(body["accountName"], body["id"]) for body in bodies] == [one[1:] for one in wanted]
    paths = [entry["path"] for entry in control.counters()["log"] if entry["kind"] == "campaign_read"]
    assert paths == [
        f"/api/fota/v1/upgrades/{ACCOUNT}/upgrade/{V1_ID}",
        f"/api/fota/v2/campaigns/{ACCOUNT}/{V2_ID}",
        f"/api/fota/v3/campaigns/{V3_ACCOUNT}/{V3_ID}",
    ]
    assert (client.requests, client.logins) == (5, 2)


def test_the_services_time_comes_with_the_answer(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    control.fault("date", kind="campaign_read", value="Thu, 01 Jan 2032 00:00:00 GMT", times=1)
    assert rig.read().service_time == datetime.datetime(2032, 1, 1, tzinfo=datetime.timezone.utc)

    control.fault("date", kind="campaign_read", value="no date at all", times=1)
    assert rig.read().service_time == rig.clock.now()


@pytest.mark.parametrize("action", ["reset", "close", "truncated", "html", "not_json", "empty"])
def test_transient_errors_are_retried(api_url: str, control: Control, action: str) -> None:
    rig = Rig(api_url, retries=2)
    control.fault(action, kind="campaign_read", times=2)

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 3)
    # A request without an answer on a kept connection (that of the login) is repeated at once.
    assert len(rig.clock.slept) == (1 if action in ("reset", "close") else 2)
    assert all(seconds >= 1 for seconds in rig.clock.slept)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_there_are_at_most_two_retries(api_url: str, control: Control, status: int) -> None:
    rig = Rig(api_url, retries=2)
    control.fault("status", kind="campaign_read", times=2, status=status)
    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 3)

    control.reset_counters()
    control.fault("status", kind="campaign_read", status=status)
    error = rig.error()
    assert isinstance(error, ServiceTrouble)
    assert f"HTTP {status}" in error.message
    assert counted(control) == (0, 0, 3)


def test_without_retries_there_are_none(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    control.fault("status", kind="campaign_read", times=1, status=503)

    assert isinstance(rig.error(), ServiceTrouble)
    assert counted(control) == (1, 1, 1)
    assert rig.clock.slept == []


@pytest.mark.parametrize(
    ("headers", "least"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "Sun, 01 Mar 2026 00:00:19 GMT"}, 19.0), ({}, 1.0)],
)
def test_retry_after_is_respected(api_url: str, control: Control, headers: dict[str, str], least: float) -> None:
    rig = Rig(api_url, retries=2)
    # Other tests have advanced the simulator's clock. A date in Retry-After is compared with the Date of its answer.
    dated = {**headers, "Date": "Sun, 01 Mar 2026 00:00:00 GMT"}
    control.fault("status", kind="campaign_read", times=1, status=503, headers=dated)

    rig.read()

    assert len(rig.clock.slept) == 1
    assert least <= rig.clock.slept[0] <= max(least, 8.0)


def test_a_service_that_wants_more_patience_is_left_alone(api_url: str, control: Control) -> None:
    rig = Rig(api_url, retries=2)
    control.fault("status", kind="campaign_read", status=429, headers={"Retry-After": "600"})

    error = rig.error()

    assert isinstance(error, ServiceTrouble)
    assert error.retry_after == 600
    assert counted(control) == (1, 1, 1)
    assert rig.clock.slept == []


@pytest.mark.parametrize(
    ("form", "error"), [({"unknown_campaign_form": "400"}, 400), ({"unknown_campaign_form": "404"}, 404)]
)
def test_a_campaign_that_is_not_there_is_requested_once(
    api_url: str, control: Control, form: dict[str, str], error: int
) -> None:
    control.behaviour(**form)
    rig = Rig(api_url, retries=2)

    with pytest.raises(CampaignNotFound, match=f"HTTP {error}, INVALID_PARAMETER: Invalid upgradeId"):
        rig.client.campaign("v2", ACCOUNT, "00000000-0000-4000-8000-000000000000")

    assert counted(control) == (1, 1, 1)


def test_a_refused_request_is_not_repeated(api_url: str, control: Control) -> None:
    control.fault("status", kind="campaign_read", status=400, json={"errorCode": "INVALID_PARAMETER"})

    assert isinstance(Rig(api_url, retries=2).error(), RequestRefused)
    assert counted(control) == (1, 1, 1)


def test_somebody_elses_account_costs_no_login(api_url: str, control: Control) -> None:
    rig = Rig(api_url, retries=2)

    with pytest.raises(RequestRefused, match="Could not find account 9999999999-00001"):
        rig.client.campaign("v2", "9999999999-00001", V2_ID)

    assert counted(control) == (1, 1, 1)


@pytest.mark.parametrize("action", ["html", "not_json", "empty", "wrong_encoding"])
def test_what_cannot_be_read_is_a_bad_answer(api_url: str, control: Control, action: str) -> None:
    control.fault(action, kind="campaign_read")

    error = Rig(api_url).error()

    assert isinstance(error, BadResponse)
    assert not error.during_login


def test_a_lost_connection_says_so(api_url: str, control: Control) -> None:
    control.fault("close", kind="campaign_read")

    error = Rig(api_url, retries=2).error()

    assert isinstance(error, ConnectionFailed)
    assert "was closed before the response was complete" in error.message
    assert counted(control) == (1, 1, 4)


def test_secrets_that_the_service_repeats_are_masked(api_url: str, control: Control) -> None:
    rig = Rig(api_url)
    rig.read()
    issued = control.state()["issued"]
    control.fault("echo_secrets", kind="campaign_read")

    message = rig.error().message

    assert "Request not understood" in message
    assert not [token for tokens in issued.values() for token in tokens if token in message]


def test_a_list_of_campaigns_in_a_state(api_url: str, control: Control) -> None:
    page = Rig(api_url).client.campaigns_with_status(ACCOUNT, "CampaignEnded").body

    assert [campaign["id"] for campaign in page["campaignList"]] == [V2_ID]
    assert page["hasMoreData"] is False


def test_a_limit_reaches_all_that_wait(api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(api_url)
    told: list[float] = []
    monkeypatch.setattr(rig.memory, "give_up_at", told.append)

    rig.client.give_up_at(5.0)

    assert rig.transport.give_up_at == 5.0
    assert told == [5.0]
