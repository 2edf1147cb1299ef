# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handmade events of the event source. They match the schema unless a test makes them invalid on purpose."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

import jsonschema

from simulator.stock import ACCOUNT
from tools.paths import ROOT

SCHEMA = ROOT / "extensions" / "eda" / "schemas" / "campaign_event.json"
CAMPAIGN = "00000000-0000-4000-8000-000000000001"
Event = dict[str, Any]


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def fits(event: Event) -> bool:
    """Whether an event matches the schema."""
    return bool(_validator().is_valid(event))


def campaign(number: int = 1, state: str = "ended", outcome: str = "succeeded") -> Event:
    """Return a campaign with this number."""
    return {
        "id": f"{CAMPAIGN[:-12]}{number:012d}",
        "account_name": ACCOUNT,
        "api_version": "v2",
        "name": "Trackers",
        "status": "CampaignEnded",
        "state": state,
        "phase": "over",
        "terminal": state in ("ended", "failed", "cancelled", "aborted", "request_failed"),
        "outcome": outcome,
        "start_date": "2026-03-01",
        "end_date": "2026-03-15",
        "software_from": "1",
        "software_to": "2",
        "device_summary": None,
        "devices": None,
    }


def event(
    told_of: Event | None,
    kind: str = "changed",
    verdict: str = "met",
    repeated: bool = False,
    reason: str | None = None,
) -> Event:
    """Return an event about a campaign, or about the watch."""
    identity = hashlib.md5(json.dumps([told_of, verdict, reason]).encode()).hexdigest()
    message = f"Campaign {told_of['id']} is {told_of['state']}." if told_of else "The campaigns cannot be watched."
    is_change = kind == "changed"
    return {
        "type": kind,
        "id": identity,
        "repeated": repeated,
        "at": "2026-03-15T12:00:00Z",
        "campaign": told_of,
        "previous": {"state": "scheduled", "outcome": "pending", "threshold": "open"} if is_change else None,
        "changed": ["state", "outcome", "threshold"] if is_change else [],
        "threshold": {"verdict": verdict, "message": None},
        "reason": reason,
        "message": message,
        "watch": None if told_of else {"campaigns": 1, "over": 0, "in_trouble": 1},
        "meta": {"source": {"type": "fleetops.thingspace.campaign"}, "uuid": identity},
    }


def without(event: Event, *path: str) -> Event:
    """Return the same event without a field."""
    copy: Event = json.loads(json.dumps(event))
    place = copy
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return copy


def changed(event: Event, value: Any, *path: str) -> Event:
    """Return the same event with another value of a field."""
    copy: Event = json.loads(json.dumps(event))
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copy
