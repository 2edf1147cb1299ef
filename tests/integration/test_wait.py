# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play that waits, and its progress."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integration.playbooks import LOCALHOST, Playbooks
from integration.tasks import CREDENTIALS, FAST, campaign_ids, defaults, info, local_hosts, play, timeline
from simulator.control import Control

DEVICES = ["device-1", "device-2"]


def device_play() -> dict[str, Any]:
    return play([{"name": "touch the device", "ansible.builtin.command": "true"}], hosts="devices")


def hosts() -> dict[str, Any]:
    return {**LOCALHOST, **local_hosts(DEVICES)}


def device_group() -> dict[str, Any]:
    return {"name": "know the devices", "ansible.builtin.add_host": {"name": "{{ item }}", "groups": "devices"}}


def wait_plays(api_url: str, campaign_id: str, **options: Any) -> list[dict[str, Any]]:
    """Return plays that wait on the controller, and then continue on two devices."""
    tasks = [{**device_group(), "loop": DEVICES}, info("wait", {**FAST, "campaign_id": campaign_id, **options})]
    return [play(tasks, defaults=defaults(api_url)), device_play()]


@pytest.mark.parametrize("verbosity", [0, 4])
def test_devices_come_after_the_end_of_the_campaign(
    playbooks: Playbooks, control: Control, api_url: str, verbosity: int
) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(
        campaign_id,
        timeline=timeline((1, "CampaignRequestPending"), (2, "CampaignScheduled"), (4, "CampaignEnded")),
    )
    run = playbooks.run(wait_plays(api_url, campaign_id), hosts=hosts(), variables=CREDENTIALS, verbosity=verbosity)

    assert run.code == 0, run.output
    result = run.result("wait")
    assert (result["reached"], result["reason"], result["campaign"]["state"]) == (True, "reached", "ended")
    assert [(seen["state"], seen["status"], seen["polls"]) for seen in result["history"]] == [
        ("request_pending", "CampaignRequestPending", 1),
        ("scheduled", "CampaignScheduled", 2),
        ("ended", "CampaignEnded", 2),
    ]
    lines = run.progress_lines()
    assert [re.findall(r"\): (\w+); after", line) for line in lines] == [["request_pending"], ["scheduled"]]
    assert all(campaign_id.partition("-")[0] in line for line in lines)
    assert (result["logins"], control.count("session_login"), control.count("oauth_token")) == (2, 1, 1)
    last_read = [entry for entry in control.counters()["log"] if entry["kind"] == "campaign_read"][-1]["real"]
    for device in DEVICES:
        assert run.event("touch the device", device).at > run.event("wait").at > last_read
        assert run.tasks_begun(device) == ["touch the device"]


def test_a_campaign_that_fails_stops_the_play_within_one_interval(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (3, "CampaignFailed")))
    plays = wait_plays(api_url, campaign_id, wait_interval=0.5, wait_max_interval=0.5)
    run = playbooks.run(plays, hosts=hosts(), variables=CREDENTIALS)

    assert run.code == 2, run.output
    result = run.failure("wait")
    assert result["msg"] == (
        f"ended can no longer be reached: campaign FOTA_Verizon_Upgrade ({campaign_id}) is failed [CampaignFailed]."
    )
    assert (result["reason"], result["reached"], result["timed_out"]) == ("not_reachable", False, False)
    assert result["campaign"]["status"] == "CampaignFailed"
    assert result["campaign"]["software_to"] == "FOTA_Verizon_Model-A_02To03_HF"
    assert [seen["state"] for seen in result["history"]] == ["scheduled", "failed"]
    # The third poll is the first one that shows the failure, and the fourth confirms it at once.
    log = [entry for entry in control.counters()["log"] if entry["kind"] == "campaign_read"]
    assert len(log) == result["polls"] == 4
    assert log[3]["real"] - log[2]["real"] < 0.5
    assert not any(run.tasks_begun(device) for device in DEVICES)


def test_silence_is_kept(playbooks: Playbooks, control: Control, api_url: str) -> None:
    hidden, silent, spoken = campaign_ids(3)
    for campaign_id in (hidden, silent, spoken):
        control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (3, "CampaignEnded")))
    tasks = [
        info("hidden", {**FAST, "campaign_id": hidden}, no_log=True),
        info("silent", {**FAST, "campaign_id": silent, "progress_interval": 0}),
    ]
    loud = [info("spoken", {**FAST, "campaign_id": spoken}, when="inventory_hostname == 'localhost'")]
    plays = [play(tasks, defaults=defaults(api_url)), play(loud, defaults=defaults(api_url))]
    run = playbooks.run(plays, variables=CREDENTIALS)

    assert run.code == 0, run.output
    assert control.counters()["reads_by_campaign"] == {hidden: 4, silent: 4, spoken: 4}
    (line,) = run.progress_lines()
    assert spoken.partition("-")[0] in line
    assert "reached" not in run.result("hidden")
    assert run.result("silent")["reached"] is True
    assert hidden not in run.output.replace(f"campaigns/0402196254-00001/{hidden}", "")


def test_heartbeat_and_name_of_each_host(playbooks: Playbooks, control: Control, api_url: str) -> None:
    one, other = campaign_ids(2)
    for campaign_id in (one, other):
        control.add_campaign(campaign_id, timeline=timeline((1, "CampaignScheduled"), (6, "CampaignEnded")))
    options = {**FAST, "campaign_id": "{{ campaign }}", "progress_interval": 0.1}
    names = local_hosts(["one", "other"])
    names["one"]["campaign"], names["other"]["campaign"] = one, other
    run = playbooks.run(
        [play([info("wait", options)], hosts="all", defaults=defaults(api_url))],
        hosts=names,
        variables=CREDENTIALS,
        verbosity=0,
    )

    assert run.code == 0, run.output
    for host, mine in (("one", one), ("other", other)):
        lines = run.progress_lines(host)
        assert len(lines) > 3
        assert all(mine.partition("-")[0] in line and ": scheduled; " in line for line in lines)


def test_endings_that_are_no_failure(playbooks: Playbooks, control: Control, api_url: str) -> None:
    slow, odd, gone = campaign_ids(3)
    control.add_campaign(slow, body={"status": "CampaignScheduled"})
    control.add_campaign(odd, timeline=timeline((1, "CampaignMystery"), (4, "CampaignEnded")))
    control.add_campaign(gone, body={"status": "CampaignCancelled"})
    tasks = [
        info("time out", {**FAST, "campaign_id": slow, "wait_timeout": 2, "wait_on_timeout": "return"}),
        info("one look", {**FAST, "campaign_id": slow, "wait_timeout": 0, "wait_on_timeout": "return"}),
        info("passed", {**FAST, "wait_state": "scheduled"}),
        info("unknown", {**FAST, "campaign_id": odd}),
        info("off the path", {**FAST, "campaign_id": gone, "wait_state": ["ended", "CAMPAIGN_CANCELLED"]}),
        info("all", {**FAST, "campaign_id": [odd, "60b5d639-ccdc-4db8-8824-069bd94c95bf"]}),
    ]
    run = playbooks.run([play(tasks, defaults=defaults(api_url))], variables=CREDENTIALS)

    assert run.code == 0, run.output
    late, once = run.result("time out"), run.result("one look")
    for result in (late, once):
        assert (result["reached"], result["timed_out"], result["reason"]) == (False, True, "timed_out")
        assert result["campaign"]["state"] == "scheduled"
        assert result["next_poll_at"]
    assert 2 <= late["elapsed"] < 10
    # The run has tokens already, and a recent poll of the same campaign can be reused.
    assert once["requests"] in (0, 1)
    passed = run.result("passed")
    assert (passed["reached"], passed["reason"], passed["campaign"]["state"]) == (True, "past_target", "ended")
    assert run.result("off the path")["reason"] == "reached"
    unknown = run.result("unknown")
    assert [(seen["state"], seen["polls"]) for seen in unknown["history"]] == [("unknown", 3), ("ended", 2)]
    assert (
        len(re.findall("'CampaignMystery', which this version of the collection does not know", unwrapped(run.stderr)))
        == 1
    )
    assert [wait["verdict"] for wait in run.result("all")["waits"]] == ["reached", "reached"]


def test_endings_that_are_failures(playbooks: Playbooks, control: Control, api_url: str) -> None:
    slow, odd = campaign_ids(2)
    control.add_campaign(slow, body={"status": "CampaignScheduled"})
    control.add_campaign(odd, body={"status": "CampaignMystery"})
    tasks = [
        info("time out", {**FAST, "campaign_id": slow, "wait_timeout": 0}, ignore_errors=True),
        info("unknown", {**FAST, "campaign_id": odd, "wait_unknown_state": "fail"}, ignore_errors=True),
        info("together", {**FAST, "campaign_id": [slow, odd], "wait_timeout": 2}),
    ]
    run = playbooks.run([play(tasks, defaults=defaults(api_url))], variables=CREDENTIALS)

    assert run.code == 2, run.output
    late = run.failure("time out")
    assert late["msg"].startswith("ended was not reached within ")
    assert f": campaign FOTA_Verizon_Upgrade ({slow}) is scheduled [CampaignScheduled]. " in late["msg"]
    assert (late["timed_out"], late["campaign"]["state"]) == (True, "scheduled")
    unknown = run.failure("unknown")
    assert "has the unknown status 'CampaignMystery'" in unknown["msg"]
    assert (unknown["reason"], unknown["campaign"]["status"]) == ("unknown_state", "CampaignMystery")
    together = run.failure("together")
    assert [campaign["id"] for campaign in together["campaigns"]] == [slow, odd]
    assert (together["reason"], len(together["history"])) == ("timed_out", 2)


def unwrapped(text: str) -> str:
    """Undo the line breaks of long warnings, which Ansible wraps at the width of the screen."""
    return " ".join(text.split())
