# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns, and the timelines that move them from state to state."""

from __future__ import annotations

import copy
import dataclasses
import uuid
from typing import Any, Literal

from simulator.stock import BASE_BODIES

ApiVersion = Literal["v1", "v2", "v3"]


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of a timeline: from a time, or from the n-th read on, the campaign has this status.

    ``after`` is in simulated seconds since the campaign was added; ``after_looks`` n means that the n-th read
    is the first one to show the step. ``body`` changes further fields of the campaign.
    """

    status: str
    after: float | None = None
    after_looks: int | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.after is None) == (self.after_looks is None):
            raise ValueError("needs either 'after' or 'after_looks'")
        if (self.after or 0) < 0 or (self.after_looks or 0) < 0:
            raise ValueError("'after' and 'after_looks' must be 0 or more")

    def passed(self, age: float, looks: int) -> bool:
        """Whether the step has come, for a campaign of this age (simulated seconds) and number of reads."""
        if self.after is not None:
            return age >= self.after
        return looks >= (self.after_looks or 0)


@dataclasses.dataclass
class Campaign:
    """A campaign as a scenario gives it; what ``body`` does not say comes from the documented example."""

    api_version: ApiVersion
    account_name: str
    id: str
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    timeline: list[Step] = dataclasses.field(default_factory=list)
    added_at: float = dataclasses.field(default=0.0, init=False)
    looks: int = dataclasses.field(default=0, init=False)
    forced_status: str | None = dataclasses.field(default=None, init=False)

    def __post_init__(self) -> None:
        if not is_uuid(self.id):
            raise ValueError("the id of a campaign must be a UUID")
        if not self.account_name:
            raise ValueError("account_name must not be empty")

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
