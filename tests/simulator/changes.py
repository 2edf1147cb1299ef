# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users may do to a campaign, and when: devices, dates, cancelling. The rules are those of the documents."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Literal

from simulator.behaviour import Behaviour
from simulator.campaigns import Campaign, Stop
from simulator.clock import SimulatedClock
from simulator.fleet import members_of
from simulator.life_cycle import ABORTED, CANCELLED, EARLY, OVER, WORDS, end_of, midnight
from simulator.request_bodies import WINDOW_LISTS, DeviceChange, Refusal
from simulator.scheduling import pace_devices, replan

_NOTICE = dt.timedelta(hours=24)


@dataclasses.dataclass(frozen=True)
class ChangedDevice:
    """The result of adding or removing a device."""

    id: str
    removed: bool
    succeeded: bool


def change_devices(
    campaign: Campaign, changes: list[DeviceChange], clock: SimulatedClock, behaviour: Behaviour
) -> list[ChangedDevice] | None:
    """Add and remove devices. Returns None if the campaign is neither pending nor queued."""
    if _status(campaign, clock) not in EARLY:
        return None
    campaign.move_devices_to_roster()
    done: list[ChangedDevice] = []
    for change in changes:
        done += [ChangedDevice(one, change.remove, campaign.roster.has(one) is change.remove) for one in change.ids]
        if change.remove:
            campaign.roster.remove(change.ids)
        else:
            campaign.roster.update(members_of([one for one in change.ids if not campaign.roster.has(one)], []))
    pace_devices(campaign, behaviour)
    return done


def change_dates(campaign: Campaign, fields: dict[str, Any], clock: SimulatedClock, behaviour: Behaviour) -> bool:
    """Set the dates and time windows of a campaign. Returns False if its state does not allow it. Raises Refusal.

    Before its start all of them can change. After its start, the start date cannot change, the end date must be at
    least 24 hours from now, and windows can only be added.
    """
    seconds = clock.seconds()
    body = campaign.current_body(seconds)
    if body.get("status") in OVER:
        return False
    started = has_started(body, clock)
    if started:
        _check_late_change(body, fields, campaign, clock, behaviour)
    campaign.edits.update(fields)
    replan(campaign, clock, behaviour, is_new_start=not started)
    return True


def stop(campaign: Campaign, clock: SimulatedClock, behaviour: Behaviour) -> Literal["stopped", "removed", "refused"]:
    """Cancel or abort a campaign, depending on its dates and the switches."""
    status, age = _status(campaign, clock), clock.seconds() - campaign.added_at
    if status in OVER:
        return "stopped" if behaviour.cancel_after_end == "success" else "refused"
    if campaign.api_version == "v1":
        # Documented for queued upgrades only; the documents do not say that a running one can be stopped.
        if status == WORDS["v1"].running:
            return "refused"
        if behaviour.v1_cancelled == "removed":
            return "removed"
        campaign.stopped = Stop(behaviour.v1_cancelled, age)
        return "stopped"
    started = has_started(campaign.current_body(clock.seconds()), clock)
    if started and behaviour.cancel_after_start == "refused":
        return "refused"
    campaign.stopped = Stop(ABORTED if started else CANCELLED, age)
    return "stopped"


def has_started(body: dict[str, Any], clock: SimulatedClock) -> bool:
    """Whether the start date has begun. False if the body has no valid start date."""
    try:
        start = dt.date.fromisoformat(str(body.get("startDate"))[:10])
    except ValueError:
        return False
    return clock.now() >= midnight(start)


def _status(campaign: Campaign, clock: SimulatedClock) -> Any:
    return campaign.current_status(clock.seconds())


def _check_late_change(
    body: dict[str, Any], fields: dict[str, Any], campaign: Campaign, clock: SimulatedClock, behaviour: Behaviour
) -> None:
    if fields["startDate"] != str(body.get("startDate"))[:10]:
        raise Refusal("FotaPostUpgrades: invalid state date")
    if end_of(dt.date.fromisoformat(fields["endDate"]), behaviour) < clock.now() + _NOTICE:
        raise Refusal("FotaPostUpgrades: invalid end date")
    for name in WINDOW_LISTS[campaign.api_version]:
        before = body.get(name)
        # Scenarios can have invalid data here.
        if isinstance(before, list) and any(window not in (fields[name] or []) for window in before):
            raise Refusal("Removing of existing windows is not allowed")
