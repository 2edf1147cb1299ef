# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a campaign, each with a status of its own."""

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
    """What a report says of a device; ``body`` has further fields of its entry, as they go over the wire."""

    status: str
    reason: str | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Look:
    """The campaign at the time of a request, as its devices see it.

    ``age`` is in simulated seconds, ``over_at`` the age at which it came to its end (None: it did not, or not by its
    dates or by a user).
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


class Story(Protocol):
    """What happens to a device."""

    def at(self, look: Look) -> Shown:
        """What the report says of the device."""


@dataclasses.dataclass(frozen=True)
class DeviceStep(Step):
    """A step of a device's timeline; ``after_looks`` counts the reads of the campaign, not of its report."""

    reason: str | None = None


@dataclasses.dataclass(frozen=True)
class Device:
    """A device as a scenario gives it. ``id``: its IMEI, a text of 15 digits."""

    id: str
    status: str
    reason: str | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    timeline: list[DeviceStep] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        if not is_imei(self.id):
            raise ValueError("the id of a device must be an IMEI: a text of 15 digits")

    def at(self, look: Look) -> Shown:
        """What the report says of the device. A step without a reason has none."""
        shown = Shown(Outcome(self.status, self.reason, self.body))
        for step in self.timeline:
            if step.passed(look.age, look.looks):
                body = {**shown.outcome.body, **step.body}
                shown = Shown(Outcome(step.status, step.reason, body), step.after or 0.0)
        return shown


class Roster:
    """The devices of one campaign, by their IMEIs in ascending order."""

    def __init__(self, stories: Mapping[str, Story]) -> None:
        self._stories = dict(stories)
        self._forced: dict[str, Shown] = {}
        # All have 15 digits: the order of the texts is that of the numbers.
        self.ids = sorted(stories)

    def beyond(self, cursor: int) -> int:
        """The index of the first IMEI that is larger than this number."""
        return bisect.bisect_right(self.ids, cursor, key=int)

    def at(self, device_id: str, look: Look) -> Shown:
        """What the report says of a device."""
        return self._forced.get(device_id) or self._stories[device_id].at(look)

    def has(self, device_id: str) -> bool:
        """Whether there is such a device."""
        return device_id in self._stories

    def stories(self) -> dict[str, Story]:
        """All devices, in ascending order, with what happens to them."""
        return {device_id: self._stories[device_id] for device_id in self.ids}

    def tell(self, stories: Mapping[str, Story]) -> None:
        """Add devices, or give those that are there another story."""
        self._stories.update(stories)
        self.ids = sorted(self._stories)

    def remove(self, device_ids: Iterable[str]) -> None:
        """Take devices out."""
        for device_id in device_ids:
            self._stories.pop(device_id, None)
            self._forced.pop(device_id, None)
        self.ids = sorted(self._stories)

    def force(self, device_id: str, outcome: Outcome | None, age: float) -> bool:
        """Give a device this outcome from now on, or (None) give it back to its story. False: no such device."""
        if device_id not in self._stories:
            return False
        if outcome is None:
            self._forced.pop(device_id, None)
        else:
            self._forced[device_id] = Shown(outcome, age)
        return True


def listed(devices: list[Device]) -> Roster:
    """The roster of devices that a scenario lists, in any order. Raises ValueError for an IMEI that is there twice."""
    stories = {device.id: device for device in devices}
    if len(stories) < len(devices):
        raise ValueError("each device must have an id of its own")
    return Roster(stories)


def is_imei(text: str) -> bool:
    """Whether a text has the 15 digits of an IMEI; the check digit is not regarded."""
    return _IMEI.fullmatch(text) is not None
