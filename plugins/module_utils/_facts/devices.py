# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the items of a device report -> the state of each device, and a summary.

The statuses come from the lifecycle pages of the service's guides, which are truncated and differ between versions. An
unlisted status becomes C(unknown), which never counts as upgraded.
"""

from __future__ import annotations

import collections
import math
import re
import typing as t
from collections.abc import Collection, Iterator, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, DeviceSummary
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import bare_word, flag_of, shown

SUCCEEDED: t.Final = "succeeded"
FAILED: t.Final = "failed"
REJECTED: t.Final = "rejected"
PENDING: t.Final = "pending"
CANCELLED: t.Final = "cancelled"
UNKNOWN: t.Final = "unknown"

# From best to worst: of two entries for one device, the worse one counts.
DEVICE_STATES: t.Final = (SUCCEEDED, PENDING, CANCELLED, REJECTED, FAILED, UNKNOWN)

# Devices that were not upgraded and, as far as is known, will not be upgraded by this campaign.
FAILURES: t.Final = (CANCELLED, REJECTED, FAILED, UNKNOWN)

# Statuses as bare_word returns them. A bare "success" is left out: it is also the reason of accepted devices.
_STATE_OF_WORD: t.Final = {
    **dict.fromkeys(("upgradesuccess", "upgradesucceeded", "downloadinstallsucceeded"), SUCCEEDED),
    **dict.fromkeys(("accepted", "deviceaccepted", "requestpending", "queued", "inprogress"), PENDING),
    **dict.fromkeys(("upgradepending", "upgradescheduled"), PENDING),
    **dict.fromkeys(("nodevicedatafromnetwork", "receiveddevicedatafromnetwork"), PENDING),
    **dict.fromkeys(("campaigncancelled", "campaigncanceled", "campaignaborted"), CANCELLED),
}
# A failure matches by its prefix only. One table cell of the guides reads "UpgradedFailed for UpgradePending".
_STATE_OF_PREFIX: t.Final = (
    ("upgradefail", FAILED),
    ("upgradedfailed", FAILED),
    ("requesttofotaserverfailed", FAILED),
    ("licenseremovefailed", FAILED),
    ("devicerejected", REJECTED),
)
# "NoDeviceDataFromNetwork, try count 42"
_TRY_COUNT: t.Final = re.compile(r"(,?trycount[0-9]+)+$")
_COUNT: t.Final = re.compile(r"[0-9]{1,9}")
IMEI_DIGITS: t.Final = 15
_MAX_REASONS: t.Final = 10


def device_state(status: object) -> str:
    """The state in DEVICE_STATES for the service's status of a device."""
    word = _TRY_COUNT.sub("", bare_word(status))
    if word in _STATE_OF_WORD:
        return _STATE_OF_WORD[word]
    return next((state for prefix, state in _STATE_OF_PREFIX if word.startswith(prefix)), UNKNOWN)


def device_id_of(value: object) -> str | None:
    """The ID of a device as a string. An IMEI that was sent as a number gets its leading zeros back."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(IMEI_DIGITS)
    return value.strip() or None if isinstance(value, str) else None


_Kind = tuple[str, t.Optional[str], t.Optional[str]]


class Report(t.Protocol):
    """A device report, read from the service or restored from the run."""

    def summary(self) -> DeviceSummary:
        """Counts and percentages."""

    def devices(self, states: Collection[str] = ...) -> list[Device]:
        """The devices in one of these states."""

    def device(self, device_id: str) -> Device | None:
        """The entry of one device, None if the report does not list it."""


class DeviceReport:
    """Collects the pages of a report.

    It stores little for each device, because thousands share the same few combinations of state, status and reason.
    C(reported_total) is the number of devices that the service reports, C(known_total) the number that it has listed
    before; None if unknown.
    """

    def __init__(self) -> None:
        self._kinds: dict[_Kind, _Kind] = {}
        self._devices: dict[str, _Kind] = {}
        self._nameless: list[_Kind] = []
        self._repeated: set[str] = set()
        self._contradictory: set[str] = set()
        self._oddity: str | None = None
        self._has_ended = True
        self.reported_total: int | None = None
        self.known_total: int | None = None

    def add_page(self, page: Mapping[str, t.Any]) -> bool:
        """Add a page as the service sends it. Returns True if there are more pages. Raises BadResponse."""
        items = page.get("deviceList")
        if items is None:
            self._record_oddity("has a page without a deviceList")
        self.add([] if items is None else items)
        self._add_total(page.get("totalDevice"))
        flag = page.get("hasMoreData")
        has_more = True if flag in ("1", 1) else flag_of(flag)
        if has_more is None and flag is not None:
            self._record_oddity(f"does not say whether there are more pages (hasMoreData is {shown(flag)})")
        self._has_ended = has_more is False
        return bool(has_more)

    def add(self, items: object) -> None:
        """Add a list of the service's entries. Raises BadResponse if it is not a list of objects."""
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise BadResponse("The service returned a device report whose deviceList is not a list of devices.")
        for item in items:
            self._add(item)

    def _add(self, item: Mapping[str, t.Any]) -> None:
        reason = item.get("reason") if item.get("resultReason") in (None, "") else item["resultReason"]
        kind = (device_state(item.get("status")), _text(item.get("status")), _text(reason))
        kind = self._kinds.setdefault(kind, kind)
        name = device_id_of(item.get("deviceId"))
        if name is None:
            self._nameless.append(kind)
            return
        before = self._devices.get(name)
        if before is None:
            self._devices[name] = kind
            return
        self._repeated.add(name)
        if before[0] != kind[0]:
            self._contradictory.add(name)
            self._devices[name] = max(before, kind, key=lambda one: DEVICE_STATES.index(one[0]))

    def _add_total(self, value: object) -> None:
        """Record the total. The service documents it both as a number and as a string. The largest one counts."""
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else value
        text = str(text) if isinstance(text, int) and not isinstance(text, bool) else text
        if isinstance(text, str) and _COUNT.fullmatch(text.strip()):
            self.reported_total = max(int(text), self.reported_total or 0)
        elif value is not None:
            self._record_oddity(f"has no valid total number of devices (totalDevice is {shown(value)})")

    def _record_oddity(self, oddity: str) -> None:
        self._oddity = self._oddity or oddity

    @property
    def total(self) -> int:
        """The number of distinct devices that were listed."""
        return len(self._devices) + len(self._nameless)

    @property
    def doubt(self) -> str | None:
        """Why the report may be incomplete or wrong, as part of a sentence; None if it is consistent."""
        named = len(self._devices)
        expected = max(self.reported_total or 0, self.known_total or 0)
        if self.total < expected:
            return f"lists only {self.total} of {expected} devices"
        if self._nameless:
            return f"lists {len(self._nameless)} of {self.total} devices without a valid deviceId"
        if self._contradictory:
            return f"has contradictory entries for {len(self._contradictory)} of {named} devices"
        if self._oddity is not None:
            return self._oddity
        return self._doubt_without_total() if self.reported_total is None else None

    def _doubt_without_total(self) -> str | None:
        if not self._has_ended:
            return "has no total number of devices, and does not say that it is complete (totalDevice, hasMoreData)"
        if self._repeated:
            return f"lists {len(self._repeated)} of {self.total} devices twice, and has no total number of devices"
        return None

    def summary(self) -> DeviceSummary:
        """Counts and percentages. The percentages are null without devices, and never rounded up."""
        kinds = collections.Counter(kind for _name, kind in self._entries())
        by_state = dict.fromkeys(DEVICE_STATES, 0)
        for (state, _status, _reason), count in kinds.items():
            by_state[state] += count
        bad = [(kind, count) for kind, count in kinds.most_common() if kind[0] != SUCCEEDED]
        doubt = self.doubt
        return {
            "total": self.total,
            "reported_total": self.reported_total,
            "complete": doubt is None,
            "doubt": doubt,
            "by_state": by_state,
            "success_percent": percent(by_state[SUCCEEDED], self.total),
            "failure_percent": percent(by_state[FAILED] + by_state[REJECTED], self.total),
            "top_reasons": [
                {"state": state, "status": status, "reason": reason, "count": count}
                for (state, status, reason), count in bad[:_MAX_REASONS]
            ],
        }

    def devices(self, states: Collection[str] = DEVICE_STATES) -> list[Device]:
        """The devices in one of these states, in the order of the report."""
        return [_device(name, kind) for name, kind in self._entries() if kind[0] in states]

    def device(self, device_id: str) -> Device | None:
        """The entry of one device, None if the report does not list it."""
        kind = self._devices.get(device_id)
        return None if kind is None else _device(device_id, kind)

    def _entries(self) -> Iterator[tuple[str | None, _Kind]]:
        yield from self._devices.items()
        yield from ((None, kind) for kind in self._nameless)


def _device(name: str | None, kind: _Kind) -> Device:
    state, status, reason = kind
    return {"device_id": name, "state": state, "status": status, "reason": reason}


def percent(part: int, whole: int) -> float | None:
    """A percentage with two decimals, rounded down, so that 9,999 of 10,000 is not 100."""
    return math.floor(part * 10_000 / whole) / 100 if whole else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
