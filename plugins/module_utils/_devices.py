# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the items of a device report -> the state of each device, and a summary.

The status words come from the lifecycle pages of the service's guides, which are cut off and differ between versions:
a status that is not known is C(unknown), which is never counted as an upgraded device.
"""

from __future__ import annotations

import collections
import math
import re
import typing as t
from collections.abc import Collection, Iterator, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadAnswer
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import bare_word

SUCCEEDED: t.Final = "succeeded"
FAILED: t.Final = "failed"
REJECTED: t.Final = "rejected"
PENDING: t.Final = "pending"
CANCELLED: t.Final = "cancelled"
UNKNOWN: t.Final = "unknown"

# From good to bad: of two entries for one device the worse one counts.
DEVICE_STATES: t.Final = (SUCCEEDED, PENDING, CANCELLED, REJECTED, FAILED, UNKNOWN)

# The devices that were not upgraded and will not be by this campaign, as far as anybody knows.
FAILURES: t.Final = (CANCELLED, REJECTED, FAILED, UNKNOWN)

# Status words in lower case and without anything that is not a letter or a digit. Some statuses end with
# ", try count 42". Success needs the whole word; a bare "success" is the reason of accepted devices, too.
_SUCCESS: t.Final = re.compile(r"(upgradesuccess|upgradesucceeded|downloadinstallsucceeded)(trycount[0-9]+)?")
# The beginnings of the others. One table cell of the guides reads "UpgradedFailed for UpgradePending".
_STATE_OF_BEGINNING: t.Final = (
    ("upgradefail", FAILED),
    ("upgradedfailed", FAILED),
    ("requesttofotaserverfailed", FAILED),
    ("licenseremovefailed", FAILED),
    ("devicerejected", REJECTED),
    ("accepted", PENDING),
    ("deviceaccepted", PENDING),
    ("upgradepending", PENDING),
    ("upgradescheduled", PENDING),
    ("nodevicedatafromnetwork", PENDING),
    ("receiveddevicedatafromnetwork", PENDING),
    ("requestpending", PENDING),
    ("queued", PENDING),
    ("inprogress", PENDING),
    ("campaigncancelled", CANCELLED),
    ("campaigncanceled", CANCELLED),
    ("campaignaborted", CANCELLED),
)
IMEI_DIGITS: t.Final = 15
_MAX_REASONS: t.Final = 10

Device = dict[str, t.Any]


def device_state(status: object) -> str:
    """One word of DEVICE_STATES for the service's status of a device."""
    word = bare_word(status)
    if _SUCCESS.fullmatch(word):
        return SUCCEEDED
    return next((state for beginning, state in _STATE_OF_BEGINNING if word.startswith(beginning)), UNKNOWN)


def device_id_of(value: object) -> str | None:
    """The ID of a device as text; an IMEI that was sent as a number gets its leading zeros back."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(IMEI_DIGITS)
    return value.strip() or None if isinstance(value, str) else None


class Report(t.Protocol):
    """A device report, as it was read from the service or as the run remembers it."""

    def summary(self) -> dict[str, t.Any]:
        """Counts and percentages."""

    def devices(self, states: Collection[str] = ...) -> list[Device]:
        """The devices in one of these states."""

    def device(self, device_id: str) -> Device | None:
        """What the report says of one device, None if it does not list it."""


class DeviceReport:
    """Takes in the pages of a report. Keeps little for each device: thousands share the same few kinds of entries."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str | None, str | None], tuple[str, str | None, str | None]] = {}
        self._devices: dict[str, tuple[str, str | None, str | None]] = {}
        self._nameless: list[tuple[str, str | None, str | None]] = []
        self.reported_total: int | None = None

    def add(self, items: object) -> None:
        """Take in a list of the service's entries. Raises BadAnswer if it is not a list of objects."""
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise BadAnswer("The service answered with a device report whose deviceList is not a list of devices.")
        for item in items:
            self._add(item)

    def _add(self, item: Mapping[str, t.Any]) -> None:
        status, reason = _text(item.get("status")), _text(item.get("resultReason") or item.get("reason"))
        kind = (device_state(status), status, reason)
        kind = self._kinds.setdefault(kind, kind)
        name = device_id_of(item.get("deviceId"))
        if name is None:
            self._nameless.append(kind)
            return
        before = self._devices.get(name)
        if before is None or DEVICE_STATES.index(before[0]) < DEVICE_STATES.index(kind[0]):
            self._devices[name] = kind

    @property
    def total(self) -> int:
        """How many different devices were listed."""
        return len(self._devices) + len(self._nameless)

    def summary(self) -> dict[str, t.Any]:
        """Counts and percentages; the percentages are null for a report without devices, and never rounded up."""
        kinds = collections.Counter(kind for _name, kind in self._entries())
        by_state = dict.fromkeys(DEVICE_STATES, 0)
        for (state, _status, _reason), count in kinds.items():
            by_state[state] += count
        return {
            "total": self.total,
            "reported_total": self.reported_total,
            "complete": self.reported_total is None or self.total >= self.reported_total,
            "by_state": by_state,
            "success_percent": percent(by_state[SUCCEEDED], self.total),
            "failure_percent": percent(by_state[FAILED] + by_state[REJECTED], self.total),
            "top_reasons": [
                {"state": state, "status": status, "reason": reason, "count": count}
                for (state, status, reason), count in kinds.most_common(_MAX_REASONS)
            ],
        }

    def devices(self, states: Collection[str] = DEVICE_STATES) -> list[Device]:
        """The devices in one of these states, in the order of the report."""
        return [_device(name, kind) for name, kind in self._entries() if kind[0] in states]

    def device(self, device_id: str) -> Device | None:
        """What the report says of one device, None if it does not list it."""
        kind = self._devices.get(device_id)
        return None if kind is None else _device(device_id, kind)

    def _entries(self) -> Iterator[tuple[str | None, tuple[str, str | None, str | None]]]:
        yield from self._devices.items()
        yield from ((None, kind) for kind in self._nameless)


def _device(name: str | None, kind: tuple[str, str | None, str | None]) -> Device:
    state, status, reason = kind
    return {"device_id": name, "state": state, "status": status, "reason": reason}


def percent(part: int, whole: int) -> float | None:
    """A percentage with two decimals, rounded down: 9,999 of 10,000 is not everything."""
    return math.floor(part * 10_000 / whole) / 100 if whole else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
