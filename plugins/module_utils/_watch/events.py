# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: build the events of a watch. Their schema is C(extensions/eda/schemas/campaign_event.json)."""

from __future__ import annotations

import datetime
import hashlib
import json
import typing as t
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import device_figures
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import iso
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import (
    NOT_SET,
    Assessment,
    Standing,
)

Event = dict[str, t.Any]

SOURCE: t.Final = "fleetops.thingspace.campaign"
PRESENT: t.Final = "present"
CHANGED: t.Final = "changed"
TROUBLE: t.Final = "trouble"
RECOVERED: t.Final = "recovered"
DONE: t.Final = "done"
HEARTBEAT: t.Final = "heartbeat"

# The reason of the V(done) event when all campaigns are over.
ALL_OVER: t.Final = "ended"
# The key in an event, and the keys of the facts it comes from. They differ between API versions.
_FACTS: t.Final[Mapping[str, Sequence[str]]] = {
    "name": ("campaign_name",),
    "status": ("status",),
    "state": ("state",),
    "phase": ("phase",),
    "outcome": ("outcome",),
    "start_date": ("start_date",),
    "end_date": ("end_date",),
    "software_from": ("software_from", "firmware_from"),
    "software_to": ("software_to", "firmware_to"),
    "device_summary": ("device_summary",),
    "devices": ("devices",),
}


@dataclass(frozen=True)
class Subject:
    """The campaign that an event is about."""

    account_name: str
    api_version: str
    campaign_id: str


@dataclass(frozen=True)
class Counts:
    """How many campaigns a watch has."""

    campaigns: int
    over: int
    in_trouble: int


def present(
    subject: Subject,
    facts: Facts,
    now: Assessment,
    moment: datetime.datetime,
    is_repeated: bool,
) -> Event:
    """Build the V(present) event: the state of a campaign at the start of a watch.

    C(moment) is by the clock of the service, here and below.
    """
    return _of_campaign(PRESENT, subject, facts, now, moment, is_repeated=is_repeated)


def changed(
    subject: Subject,
    facts: Facts,
    now: Assessment,
    moment: datetime.datetime,
    before: Standing | None,
    what: Sequence[str],
) -> Event:
    """Build the V(changed) event. C(before) is None for a campaign that is new."""
    event = _of_campaign(CHANGED, subject, facts, now, moment)
    return {**event, "previous": None if before is None else asdict(before), "changed": list(what)}


def trouble(
    subject: Subject,
    facts: Facts | None,
    now: Assessment | None,
    moment: datetime.datetime,
    reason: str,
    message: str,
) -> Event:
    """Build the V(trouble) event of a campaign that failed to be read for longer than the options allow.

    C(facts) are the last known ones.
    """
    event = _event(TROUBLE, _id(subject, TROUBLE, reason, _day(moment)), moment, message)
    return {**event, "campaign": _campaign(subject, facts), "threshold": _threshold(now), "reason": reason}


def recovered(subject: Subject, facts: Facts, now: Assessment, moment: datetime.datetime, reason: str) -> Event:
    """Build the V(recovered) event of a campaign. C(reason) is the reason of the V(trouble) event."""
    message = f"Campaign {_name(subject, facts)} can be read again: it is {_state(facts)}."
    event = _event(RECOVERED, _id(subject, RECOVERED, reason, _day(moment)), moment, message)
    return {**event, "campaign": _campaign(subject, facts), "threshold": _threshold(now), "reason": reason}


def of_watch(
    kind: str,
    watch: Sequence[str],
    moment: datetime.datetime,
    reason: str | None,
    message: str,
    counts: Counts,
    is_repeated: bool = False,
) -> Event:
    """Build an event about all campaigns: V(trouble) or V(recovered) of the service, V(done) or V(heartbeat).

    C(watch) identifies this watch.
    """
    when = iso(moment) if kind == HEARTBEAT else _day(moment)
    event = _event(kind, _digest([*watch, kind, reason, when]), moment, message, is_repeated)
    return {**event, "reason": reason, "watch": asdict(counts)}


def as_repeated(event: Event) -> Event:
    """Return a copy of the event that is marked as repeated."""
    return {**event, "repeated": True}


def _of_campaign(
    kind: str,
    subject: Subject,
    facts: Facts,
    now: Assessment,
    moment: datetime.datetime,
    is_repeated: bool = False,
) -> Event:
    # Both types have the same ID, so that a consumer recognizes a change that is sent again at a start.
    identity = _id(subject, CHANGED, now.standing.state, now.standing.outcome, now.standing.threshold)
    event = _event(kind, identity, moment, _sentence(subject, facts, now), is_repeated)
    return {**event, "campaign": _campaign(subject, facts), "threshold": _threshold(now)}


def _event(kind: str, identity: str, moment: datetime.datetime, message: str, is_repeated: bool = False) -> Event:
    return {
        "type": kind,
        "id": identity,
        "repeated": is_repeated,
        "at": iso(moment),
        "campaign": None,
        "previous": None,
        "changed": [],
        "threshold": _threshold(None),
        "reason": None,
        "message": message,
        "watch": None,
        "meta": {"source": {"type": SOURCE}, "uuid": identity},
    }


def _campaign(subject: Subject, facts: Mapping[str, object] | None) -> dict[str, t.Any]:
    known = facts or {}
    fields: dict[str, t.Any] = {
        "id": subject.campaign_id,
        "account_name": subject.account_name,
        "api_version": subject.api_version,
        "terminal": bool(known.get("terminal")),
    }
    for name, keys in _FACTS.items():
        fields[name] = next((known[key] for key in keys if known.get(key) is not None), None)
    return fields


def _threshold(now: Assessment | None) -> dict[str, t.Any]:
    if now is None:
        return {"verdict": NOT_SET, "message": None}
    return {"verdict": now.standing.threshold, "message": now.failure}


def _sentence(subject: Subject, facts: Facts, now: Assessment) -> str:
    outcome = f", outcome {facts['outcome']}" if facts["terminal"] else ""
    figures = device_figures([facts])
    devices = f", {figures}" if figures else ""
    failure = f"; {now.failure}" if now.failure else ""
    return f"Campaign {_name(subject, facts)} is {_state(facts)}{outcome}{devices}{failure}."


def _name(subject: Subject, facts: Facts) -> str:
    name = facts.get("campaign_name")
    return f"{printable(name)} ({subject.campaign_id})" if name else subject.campaign_id


def _state(facts: Facts) -> str:
    return f"{facts['state']} [{printable(facts['status'])}]"


def _day(moment: datetime.datetime) -> str:
    return iso(moment)[:10]


def _id(subject: Subject, kind: str, *parts: str) -> str:
    return _digest([subject.account_name, subject.api_version, subject.campaign_id.lower(), kind, *parts])


def _digest(parts: Sequence[str | None]) -> str:
    """Return the 32 hex digits of a UUID that depends only on the parts."""
    digest = hashlib.sha256(json.dumps(list(parts)).encode()).digest()
    return uuid.UUID(bytes=digest[:16], version=5).hex
