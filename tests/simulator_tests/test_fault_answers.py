# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in the middle of an answer, in its headers, and in the TLS handshake."""

from __future__ import annotations

import datetime as dt
import email.utils
import errno
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from simulator.control import Control, SimulatorProcess
from simulator.errors import GATEWAY_NAMES
from simulator.stock import ACCOUNT, V2_ID
from simulator.tls_files import OTHER_NAME
from simulator_tests.raw import RawClient
from simulator_tests.test_faults import wire_answer


def promised_and_sent(pieces: list[bytes]) -> tuple[int, int]:
    """Return the Content-Length of an answer, and the length of its received body."""
    head, _empty, body = b"".join(pieces).partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert length is not None
    return int(length[1]), len(body)


def moment(answer: requests.Response, header: str) -> dt.datetime:
    return email.utils.parsedate_to_datetime(answer.headers[header])


@pytest.mark.parametrize(("action", "number"), [("reset", errno.ECONNRESET), ("close", None), ("hang", None)])
def test_an_answer_that_ends_midway(client: RawClient, control: Control, action: str, number: int | None) -> None:
    control.fault(action, kind="campaign_read", midway=True)

    pieces, error = wire_answer(client, timeout=0.3)

    promised, sent = promised_and_sent(pieces)
    assert 0 < sent == promised // 2
    assert isinstance(error, TimeoutError) == (action == "hang")
    assert getattr(error, "errno", None) == number
    assert control.counters()["by_status"]["200"] == 3


def test_retry_after_in_both_forms(client: RawClient, control: Control) -> None:
    control.fault("status", status=429, retry_after=90, times=1)
    control.fault("gateway", name="900800", retry_after=90, retry_after_as="date", times=1)

    in_seconds, as_date = (client.read("v2", ACCOUNT, V2_ID) for _poll in range(2))

    assert (in_seconds.status_code, in_seconds.headers["Retry-After"]) == (429, "90")
    assert as_date.status_code == 429
    assert as_date.json()["fault"]["code"] == "900800"
    assert moment(as_date, "Retry-After") - moment(as_date, "Date") == dt.timedelta(seconds=90)


def test_a_clock_that_is_wrong_and_continues(client: RawClient, control: Control) -> None:
    right = moment(client.read("v2", ACCOUNT, V2_ID), "Date")
    control.fault("date", skew=-7200)

    wrong = [moment(client.read("v2", ACCOUNT, V2_ID), "Date")]
    control.advance(60)
    wrong.append(moment(client.read("v2", ACCOUNT, V2_ID), "Date"))

    assert [each - right for each in wrong] == [dt.timedelta(seconds=-7200), dt.timedelta(seconds=-7140)]


def test_another_content_type(client: RawClient, control: Control) -> None:
    control.fault("content_type", value="text/plain")

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert (answer.status_code, answer.headers["Content-Type"], answer.json()["id"]) == (200, "text/plain", V2_ID)


def test_utf_16(client: RawClient, control: Control) -> None:
    control.fault("wrong_encoding", name="utf-16")

    answer = client.read("v2", ACCOUNT, V2_ID)

    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")
    assert f'"id":"{V2_ID}"' in answer.content.decode("utf-16")


def test_a_huge_answer_that_travels_small(client: RawClient, control: Control) -> None:
    control.fault("huge", name="gzip", mib=4, kind="campaign_read")

    pieces, error = wire_answer(client)
    answer = client.read("v2", ACCOUNT, V2_ID)

    assert error is None
    assert sum(map(len, pieces)) < 100_000
    assert len(answer.json()["padding"]) == 4 * 1024 * 1024


@pytest.mark.parametrize("name", GATEWAY_NAMES)
def test_every_gateway_body_tells_its_code(client: RawClient, control: Control, name: str) -> None:
    control.fault("gateway", name=name)

    answer = client.read("v2", ACCOUNT, V2_ID)

    assert answer.status_code >= 400
    if name.isdecimal():
        assert answer.json()["fault"]["code"] == name


@pytest.fixture
def tls_simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(["--tls", str(tmp_path / "tls"), "--speed", "0"]) as simulator:
        yield simulator


def test_a_certificate_for_another_name(tls_simulator: SimulatorProcess, tmp_path: Path) -> None:
    ca_file = str(tmp_path / "tls" / "ca.pem")
    control = Control(tls_simulator.admin_url, ca_file)
    client = RawClient(tls_simulator.url, verify=ca_file)
    client.log_in()
    # The admin call has its own connection, which was opened before the rule exists.
    control.fault("wrong_name", times=1)

    assert client.read("v2", ACCOUNT, V2_ID).status_code == 200, "a connection that is open stays"
    fresh = RawClient(tls_simulator.url, verify=ca_file)
    with pytest.raises(requests.exceptions.SSLError, match="IP address mismatch"):
        fresh.ask_token()
    assert fresh.ask_token().status_code == 200
    assert OTHER_NAME not in tls_simulator.output
    assert f"ca_path         {ca_file}" in tls_simulator.output


def test_the_certificate_is_good_for_names_and_addresses(tls_simulator: SimulatorProcess, tmp_path: Path) -> None:
    url = tls_simulator.url.replace("127.0.0.1", "localhost")
    RawClient(url, verify=str(tmp_path / "tls" / "ca.pem")).log_in()
