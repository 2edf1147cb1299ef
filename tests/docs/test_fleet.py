# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about fleets says what the gate decides, and what it leaves for workflows."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import DEVICE_STATES, SUCCEEDED
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import FLEET_OPTIONS, Member, Terms
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_verdict import NOT_LISTED, decide
from docs import quick
from docs.conftest import UPGRADED
from docs.kinds import Kind, of_kind
from docs.pages import page
from docs.sandbox import Sandbox
from simulator.control import Control
from simulator.stock import V2_ID

FLEET = page("docs/fleet.md")
ROWS = FLEET.table("The host's campaigns", "Its device (`campaign_wait_device_id`)", "The host")
CHOICES = {option.name: option.choices for option in FLEET_OPTIONS}
# The role's sentences on the page about errors.
GATE_SENTENCES = [
    (
        "invalid_option",
        "1 of 2 hosts have no campaign_wait_campaign_id: tracker-02. Set it for them, leave such hosts out of the "
        "play, or set campaign_wait_missing to pass.",
    ),
    (
        "device_not_upgraded",
        "Device 990003425730543 was not upgraded: it is failed [UpgradeFailed]: RovaClientDownloadFailed.",
    ),
    (
        "device_not_upgraded",
        "Device 123456789012345 was not upgraded, as far as is known: it is in no device report of its campaigns.",
    ),
]
VERBS = {"goes on": "go", "fails": "fail", "is left out": "skip"}
ENDINGS = {
    "target reached": [Ending("reached", "", True), Ending("past_target", "", True)],
    "time over": [Ending(TIMED_OUT, "")],
    "any other ending": [Ending(reason, "") for reason in ("not_reachable", "not_found", "too_many_failures")],
}
DEVICES: dict[str, list[str | None]] = {
    "no device given": [None],
    "upgraded": [SUCCEEDED],
    "not upgraded": [state for state in DEVICE_STATES if state != SUCCEEDED],
    "in no device report": [NOT_LISTED],
    "any": [None, *DEVICE_STATES, NOT_LISTED],
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:2]))
def test_who_goes_on(row: list[str]) -> None:
    campaigns, device, outcome = row
    ending, _comma, term = campaigns.partition(", ")
    on_timeouts = re.findall(r": (\w+)`", term) or CHOICES["on_timeout"]
    for on_timeout in on_timeouts:
        for on_device_failure in CHOICES["on_device_failure"]:
            member = Member("h", Goal(("c",), 1), "d", Terms(on_device_failure, on_timeout, "", False))
            by_term = {"fail": "fail", "skip": "skip", "continue": "go"}[on_device_failure]
            expected = by_term if "campaign_wait_on_device_failure" in outcome else VERBS[outcome]
            for one in ENDINGS[ending]:
                for state in DEVICES[device]:
                    report = {"device_id": "d", "status": None, "reason": None}
                    found = None if state is None else {**report, "state": state}
                    assert decide(member, one, found).verb == expected, (on_timeout, on_device_failure, one, state)


def test_every_case_has_a_row() -> None:
    told = {(row[0].partition(",")[0], device) for row in ROWS for device in DEVICES if row[1] in (device, "any")}
    wanted = {(ending, device) for ending in ENDINGS for device in DEVICES if device != "any"}
    # Whether a report lists a device makes no difference when the time is over.
    assert wanted - told <= {("time over", "in no device report")}


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
    assert "The pilot campaign has gone well" not in done.stdout
    assert "only 19 of 20 devices" in done.stdout


@pytest.mark.parametrize("reason_and_sentence", GATE_SENTENCES, ids=lambda pair: pair[0])
def test_the_sentences_of_the_gate_are_real(
    reason_and_sentence: tuple[str, str], sandbox: Sandbox, control: Control
) -> None:
    assert reason_and_sentence in page("docs/troubleshooting.md").quotes
    reason, sentence = reason_and_sentence
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "RovaClientDownloadFailed")
    files = {block.title: block.content for block in FLEET.blocks if block.title}
    inventory = yaml.safe_load(files["inventory.yml"])
    first, second = inventory["devices"]["hosts"].values()
    if reason == "invalid_option":
        second["campaign"] = ""
    elif "123456789012345" in sentence:
        first["imei"] = "123456789012345"
    sandbox.write("inventory.yml", yaml.safe_dump(inventory))
    sandbox.write("fleet.yml", quick.playbook(files["fleet.yml"]).replace(": skip", ": fail"))
    done = sandbox.run("ansible-playbook -i inventory.yml fleet.yml")
    assert done.returncode == 2, done.stdout
    assert f'"msg": "{sentence}"' in done.stdout
    assert f'"reason": "{reason}"' in done.stdout
