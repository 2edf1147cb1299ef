# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories and the play on the page about the inventory plugin work as described."""

from __future__ import annotations

import yaml

from docs.kinds import Kind, of_kind
from docs.pages import page
from docs.sandbox import Sandbox
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

PAGE = "docs/inventory.md"
BLOCKS = {block.title: block for block in page(PAGE).blocks if block.title}
GOOD, BAD = "900000000000002", "900000000000003"


def add_ended_campaign(control: Control) -> None:
    """Add an ended campaign with one upgraded device, and one that was not upgraded."""
    statuses = {GOOD: "UpgradeSuccess", BAD: "UpgradeFailed"}
    devices = [{"id": imei, "status": status, "reason": f"{imei}."} for imei, status in statuses.items()]
    control.add_campaign(V2_ID, account_name=ACCOUNT, body={"status": "CampaignEnded"}, devices=devices)


def test_the_inventories_can_be_read(sandbox: Sandbox, control: Control) -> None:
    add_ended_campaign(control)
    blocks = of_kind(Kind.CAMPAIGN_DEVICES)
    assert len(blocks) == 3
    for block in blocks:
        sandbox.write(block.title, block.content)
        done = sandbox.run(f"ansible-inventory -i {block.title} --list")
        assert done.returncode == 0, done.stdout
        assert "[WARNING]" not in done.stdout, done.stdout
        (failed,) = yaml.safe_load(done.stdout)["campaign_failed"]["hosts"]
        assert failed.endswith(BAD)


def test_the_play_is_for_upgraded_devices_only(sandbox: Sandbox, control: Control) -> None:
    add_ended_campaign(control)
    for title in ("campaign_devices.yml", "verify.yml", "ansible.cfg"):
        sandbox.write(title, BLOCKS[title].content)
    done = sandbox.run("ansible-playbook -i campaign_devices.yml verify.yml")
    assert done.returncode == 0, done.stdout
    upgraded, others = done.stdout.split("PLAY [Report the other devices]")
    assert f"{GOOD} was upgraded by FOTA_Verizon_Upgrade" in upgraded
    assert BAD not in upgraded
    assert f"UpgradeFailed: {BAD}." in others


def test_the_run_ends_without_the_inventory(sandbox: Sandbox) -> None:
    for title in ("verify.yml", "ansible.cfg"):
        sandbox.write(title, BLOCKS[title].content)
    sandbox.write("campaign_devices.yml", BLOCKS["campaign_devices.yml"].content.replace(V2_ID, "not-there"))
    done = sandbox.run("ansible-playbook -i campaign_devices.yml verify.yml")
    assert done.returncode != 0
    assert "PLAY [" not in done.stdout
