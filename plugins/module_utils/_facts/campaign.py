# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the body of a get-campaign response -> facts.

The fields follow the service's documentation of each version. The service is known to send hours as numbers and as
strings, dates with and without a time, and both null and no field for an optional field. All of these are accepted. A
value that cannot be converted becomes null and is kept unchanged in C(extra).
"""

from __future__ import annotations

import datetime
import re
import sys
import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    DEVICE_STATES,
    FAILURES,
    PENDING,
    Report,
    device_id_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.outcome import outcome_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import is_terminal, phase_of, state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import flag_of

_Record = dict[str, t.Any]


class _Unreadable(Exception):
    pass


def _text(value: object) -> str:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return _kept_once(str(value))
    raise _Unreadable


def _kept_once(text: str) -> str:
    # Thousands of campaigns have the same account, names, dates and statuses.
    return sys.intern(text)


def _flag(value: object) -> bool:
    flag = flag_of(value)
    if flag is None:
        raise _Unreadable
    return flag


def _hour(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,2}", value.strip()):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 24:
        return value
    raise _Unreadable


def _day(value: object) -> str:
    found = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])", value.strip()) if isinstance(value, str) else None
    if found:
        try:
            return _kept_once(datetime.date.fromisoformat(found.group()).isoformat())
        except ValueError:
            pass
    raise _Unreadable


def _device_id(value: object) -> str:
    name = device_id_of(value)
    if name is None:
        raise _Unreadable
    return name


def _records(fields: Mapping[str, _Field], strict: bool) -> Callable[[object], list[_Record]]:
    """A converter for lists. With C(strict), one unreadable value makes the whole list unreadable."""

    def convert(value: object) -> list[_Record]:
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise _Unreadable
        records = [_record_of(item, fields, strict) for item in value]
        for record in records:
            if not record.get("extra", True):
                del record["extra"]
        return records

    return convert


class _Field(t.NamedTuple):
    """The spellings of a field in the service's JSON, documented one first, and its converter."""

    convert: Callable[[object], t.Any]
    spellings: tuple[str, ...]


def _record_of(body: Mapping[str, t.Any], fields: Mapping[str, _Field], strict: bool = False) -> _Record:
    """Every field by its fact name. With C(strict), the first unreadable value raises instead of going to C(extra)."""
    record: _Record = {}
    extra = dict(body)
    for name, field in fields.items():
        record[name] = None
        for spelling in field.spellings:
            if body.get(spelling) is None:
                extra.pop(spelling, None)
                continue
            try:
                record[name] = field.convert(body[spelling])
            except _Unreadable:
                if strict:
                    raise
            else:
                del extra[spelling]
                break
    if extra or not strict:
        record["extra"] = extra
    return record


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _fields(convert: Callable[[object], t.Any], *names: str) -> dict[str, _Field]:
    return {name: _Field(convert, (_camel(name),)) for name in names}


_WINDOWS = _records(_fields(_hour, "start_time", "end_time"), strict=True)
_DEVICES = _records({**_fields(_device_id, "device_id"), **_fields(_text, "status", "result_reason")}, strict=False)

FIELDS: t.Final[Mapping[str, Mapping[str, _Field]]] = {
    "v1": {
        **_fields(_text, "id", "account_name", "firmware_name", "firmware_to", "status"),
        **_fields(_day, "start_date", "end_date"),
        **_fields(_DEVICES, "device_list"),
    },
    "v2": {
        **_fields(_text, "id", "account_name", "campaign_name", "software_name", "distribution_type"),
        **_fields(_text, "make", "model", "software_from", "software_to", "status"),
        **_fields(_day, "start_date", "end_date", "download_after_date", "install_after_date"),
        **_fields(_WINDOWS, "download_time_window_list", "install_time_window_list"),
    },
    "v3": {
        **_fields(_text, "id", "account_name", "campaign_name", "firmware_name", "firmware_from", "firmware_to"),
        **_fields(_text, "protocol", "make", "model", "status"),
        **_fields(_day, "start_date", "end_date"),
        # An older example in the SDK's documentation uses the second spelling.
        "campaign_time_window_list": _Field(_WINDOWS, ("campaignTimeWindowList", "timeWindowList")),
        **_fields(_flag, "auto_assign_license_flag", "auto_add_devices_flag"),
    },
}


def campaign_facts(body: object, api_version: str, today: datetime.date) -> Facts:
    """The facts of one campaign: every documented field of its version, the derived fields, and C(extra).

    C(today) is the service's current date in UTC. Raises BadResponse if C(body) is not a campaign: not a JSON object,
    or an object with neither ID nor status.
    """
    if not isinstance(body, Mapping):
        raise BadResponse("The service returned JSON that is not an object instead of a campaign.")
    facts = t.cast(Facts, _record_of(body, FIELDS[api_version]))
    if facts["id"] is None and facts["status"] is None:
        raise BadResponse("The service returned an object without an id and a status instead of a campaign.")
    state = state_of(facts["status"])
    facts["api_version"] = api_version
    facts["state"] = state
    facts["phase"] = phase_of(state, facts["start_date"], today)
    facts["terminal"] = is_terminal(state)
    facts["outcome"] = outcome_of(state, None)
    facts["device_summary"] = None
    facts["devices"] = None
    return facts


def with_report(facts: Facts, report: Report, devices: str) -> Facts:
    """The facts with those of the device report. C(devices) is V(none), V(summary), V(failed) or V(all)."""
    summary = report.summary()
    # A device that is still pending when the campaign is over is never upgraded by it.
    failures = (*FAILURES, PENDING) if facts["terminal"] else FAILURES
    listed = {"failed": failures, "all": DEVICE_STATES}.get(devices)
    return {
        **facts,
        "outcome": outcome_of(facts["state"], summary),
        "device_summary": summary,
        "devices": None if listed is None else report.devices(listed),
    }
