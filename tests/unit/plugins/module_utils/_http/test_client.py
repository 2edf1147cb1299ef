# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: its requests, retries after errors and refused tokens, and device reports of many pages."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    LoginRefused,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.tests.unit.scripted_service import (
    ACCESS_REFUSAL,
    SESSION_REFUSAL,
    Answer,
    ScriptedService,
    answer,
    credentials,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import START, FakeClock

ACCOUNT: t.Final = "0402196254-00001"
BUSY: t.Final = answer(503, {})
NO_ACCESS: t.Final = answer(401, ACCESS_REFUSAL)
NO_SESSION: t.Final = answer(401, SESSION_REFUSAL)


class Rig:
    """A client and its service."""

    def __init__(self, *reads: Answer, retries: int = 0, **scripts: t.Sequence[Answer]) -> None:
        self.service = ScriptedService(read=reads, **scripts)
        self.clock = FakeClock()
        transport, secrets = t.cast(t.Any, self.service), Secrets(["tell-nobody"])
        auth = Auth(credentials(), transport, secrets, LoginMemory(), self.clock)
        self.client = Client(transport, auth, secrets, self.clock, retries, "my_{}".format)

    def read(self, api_version: str = "v2") -> t.Any:
        """Read one campaign."""
        return self.client.campaign(api_version, ACCOUNT, "c1").body

    def error(self) -> ThingSpaceError:
        """Return the error of a read."""
        with pytest.raises(ThingSpaceError) as caught:
            self.read()
        return caught.value


@pytest.mark.parametrize(
    ("api_version", "path"),
    [
        ("v1", ("fota", "v1", "upgrades", ACCOUNT, "upgrade", "c1")),
        ("v2", ("fota", "v2", "campaigns", ACCOUNT, "c1")),
        ("v3", ("fota", "v3", "campaigns", ACCOUNT, "c1")),
    ],
)
def test_each_version_has_its_path(api_version: str, path: tuple[str, ...]) -> None:
    rig = Rig()
    assert rig.read(api_version) == {"id": "c1"}
    assert (rig.service.sent[-1].path, rig.service.sent[-1].method) == (path, "GET")
    assert (rig.client.requests, rig.client.logins) == (3, 2)


def test_the_services_time_comes_with_the_answer() -> None:
    rig = Rig(answer(200, {}, date="Sun, 01 Mar 2026 13:00:00 GMT"), answer(200, {}))
    times = [rig.client.campaign("v2", ACCOUNT, "c1").service_time for _read in range(2)]
    assert times == [START + datetime.timedelta(hours=1), rig.clock.now()]


@pytest.mark.parametrize(
    ("reads", "sent"),
    [
        ([NO_ACCESS], ["read", "token", "read"]),
        ([NO_SESSION], ["read", "login", "read"]),
        ([NO_ACCESS, NO_SESSION], ["read", "token", "read", "login", "read"]),
        ([NO_SESSION, NO_ACCESS], ["read", "login", "read", "token", "read"]),
    ],
)
def test_each_token_is_renewed_once_for_a_request(reads: list[Response], sent: list[str]) -> None:
    rig = Rig(*reads)
    assert rig.read() == {"id": "c1"}
    assert rig.service.kinds == ["token", "login", *sent]


@pytest.mark.parametrize(("refusal", "name"), [(NO_ACCESS, "access_token"), (NO_SESSION, "session_token")])
def test_a_token_that_is_refused_after_its_renewal_is_not_renewed_again(refusal: Response, name: str) -> None:
    rig = Rig(refusal, refusal, refusal)
    error = rig.error()
    assert isinstance(error, AccessRefused)
    assert error.message.startswith(f"The {name} was refused again right after its renewal. The service refused")
    assert isinstance(rig.error(), AccessRefused)
    # The second time there is not even a login, because the refusal is stored.
    assert rig.service.kinds == ["token", "login", "read", rig.service.kinds[3], "read", "read"]


@pytest.mark.parametrize("error", [BUSY, answer(500, {}), answer(200, []), ConnectionFailed("reset")])
def test_a_read_is_repeated_as_often_as_is_allowed(error: Answer) -> None:
    rig = Rig(error, error, retries=2)
    assert rig.read() == {"id": "c1"}
    assert rig.service.kinds.count("read") == 3
    assert len(rig.clock.naps) == 2 and all(1.0 <= nap <= 8.0 for nap in rig.clock.naps)
    for retries in (0, 1):
        rig = Rig(error, error, retries=retries)
        assert isinstance(rig.error(), (ServiceTrouble, BadResponse, ConnectionFailed))
        assert rig.service.kinds.count("read") == retries + 1


@pytest.mark.parametrize(("seconds", "is_repeated"), [(30, True), (31, False)])
def test_a_service_that_wants_more_patience_is_left_alone(seconds: int, is_repeated: bool) -> None:
    rig = Rig(answer(429, {}, **{"retry-after": str(seconds)}), retries=2)
    if is_repeated:
        rig.read()
        assert rig.clock.naps[0] >= seconds
    else:
        assert isinstance(rig.error(), ServiceTrouble)
        assert rig.clock.naps == []


@pytest.mark.parametrize(
    "refusal",
    [
        answer(404, {}),
        answer(400, {"errorCode": "INVALID_PARAMETER", "errorMessage": "Inactive account"}),
        answer(302, {}),
    ],
)
def test_what_is_refused_is_requested_once(refusal: Response) -> None:
    rig = Rig(refusal, retries=2)
    rig.error()
    assert rig.service.kinds == ["token", "login", "read"]


def test_a_campaign_that_is_not_there_is_named_with_what_to_check() -> None:
    error = Rig(answer(404, {})).error()
    assert isinstance(error, CampaignNotFound)
    assert f"campaign c1 of account {ACCOUNT} with my_api_version v2; check my_campaign_id" in error.message


def test_a_login_without_a_clear_answer_is_not_repeated_within_a_read() -> None:
    rig = Rig(retries=2, login=[BUSY])
    assert rig.error().during_login
    assert rig.service.kinds == ["token", "login"]


def test_a_login_that_reached_nobody_is_repeated() -> None:
    rig = Rig(retries=2, login=[ConnectionFailed("refused", maybe_processed=False)])
    assert rig.read() == {"id": "c1"}
    assert rig.service.kinds == ["token", "login", "login", "read"]


def test_after_such_a_login_a_read_finds_out_whether_the_service_answers() -> None:
    rig = Rig(BUSY, login=[BUSY])
    assert [isinstance(rig.error(), ServiceTrouble) for _read in range(2)] == [True, True]
    assert rig.service.kinds == ["token", "login", "read"]
    # The service is up: it refuses the request, because the session is missing.
    rig.read()
    assert rig.service.kinds[3:] == ["read", "login", "read"]


def test_a_refused_login_is_not_repeated() -> None:
    rig = Rig(retries=2, login=[answer(400, {})])
    assert isinstance(rig.error(), LoginRefused)
    assert rig.service.kinds == ["token", "login"]


def test_what_the_service_repeats_of_a_secret_is_masked() -> None:
    said = {"errorCode": "X", "errorMessage": "tell-nobody and access-token-1"}
    for status in (200, 400):
        error = Rig(answer(status, said)).error()
        assert "X: ******** and ********" in error.message


def page(*names: str, more: bool, last: t.Any = None) -> Response:
    """Return a page of a device report."""
    devices = [{"deviceId": name, "status": "UpgradeSuccess"} for name in names]
    cursor = (names[-1] if names else "") if last is None else last
    return answer(200, {"deviceList": devices, "hasMoreData": more, "lastSeenDeviceId": cursor, "totalDevice": 4})


class TestReport:
    """Device reports of several pages."""

    def test_each_page_is_requested_with_the_last_device_of_the_one_before(self) -> None:
        rig = Rig(page("d1", "d2", more=True), page("d3", more=True), page("d4", more=False))
        report = rig.client.device_report("v3", ACCOUNT, "c1")
        assert [request.query for request in rig.service.sent[2:]] == [
            {"lastSeenDeviceId": after} for after in ("0", "d2", "d3")
        ]
        assert rig.service.sent[-1].path == ("fota", "v3", "reports", ACCOUNT, "campaigns", "c1", "devices")
        assert report.summary()["total"] == 4 and report.summary()["doubt"] is None

    @pytest.mark.parametrize(
        "pages",
        [
            [page("d1", more=True, last="")],
            [page("d1", more=True, last="0")],
            [page("d1", more=True), page("d1", more=True)],
            [page("d1", more=True), page("d2", more=True), page("d1", more=True)],
        ],
    )
    def test_a_cursor_that_does_not_move(self, pages: list[Response]) -> None:
        rig = Rig(*pages)
        with pytest.raises(BadResponse, match="cursor does not advance"):
            rig.client.device_report("v2", ACCOUNT, "c1")
        assert rig.service.kinds.count("read") == len(pages)

    def test_one_without_an_end_is_left_after_as_many_pages_as_ship(self) -> None:
        rig = Rig(*(page(f"d{number}", more=True) for number in range(1200)))
        with pytest.raises(BadResponse, match="more than 1000 pages"):
            rig.client.device_report("v2", ACCOUNT, "c1")
        assert rig.service.kinds.count("read") == 1000

    def test_one_that_takes_too_long_in_all(self) -> None:
        rig = Rig(*(page(f"d{number}", more=True) for number in range(50)))
        send = rig.service.send

        def slow(*given: t.Any, **more: t.Any) -> Response:
            rig.clock.pass_time(29.0)
            return send(*given, **more)

        rig.service.send = slow  # type: ignore[method-assign]
        with pytest.raises(ConnectionFailed, match="more than 20 times my_request_timeout"):
            rig.client.device_report("v2", ACCOUNT, "c1")
        assert rig.clock.seconds <= 24 * 29.0

    def test_one_that_is_not_there(self) -> None:
        with pytest.raises(CampaignNotFound, match="It has no device report. The service does not know"):
            Rig(answer(404, {})).client.device_report("v2", ACCOUNT, "c1")


class TestCallback:
    """Callback registrations."""

    PATH: t.Final = ("fota", "v2", "callbacks", ACCOUNT)

    @pytest.mark.parametrize(
        ("answered", "found"),
        [
            (answer(200, {"url": "x"}), {"url": "x"}),
            (answer(200, []), []),
            (Response(200, {}, b" "), None),
            (answer(400, {"errorCode": "CALLBACK_NOT_REGISTERED"}), None),
        ],
    )
    def test_it_is_read(self, answered: Response, found: t.Any) -> None:
        rig = Rig(BUSY, answered, retries=1)
        assert rig.client.callback("v2", ACCOUNT) == found
        assert [request.path for request in rig.service.sent[2:]] == [self.PATH] * 2

    def test_a_registration_is_sent_once(self) -> None:
        rig = Rig(BUSY, retries=2)
        with pytest.raises(ServiceTrouble):
            rig.client.register_callback("v2", ACCOUNT, {"url": "x"})
        (sent,) = rig.service.sent[2:]
        assert (sent.method, sent.path, sent.content) == ("POST", self.PATH, {"url": "x"})

    @pytest.mark.parametrize(("api_version", "more"), [("v1", ("name", "Fota")), ("v2", ()), ("v3", ())])
    def test_a_deletion_is_sent_once(self, api_version: str, more: tuple[str, ...]) -> None:
        rig = Rig(BUSY, retries=2)
        with pytest.raises(ServiceTrouble):
            rig.client.delete_callback(api_version, ACCOUNT)
        (sent,) = rig.service.sent[2:]
        assert (sent.method, sent.path) == ("DELETE", ("fota", api_version, "callbacks", ACCOUNT, *more))

    def test_an_unknown_account(self) -> None:
        with pytest.raises(RequestRefused, match=f"knows no callback for account {ACCOUNT}: HTTP 404"):
            Rig(answer(404, {})).client.register_callback("v2", ACCOUNT, {})
