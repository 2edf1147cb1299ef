# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns that follow their dates: scheduled through the API, or by a scenario with ``follows_dates``."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any, Literal

from simulator.behaviour import Behaviour
from simulator.campaigns import ApiVersion, Campaign
from simulator.clock import SimulatedClock
from simulator.devices import Outcome, Roster
from simulator.fleet import Group, Member, members_of
from simulator.life_cycle import Fate, Life, Plan, end_of, life_of, midnight
from simulator.stock import NEW_CAMPAIGN_BASES

__all__ = ["NewCampaigns", "follow", "new_campaign", "pace_devices", "replan"]


@dataclasses.dataclass(frozen=True)
class NewCampaigns:
    """What happens to campaigns that are scheduled through the API.

    groups and rest: as in a fleet. Their devices are done one after the other, all of them after
    ``behaviour.upgrade_seconds``. ``fate``: whether the request, or the scheduling itself, fails instead.
    """

    groups: list[Group] = dataclasses.field(default_factory=list)
    rest: Outcome | None = None
    fate: Literal["normal", "request_failed", "failed"] = "normal"

    def __post_init__(self) -> None:
        if any(group.count is not None for group in self.groups):
            raise ValueError("the groups of new campaigns have a 'share', because nobody knows how many devices come")
        if sum(group.share or 0 for group in self.groups) > 1:
            raise ValueError("the shares of all groups must not be more than 1")


def new_campaign(
    api_version: ApiVersion, account: str, fields: dict[str, Any], device_ids: list[str], course: NewCampaigns
) -> Campaign:
    """Return a campaign as the API creates it. Call :func:`follow` when it has been added."""
    campaign = Campaign(api_version, account, str(uuid.uuid4()), body=fields, devices=[], follows_dates=True)
    campaign.base = NEW_CAMPAIGN_BASES[api_version]
    campaign.roster = Roster(members_of(sorted(device_ids), course.groups, course.rest))
    return campaign


def follow(campaign: Campaign, clock: SimulatedClock, behaviour: Behaviour, fate: Fate = "normal") -> None:
    """Make a new campaign, which was already added, follow its dates."""
    plan = _plan(campaign, clock, behaviour)
    added_on = clock.at(campaign.added_at).date()
    campaign.plan = dataclasses.replace(plan, on_demand=campaign.day("startDate") <= added_on, fate=fate)
    pace_devices(campaign, behaviour)


def replan(campaign: Campaign, clock: SimulatedClock, behaviour: Behaviour, is_new_start: bool) -> None:
    """Make a campaign follow its changed dates."""
    old = campaign.plan
    if old is None:
        return
    plan = dataclasses.replace(_plan(campaign, clock, behaviour), on_demand=old.on_demand, fate=old.fate)
    plan = dataclasses.replace(plan, not_before=old.not_before)
    if is_new_start:
        plan = dataclasses.replace(plan, not_before=clock.seconds() - campaign.added_at)
    campaign.plan = plan
    pace_devices(campaign, behaviour)


def pace_devices(campaign: Campaign, behaviour: Behaviour) -> None:
    """Spread the upgrades of the devices over their time. The campaign ends with the last one."""
    if campaign.plan is None:
        return
    members = {key: script for key, script in campaign.roster.scripts().items() if isinstance(script, Member)}
    all_paced = len(members) == len(campaign.roster.ids) > 0
    life = life_of(campaign.api_version, campaign.plan, behaviour, behaviour.upgrade_seconds if all_paced else None)
    each = behaviour.upgrade_seconds / max(len(members), 1)
    done = {key: life.begins + each * number for number, key in enumerate(members, 1)}
    campaign.roster.update({key: dataclasses.replace(member, done_at=done[key]) for key, member in members.items()})
    _set_life(campaign, life)


def _set_life(campaign: Campaign, life: Life) -> None:
    campaign.life, campaign.timeline = life, life.steps


def _plan(campaign: Campaign, clock: SimulatedClock, behaviour: Behaviour) -> Plan:
    added = clock.at(campaign.added_at)
    end = end_of(campaign.day("endDate"), behaviour)
    start = midnight(campaign.day("startDate"))
    return Plan((start - added).total_seconds(), (end - added).total_seconds())
