# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator posts the changes of campaigns to the registered address."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from simulator.control import Control, SimulatorProcess, write_tls_files
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ID
from simulator_tests.raw import RawClient

LIMIT_SECONDS = 30.0
IDS = {"v1": V1_ID, "v2": V2_ID, "v3": V3_ID}


class Ear:
    """Receives callbacks. Answers with these statuses in turn, and then with 200."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.statuses: list[int] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.paths.append(self.path)
                ear.headers.append({name.lower(): value for name, value in self.headers.items()})
                status = ear.statuses.pop(0) if ear.statuses else 200
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                ear.bodies.append(json.loads(body))

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/secret-path-4711"

    def __enter__(self) -> Ear:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        yield ear


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def register(client: RawClient, api_version: str, url: str) -> None:
    body = {"name": "Fota", "url": url, "username": "body-user", "password": "body-word"}
    content = body if api_version == "v1" else {"url": url}
    client.send("POST", f"/fota/{api_version}/callbacks/{ACCOUNT}", content).raise_for_status()


def are_done(control: Control, count: int) -> bool:
    return [delivery["is_done"] for delivery in control.callbacks()] == [True] * count


@pytest.mark.parametrize("form", ["like_v1", "campaign"])
@pytest.mark.parametrize("api_version", ["v1", "v2", "v3"])
def test_a_change_is_sent(client: RawClient, control: Control, ear: Ear, api_version: str, form: str) -> None:
    control.behaviour(callback_form=form)
    register(client, api_version, ear.url)
    client.read(api_version, ACCOUNT, IDS[api_version])
    control.set_status(IDS[api_version], "CampaignAborted")

    until(lambda: are_done(control, 1))
    (body,) = ear.bodies
    assert ear.paths == ["/secret-path-4711"]
    assert (ear.headers[0]["content-type"], ear.headers[0].get("authorization")) == ("application/json", None)
    assert body["accountName"] == ACCOUNT
    if api_version != "v1" and form == "campaign":
        assert (body["campaignId"], body["status"]) == (IDS[api_version], "CampaignAborted")
        return
    assert (body["type"], body["firmwareList"], body["upgradeScheduled"]) == ("upgradeProgress", [], {})
    word = "upgradeId" if api_version == "v1" else "campaignId"
    assert (body["upgradeProgress"][word], body["upgradeProgress"]["status"]) == (IDS[api_version], "CampaignAborted")
    is_v1 = api_version == "v1"
    assert (body["username"], body["password"]) == (("body-user", "body-word") if is_v1 else ("", ""))


def test_every_step_of_a_timeline_is_sent_in_order(client: RawClient, control: Control, ear: Ear) -> None:
    campaign_id = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
    states = ("CampaignQueued", "CampaignScheduled", "CampaignEnded")
    register(client, "v2", ear.url)
    control.add_campaign(
        campaign_id, timeline=[{"after": 3600 * number, "status": word} for number, word in enumerate(states)]
    )
    control.advance(86400)

    until(lambda: are_done(control, 2))
    assert [(body["type"], body[body["type"]]["status"]) for body in ear.bodies] == [
        ("upgradeScheduled", "CampaignScheduled"),
        ("upgradeProgress", "CampaignEnded"),
    ]


def test_nothing_is_sent_for_other_accounts_versions_and_times(client: RawClient, control: Control, ear: Ear) -> None:
    control.set_status(V2_ID, "CampaignScheduled")
    register(client, "v3", ear.url)
    # Other versions, another account, and a status that does not change.
    control.set_status(V2_ID, "CampaignAborted")
    control.set_status(V3_ID, "CampaignScheduled")
    client.send("DELETE", f"/fota/v3/callbacks/{ACCOUNT}").raise_for_status()
    control.set_status(V3_ID, "CampaignEnded")

    until(lambda: are_done(control, 1))
    assert [body["upgradeScheduled"]["status"] for body in ear.bodies] == ["CampaignScheduled"]


@pytest.mark.parametrize(("statuses", "attempts", "status"), [([503], 2, 200), ([404, 500], 2, 500), ([307], 2, 200)])
def test_what_nobody_accepts_is_sent_again(
    client: RawClient, control: Control, ear: Ear, statuses: list[int], attempts: int, status: int
) -> None:
    control.behaviour(callback_retry_seconds=0.01)
    ear.statuses = list(statuses)
    register(client, "v2", ear.url)
    control.set_status(V2_ID, "CampaignFailed")

    until(lambda: are_done(control, 1))
    (delivery,) = control.callbacks()
    assert (delivery["attempts"], delivery["status"], delivery["campaign_status"]) == (
        attempts,
        status,
        "CampaignFailed",
    )
    assert ear.bodies == [ear.bodies[0]] * 2
    # Redirects are not followed, and the address is not shown.
    assert set(ear.paths) == {"/secret-path-4711"}
    assert "secret-path" not in json.dumps([control.callbacks(), control.counters(), control.state()])


def test_a_listener_that_is_not_there(client: RawClient, control: Control) -> None:
    control.behaviour(callback_attempts=1)
    with Ear() as gone:
        url = gone.url
    register(client, "v2", url)
    control.set_status(V2_ID, "CampaignFailed")

    until(lambda: are_done(control, 1))
    assert control.callbacks()[0]["error"] == "ConnectionRefusedError"


def test_time_that_passes_by_itself(ear: Ear) -> None:
    timeline = [{"after": 0, "status": "CampaignQueued"}, {"after": 3600, "status": "CampaignScheduled"}]
    with SimulatorProcess(["--speed", "3600"]) as simulator:
        control, client = Control(simulator.admin_url), RawClient(simulator.url)
        client.log_in()
        register(client, "v2", ear.url)
        control.add_campaign("5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21", timeline=timeline)
        until(lambda: len(ear.bodies) == 1)


def test_only_a_certificate_of_the_authority_is_taken(ear: Ear, tmp_path: Path) -> None:
    names = ["127.0.0.1"]
    for name in ("own", "other"):
        (tmp_path / name).mkdir()
    files, other = write_tls_files(tmp_path / "own", names), write_tls_files(tmp_path / "other", names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert_file, files.key_file)
    ear.server.socket = context.wrap_socket(ear.server.socket, server_side=True)
    assert _heard_with(files.ca_file, ear) == (200, None)
    assert _heard_with(other.ca_file, ear) == (None, "SSLCertVerificationError")


def _heard_with(ca_file: str, ear: Ear) -> tuple[int | None, str | None]:
    """Return the status and error of a callback to an ear with TLS."""
    with SimulatorProcess(["--speed", "0", "--callback-ca", ca_file]) as simulator:
        control, client = Control(simulator.admin_url), RawClient(simulator.url)
        control.behaviour(callback_attempts=1)
        client.log_in()
        register(client, "v2", ear.url.replace("http:", "https:"))
        control.set_status(V2_ID, "CampaignFailed")
        until(lambda: are_done(control, 1))
        (delivery,) = control.callbacks()
        return delivery["status"], delivery["error"]
