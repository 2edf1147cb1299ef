# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets of stand-in hosts: each host is a device of a simulated campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.tasks import Task, campaign_ids, local_hosts, play, timeline
from simulator.control import Control
from simulator.stock import ACCOUNT

ROLE = "fleetops.thingspace.campaign_wait"
VERDICT = f"{ROLE} : Set the result of each host"
STOP = f"{ROLE} : Fail the host"
# No module, which would cost half a second of CPU time on each host.
TOUCH: Task = {"name": "touch", "ansible.builtin.debug": {"msg": "touched"}}


@dataclass(frozen=True)
class Fleet:
    """Hosts with their variables ``campaign`` and ``imei``, and those whose device was upgraded."""

    campaigns: list[str]
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    upgraded: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        """The names of all hosts, in the order of the inventory."""
        return list(self.hosts)

    @property
    def not_upgraded(self) -> set[str]:
        """The others."""
        return set(self.hosts) - self.upgraded


def make_fleet(
    control: Control, size: int, campaigns: int = 5, failed: float = 0.1, ends_at_look: int = 3, apart: int = 0
) -> Fleet:
    """A fleet in several campaigns that end at this look, a share of its devices failed, the very first among them.

    :param apart: so many looks after one campaign the next one ends.
    """
    fleet = Fleet(campaign_ids(campaigns))
    share = size // campaigns
    for number, campaign_id in enumerate(fleet.campaigns):
        control.add_campaign(
            campaign_id,
            timeline=timeline((1, "CampaignScheduled"), (ends_at_look + apart * number, "CampaignEnded")),
            devices={
                "count": share,
                "first": str(900000000000000 + 10000 * number),
                "groups": [{"share": failed, "status": "UpgradeFailed", "reason": "RovaClientDownloadFailed"}],
            },
        )
        ids = [device["id"] for device in control.devices(campaign_id)]
        for imei, variables in zip(ids, local_hosts(ids).values()):
            fleet.hosts[f"host-{imei}"] = {**variables, "campaign": campaign_id, "imei": imei}
    for campaign_id in fleet.campaigns:
        # What the devices are when the campaign has ended.
        control.set_status(campaign_id, "CampaignEnded")
        done = [device["id"] for device in control.devices(campaign_id) if device["status"] == "UpgradeSuccess"]
        fleet.upgraded.update(f"host-{imei}" for imei in done)
        control.set_status(campaign_id, None)
    return fleet


def role_variables(api_url: str | None, **more: Any) -> dict[str, Any]:
    """Variables of the role for such a fleet, credentials not included; None leaves one out."""
    values = {
        "account_name": ACCOUNT,
        "campaign_id": "{{ campaign }}",
        "device_id": "{{ imei }}",
        "api_url": api_url,
        "interval": 0.1,
        "max_interval": 0.1,
        "timeout": 60,
        **more,
    }
    return {f"campaign_wait_{name}": value for name, value in values.items() if value is not None}


def gate(
    variables: dict[str, Any],
    hosts: str = "all",
    tasks: Sequence[Task] = (TOUCH,),
    role: Any = None,
    **play_keywords: Any,
) -> dict[str, Any]:
    """A play with the role before its tasks; ``role``: further keywords of the role."""
    roles = [{"role": ROLE, "vars": variables, **(role or {})}]
    return {**play(tasks, hosts, **play_keywords), "roles": roles}
