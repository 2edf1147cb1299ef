# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role and the playbook of the collection, as users run them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from integration.playbooks import Playbooks
from integration.tasks import (
    BY_VARIABLES,
    CREDENTIALS,
    as_environment,
    campaign_ids,
    local_hosts,
    play,
    remote_hosts,
    timeline,
)
from simulator.control import Control
from simulator.stock import ACCOUNT

ROLE = "fleetops.thingspace.campaign_wait"
WAIT = "fleetops.thingspace.campaign_wait : Wait for the campaigns to reach their target state"
DEVICES = ["device-1", "device-2", "device-3"]


def settings(api_url: str, campaign_id: str, **more: Any) -> dict[str, Any]:
    """Return variables of the role, without credentials."""
    values = {
        "account_name": ACCOUNT,
        "campaign_id": campaign_id,
        "api_url": api_url,
        "interval": 0.2,
        "max_interval": 0.2,
        "timeout": 60,
        **more,
    }
    return {f"campaign_wait_{name}": value for name, value in values.items()}


def fleet_plays(variables: dict[str, Any]) -> list[dict[str, Any]]:
    touch = {"name": "touch the device", "ansible.builtin.command": "true", "changed_when": False}
    return [{**play([touch], hosts="all"), "roles": [{"role": ROLE, "vars": variables}]}]


def test_a_fleet_continues_after_the_campaign(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Devices are other hosts. The wait runs on the controller, with the controller's credentials."""
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (8, "CampaignEnded")))
    run = playbooks.run(
        fleet_plays(settings(api_url, campaign_id)),
        hosts=remote_hosts(DEVICES),
        environment=as_environment(CREDENTIALS),
    )

    assert run.code == 0, run.output
    reads = [entry["real"] for entry in control.counters()["log"] if entry["kind"] == "campaign_read"]
    assert run.progress_lines("device-1 +2")
    for device in DEVICES:
        assert run.tasks_begun(device)[-1] == "touch the device"
        assert run.event("touch the device", device).at > max(reads)
    assert "campaign_info" not in playbooks.commands_elsewhere()


def test_a_fleet_is_not_touched_when_the_campaign_fails(playbooks: Playbooks, control: Control, api_url: str) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, body={"status": "CampaignFailed"})
    by_variables = {f"campaign_wait_{name}": value for name, value in BY_VARIABLES.items()}
    run = playbooks.run(
        fleet_plays({**settings(api_url, campaign_id), **by_variables}),
        hosts=remote_hosts(DEVICES),
        variables=CREDENTIALS,
    )

    assert run.code == 2, run.output
    sentences = {event.result["msg"] for event in run.events if event.failed}
    assert sentences == {
        f"ended can no longer be reached: campaign FOTA_Verizon_Upgrade ({campaign_id}) is failed [CampaignFailed]."
    }
    assert "touch the device" not in {event.task for event in run.events}


def test_nobody_continues_under_an_ansible_that_does_not_tell_of_run_once(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, body={"status": "CampaignEnded"})
    plugins = playbooks.lane.environment(playbooks.home)["ANSIBLE_CALLBACK_PLUGINS"]
    plugins = os.pathsep.join([plugins, str(Path(__file__).parent / "changed_core")])
    run = playbooks.run(
        fleet_plays(settings(api_url, campaign_id)),
        hosts=local_hosts(DEVICES),
        environment={**as_environment(CREDENTIALS), "ANSIBLE_CALLBACK_PLUGINS": plugins},
    )

    assert run.code == 2, run.output
    assert run.hosts_of("touch the device") == set()
    (failed,) = [event for event in run.events if event.failed]
    assert failed.result["reason"] == "invalid_option"
    assert failed.result["msg"] == (
        "campaign_wait does not support this version of ansible-core (Play has no run_once): "
        "use one that its README lists."
    )
    assert control.counters()["reads_by_campaign"].get(campaign_id) is None


def test_what_the_network_says_names_the_options_of_the_role(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    """Each host has another wrong option."""
    control.fault("hang")
    port = api_url.rpartition(":")[2].partition("/")[0]
    wrong: dict[str, tuple[dict[str, Any], set[str]]] = {
        "authorities": ({"ca_path": "/no/such/folder"}, {"campaign_wait_ca_path does not exist"}),
        "silence": ({"request_timeout": 0.5, "timeout": 0}, {"(campaign_wait_request_timeout)"}),
        "nobody-there": (
            {"api_url": "http://127.0.0.1:9/api", "first_answer": 0.5},
            {"(campaign_wait_first_answer)", "Check campaign_wait_api_url,"},
        ),
        "no-tls": ({"api_url": f"https://127.0.0.1:{port}/api", "timeout": 0}, {"check campaign_wait_api_url"}),
    }
    hosts = {
        host: {**own, **settings(**{"api_url": api_url, "campaign_id": campaign_ids(1)[0], **wrong[host][0]})}
        for host, own in local_hosts(list(wrong)).items()
    }
    run = playbooks.run(fleet_plays({}), hosts=hosts, environment=as_environment(CREDENTIALS))

    assert run.code == 2, run.output
    for host, (_options, named) in wrong.items():
        (sentence,) = {event.result["msg"] for event in run.events if event.failed and event.host == host}
        assert {words for words in named if words not in sentence} == set(), sentence


def test_a_wrong_password_of_a_fleet_is_sent_once(playbooks: Playbooks, control: Control, api_url: str) -> None:
    wrong = {**CREDENTIALS, "password": "mistyped-password-5555-wrong"}
    playbooks.know_secrets(wrong)
    run = playbooks.run(
        fleet_plays(settings(api_url, *campaign_ids(1))), hosts=remote_hosts(DEVICES), environment=as_environment(wrong)
    )

    assert run.code == 2, run.output
    (sentence,) = {event.result["msg"] for event in run.events if event.failed}
    assert sentence.startswith("The login of the user was refused")
    assert (control.count("session_login"), control.count("oauth_token")) == (1, 1)
    assert "touch the device" not in {event.task for event in run.events}


def test_a_fleet_may_continue_after_a_timeout(playbooks: Playbooks, control: Control, api_url: str) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, body={"status": "CampaignScheduled"})
    plays = fleet_plays(settings(api_url, campaign_id, timeout=0, on_timeout="continue"))
    plays[0]["tasks"].append(
        {"name": "see", "ansible.builtin.debug": {"var": "campaign_wait_result.reached"}, "changed_when": False}
    )
    run = playbooks.run(plays, hosts=local_hosts(["device-1"]), environment=as_environment(CREDENTIALS))

    assert run.code == 0, run.output
    assert run.result("see", "device-1")["campaign_wait_result.reached"] is False


@pytest.mark.parametrize(("status", "code"), [("CampaignEnded", 0), ("CampaignCancelled", 2)])
def test_the_playbook_by_its_name(playbooks: Playbooks, control: Control, api_url: str, status: str, code: int) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (2, status)))
    run = playbooks.run(
        ROLE,
        variables={**settings(api_url, campaign_id), "campaign_wait_password": CREDENTIALS["password"]},
        environment={**as_environment(CREDENTIALS), "THINGSPACE_PASSWORD": ""},
        arguments=["-e", "campaign_wait_timeout=30"],
    )

    assert run.code == code, run.output
    assert ": scheduled; " in run.progress_lines()[0]
    if code:
        (failure,) = [event.result for event in run.events if event.failed]
        assert "cancelled [CampaignCancelled]" in failure["msg"]


def test_the_playbook_without_a_campaign(playbooks: Playbooks, control: Control, api_url: str) -> None:
    run = playbooks.run(ROLE, environment=as_environment({"api_url": api_url, "account_name": ACCOUNT, **CREDENTIALS}))

    assert run.code == 2, run.output
    (failure,) = [event.result for event in run.events if event.failed]
    assert "campaign_wait_campaign_id" in str(failure)
    assert control.counters()["total"] == 0
