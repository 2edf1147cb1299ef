# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns, and the timelines that move them from state to state."""

from __future__ import annotations

import copy
import dataclasses
import uuid
from typing import Any, Literal

from simulator.devices import Device, Look, Roster, Shown, listed
from simulator.fleet import Fleet
from simulator.stock import BASE_BODIES, STOCK_FLEET
from simulator.timeline import Step

__all__ = ["ApiVersion", "Campaign", "CampaignStore", "Step", "is_uuid"]

ApiVersion = Literal["v1", "v2", "v3"]


@dataclasses.dataclass
class Campaign:
    """A campaign as a scenario gives it; what ``body`` does not say comes from the documented example.

    ``devices``: a list, or a fleet in few words. Absent, v1 has the devices of its ``body``, the others a small
    fleet.
    """

    api_version: ApiVersion
    account_name: str
    id: str
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    timeline: list[Step] = dataclasses.field(default_factory=list)
    devices: list[Device] | Fleet | None = None
    roster: Roster = dataclasses.field(init=False)
    added_at: float = dataclasses.field(default=0.0, init=False)
    looks: int = dataclasses.field(default=0, init=False)
    forced_status: str | None = dataclasses.field(default=None, init=False)

    def __post_init__(self) -> None:
        if not is_uuid(self.id):
            raise ValueError("the id of a campaign must be a UUID")
        if not self.account_name:
            raise ValueError("account_name must not be empty")
        if self.devices is not None and any("deviceList" in body for body in self._bodies()):
            raise ValueError("may have 'devices' or a deviceList in its body, not both")
        self.roster = self._roster()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a campaign one: version, account and ID."""
        return (self.api_version, self.account_name, self.id.lower())

    def current_body(self, seconds: float) -> dict[str, Any]:
        """The campaign's fields at this time (simulated seconds), before the switches of Behaviour."""
        body = copy.deepcopy({**BASE_BODIES[self.api_version], **self.body})
        body.update(id=self.id, accountName=self.account_name)
        for step in self.timeline:
            if step.passed(seconds - self.added_at, self.looks):
                body.update(copy.deepcopy(step.body), status=step.status)
        if self.forced_status is not None:
            body["status"] = self.forced_status
        return body

    @property
    def has_report(self) -> bool:
        """Whether its devices are those of the roster: in v1 they may be a part of the body instead."""
        return self.api_version != "v1" or self.devices is not None

    def look(self, seconds: float) -> Look:
        """The campaign at this time (simulated seconds), as its devices see it."""
        return Look(self.api_version, self.current_body(seconds).get("status"), seconds - self.added_at, self.looks)

    def shown_devices(self, ids: list[str], look: Look) -> dict[str, Shown]:
        """What its report says of these devices."""
        return {device_id: self.roster.at(device_id, look) for device_id in ids}

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

    def add(self, campaign: Campaign, seconds: float) -> None:
        """Add or replace a campaign; its timeline starts now."""
        campaign.added_at = seconds
        campaign.looks = 0
        self._campaigns[campaign.key] = campaign

    def find(self, api_version: str, account: str, campaign_id: str) -> Campaign | None:
        """One campaign; a UUID in capitals is the same UUID."""
        return self._campaigns.get((api_version, account, campaign_id.lower()))

    def in_account(self, api_version: str, account: str) -> list[Campaign]:
        """The campaigns of an account."""
        return [found for found in self._campaigns.values() if found.key[:2] == (api_version, account)]

    def with_id(self, campaign_id: str) -> list[Campaign]:
        """The campaigns of this ID, of any version and account."""
        return [found for found in self._campaigns.values() if found.key[2] == campaign_id.lower()]

    def all(self) -> list[Campaign]:
        """All campaigns."""
        return list(self._campaigns.values())


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form with dashes."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
