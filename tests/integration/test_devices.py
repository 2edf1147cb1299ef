# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play with thresholds for devices: met and not met, with the same result from the module and the action plugin."""

from __future__ import annotations

from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, FAST, campaign_ids, defaults, info, local_hosts, play, remote_hosts
from integration.test_module_way import check_same
from simulator.control import Control


def test_a_play_decides_by_the_devices(playbooks: Playbooks, control: Control, api_url: str) -> None:
    (campaign_id,) = campaign_ids(1)
    fleet = {"count": 100, "groups": [{"count": 3, "status": "UpgradeFailed", "reason": "Other."}]}
    control.add_campaign(campaign_id, body={"status": "CampaignEnded"}, devices=fleet)
    options = {**FAST, "campaign_id": campaign_id, "devices": "failed"}
    tasks = [
        info("met", {**options, "min_success_percent": 97}),
        info("not met", {**options, "min_success_percent": 98}, ignore_errors=True),
    ]
    hosts = {**local_hosts(["here"]), **remote_hosts(["there"])}
    run = playbooks.run([play(tasks, "all", defaults(api_url))], hosts=hosts, variables=CREDENTIALS)

    assert run.code == 0, run.output
    check_same(run, ["met", "not met"], ["here", "there"])
    met, not_met = run.result("met", "here"), run.failure("not met", "here")
    assert (met["reached"], met["reason"], met["campaign"]["outcome"]) == (True, "reached", "partial")
    assert (not_met["reached"], not_met["reason"]) == (False, "too_many_failures")
    assert "only 97 of 100 devices were upgraded (min_success_percent is 98)" in not_met["msg"]
    failed = [device["id"] for device in control.devices(campaign_id) if device["status"] == "UpgradeFailed"]
    assert len(failed) == 3
    for result in (met, not_met):
        assert [device["device_id"] for device in result["campaign"]["devices"]] == failed
        assert {device["state"] for device in result["campaign"]["devices"]} == {"failed"}
