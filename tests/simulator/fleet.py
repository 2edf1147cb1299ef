# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets: many devices from a short definition. Their statuses follow the state of the campaign."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from simulator.devices import Outcome, Roster, Shown, Snapshot, is_imei
from simulator.life_cycle import ABORTED, CANCELLED, ENDED
from simulator.timeline import check_moment, is_reached

# From the examples and tables in the documents. How v1 reports an upgraded device is not documented.
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
    """A part of a fleet, given as a ``share`` (0.03 is 3 percent) or a ``count``, that ends with this status.

    The report shows this status when the campaign has ended. With ``after`` or ``after_looks`` (as in timelines), it
    shows it from then on, regardless of the campaign's state.
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
        """Return the number of its devices in a fleet of ``count``."""
        return self.count if self.count is not None else math.floor((self.share or 0) * count + 0.5)


@dataclasses.dataclass(frozen=True)
class Fleet:
    """``count`` devices with consecutive IMEIs, starting with ``first``.

    groups: parts with their own final status. Their devices are spread over the fleet, always in the same way.
    rest: the final status of all other devices (default: upgraded, in the words of the API version).
    until_ended: the status before that (default: waiting, in the words of the API version). If the campaign is
    cancelled or aborted, the report says so instead. If it fails, the devices keep waiting.
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
        """Return the roster of all devices."""
        ids = [f"{int(self.first) + place:015}" for place in range(self.count)]
        return Roster(members_of(ids, self.groups, self.rest, self.until_ended))


@dataclasses.dataclass(frozen=True)
class Member:
    """The script of a device in a group, or (group None) of any other device.

    ``done_at`` is the age of the campaign (simulated seconds) at which the device is done, unless the campaign is
    stopped before. With None, the device is done when the campaign has ended.
    """

    group: Group | None
    final_outcome: Outcome | None
    until_ended: Outcome | None
    done_at: float | None = None

    def at(self, snapshot: Snapshot) -> Shown:
        """What the report says of the device."""
        since = self._since(snapshot)
        if since is not None:
            return Shown(self.final_outcome or _UPGRADED[snapshot.api_version], since)
        return Shown(_STOPPED.get(snapshot.status) or self.until_ended or _WAITING[snapshot.api_version])

    def _since(self, snapshot: Snapshot) -> float | None:
        group = self.group
        if group is not None and (group.after is not None or group.after_looks is not None):
            is_done = is_reached(group.after, group.after_looks, snapshot.age, snapshot.looks)
            return (group.after or 0.0) if is_done else None
        if self.done_at is None:
            return 0.0 if snapshot.status in ENDED else None
        lived = snapshot.age if snapshot.over_at is None else min(snapshot.age, snapshot.over_at)
        return self.done_at if lived >= self.done_at else None


def members_of(
    ids: Sequence[str], groups: Sequence[Group], rest: Outcome | None = None, until_ended: Outcome | None = None
) -> dict[str, Member]:
    """Return the scripts of devices, with the groups spread over them. Raises ValueError for too few devices."""
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
    """Return the numbers from 0 to ``count`` - 1 in an order in which the first n, for any n, are evenly spread."""
    # Steps of the golden ratio stay away from earlier numbers for as long as possible.
    step = max(1, round(count * 0.618))
    while math.gcd(step, count) > 1:
        step += 1
    return [index * step % count for index in range(count)]
