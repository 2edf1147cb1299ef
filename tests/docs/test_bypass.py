# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays that the pages recommend prevent a bypass of the gate, and the described bypasses exist."""

from __future__ import annotations

import pytest
import yaml

from docs import quick
from docs.conftest import UPGRADED
from docs.pages import Block, page
from docs.sandbox import Sandbox
from simulator.control import Control
from simulator.stock import V2_ID

WORK = "Put your own tasks here"
SKIP_TAGS, START = "--skip-tags always", f"--start-at-task '{WORK}'"


def _block(name: str, text: str) -> Block:
    (block,) = [block for block in page(name).blocks if text in block.content]
    return block


GROUP = _block("docs/fleet.md", "group_by")
ASK = _block("docs/fleet.md", "Check the decision of the gate")
LOCALHOST = _block("docs/bypass.md", "Check the decision of the gate")


def _output_of_work(block: Block, arguments: str, sandbox: Sandbox) -> str:
    """Return the output of the user's own task, with the failures before it."""
    plays = yaml.safe_load(quick.playbook(block.content))
    sandbox.write("inventory.yml", yaml.safe_dump(_INVENTORY))
    sandbox.write("playbook.yml", yaml.safe_dump(plays, sort_keys=False))
    return sandbox.run(f"ansible-playbook -i inventory.yml playbook.yml {arguments}").stdout


_INVENTORY = {
    "devices": {
        "hosts": {"tracker-01": {"imei": UPGRADED[0]}, "tracker-02": {"imei": UPGRADED[1]}},
        "vars": {"ansible_connection": "local", "campaign": V2_ID},
    }
}


@pytest.mark.parametrize("arguments", ["", "--tags none", SKIP_TAGS, START, "--limit tracker-02"])
def test_a_group_holds(arguments: str, sandbox: Sandbox, control: Control) -> None:
    control.set_device(V2_ID, UPGRADED[1], "UpgradeFailed", "Other.")
    output = _output_of_work(GROUP, arguments, sandbox)
    works = arguments == ""
    assert (f"{UPGRADED[0]} now has" in output) == works, output
    assert f"{UPGRADED[1]} now has" not in output


@pytest.mark.parametrize(("block", "localhost"), [(ASK, False), (LOCALHOST, True)], ids=["own", "localhost"])
@pytest.mark.parametrize("arguments", ["", "--tags deploy", "--limit tracker-02", "--limit tracker-02,localhost"])
def test_a_play_that_asks_holds(
    block: Block, localhost: bool, arguments: str, sandbox: Sandbox, control: Control
) -> None:
    control.set_status(V2_ID, "CampaignCancelled")
    output = _output_of_work(block, arguments, sandbox)
    assert f"TASK [{WORK}]" not in output, output
    assert "failed=1" in output
    assert ("Add localhost to --limit" in output) == (localhost and arguments == "--limit tracker-02"), output


@pytest.mark.parametrize("arguments", [SKIP_TAGS, START])
def test_a_play_that_asks_does_not_hold_against_these(arguments: str, sandbox: Sandbox, control: Control) -> None:
    control.set_status(V2_ID, "CampaignCancelled")
    assert f"TASK [{WORK}]" in _output_of_work(ASK, arguments, sandbox)
