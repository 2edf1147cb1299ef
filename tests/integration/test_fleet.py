# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in a play over many hosts."""

from __future__ import annotations

from typing import Any

from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, play
from simulator.control import Control
from simulator.stock import ACCOUNT

ROLE = "fleetops.thingspace.campaign_wait"


def test_first(playbooks: Playbooks, control: Control, api_url: str) -> None:
    ids = campaign_ids(2)
    hosts: dict[str, Any] = {}
    for number, campaign_id in enumerate(ids):
        control.add_campaign(
            campaign_id,
            body={"status": "CampaignEnded"},
            devices={
                "count": 10,
                "first": f"{900000000000000 + 100 * number}",
                "groups": [{"count": 2, "status": "UpgradeFailed", "reason": "Other."}],
            },
        )
        for device in control.devices(campaign_id):
            hosts[f"host-{device['id']}"] = {
                "imei": device["id"],
                "my_campaign": campaign_id,
                "ansible_connection": "local",
                "good": device["status"] == "UpgradeSuccess",
            }
    touch = {
        "name": "touch",
        "ansible.builtin.debug": {"msg": "{{ campaign_wait_result.device.state }} {{ campaign_wait_result.message }}"},
    }
    variables = {
        "campaign_wait_account_name": ACCOUNT,
        "campaign_wait_campaign_id": "{{ my_campaign }}",
        "campaign_wait_device_id": "{{ imei }}",
        "campaign_wait_api_url": api_url,
        "campaign_wait_interval": 0.2,
        "campaign_wait_max_interval": 0.2,
    }
    run = playbooks.run(
        [
            {**play([touch], "all"), "roles": [{"role": ROLE, "vars": variables}]},
            play(
                [
                    {
                        "name": "later",
                        "ansible.builtin.debug": {
                            "msg": "{{ hostvars[inventory_hostname].campaign_wait_result.device.state }}"
                        },
                    }
                ],
                "all",
            ),
        ],
        hosts=hosts,
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )
    print(run.output)
    assert {e.host for e in run.events if e.task == "touch"} == {h for h, v in hosts.items() if v["good"]}
    assert {e.host for e in run.events if e.task == "later"} == {h for h, v in hosts.items() if v["good"]}
    print(control.counters())
    assert 0
