# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a campaign, and the status of each of them."""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from simulator.timeline import Step

_IMEI = re.compile(r"[0-9]{15}", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a report says about a device. ``body`` has more fields of its entry, as they are sent."""

    status: str
    reason: str | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The campaign at the time of a request: what its devices need to know of it.

    ``age`` is in simulated seconds. ``over_at`` is the age at which a user or its dates ended the campaign, or None.
    """

    api_version: str
    status: Any
    age: float
    looks: int
    over_at: float | None = None


@dataclasses.dataclass(frozen=True)
class Shown:
    """An outcome, and the age of the campaign (simulated seconds) at which the device got it."""

    outcome: Outcome
    since: float = 0.0


class DeviceScript(Protocol):
    """The course of a device during its campaign."""

    def at(self, snapshot: Snapshot) -> Shown:
        """What the report says of the device."""


@dataclasses.dataclass(frozen=True)
class DeviceStep(Step):
    """A step of a device's timeline. ``after_looks`` counts the reads of the campaign, not of its report."""

    reason: str | None = None


@dataclasses.dataclass(frozen=True)
class Device:
    """A device of a scenario. ``id`` is its IMEI, a string of 15 digits."""

    id: str
    status: str
    reason: str | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    timeline: list[DeviceStep] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        if not is_imei(self.id):
            raise ValueError("the id of a device must be an IMEI: a text of 15 digits")

    def at(self, snapshot: Snapshot) -> Shown:
        """Return what the report says about the device. If a step has no reason, the entry has none."""
        shown = Shown(Outcome(self.status, self.reason, self.body))
        for step in self.timeline:
            if step.passed(snapshot.age, snapshot.looks):
                body = {**shown.outcome.body, **step.body}
                shown = Shown(Outcome(step.status, step.reason, body), step.after or 0.0)
        return shown


class Roster:
    """The devices of one campaign, in ascending order of their IMEIs."""

    def __init__(self, scripts: Mapping[str, DeviceScript]) -> None:
        self._scripts = dict(scripts)
        self._forced: dict[str, Shown] = {}
        # All IMEIs have 15 digits, so that strings and numbers have the same order.
        self.ids = sorted(scripts)

    def beyond(self, cursor: int) -> int:
        """Return the index of the first IMEI that is larger than this number."""
        return bisect.bisect_right(self.ids, cursor, key=int)

    def at(self, device_id: str, snapshot: Snapshot) -> Shown:
        """What the report says of a device."""
        return self._forced.get(device_id) or self._scripts[device_id].at(snapshot)

    def has(self, device_id: str) -> bool:
        """Whether the campaign has this device."""
        return device_id in self._scripts

    def scripts(self) -> dict[str, DeviceScript]:
        """Return the scripts of all devices, in ascending order of the IMEIs."""
        return {device_id: self._scripts[device_id] for device_id in self.ids}

    def update(self, scripts: Mapping[str, DeviceScript]) -> None:
        """Add devices, or replace the scripts of existing ones."""
        self._scripts.update(scripts)
        self.ids = sorted(self._scripts)

    def remove(self, device_ids: Iterable[str]) -> None:
        """Remove devices."""
        for device_id in device_ids:
            self._scripts.pop(device_id, None)
            self._forced.pop(device_id, None)
        self.ids = sorted(self._scripts)

    def force(self, device_id: str, outcome: Outcome | None, age: float) -> bool:
        """Force the outcome of a device; with None, it follows its script again. False for an unknown device."""
        if device_id not in self._scripts:
            return False
        if outcome is None:
            self._forced.pop(device_id, None)
        else:
            self._forced[device_id] = Shown(outcome, age)
        return True


def listed(devices: list[Device]) -> Roster:
    """Return the roster of the devices that a scenario lists, in any order. Raises ValueError for a duplicate IMEI."""
    scripts = {device.id: device for device in devices}
    if len(scripts) < len(devices):
        raise ValueError("each device must have an id of its own")
    return Roster(scripts)


def is_imei(text: str) -> bool:
    """Whether a text has the 15 digits of an IMEI. The check digit is not verified."""
    return _IMEI.fullmatch(text) is not None
