# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns, and the timelines that move them from state to state."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from simulator.devices import Device, Outcome, Roster, Shown, Snapshot, is_imei, listed
from simulator.fleet import Fleet
from simulator.life_cycle import OVER, Life, Plan
from simulator.stock import BASE_BODIES, OPTIONAL_TIMES, STOCK_FLEET
from simulator.timeline import Step

__all__ = ["ApiVersion", "Campaign", "CampaignStore", "Step", "is_uuid"]

ApiVersion = Literal["v1", "v2", "v3"]


@dataclasses.dataclass(frozen=True)
class Stop:
    """A final state that overrides the timeline, and the age (simulated seconds) at which it begins."""

    status: str
    age: float


@dataclasses.dataclass
class Campaign:
    """A campaign of a scenario. Fields that are missing in ``body`` come from the documented example.

    ``devices`` is a list or a fleet. By default, v1 has the devices of its ``body``, and v2 and v3 have a small fleet.
    With ``follows_dates``, the timeline is computed from the campaign's dates and the simulator's clock.
    """

    api_version: ApiVersion
    account_name: str
    id: str
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    timeline: list[Step] = dataclasses.field(default_factory=list)
    devices: list[Device] | Fleet | None = None
    follows_dates: bool = False
    roster: Roster = dataclasses.field(init=False)
    base: dict[str, Any] = dataclasses.field(init=False)
    edits: dict[str, Any] = dataclasses.field(default_factory=dict, init=False)
    plan: Plan | None = dataclasses.field(default=None, init=False)
    life: Life | None = dataclasses.field(default=None, init=False)
    stopped: Stop | None = dataclasses.field(default=None, init=False)
    added_at: float = dataclasses.field(default=0.0, init=False)
    looks: int = dataclasses.field(default=0, init=False)
    forced: Stop | None = dataclasses.field(default=None, init=False)

    def __post_init__(self) -> None:
        if not is_uuid(self.id):
            raise ValueError("the id of a campaign must be a UUID")
        if not self.account_name:
            raise ValueError("account_name must not be empty")
        if self.devices is not None and any("deviceList" in body for body in self._bodies()):
            raise ValueError("may have 'devices' or a deviceList in its body, not both")
        if self.follows_dates and self.timeline:
            raise ValueError("may follow its dates or have a timeline, not both")
        self.base = BASE_BODIES[self.api_version]
        if self.follows_dates:
            self._check_dates()
            # The windows and other days of the example only fit the dates of the example.
            self.base = {**self.base, **dict.fromkeys(OPTIONAL_TIMES[self.api_version])}
        self.roster = self._roster()

    @property
    def key(self) -> tuple[str, str, str]:
        """The unique key of a campaign: version, account and ID."""
        return (self.api_version, self.account_name, self.id.lower())

    def current_body(self, seconds: float) -> dict[str, Any]:
        """Return the campaign's fields at this time (simulated seconds), before the switches of Behaviour.

        Do not modify lists and mappings in it: they are shared with the campaign.
        """
        body = {**self.base, **self.body, "id": self.id, "accountName": self.account_name}
        for step in self._passed_steps(seconds):
            body.update(step.body)
        body.update(self.edits)
        status = self.current_status(seconds)
        return body if status is None else {**body, "status": status}

    def current_status(self, seconds: float) -> Any:
        """Return the status in that body. This is a separate method because it is called often, for all campaigns."""
        last_word = self.forced or self.stopped
        if last_word is not None:
            return last_word.status
        if "status" in self.edits:
            return self.edits["status"]
        passed = self._passed_steps(seconds)
        if passed:
            return passed[-1].status
        return self.body["status"] if "status" in self.body else self.base.get("status")

    @property
    def has_report(self) -> bool:
        """Whether the roster has its devices. In v1 they can be a part of the body instead."""
        return self.api_version != "v1" or self.devices is not None

    def snapshot(self, seconds: float) -> Snapshot:
        """Return what the devices need to know of the campaign at this time (simulated seconds)."""
        age = seconds - self.added_at
        return Snapshot(self.api_version, self.current_status(seconds), age, self.looks, self._over_at(age))

    def shown_devices(self, ids: list[str], snapshot: Snapshot) -> dict[str, Shown]:
        """Return what the device report says about these devices."""
        return {device_id: self.roster.at(device_id, snapshot) for device_id in ids}

    def shown_device(self, device_id: str, seconds: float) -> Shown | None:
        """Return what the service says about one device at this time, or None if the campaign does not have it."""
        if self.has_report:
            return self.roster.at(device_id, self.snapshot(seconds)) if self.roster.has(device_id) else None
        found = (one for key, one in self._body_devices(seconds) if key == device_id)
        return next(found, None)

    def device_statuses(self, seconds: float) -> list[str]:
        """Return the statuses of all devices at this time."""
        if not self.has_report:
            return [str(one.outcome.status) for _key, one in self._body_devices(seconds)]
        snapshot = self.snapshot(seconds)
        return [self.roster.at(device_id, snapshot).outcome.status for device_id in self.roster.ids]

    def _passed_steps(self, seconds: float) -> list[Step]:
        age = seconds - self.added_at
        return [step for step in self.timeline if step.passed(age, self.looks)]

    def _body_devices(self, seconds: float) -> list[tuple[Any, Shown]]:
        entries = self.current_body(seconds).get("deviceList")
        # Scenarios can have invalid data here, to test clients.
        known = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        return [(one.get("deviceId"), Shown(Outcome(one.get("status", ""), one.get("resultReason")))) for one in known]

    def move_devices_to_roster(self) -> None:
        """Move the devices of a v1 body to the roster."""
        if self.has_report:
            return
        shown = {key: one.outcome for key, one in self._body_devices(self.added_at) if is_imei(str(key))}
        self.devices = [Device(key, outcome.status, outcome.reason) for key, outcome in shown.items()]
        self.roster = listed(self.devices)

    def day(self, name: str) -> dt.date:
        """Return its ``startDate`` or ``endDate``, if it follows its dates."""
        return dt.date.fromisoformat({**self.body, **self.edits}[name])

    def _check_dates(self) -> None:
        try:
            in_order = self.day("startDate") <= self.day("endDate") < dt.date(dt.MAXYEAR, 1, 1)
        except (KeyError, TypeError, ValueError):
            in_order = False
        if not in_order:
            raise ValueError("follows its dates: its body needs a 'startDate' and an 'endDate' such as 2026-03-01")

    def _over_at(self, age: float) -> float | None:
        """Return the age at which it ended, or None if it has not ended."""
        ends = [stop.age for stop in (self.forced, self.stopped) if stop is not None and stop.status in OVER]
        ends += [self.life.ends] if self.life is not None else []
        return min((end for end in ends if end <= age), default=None)

    def _bodies(self) -> list[dict[str, Any]]:
        return [self.body, *(step.body for step in self.timeline)]

    def _roster(self) -> Roster:
        if isinstance(self.devices, list):
            return listed(self.devices)
        if self.devices is None:
            return Roster({}) if self.api_version == "v1" else Fleet(**STOCK_FLEET).roster()
        return self.devices.roster()


class CampaignStore:
    """All campaigns, in the order in which they were added."""

    def __init__(self) -> None:
        self._campaigns: dict[tuple[str, str, str], Campaign] = {}
        # Caches, filled on demand: the campaigns of each version and account, and the position of each campaign.
        self._orders: dict[tuple[str, str], list[Campaign]] = {}
        self._places: dict[tuple[str, str, str], int] = {}

    def add(self, campaign: Campaign, seconds: float) -> None:
        """Add or replace a campaign; its timeline starts now."""
        campaign.added_at = seconds
        campaign.looks = 0
        self._campaigns[campaign.key] = campaign
        self._orders.pop(campaign.key[:2], None)

    def remove(self, campaign: Campaign) -> None:
        """Remove a campaign."""
        self._campaigns.pop(campaign.key, None)
        self._orders.pop(campaign.key[:2], None)

    def find(self, api_version: str, account: str, campaign_id: str) -> Campaign | None:
        """Return a campaign, or None. UUIDs are case-insensitive."""
        return self._campaigns.get((api_version, account, campaign_id.lower()))

    def in_account(self, api_version: str, account: str) -> list[Campaign]:
        """Return the campaigns of an account."""
        return list(self._order(api_version, account))

    def after(self, api_version: str, account: str, campaign: Campaign | None) -> Iterator[Campaign]:
        """Return the campaigns of an account that come after this one, or all of them if it is None."""
        order = self._order(api_version, account)
        start = 0 if campaign is None else self._places[campaign.key] + 1
        return itertools.islice(order, start, None)

    def with_id(self, campaign_id: str) -> list[Campaign]:
        """Return the campaigns with this ID, of all versions and accounts."""
        return [found for found in self._campaigns.values() if found.key[2] == campaign_id.lower()]

    def all(self) -> list[Campaign]:
        """Return all campaigns."""
        return list(self._campaigns.values())

    def _order(self, api_version: str, account: str) -> list[Campaign]:
        key = (api_version, account)
        if key not in self._orders:
            order = [found for found in self._campaigns.values() if found.key[:2] == key]
            self._places.update((found.key, place) for place, found in enumerate(order))
            self._orders[key] = order
        return self._orders[key]


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form with dashes."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
