# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes tasks fail with each documented reason, to compare real results with docs/troubleshooting.md."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs.tasks import result_of
from simulator.control import Control
from simulator.process import SimulatorProcess
from simulator.stock import V2_ID
from simulator.tls_files import write_tls_files
from tools.paths import SHAPE

# The host in the documentation for which the simulator stands.
SERVICE = "thingspace.verizon.com:443"
IMEI = "990003425730543"
FORGOTTEN = "00000000-0000-4000-8000-000000000000"
_TRANSPORT = "ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport"
_WITHOUT_LIBRARIES = f"""
import sys
sys.path.insert(0, sys.argv[1])
from {_TRANSPORT} import Transport
try:
    Transport(None)
except Exception as error:
    print(error.reason, error.message, sep="\\n")
"""


Prepare = Callable[[Control, str], Any]


@dataclass(frozen=True)
class Trouble:
    """A failing task: the preparation of the simulator, and the task's options."""

    reason: str
    options: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] | None = None
    prepare: Prepare | None = None
    https: bool = False

    def result(self, simulator: SimulatorProcess, control: Control) -> dict[str, Any]:
        """Return the task's result. Its message names the real service instead of the simulator."""
        control.reset()
        if self.prepare:
            self.prepare(control, simulator.url)
        if self.fault:
            control.fault(**self.fault)
        result = result_of(**{"api_url": self._address(simulator), **self.options})
        result["msg"] = re.sub(r"127\.0\.0\.1:[0-9]+", SERVICE, result.get("msg", ""))
        return result

    def _address(self, simulator: SimulatorProcess) -> str:
        return simulator.url.replace("http://", "https://") if self.https else simulator.url


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(*words: str) -> Prepare:
    """Make the campaign have these states, one per read."""
    timeline = [{"after_looks": number, "status": word} for number, word in enumerate(words, 1)]
    return lambda control, _api_url: control.add_campaign(V2_ID, timeline=timeline)


def _fleet(status: str, count: int) -> Prepare:
    """Give the campaign this number of devices, one in ten of which has failed."""
    devices = {"count": count, "groups": [{"share": 0.1, "status": "UpgradeFailed", "after": 0}]}
    return lambda control, _api_url: control.add_campaign(V2_ID, body={"status": status}, devices=devices)


def _device(status: str, device_status: str, reason: str | None = None) -> Prepare:
    """Give the campaign one device."""
    device = {"id": IMEI, "status": device_status, **({"reason": reason} if reason else {})}
    return lambda control, _api_url: control.add_campaign(V2_ID, body={"status": status}, devices=[device])


def _gone_session(control: Control, _api_url: str) -> None:
    control.scenario({"credentials": {"session_token": "ready-made-session"}})
    control.expire_sessions()


def _gone_token(control: Control, _api_url: str) -> None:
    control.scenario({"credentials": {"access_token": "ready-made-access"}})
    control.revoke_tokens()


def _locked_user(control: Control, api_url: str) -> None:
    control.behaviour(lock_after_refusals=1)
    result_of(api_url, password="wrong")


def library_missing() -> tuple[str, str]:
    """Return reason and message for a Python without any libraries."""
    command = [sys.executable, "-S", "-c", _WITHOUT_LIBRARIES, str(SHAPE)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    reason, sentence = said.strip().split("\n")
    there = sentence.replace(socket.gethostname(), "bastion").replace(sys.executable, "/usr/bin/python3")
    return reason, there


def certificate_refused(folder: Path) -> tuple[str, str]:
    """Return reason and message for a certificate of an unknown authority."""
    files = write_tls_files(folder, ["127.0.0.1"])
    with SimulatorProcess(files.options()) as simulator:
        result = result_of(simulator.url)
    return result["reason"], re.sub(r"127\.0\.0\.1:[0-9]+", SERVICE, result["msg"])


_WAIT: dict[str, Any] = {"wait": True}

TROUBLES = {
    "no credentials": Trouble("invalid_option", {"api_key": None, "api_secret": None}),
    "no credentials at all": Trouble(
        "invalid_option", {"api_key": None, "api_secret": None, "username": None, "password": None}
    ),
    "no time": Trouble("invalid_option", {"wait": True, "wait_timeout": "soon"}),
    "a share of one": Trouble("invalid_option", {"wait": True, "min_success_percent": 0.98}),
    "no user": Trouble("invalid_option", {"username": None, "password": None}),
    "half a pair": Trouble("invalid_option", {"password": None}),
    "account as a number": Trouble("invalid_option", {"account_name": 402196254}),
    "no account": Trouble("invalid_option", {"account_name": None}),
    "no such target": Trouble("invalid_option", {"wait": True, "wait_state": ["done"]}),
    "intervals the wrong way round": Trouble(
        "invalid_option", {"wait": True, "wait_interval": 600, "wait_max_interval": 60}
    ),
    "nobody listens": Trouble("connection_failed", {"api_url": f"http://127.0.0.1:{_closed_port()}/api"}),
    "no such host": Trouble("connection_failed", {"api_url": "https://thingspace.invalid/api"}),
    "a proxy that wants another password": Trouble("proxy_refused", {}, {"action": "status", "status": 407}),
    "nobody listens during a wait": Trouble(
        "too_many_errors", {"wait": True, "api_url": f"http://127.0.0.1:{_closed_port()}/api"}
    ),
    "a missing authority": Trouble("invalid_option", {"ca_path": "/etc/ssl/company.pem"}),
    "too slow": Trouble("connection_failed", {"request_timeout": 0.3}, {"action": "slow", "kind": "session_login"}),
    "no answer": Trouble("connection_failed", {"request_timeout": 0.3}, {"action": "hang", "kind": "session_login"}),
    "cut off": Trouble("connection_failed", {}, {"action": "reset", "kind": "session_login"}),
    "no TLS there": Trouble("connection_failed", https=True),
    "overloaded": Trouble(
        "service_trouble", {}, {"action": "gateway", "name": "900800", "headers": {"Retry-After": "600"}}
    ),
    "out of order": Trouble(
        "service_trouble", {}, {"action": "status", "status": 503, "headers": {"Retry-After": "600"}}
    ),
    "a sign-in page": Trouble("bad_answer", {}, {"action": "html", "kind": "oauth_token"}),
    "nothing in the answer": Trouble("bad_answer", {}, {"action": "empty", "kind": "oauth_token"}),
    "an error as a success": Trouble(
        "bad_answer",
        {},
        {
            "action": "status",
            "status": 200,
            "kind": "campaign_read",
            "json": {"errorCode": "INVALID_PARAMETER", "errorMessage": "Inactive account"},
        },
    ),
    "nothing but a status": Trouble(
        "bad_answer",
        {},
        {"action": "status", "status": 200, "kind": "campaign_read", "json": {"status": "CampaignEnded"}},
    ),
    "a redirect": Trouble("wrong_address", {}, {"action": "redirect", "url": "https://example.com/"}),
    "a wrong path": Trouble("wrong_address", {}, {"action": "gateway", "name": "xml_404"}),
    "a wrong secret": Trouble("login_refused", {"api_secret": "wrong"}),
    "a wrong password": Trouble("login_refused", {"password": "wrong"}),
    "a locked user": Trouble("login_refused", {}, None, _locked_user),
    "a login that nobody judged": Trouble(
        "login_refused",
        {"wait": True, "max_consecutive_errors": 9},
        {"action": "close", "kind": "session_login"},
    ),
    "an old access token": Trouble(
        "access_refused", {"api_key": None, "api_secret": None, "access_token": "ready-made-access"}, None, _gone_token
    ),
    "an old session token": Trouble(
        "access_refused",
        {"username": None, "password": None, "session_token": "ready-made-session"},
        None,
        _gone_session,
    ),
    "no right": Trouble(
        "access_refused",
        {},
        {"action": "status", "status": 403, "kind": "campaign_read", "json": {"errorMessage": "Not subscribed"}},
    ),
    "an account of somebody else": Trouble("request_refused", {"account_name": "0000000000-00001"}),
    "no such campaign": Trouble("not_found", {"campaign_id": [FORGOTTEN]}),
    "failed on the way": Trouble("not_reachable", _WAIT, None, _status("CampaignScheduled", "CampaignFailed")),
    "too few at the end": Trouble(
        "too_many_failures", {"wait": True, "min_success_percent": 95}, None, _fleet("CampaignEnded", 100)
    ),
    "too many on the way": Trouble(
        "too_many_failures", {"wait": True, "max_failure_count": 5}, None, _fleet("CampaignScheduled", 100)
    ),
    "no devices at the end": Trouble(
        "too_many_failures", {"wait": True, "max_failure_count": 5}, None, _fleet("CampaignEnded", 0)
    ),
    "devices missing at the end": Trouble(
        "too_many_failures",
        {"wait": True, "min_success_percent": 50},
        {"action": "extra_fields", "kind": "device_report", "fields": {"totalDevice": 101}},
        _fleet("CampaignEnded", 100),
    ),
    "a device that has failed": Trouble(
        "device_not_upgraded",
        {**_WAIT, "device_id": IMEI},
        None,
        _device("CampaignEnded", "UpgradeFailed", "RovaClientDownloadFailed"),
    ),
    "a device of another campaign": Trouble(
        "device_not_upgraded",
        {**_WAIT, "device_id": "123456789012345"},
        None,
        _device("CampaignEnded", "UpgradeFailed"),
    ),
    "a device that was too slow": Trouble(
        "device_not_upgraded",
        {**_WAIT, "device_id": IMEI, "wait_timeout": 0, "wait_on_timeout": "return"},
        None,
        _device("CampaignScheduled", "UpgradePending"),
    ),
    "no device": Trouble("invalid_option", {"device_id": ""}),
    "an unknown word": Trouble(
        "unknown_state", {"wait": True, "wait_unknown_state": "fail"}, None, _status("CampaignPaused")
    ),
    "more than there are": Trouble("invalid_option", {"wait": True, "wait_match": "2"}),
    "out of time": Trouble("timed_out", {"wait": True, "wait_timeout": 3600}, None, _status("CampaignScheduled")),
    "trouble without end": Trouble(
        "too_many_errors",
        {"wait": True, "max_consecutive_errors": 2, "wait_interval": 60, "wait_max_interval": 60},
        {"action": "status", "status": 503, "kind": "campaign_read", "skip": 1},
        _status("CampaignScheduled"),
    ),
}
