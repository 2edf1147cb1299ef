# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport: what it sends, and the error for each kind of failure."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ConnectionFailed,
    OptionError,
    ThingSpaceError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._version import VERSION
from client.test_reads import Rig, counted
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

# The accepted delay after a timeout, on a busy machine.
_GRACE_SECONDS = 2.0


def failure(api_url: str, request_timeout: float = 0.5) -> ConnectionFailed:
    """Return the ConnectionFailed error of a request to this URL."""
    rig = Rig(api_url, options={"request_timeout": request_timeout})
    with pytest.raises(ConnectionFailed) as caught:
        rig.transport.send("GET", ("x",), {})
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(api_url: str, control: Control, status: int) -> None:
    control.fault("redirect", kind="campaign_read", url=f"{api_url}/elsewhere", status=status)

    error = Rig(api_url, retries=2).error()

    assert isinstance(error, WrongAddress)
    assert "redirect" in error.message
    assert counted(control) == (1, 1, 1)
    assert control.count("other") == 0


def test_a_slow_body_is_bounded_in_total(api_url: str, control: Control) -> None:
    rig = Rig(api_url, options={"request_timeout": 0.5})
    # Each byte arrives in time, but all of them would take half a minute.
    control.fault("slow", kind="campaign_read", seconds=0.05)
    started = time.monotonic()

    error = rig.error()

    assert time.monotonic() - started < 0.5 + _GRACE_SECONDS
    assert isinstance(error, ConnectionFailed)
    assert "did not complete its response within 0.5 seconds (request_timeout)" in error.message
    assert error.maybe_processed


def test_a_slow_body_that_comes_in_time_is_read_whole(api_url: str, control: Control) -> None:
    control.fault("slow", kind="campaign_read", seconds=0.0001)

    assert Rig(api_url).read().body["id"] == V2_ID


def test_no_answer_in_time(api_url: str, control: Control) -> None:
    rig = Rig(api_url, options={"request_timeout": 0.5})
    control.fault("hang", kind="campaign_read")
    started = time.monotonic()

    error = rig.error()

    assert 0.4 < time.monotonic() - started < 0.5 + _GRACE_SECONDS
    assert isinstance(error, ConnectionFailed)
    assert "did not respond within 0.5 seconds (request_timeout)" in error.message
    assert error.maybe_processed
    assert counted(control) == (1, 1, 1)


def test_slow_headers_are_bounded_in_total() -> None:
    """Each piece of the headers arrives in time, but their end never does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=_drip_headers, args=(server,))
        dripping.start()
        started = time.monotonic()
        error = failure(f"http://127.0.0.1:{server.getsockname()[1]}/api")
        elapsed = time.monotonic() - started
        dripping.join(10)

    assert elapsed < 0.5 + _GRACE_SECONDS
    assert "did not respond within 0.5 seconds (request_timeout)" in error.message
    assert error.maybe_processed


def _drip_headers(server: socket.socket) -> None:
    connection, _address = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        client_has_left = False
        # During the pause between two pieces, wait for the client to disconnect.
        for _piece in range(100):
            connection.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                client_has_left = _read_until_end(connection)
            if client_has_left:
                return
            connection.sendall(b"x")


def _read_until_end(connection: socket.socket) -> bool:
    while connection.recv(65536):
        pass
    return True


def test_a_huge_body_is_not_read_to_its_end(api_url: str, control: Control) -> None:
    control.fault("huge", kind="campaign_read", mib=64)

    error = Rig(api_url).error()

    assert isinstance(error, BadResponse)
    assert "more than 32 MiB" in error.message


def test_a_large_body_is_read(api_url: str, control: Control) -> None:
    """A campaign of version 1 contains its device list. This one is larger than one with 100,000 devices."""
    control.fault("extra_fields", kind="campaign_read", fields={"padding": "x" * 12 * 2**20})

    assert len(Rig(api_url).read().body["padding"]) == 12 * 2**20


@pytest.mark.parametrize(("action", "midway"), [("truncated", False), ("reset", True), ("close", True)])
def test_a_connection_that_breaks(api_url: str, control: Control, action: str, midway: bool) -> None:
    rig = Rig(api_url)
    rig.read()
    control.fault(action, kind="campaign_read", times=1, **({"midway": True} if midway else {}))

    error = rig.error()

    assert isinstance(error, ConnectionFailed)
    assert "was closed before the response was complete" in error.message
    assert error.maybe_processed
    # The transport does not repeat the request, and the next request has a working connection.
    assert counted(control) == (1, 1, 2)
    assert rig.read().body["id"] == V2_ID


def test_a_false_content_encoding_is_a_bad_answer(api_url: str, control: Control) -> None:
    control.fault("wrong_encoding", kind="campaign_read", name="gzip")

    assert isinstance(Rig(api_url).error(), BadResponse)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = failure(f"http://127.0.0.1:{port}/api")

    assert f"No connection to 127.0.0.1:{port}: Connection refused." in error.message
    assert not error.maybe_processed


def test_a_host_that_accepts_no_connection() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        # Fills the accept queue, so that the kernel does not answer the next connection.
        wait_settings = [socket.socket() for _number in range(4)]
        for one in wait_settings:
            one.setblocking(False)
            one.connect_ex(address)
        error = failure(f"http://127.0.0.1:{address[1]}/api")
        for one in wait_settings:
            one.close()

    assert "did not accept a connection within 0.5 seconds" in error.message
    assert not error.maybe_processed


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    error = failure("http://no-such-host.invalid/api", request_timeout=10)

    assert "no-such-host.invalid:80 cannot be resolved" in error.message
    assert not error.maybe_processed


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://user:proxy-password@127.0.0.1:{taken.getsockname()[1]}")
        error = failure("http://thingspace.example/api")

    assert "proxy for thingspace.example:80" in error.message
    assert "proxy-password" not in error.message
    assert not error.maybe_processed


@pytest.mark.parametrize("url", ["http://host..example/api", f"http://{'a' * 300}.example/api", "http://.example/api"])
def test_a_host_name_that_cannot_be_one(url: str) -> None:
    rig = Rig(url)
    with pytest.raises(ThingSpaceError) as caught:
        rig.transport.send("GET", ("x",), {})

    assert isinstance(caught.value, (OptionError, ConnectionFailed))
    assert "api_url" in caught.value.message


@pytest.mark.parametrize(
    ("segment", "sent"),
    [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a%2Fb", "a%252Fb"),
        ("a&b=c+d;e", "a%26b%3Dc%2Bd%3Be"),
        ("caf\u00e9", "caf%C3%A9"),
        ("0402196254-00001", "0402196254-00001"),
        ("~a.b_c", "~a.b_c"),
        ("@:!$'()*,", "%40%3A%21%24%27%28%29%2A%2C"),
    ],
)
def test_path_segments_are_percent_encoded(api_url: str, control: Control, segment: str, sent: str) -> None:
    rig = Rig(api_url)

    with pytest.raises(ThingSpaceError):
        rig.client.campaign("v2", ACCOUNT, segment)

    assert control.counters()["log"][-1]["path"] == f"/api/fota/v2/campaigns/{ACCOUNT}/{sent}"


def test_what_goes_out_with_a_read(api_url: str, control: Control) -> None:
    Rig(api_url).read()
    log = control.counters()["log"]

    assert {entry["user_agent"] for entry in log} == {f"fleetops.thingspace/{VERSION} (Ansible collection)"}
    assert {"authorization", "vz-m2m-token", "accept"} <= set(log[-1]["header_names"])
    assert "content-type" not in log[-1]["header_names"]
    # The session token is sent only with reads.
    assert [entry["kind"] for entry in log if "vz-m2m-token" in entry["header_names"]] == ["campaign_read"]


def test_cookies_are_not_needed_and_netrc_is_not_read(
    api_url: str, control: Control, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert Rig(api_url).read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 1)


def test_a_wrong_path_is_a_wrong_address(api_url: str, control: Control) -> None:
    rig = Rig(f"{api_url}/nowhere")

    assert isinstance(rig.error(), WrongAddress)
    assert counted(control) == (0, 0, 0)
    assert control.count("other") == 1


@pytest.mark.parametrize("name", ["900906", "xml_403", "xml_404"])
def test_the_gateways_wrong_paths(api_url: str, control: Control, name: str) -> None:
    control.fault("gateway", kind="campaign_read", name=name)

    error = Rig(api_url, retries=2).error()

    assert isinstance(error, WrongAddress)
    assert "api_url" in error.message
    assert counted(control) == (1, 1, 1)


def test_after_the_end_of_the_service_connections_are_made_again(api_url: str, control: Control) -> None:
    """A kept connection that the other side has closed in the meantime does not cause errors forever."""
    rig = Rig(api_url, retries=2)
    rig.read()
    control.fault("close", kind="campaign_read", times=1)

    assert rig.read().body["id"] == V2_ID
    assert counted(control) == (1, 1, 3)


def test_a_closed_transport_can_be_closed_again(api_url: str) -> None:
    rig = Rig(api_url)
    rig.read()
    rig.transport.close()
    rig.transport.close()
