# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random scenarios: campaigns, switches, faults, valid and invalid credentials, and a task. Reproducible by seed."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any

from simulator.errors import GATEWAY_NAMES
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

# 40 minutes before the end of that day.
NOW = "2026-03-01T23:20:00Z"
# Faults that take real time. There are only a few of them, and with a short request_timeout.
_SLOW = ("hang", "slow")
_KINDS = ("oauth_token", "session_login", "campaign_read", "campaign_list", "device_report")
_WORDS = {
    "v1": ("RequestPending", "Queued", "Scheduled", "InProgress", "Finished"),
    "v2": ("CampaignRequestPending", "CampaignQueued", "CampaignScheduled", "CampaignScheduled", "CampaignEnded"),
    "v3": ("CampaignRequestPending", "CampaignQueued", "CampaignPreScheduled", "CampaignScheduled", "CampaignEnded"),
}
_BAD_ENDS = ("CampaignFailed", "CampaignRequestFailed", "CampaignCancelled", "CampaignAborted")
_REASONS = ("RovaClientDownloadFailed", "Device not found.", "100% {{ 7 * 7 }}", "")


@dataclass(frozen=True)
class Storm:
    """A scenario of the simulator, the options of a task, and the error of the controller's clock in seconds."""

    scenario: dict[str, Any]
    options: dict[str, Any]
    skew: float


def storm(seed: int, redirect_to: str) -> Storm:
    """Return the scenario of a seed. Redirects lead to another host, ``redirect_to``."""
    chance = random.Random(seed)
    version = chance.choice(("v1", "v2", "v2", "v3"))
    # If the last day is not near, a wait for it would take days and thousands of requests.
    is_near = chance.random() < 0.3
    campaigns = [_campaign(chance, version, is_near) for _number in range(chance.choice((1, 1, 2, 4, 14)))]
    given, asked = _credentials(chance)
    scenario = {
        "clock": {"now": NOW, "speed": 0},
        "credentials": given,
        "campaigns": campaigns,
        "behaviour": _behaviour(chance),
        "faults": [_fault(chance, redirect_to) for _number in range(chance.choice((0, 1, 1, 2, 3, 4)))],
    }
    ids = [campaign["id"] for campaign in campaigns]
    if chance.random() < 0.05:
        ids.append(str(uuid.UUID(int=chance.getrandbits(128), version=4)))
    options = {"account_name": ACCOUNT, "campaign_id": ids, "api_version": version, **asked, **_task(chance, is_near)}
    return Storm(scenario, options, chance.choice((0.0, 0.0, -86_400.0, 3e6)))


def _campaign(chance: random.Random, version: str, is_near: bool) -> dict[str, Any]:
    words = list(_WORDS[version][chance.randrange(5) :])
    if chance.random() < 0.3:
        words[-1] = chance.choice((*_BAD_ENDS, "CampaignPaused", "CampaignScheduled"))
    moment, timeline = 0.0, []
    for word in words:
        timeline.append({"after": moment, "status": word})
        moment += chance.choice((30.0, 300.0, 1500.0))
    groups = [
        {"share": chance.choice((0.02, 0.2, 0.5)), "status": status, "reason": chance.choice(_REASONS)}
        for status in chance.sample(("UpgradeFailed", "DeviceRejected", "Mystery"), chance.randrange(2))
    ]
    first, last = chance.choice(("2026-02-27", "2026-03-01")), chance.choice(("2026-03-02", "2026-03-09", "9999-12-31"))
    return {
        "api_version": version,
        "account_name": ACCOUNT,
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "body": {"startDate": first, "endDate": "2026-03-01" if is_near else last},
        "timeline": timeline,
        "devices": {"count": chance.choice((0, 1, 30, 130)), "groups": groups},
    }


def _behaviour(chance: random.Random) -> dict[str, Any]:
    switches: dict[str, tuple[Any, ...]] = {
        "session_expired_form": ("uws", "m2m", "account_401"),
        "refused_login_form": ("400", "401"),
        "unknown_campaign_form": ("400", "404"),
        "hours_as_strings": (True,),
        "nulls": ("absent",),
        "queued_spelling": ("CampaignRequestQueued", "Queued"),
        "v1_dates": ("date_time",),
        "device_page_size": (50, 100),
        "total_device_as_string": (True,),
        "last_page_cursor": ("absent", "zero"),
        "last_seen_device_id_as_int": (True,),
        "token_lifetime_seconds": (200.0, 1000.0),
        "session_idle_seconds": (100.0, 500.0),
        "oauth_countdown": (False,),
        "login_ends_older_sessions": (True,),
    }
    chosen = chance.sample(sorted(switches), chance.randrange(5))
    return {name: chance.choice(switches[name]) for name in chosen}


def _credentials(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the credentials of the service and those of the task."""
    right: dict[str, Any] = {name: str(value) for name, value in DEMO_CREDENTIALS.items()}
    pair, user = ("api_key", "api_secret"), ("username", "password")
    tokens = {"access_token": "ready-made-access-4711", "session_token": "ready-made-session-4712"}
    kind = chance.choice(("right",) * 6 + ("password", "secret", "access", "session", "both tokens", "dead token"))
    if kind in ("password", "secret"):
        wrong = "password" if kind == "password" else "api_secret"
        return right, {**right, wrong: "wrong-credential-4713"}
    if kind == "dead token":
        return right, {**right, **{name: f"{value}-dead" for name, value in tokens.items()}}
    replaced = {"access": pair, "session": user, "both tokens": (*pair, *user)}.get(kind, ())
    ready = {"access": ("access_token",), "session": ("session_token",), "both tokens": tuple(tokens)}.get(kind, ())
    chosen = {name: tokens[name] for name in ready}
    return {**right, **chosen}, {**{name: right[name] for name in right if name not in replaced}, **chosen}


def _fault(chance: random.Random, redirect_to: str) -> dict[str, Any]:
    rules: list[dict[str, Any]] = [
        {"action": "status", "status": chance.choice((400, 401, 403, 404, 408, 418, 425, 500, 502, 503)), "text": "no"},
        {"action": "status", "status": 429, "retry_after": chance.choice((0, 5, 100, 10**9))},
        {"action": "status", "status": 503, "retry_after": 400, "retry_after_as": "date"},
        {"action": "status", "status": 200, "json": chance.choice(([], "text", {}, {"deviceList": 7}, {"id": None}))},
        {"action": "gateway", "name": chance.choice(GATEWAY_NAMES)},
        {"action": "redirect", "url": redirect_to, "status": chance.choice((301, 302, 307, 308))},
        {"action": "wrong_encoding", **chance.choice(({}, {"name": "gzip"}, {"name": "utf-16"}))},
        {"action": "extra_fields", "fields": {"progress": 7, "owner": DEMO_CREDENTIALS["username"], "note": "\0"}},
        {"action": "date", **chance.choice(({"skew": -9e7}, {"skew": 4e6}, {"value": "yesterday"})), "times": 3},
        {"action": "content_type", "value": "text/html"},
        {"action": "echo_secrets", "status": chance.choice((400, 401, 403, 404, 500, 503))},
        {"action": "huge", "mib": 33, "name": "gzip", "times": 1},
        {"action": chance.choice(("reset", "close")), "midway": chance.random() < 0.5},
        {"action": "hang", "midway": chance.random() < 0.5},
        {"action": "slow", "seconds": 0.02},
        *({"action": action} for action in ("html", "not_json", "truncated", "empty")),
        *({"action": action} for action in ("cursor_stuck", "duplicate_device", "endless_report")),
    ]
    rule = chance.choice(rules)
    if rule["action"] not in ("cursor_stuck", "duplicate_device", "endless_report") and chance.random() < 0.8:
        rule["kind"] = chance.sample(_KINDS, chance.randrange(1, 3))
    if rule["action"] in _SLOW or rule["action"] == "endless_report":
        rule["times"] = 1 if rule["action"] in _SLOW else 40
    return {**rule, **_when(chance), **({"times": rule["times"]} if "times" in rule else {})}


def _when(chance: random.Random) -> dict[str, Any]:
    return chance.choice(
        (
            {},
            {"times": chance.randrange(1, 6)},
            {"skip": chance.randrange(1, 5), "times": chance.randrange(1, 4)},
            {"share": chance.choice((0.1, 0.5, 0.9)), "seed": chance.randrange(1000)},
            {"after": chance.choice((0, 100, 1000)), "lasts": chance.choice((50, 600, 5000))},
        )
    )


def _task(chance: random.Random, is_near: bool) -> dict[str, Any]:
    task: dict[str, Any] = {
        "request_timeout": 0.3,
        "devices": chance.choice(("none", "summary", "failed", "all")),
        "max_concurrency": chance.choice((1, 3, 8)),
    }
    if chance.random() < 0.15:
        return task
    floor = chance.choice((60.0, 120.0, 300.0))
    task.update(
        wait=True,
        wait_state=chance.choice((["ended"], ["ended"], ["ended", "cancelled"], ["scheduled"], ["CampaignFailed"])),
        wait_match=chance.choice(("all", "all", "any")),
        wait_interval=floor,
        wait_max_interval=floor * chance.choice((1, 4)),
        wait_on_timeout=chance.choice(("fail", "return")),
        wait_unknown_state=chance.choice(("wait", "fail")),
        wait_not_found=chance.choice((0.0, 200.0)),
        max_consecutive_errors=chance.choice((0, 2, 8)),
        max_error_seconds=chance.choice((0.0, 600.0)),
        progress_interval=chance.choice((0.0, 240.0)),
    )
    task["wait_timeout"] = chance.choice((0.0, 500.0, 3000.0))
    if is_near:
        task["wait_until_end_plus"] = 100.0
        if chance.random() < 0.7:
            del task["wait_timeout"]
    if task["wait_state"] == ["ended"] and chance.random() < 0.6:
        task.update(
            chance.choice(({"min_success_percent": 90.0}, {"max_failure_count": 3}, {"max_failure_percent": 5.0})),
            report_every=chance.choice((1, 3)),
        )
    return task
