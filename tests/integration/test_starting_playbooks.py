# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection, by their names."""

from __future__ import annotations

from typing import Any

import pytest

from integration.fleets import make_fleet, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, play, timeline
from simulator.control import Control
from simulator.stock import ACCOUNT

NAMESPACE = "fleetops.thingspace"


def _add(control: Control, status: str, devices: int = 10, failed: int = 0) -> str:
    (campaign_id,) = campaign_ids(1)
    groups = [{"count": failed, "status": "UpgradeFailed", "reason": "Other."}]
    fleet = {"count": devices, "groups": groups}
    control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (3, status)), devices=fleet)
    return campaign_id


def _run(playbooks: Playbooks, api_url: str, playbook: Any, hosts: Any = None, **variables: Any) -> Run:
    return playbooks.run(
        playbook,
        hosts=hosts,
        variables={**role_variables(api_url, campaign_id=None, device_id=None), **variables},
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )


def test_a_report_fails_because_of_no_state(playbooks: Playbooks, control: Control, api_url: str) -> None:
    ids = campaign_ids(3)
    for campaign_id, status in zip(ids, ("CampaignScheduled", "CampaignCancelled", "CampaignFromTheFuture")):
        groups = [{"count": 3, "status": "UpgradeFailed", "reason": "Other."}]
        control.add_campaign(campaign_id, body={"status": status}, devices={"count": 10, "groups": groups})
    # An inventory can have variables that only a wait uses.
    wanted = {"campaign_wait_campaign_id": ids, "campaign_wait_min_success_percent": 95}
    run = _run(playbooks, api_url, f"{NAMESPACE}.campaign_report", **wanted)

    assert run.code == 0, run.output
    states = ("scheduled", "cancelled", "unknown")
    for campaign_id, state in zip(ids, states, strict=True):
        stats = run.stats["thingspace_campaigns"][campaign_id]
        assert stats["state"] == state
        assert (stats["devices"]["total"], stats["api_version"], stats["end_date"]) == (10, "v2", "2020-08-22")
        assert (stats["account_name"], stats["success_percent"]) == (ACCOUNT, 0.0)
        assert f"({campaign_id}):" in run.stdout
    assert control.counters()["reads_by_campaign"] == dict.fromkeys(ids, 1)


def test_a_report_tells_of_devices_and_fails_without_a_campaign(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    campaign_id = _add(control, "CampaignEnded", failed=3)
    control.set_status(campaign_id, "CampaignEnded")
    there = _run(playbooks, api_url, f"{NAMESPACE}.campaign_report", campaign_wait_campaign_id=campaign_id)
    nowhere = _run(playbooks, api_url, f"{NAMESPACE}.campaign_report", campaign_wait_campaign_id=campaign_ids(2)[1])

    assert "7 of 10 devices upgraded (70.0 %), 3 failed [UpgradeFailed] Other." in there.stdout
    assert nowhere.code == 2
    assert nowhere.failure("Poll the campaigns")["reason"] == "not_found"
    assert nowhere.stats == {}


@pytest.mark.parametrize(("least", "code"), [(None, 2), (70, 0), (71, 2)])
def test_verify(playbooks: Playbooks, control: Control, api_url: str, least: int | None, code: int) -> None:
    campaign_id = _add(control, "CampaignEnded", failed=3)
    wanted = {} if least is None else {"campaign_wait_min_success_percent": least}
    run = _run(playbooks, api_url, f"{NAMESPACE}.campaign_verify", campaign_wait_campaign_id=campaign_id, **wanted)

    assert run.code == code, run.output
    assert "7 of 10 devices upgraded (70.0 %), 3 failed [UpgradeFailed] Other." in run.stdout
    stats = run.stats["thingspace_campaigns"][campaign_id]
    assert (stats["outcome"], stats["devices"]["failed"]) == ("partial", 3)
    assert stats["reached"] is (code == 0)


@pytest.mark.parametrize(
    ("devices", "failed", "code"),
    [pytest.param(10, 0, 0, id="good"), pytest.param(10, 1, 2, id="bad"), pytest.param(21, 0, 2, id="large")],
)
def test_canary(playbooks: Playbooks, control: Control, api_url: str, devices: int, failed: int, code: int) -> None:
    campaign_id = _add(control, "CampaignEnded", devices, failed)
    go_on = {"name": "go on", "ansible.builtin.debug": {"msg": "the fleet"}}
    plays = [{"import_playbook": f"{NAMESPACE}.canary"}, play([go_on])]
    run = _run(playbooks, api_url, plays, canary_campaign_id=campaign_id)

    assert run.code == code, run.output
    assert run.hosts_of("go on") == ({"localhost"} if code == 0 else set())
    if devices == 21:
        assert "The pilot campaign has 21 devices, and canary_max_devices is 20" in run.stdout.replace("\n", " ")
        # The campaign is refused before the wait.
        assert control.count("campaign_read") == 1


def test_a_fleet_by_the_name_of_its_group(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 10, campaigns=2, failed=0.2)
    variables = role_variables(api_url)
    run = playbooks.run(
        f"{NAMESPACE}.campaign_wait",
        hosts=fleet.hosts,
        variables={**variables, "thingspace_hosts": "all"},
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 2, run.output
    assert {event.host for event in run.events if event.failed} == fleet.not_upgraded
    assert control.count("session_login") == 1
