# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a program: its command line, its counters, its signals and its certificates."""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from simulator.control import Control, SimulatorProcess, write_tls_files
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID
from simulator_tests.raw import RawClient

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"


def test_every_request_is_counted_once_and_without_secrets(client: RawClient, control: Control) -> None:
    client.ask_session(password="wrong-password-9999")
    client.read("v2", ACCOUNT, V2_ID)
    client.read("v2", ACCOUNT, ID)
    client.get(f"/fota/v2/reports/{ACCOUNT}/campaigns", campaignStatus="CampaignEnded")
    client.get(f"/fota/v2/reports/{ACCOUNT}/campaigns/{V2_ID}/devices")
    client.get("/nowhere/a%2Fb%20c%3F")

    counters = control.counters()

    assert {kind: count for kind, count in counters["by_kind"].items() if count} == {
        "oauth_token": 1,
        "session_login": 2,
        "campaign_read": 2,
        "campaign_list": 1,
        "device_report": 1,
        "other": 1,
    }
    assert (counters["total"], counters["by_status"]) == (8, {"200": 5, "400": 2, "404": 1})
    assert (counters["logins_accepted"], counters["logins_refused"]) == (1, 1)
    assert counters["reads_by_campaign"] == {V2_ID: 1, ID: 1}
    assert counters["reports_by_campaign"] == {V2_ID: 1}
    entry = counters["log"][3]
    assert (entry["method"], entry["kind"], entry["status"]) == ("GET", "campaign_read", 200)
    assert entry["path"] == f"/api/fota/v2/campaigns/{ACCOUNT}/{V2_ID}"
    assert {"authorization", "vz-m2m-token"} <= set(entry["header_names"])
    assert entry["user_agent"].startswith("python-requests/")
    assert counters["log"][-1]["path"] == "/api/nowhere/a%2Fb%20c%3F"
    assert len({entry["client_port"] for entry in counters["log"]}) == 1
    secrets = [client.access_token, client.session_token, "wrong-password-9999", *DEMO_CREDENTIALS.values()]
    assert [secret for secret in secrets if secret in json.dumps(counters)] == []

    control.reset_counters()
    assert (control.counters()["total"], control.counters()["log"]) == (0, [])


def test_what_it_prints() -> None:
    with SimulatorProcess(["--start", "2026-03-01T12:00:00Z", "--speed", "60", "--access-log"]) as process:
        client = RawClient(process.url)
        client.log_in()
        client.read("v2", ACCOUNT, V2_ID)
        assert Control(process.admin_url).clock()["speed"] == 60
        assert process.stop() == 0
        printed = process.output

    for expected in (process.url, ACCOUNT, V2_ID, DEMO_CREDENTIALS["api_secret"], "2026-03-01 12:00:0", "Ctrl+C"):
        assert expected in printed
    assert f"GET /api/fota/v2/campaigns/{ACCOUNT}/{V2_ID}" in printed
    assert client.access_token not in printed
    assert client.session_token not in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_even_while_a_request_hangs(number: signal.Signals) -> None:
    with SimulatorProcess() as process, ThreadPoolExecutor() as threads:
        control = Control(process.admin_url)
        control.fault("hang", kind="oauth_token")
        hanging = threads.submit(RawClient(process.url).ask_token)
        deadline = time.monotonic() + 10
        while control.count("oauth_token") == 0:
            assert time.monotonic() < deadline
        assert process.pid is not None
        os.kill(process.pid, number)

        assert process.wait(5) == 0
        assert isinstance(hanging.exception(5), requests.exceptions.ConnectionError)
        assert "Traceback" not in process.output


def test_a_restart_takes_the_same_port_and_forgets() -> None:
    with SimulatorProcess() as process:
        url, control = process.url, Control(process.admin_url)
        client = RawClient(url)
        client.log_in()
        process.kill()
        with pytest.raises(requests.exceptions.ConnectionError):
            client.read("v2", ACCOUNT, V2_ID)
        process.start()

        assert process.url == url
        assert client.read("v2", ACCOUNT, V2_ID).status_code == 401
        assert control.counters()["total"] == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "scenario.json",
            json.dumps({"campaigns": [{"api_version": "v2", "account_name": ACCOUNT, "id": ID}], "accounts": []}),
        ),
        (
            "scenario.yaml",
            f"campaigns:\n  - api_version: v2\n    account_name: {ACCOUNT}\n    id: {ID}\n"
            "    body:\n      startDate: 2026-03-01\n",
        ),
    ],
)
def test_a_scenario_file(tmp_path: Path, name: str, text: str) -> None:
    scenario = tmp_path / name
    scenario.write_text(text, encoding="utf-8")

    with SimulatorProcess(["--scenario", str(scenario)]) as process:
        client = RawClient(process.url)
        client.log_in()
        expected = "2026-03-01" if name.endswith("yaml") else "2020-08-21"
        assert client.body("v2", ACCOUNT, ID)["startDate"] == expected
        assert client.read("v2", ACCOUNT, V2_ID).status_code == 400


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "scenario.json",
            '{"campains": []}',
            "line 1: scenario has the unknown key 'campains'; did you mean 'campaigns'?",
        ),
        ("scenario.json", "{", "is not JSON: Expecting property name enclosed in double quotes"),
        ("scenario.yml", "campaigns: [", "is not YAML: while parsing a flow node"),
        (
            "scenario.yml",
            "behaviour:\n  nulls: absent\n  early_end: 1\n",
            "line 3: scenario.behaviour.early_end must be true",
        ),
        (
            "scenario.yml",
            f"campaigns:\n  - api_version: v2\n    account_name: {ACCOUNT}\n    id: {ID}\n    timeline:\n"
            "      - {after: 0, status: CampaignQueued}\n      - {after: 60, stauts: CampaignEnded}\n",
            "line 7: scenario.campaigns[0].timeline[1] has the unknown key 'stauts'; did you mean 'status'?",
        ),
        (
            "scenario.yml",
            f"accounts: []\ncampaigns:\n  - api_version: v2\n    id: {ID}\n",
            "line 3: scenario.campaigns[0] needs the key 'account_name'",
        ),
        (
            "scenario.yml",
            "clock:\n  now: soon\n",
            "line 1: scenario.clock: 'now' must be a date and time such as 2026-",
        ),
    ],
)
def test_a_wrong_scenario_file_is_one_sentence(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    scenario = tmp_path / name
    scenario.write_text(text, encoding="utf-8")

    with pytest.raises(RuntimeError, match="exit code 2: simulator: ") as stopped:
        SimulatorProcess(["--scenario", str(scenario)]).start()
    message = str(stopped.value).strip()
    assert str(scenario) in message
    assert sentence in message
    assert "\n" not in message


def test_a_scenario_sets_the_clock_and_the_command_line_sets_it_otherwise(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yml"
    scenario.write_text("clock: {now: 2026-03-01 12:00:00, speed: 0}\n", encoding="utf-8")
    seen = []
    for options in ([], ["--start", "2027-01-01"], ["--speed", "0.001"]):
        with SimulatorProcess(["--scenario", str(scenario), *options]) as process:
            clock = Control(process.admin_url).clock()
            seen.append((clock["now"][:10], clock["speed"]))

    assert seen == [("2026-03-01", 0), ("2027-01-01", 0), ("2026-03-01", 0.001)]


def test_a_missing_certificate_is_one_sentence(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")

    with pytest.raises(RuntimeError, match=r"exit code 2: simulator: .*No such file"):
        SimulatorProcess(["--tls-cert", missing, "--tls-key", missing]).start()


def test_tls_with_the_right_and_the_wrong_name(tmp_path: Path) -> None:
    right = write_tls_files(tmp_path, ["127.0.0.1", "localhost"])
    with SimulatorProcess(right.options()) as process:
        assert process.url.startswith("https://")
        client = RawClient(process.url, verify=right.ca_file)
        client.log_in()
        assert client.body("v2", ACCOUNT, V2_ID)["id"] == V2_ID
        control = Control(process.admin_url, right.ca_file)
        control.fault("reset", kind="campaign_read")
        with pytest.raises(requests.exceptions.ConnectionError, match="reset|closed connection"):
            client.read("v2", ACCOUNT, V2_ID)

    wrong = write_tls_files(tmp_path, ["elsewhere.example"])
    with (
        SimulatorProcess(wrong.options()) as process,
        pytest.raises(requests.exceptions.SSLError, match="IP address mismatch|doesn't match"),
    ):
        RawClient(process.url, verify=wrong.ca_file).ask_token()
