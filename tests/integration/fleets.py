# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets of simulated hosts: each host is a device of a simulated campaign."""

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
# Not a module, which would need half a second of CPU time per host.
TOUCH: Task = {"name": "touch", "ansible.builtin.debug": {"msg": "touched"}}


@dataclass(frozen=True)
class Fleet:
    """Hosts with the variables ``campaign`` and ``imei``, and the names of those whose device was upgraded."""

    campaigns: list[str]
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    upgraded: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        """Return the names of all hosts, in the order of the inventory."""
        return list(self.hosts)

    @property
    def not_upgraded(self) -> set[str]:
        """Return the names of all other hosts."""
        return set(self.hosts) - self.upgraded


def make_fleet(
    control: Control, size: int, campaigns: int = 5, failed: float = 0.1, ends_at_poll: int = 3, apart: int = 0
) -> Fleet:
    """Create a fleet in several campaigns. The share ``failed`` of its devices fails, including the first one.

    :param ends_at_poll: the number of the poll at which the campaigns end.
    :param apart: the number of polls between the ends of two campaigns.
    """
    fleet = Fleet(campaign_ids(campaigns))
    share = size // campaigns
    for number, campaign_id in enumerate(fleet.campaigns):
        control.add_campaign(
            campaign_id,
            timeline=timeline((1, "CampaignScheduled"), (ends_at_poll + apart * number, "CampaignEnded")),
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
        # Temporarily end the campaign, to get the final states of its devices.
        control.set_status(campaign_id, "CampaignEnded")
        done = [device["id"] for device in control.devices(campaign_id) if device["status"] == "UpgradeSuccess"]
        fleet.upgraded.update(f"host-{imei}" for imei in done)
        control.set_status(campaign_id, None)
    return fleet


def role_variables(api_url: str | None, **more: Any) -> dict[str, Any]:
    """Return the role's variables for such a fleet, without credentials. Variables of None are omitted."""
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
    """Return a play with the role before its tasks. ``role`` has more keywords of the role."""
    roles = [{"role": ROLE, "vars": variables, **(role or {})}]
    return {**play(tasks, hosts, **play_keywords), "roles": roles}
