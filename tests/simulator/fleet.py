# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets: many devices in few words. Their statuses follow the state of the campaign."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from simulator.devices import Look, Outcome, Roster, Shown, is_imei
from simulator.life_cycle import ABORTED, CANCELLED, ENDED
from simulator.timeline import check_moment, has_come

# Words of the documents' examples and tables. How v1 reports an upgraded device is not documented.
_WAITING = {
    "v1": Outcome("Device Accepted", "success"),
    "v2": Outcome("Accepted", "Device cleared all checks so it can be added to the scheduled list."),
    "v3": Outcome(
        "UpgradePending",
        "Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",
    ),
}
_UPGRADED = {
    "v1": Outcome("UpgradeSuccess", "Download and install succeeded."),
    "v2": Outcome("UpgradeSuccess", "DownloadInstallSucceeded"),
    "v3": Outcome("UpgradeSuccess", "Upgrade completed successfully"),
}
_STOPPED = {
    CANCELLED: Outcome("CampaignCancelled", "Campaign canceled by user."),
    ABORTED: Outcome("CampaignAborted", "Campaign aborted by user."),
}


@dataclasses.dataclass(frozen=True)
class Group:
    """A part of a fleet, of a ``share`` (0.03: three in a hundred) or a ``count``, that ends with this status.

    It shows when the campaign has ended; with ``after`` or ``after_looks`` (as in timelines) at that moment,
    whatever the campaign's state.
    """

    status: str
    share: float | None = None
    count: int | None = None
    reason: str | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    after: float | None = None
    after_looks: int | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.count is None):
            raise ValueError("needs either 'share' or 'count'")
        if not 0 <= (self.share or 0) <= 1 or (self.count or 0) < 0:
            raise ValueError("'share' must be from 0 to 1, 'count' 0 or more")
        if self.after is not None and self.after_looks is not None:
            raise ValueError("may have 'after' or 'after_looks', not both")
        check_moment(self.after, self.after_looks)

    def size(self, count: int) -> int:
        """The number of its devices in a fleet of ``count``."""
        return self.count if self.count is not None else math.floor((self.share or 0) * count + 0.5)


@dataclasses.dataclass(frozen=True)
class Fleet:
    """``count`` devices with IMEIs in a row from ``first`` on.

    groups: parts with an end of their own; their devices are spread over the fleet, always in the same way.
    rest: the end of all others (absent: upgraded, in the words of the API version).
    until_ended: what the report says before the end (absent: waiting, in the words of the API version). In a
    cancelled or aborted campaign it says so instead; in one that failed the devices keep waiting.
    """

    count: int
    first: str = "900000000000001"
    groups: list[Group] = dataclasses.field(default_factory=list)
    rest: Outcome | None = None
    until_ended: Outcome | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("the count of a fleet must be 0 or more")
        if not is_imei(self.first) or not is_imei(f"{int(self.first) + max(self.count - 1, 0):015}"):
            raise ValueError("'first' must be an IMEI: a text of 15 digits; the last IMEI must have 15 digits too")
        if sum(group.size(self.count) for group in self.groups) > self.count:
            raise ValueError("the groups have more devices than the fleet")

    def roster(self) -> Roster:
        """All devices."""
        ids = [f"{int(self.first) + place:015}" for place in range(self.count)]
        return Roster(members_of(ids, self.groups, self.rest, self.until_ended))


@dataclasses.dataclass(frozen=True)
class Member:
    """The story of a device of a group, or (group None) of any other.

    ``done_at``: the age of the campaign (simulated seconds) at which the device is through, if nothing stops the
    campaign before. None: it is through when the campaign has ended.
    """

    group: Group | None
    finally_: Outcome | None
    until_ended: Outcome | None
    done_at: float | None = None

    def at(self, look: Look) -> Shown:
        """What the report says of the device."""
        since = self._since(look)
        if since is not None:
            return Shown(self.finally_ or _UPGRADED[look.api_version], since)
        return Shown(_STOPPED.get(look.status) or self.until_ended or _WAITING[look.api_version])

    def _since(self, look: Look) -> float | None:
        group = self.group
        if group is not None and (group.after is not None or group.after_looks is not None):
            return (group.after or 0.0) if has_come(group.after, group.after_looks, look.age, look.looks) else None
        if self.done_at is None:
            return 0.0 if look.status in ENDED else None
        lived = look.age if look.over_at is None else min(look.age, look.over_at)
        return self.done_at if lived >= self.done_at else None


def members_of(
    ids: Sequence[str], groups: Sequence[Group], rest: Outcome | None = None, until_ended: Outcome | None = None
) -> dict[str, Member]:
    """The stories of devices, the groups spread over them. Raises ValueError if there are too few devices."""
    if sum(group.size(len(ids)) for group in groups) > len(ids):
        raise ValueError("the groups have more devices than the fleet")
    members = [Member(None, rest, until_ended)] * len(ids)
    places = iter(_spread(len(ids)))
    for group in groups:
        member = Member(group, Outcome(group.status, group.reason, group.body), until_ended)
        for _device in range(group.size(len(ids))):
            members[next(places)] = member
    return dict(zip(ids, members, strict=True))


def _spread(count: int) -> list[int]:
    """All places from 0 to ``count`` - 1, in an order of which each beginning is spread evenly over all."""
    # Steps of the golden section never come close to an earlier place soon.
    step = max(1, round(count * 0.618))
    while math.gcd(step, count) > 1:
        step += 1
    return [index * step % count for index in range(count)]
