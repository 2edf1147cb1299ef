# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about fleets describes the decisions of the gate, and its statistics for workflows."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import (
    DEVICE_NOT_UPGRADED,
    NOT_LISTED,
    is_upgraded,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, SUCCEEDED
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TIMED_OUT
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import (
    CONTINUE,
    ROLE_OPTIONS,
    RoleOptions,
)
from docs import quick
from docs.conftest import UPGRADED
from docs.kinds import Kind, of_kind
from docs.pages import page
from docs.sandbox import Sandbox
from simulator.control import Control
from simulator.stock import V2_ID

FLEET = page("docs/fleet.md")
ROWS = FLEET.table("The host's campaigns", "Its device (`campaign_wait_device_id`)", "The host")
CHOICES = {option.name: option.choices for option in ROLE_OPTIONS}
# The role's messages on the page about errors, and their causes: keywords and variables of the role.
GATE_SENTENCES = {
    "a misspelt variable": (
        "invalid_option",
        "campaign_wait_imei is not an option (did you mean campaign_wait_device_id?). Every variable that begins with "
        "campaign_wait_ must be an option: rename or remove it.",
    ),
    "no campaign": ("invalid_option", "campaign_wait_campaign_id is missing: set it."),
    "a campaign as a number": (
        "invalid_option",
        "campaign_wait_campaign_id was read as a number, which may change it: put it in quotes, for example "
        'campaign_wait_campaign_id: "60b5d639-ccdc-4db8-8824-069bd94c95bf".',
    ),
    "run_once": (
        "invalid_option",
        "The role campaign_wait decides for each host whether it can continue, and run_once around it (at the role, an "
        "include, a block or the play) would let the other hosts continue unchecked. Remove run_once: the role waits "
        "in one process for all hosts anyway. To wait once for all hosts without a decision for each of them, use the "
        "module fleetops.thingspace.campaign_info with wait: true and run_once: true.",
    ),
    "a failed device": (
        "device_not_upgraded",
        "Device 990003425730543 was not upgraded: it is failed [UpgradeFailed]: RovaClientDownloadFailed.",
    ),
    "an unlisted device": (
        "device_not_upgraded",
        "Device 123456789012345 is not known to be upgraded: no device report of its campaigns lists it.",
    ),
}
VERBS = {"continues": "continue", "fails": "fail", "is left out": "skip"}
GOOD = ("reached", "past_target")
ENDINGS = {
    "target reached": GOOD,
    "timed out": (TIMED_OUT,),
    "any other ending": ("not_reachable", "not_found", "too_many_failures", "interrupted", "login_refused"),
}
DEVICES: dict[str, list[str | None]] = {
    "no device given": [None],
    "upgraded": [SUCCEEDED],
    "not upgraded": [state for state in DEVICE_STATES if state != SUCCEEDED],
    "in no device report": [NOT_LISTED],
    "any": [None, *DEVICE_STATES, NOT_LISTED],
}


def wait_of(ending: str, device: str | None, on_timeout: str) -> tuple[bool, str]:
    """Return whether a host's wait has failed, and its reason, according to docs/waiting.md."""
    if ending not in GOOD and not (ending == TIMED_OUT and on_timeout == CONTINUE):
        return True, ending
    if device is None:
        return False, ending
    if is_upgraded({"device_id": "d", "state": device, "status": None, "reason": None, "campaign_id": None}):
        return False, ending
    return True, DEVICE_NOT_UPGRADED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:2]))
def test_who_continues(row: list[str]) -> None:
    campaigns, device, outcome = row
    ending, _comma, term = campaigns.partition(", ")
    on_timeouts = re.findall(r": (\w+)`", term) or CHOICES["on_timeout"]
    for on_timeout in on_timeouts:
        for on_device_failure in CHOICES["on_device_failure"]:
            terms = RoleOptions(on_device_failure, on_timeout, "", False)
            expected = on_device_failure if "campaign_wait_on_device_failure" in outcome else VERBS[outcome]
            for one in ENDINGS[ending]:
                for state in DEVICES[device]:
                    case = (on_timeout, on_device_failure, one, state)
                    assert terms.decision(*wait_of(one, state, on_timeout)) == expected, case


def test_every_case_has_a_row() -> None:
    told = {(row[0].partition(",")[0], device) for row in ROWS for device in DEVICES if row[1] in (device, "any")}
    wanted = {(ending, device) for ending in ENDINGS for device in DEVICES if device != "any"}
    assert wanted <= told


def test_the_play_holds_back_what_was_not_upgraded(sandbox: Sandbox, control: Control) -> None:
    files = {block.title: block for block in FLEET.blocks if block.title}
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "Other.")
    sandbox.write("inventory.yml", files["inventory.yml"].content)
    sandbox.write("fleet.yml", quick.playbook(files["fleet.yml"].content))
    done = sandbox.run("ansible-playbook -i inventory.yml fleet.yml")
    assert done.returncode == 0, done.stdout
    assert f"{UPGRADED[0]} now has" in done.stdout
    assert f"{UPGRADED[1]} now has" not in done.stdout


def test_the_canary_holds_back_the_fleet(sandbox: Sandbox, control: Control) -> None:
    (block,) = [block for block in of_kind(Kind.PLAYBOOK) if "thingspace.canary" in block.content]
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "Other.")
    done = sandbox.play(quick.playbook(block.content))
    assert done.returncode == 2, done.stdout
    assert "The pilot campaign succeeded" not in done.stdout
    assert "only 19 of 20 devices" in done.stdout


@pytest.mark.parametrize("name", GATE_SENTENCES)
def test_the_sentences_of_the_gate_are_real(name: str, sandbox: Sandbox, control: Control) -> None:
    reason, sentence = GATE_SENTENCES[name]
    assert (reason, sentence) in page("docs/troubleshooting.md").quotes
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "RovaClientDownloadFailed")
    files = {block.title: block.content for block in FLEET.blocks if block.title}
    inventory = yaml.safe_load(files["inventory.yml"])
    (play,) = yaml.safe_load(quick.playbook(files["fleet.yml"]))
    (role,) = play["roles"]
    role["vars"]["campaign_wait_on_device_failure"] = "fail"
    if name == "a misspelt variable":
        role["vars"]["campaign_wait_imei"] = role["vars"].pop("campaign_wait_device_id")
    elif name == "no campaign":
        del role["vars"]["campaign_wait_campaign_id"]
    elif name == "a campaign as a number":
        inventory["devices"]["vars"]["campaign"] = 12345678
    elif name == "run_once":
        role["run_once"] = True
    elif name == "an unlisted device":
        inventory["devices"]["hosts"]["tracker-01"]["imei"] = "123456789012345"
    sandbox.write("inventory.yml", yaml.safe_dump(inventory))
    sandbox.write("fleet.yml", yaml.safe_dump([play], sort_keys=False))
    done = sandbox.run("ansible-playbook -i inventory.yml fleet.yml")
    assert done.returncode == 2, done.stdout
    assert f'"msg": {json.dumps(sentence)}' in done.stdout
    # The task that fails a host because of its device only has a message, without a reason.
    assert (f'"reason": "{reason}"' in done.stdout) == (reason == "invalid_option")


def test_the_rescue_of_the_page_lets_nobody_continue(sandbox: Sandbox, control: Control) -> None:
    (block,) = [block for block in FLEET.blocks if "rescue:" in block.content]
    plays = yaml.safe_load(quick.playbook(block.content))
    plays[0]["tasks"].append({"name": "after", "ansible.builtin.debug": {"msg": "{{ imei }} continues"}})
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "Other.")
    done = sandbox.play(yaml.safe_dump(plays, sort_keys=False))
    assert done.returncode == 2, done.stdout
    assert f"{UPGRADED[0]} continues" in done.stdout
    assert f"{UPGRADED[1]} continues" not in done.stdout
    assert '"msg": "device_not_upgraded: Device ' in done.stdout


def test_the_lines_at_the_end_are_real(sandbox: Sandbox, control: Control) -> None:
    shown = [" ".join(line.replace(",", " ").split()) for line, _text in FLEET.table("Line", "What it says")]
    third = "990003425730550"
    devices = [{"id": imei, "status": "UpgradeSuccess"} for imei in UPGRADED[:2]]
    devices += [{"id": third, "status": "UpgradeFailed", "reason": "RovaClientDownloadFailed"}]
    control.add_campaign(V2_ID, body={"status": "CampaignEnded"}, devices=devices)
    files = {block.title: block.content for block in FLEET.blocks if block.title}
    inventory = yaml.safe_load(files["inventory.yml"])
    inventory["devices"]["hosts"]["tracker-03"] = {"imei": third}
    sandbox.write("inventory.yml", yaml.safe_dump(inventory))
    sandbox.write("fleet.yml", quick.playbook(files["fleet.yml"]))
    done = sandbox.run("ansible-playbook -i inventory.yml fleet.yml")
    printed = [" ".join(line.replace(",", " ").split()) for line in done.stdout.splitlines()]
    assert set(shown) <= set(printed), done.stdout


def test_the_way_for_the_largest_fleets(sandbox: Sandbox, control: Control) -> None:
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "Other.")
    for block in FLEET.blocks:
        if block.title in ("largest.yml", "campaign_devices.yml"):
            content = block.content if block.title == "campaign_devices.yml" else quick.playbook(block.content)
            sandbox.write(block.title, content)
    done = sandbox.run("ansible-playbook -i campaign_devices.yml largest.yml")
    assert done.returncode == 0, done.stdout
    assert f"{UPGRADED[0]} was upgraded" in done.stdout
    assert f"{UPGRADED[1]} was upgraded" not in done.stdout
