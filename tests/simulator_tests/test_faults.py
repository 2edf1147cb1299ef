# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's faults send what they describe."""

from __future__ import annotations

import errno
import re
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from simulator.clock import http_date, parse_instant
from simulator.control import Control, ControlError
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID
from simulator_tests.raw import CAMPAIGN_PATHS, RawClient

PATH = CAMPAIGN_PATHS["v2"].format(account=ACCOUNT, id=V2_ID)
CAMPAIGN_ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def wire_answer(client: RawClient, timeout: float = 10.0) -> tuple[list[bytes], OSError | None]:
    """Return the pieces in which an answer arrives until the connection ends, and the error at its end."""
    address = urlsplit(client.api_url)
    lines = [f"GET {address.path}{PATH} HTTP/1.1", "Host: simulator", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in client.headers().items()]
    pieces: list[bytes] = []
    with socket.create_connection((address.hostname, address.port), timeout=timeout) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            while piece := connection.recv(65536):
                pieces.append(piece)
        except OSError as error:
            return pieces, error
    return pieces, None


def test_without_a_fault_the_answer_comes_whole(client: RawClient) -> None:
    pieces, error = wire_answer(client)
    head, _empty, body = b"".join(pieces).partition(b"\r\n\r\n")
    length = LENGTH.search(head)

    assert error is None
    assert length is not None
    assert int(length[1]) == len(body) > 0


def test_truncated_sends_less_than_it_promises(client: RawClient, control: Control) -> None:
    control.fault("truncated", kind="campaign_read")

    pieces, error = wire_answer(client)
    head, _empty, body = b"".join(pieces).partition(b"\r\n\r\n")
    length = LENGTH.search(head)

    assert head.startswith(b"HTTP/1.1 200 ")
    assert error is None
    assert length is not None
    assert int(length[1]) > len(body) > 0
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.read("v2", ACCOUNT, V2_ID)


def test_reset_is_a_tcp_reset(client: RawClient, control: Control) -> None:
    control.fault("reset", kind="campaign_read")

    pieces, error = wire_answer(client)

    assert pieces == []
    assert error is not None
    assert error.errno == errno.ECONNRESET
    assert control.counters()["by_status"]["none"] == 1


def test_close_ends_the_connection_in_good_order(client: RawClient, control: Control) -> None:
    control.fault("close", kind="campaign_read")

    assert wire_answer(client) == ([], None)


def test_hang_answers_nothing_until_the_client_leaves(client: RawClient, control: Control) -> None:
    control.fault("hang", kind="campaign_read", times=1)

    pieces, error = wire_answer(client, timeout=0.3)

    assert pieces == []
    assert isinstance(error, TimeoutError)
    assert control.counters()["log"][-1]["status"] is None
    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200


def test_slow_sends_byte_by_byte(client: RawClient, control: Control) -> None:
    control.fault("slow", kind="campaign_read", seconds=0.001)

    started = time.monotonic()
    pieces, error = wire_answer(client)
    body = b"".join(pieces).partition(b"\r\n\r\n")[2]
    assert time.monotonic() - started > len(body) * 0.001

    assert error is None
    assert len(body) > 500
    # Some bytes can arrive together. Otherwise an answer would arrive in one or two pieces.
    assert len(pieces) > len(body) / 3


def test_huge_is_good_json_of_that_size(client: RawClient, control: Control) -> None:
    control.fault("huge", kind="campaign_read", mib=3)

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert "Content-Length" not in answer.headers
    assert len(answer.json()["padding"]) == 3 * 1024 * 1024


def test_status_with_its_headers_and_body(client: RawClient, control: Control) -> None:
    control.fault("status", status=429, headers={"Retry-After": "7"}, json={"error": "slowly"})
    answer = client.read("v2", ACCOUNT, V2_ID)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (429, "7", {"error": "slowly"})

    control.clear_faults()
    control.fault("status", status=503, text="maintenance")
    answer = client.read("v2", ACCOUNT, V2_ID)
    assert (answer.status_code, answer.text) == (503, "maintenance")


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("900901", 401, "Invalid Credentials"),
        ("900902", 401, "Missing Credentials"),
        ("900906", 400, "No matching resource"),
        ("900800", 429, "throttled"),
        ("xml_403", 403, "<am:fault"),
        ("xml_404", 404, "<am:fault"),
    ],
)
def test_gateway_bodies_by_name(client: RawClient, control: Control, name: str, status: int, expected: str) -> None:
    control.fault("gateway", name=name)

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert (answer.status_code, expected in answer.text) == (status, True)


def test_other_things_than_json(client: RawClient, control: Control) -> None:
    for action, content_type, expected in [
        ("html", "text/html; charset=utf-8", "<html>"),
        ("not_json", "application/json", "CampaignEnded"),
        ("empty", "application/json", ""),
    ]:
        control.fault(action, times=1)
        answer = client.read("v2", ACCOUNT, V2_ID)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
        assert expected in answer.text
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()


def test_wrong_encodings(client: RawClient, control: Control) -> None:
    control.fault("wrong_encoding", times=1)
    answer = client.read("v2", ACCOUNT, V2_ID)
    assert answer.headers["Content-Type"].endswith("charset=utf-8")
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")

    control.fault("wrong_encoding", name="gzip", times=1)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        client.read("v2", ACCOUNT, V2_ID)


def test_redirect(client: RawClient, control: Control) -> None:
    control.fault("redirect", url="http://elsewhere.example/")

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://elsewhere.example/")


def test_echo_secrets_repeats_all_that_was_sent(client: RawClient, control: Control) -> None:
    control.fault("echo_secrets")

    read = client.read("v2", ACCOUNT, V2_ID)
    login = client.ask_session()

    assert (read.status_code, login.status_code) == (400, 400)
    message = read.json()["errorMessage"]
    assert f"Bearer {client.access_token}" in message
    assert client.session_token in message
    assert DEMO_CREDENTIALS["password"] in login.json()["errorMessage"]


def test_extra_fields_and_date(client: RawClient, control: Control) -> None:
    now = http_date(parse_instant(control.clock()["now"]))
    assert client.read("v2", ACCOUNT, V2_ID).headers["Date"] == now
    control.fault("extra_fields", kind="campaign_read", fields={"progress": 7, "status": "CampaignNew"}, times=1)
    body = client.body("v2", ACCOUNT, V2_ID)
    assert (body["progress"], body["status"], body["id"]) == (7, "CampaignNew", V2_ID)

    control.fault("date", value="Thu, 01 Jan 2032 00:00:00 GMT")
    assert client.read("v2", ACCOUNT, V2_ID).headers["Date"] == "Thu, 01 Jan 2032 00:00:00 GMT"


def test_a_cursor_that_does_not_move(client: RawClient, control: Control) -> None:
    control.behaviour(device_page_size=2)
    control.add_campaign(CAMPAIGN_ID, devices={"count": 3})
    control.fault("cursor_stuck", skip=1)

    first = client.device_page("v2", ACCOUNT, CAMPAIGN_ID)
    again = [client.device_page("v2", ACCOUNT, CAMPAIGN_ID, first["lastSeenDeviceId"]) for _page in range(2)]

    assert (first["hasMoreData"], first["lastSeenDeviceId"]) == (True, "900000000000002")
    for page in again:
        assert (page["hasMoreData"], page["lastSeenDeviceId"]) == (True, "900000000000002")
        assert [device["deviceId"] for device in page["deviceList"]] == ["900000000000003"]
    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200
    assert control.counters()["faults"] == 2


def test_a_device_that_is_listed_twice(client: RawClient, control: Control) -> None:
    control.behaviour(device_page_size=2)
    control.add_campaign(CAMPAIGN_ID, devices={"count": 5})
    control.fault("duplicate_device", times=1)

    listed, page = [], client.device_page("v2", ACCOUNT, CAMPAIGN_ID)
    listed.append([device["deviceId"][-1] for device in page["deviceList"]])
    while page["hasMoreData"]:
        page = client.device_page("v2", ACCOUNT, CAMPAIGN_ID, page["lastSeenDeviceId"])
        listed.append([device["deviceId"][-1] for device in page["deviceList"]])

    assert listed == [["1", "2"], ["2", "3"], ["4", "5"]]
    assert page["totalDevice"] == 5


def test_a_page_can_be_lost_once(client: RawClient, control: Control) -> None:
    control.fault("status", kind="device_report", status=503, skip=1, times=1)
    assert [client.report("v2", ACCOUNT, V2_ID).status_code for _page in range(3)] == [200, 503, 200]

    control.fault("close", kind="device_report", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        client.report("v2", ACCOUNT, V2_ID)
    assert client.report("v2", ACCOUNT, V2_ID).status_code == 200
    assert control.count("device_report") == 5


def test_faults_of_reports_are_for_reports(control: Control) -> None:
    with pytest.raises(ControlError, match="the action 'cursor_stuck' is for the kind device_report only"):
        control.fault("cursor_stuck", kind="campaign_read")


def test_rules_match_by_kind_path_skip_and_times(client: RawClient, control: Control) -> None:
    control.fault("status", kind=["campaign_read", "campaign_list"], path=V2_ID, skip=1, times=2, status=503)
    control.fault("status", kind="session_login", status=500)

    assert client.read("v1", ACCOUNT, "not-a-uuid").status_code == 400
    assert [client.read("v2", ACCOUNT, V2_ID).status_code for _poll in range(4)] == [200, 503, 503, 200]
    assert client.ask_session().status_code == 500
    assert client.ask_token().status_code == 200
    counters = control.counters()
    assert counters["faults"] == 3
    # A login with a fault never reached the session service.
    assert (counters["logins_accepted"], counters["logins_refused"]) == (1, 0)
