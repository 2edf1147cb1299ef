# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code block in the documentation is of a kind that has a test, and runs if possible."""

from __future__ import annotations

import re

import pytest
import yaml

from docs import quick
from docs.conftest import GOOD_PATH
from docs.kinds import Kind, kind_of, of_kind
from docs.pages import Block, blocks
from docs.sandbox import Sandbox
from simulator.control import Control
from simulator.scenario import parse_scenario
from simulator.stock import V2_ID
from tools.paths import ROOT, SHAPE

PLAYS = [block for block in of_kind(Kind.PLAYBOOK, Kind.TASKS) if not block.title]


def named(block: Block) -> str:
    """Return the name of a block for pytest."""
    return block.name


@pytest.mark.parametrize("block", blocks(), ids=named)
def test_the_block_is_of_a_known_kind(block: Block) -> None:
    assert kind_of(block)


def test_there_are_blocks_of_every_kind() -> None:
    assert {kind_of(block) for block in blocks()} == set(Kind)


@pytest.mark.parametrize("block", PLAYS, ids=named)
def test_the_playbook_runs(block: Block, sandbox: Sandbox, control: Control) -> None:
    done = sandbox.play(quick.playbook(block.content))
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout, done.stdout
    reads = control.count("campaign_read")
    # The campaign is polled until its end, and one more poll confirms it.
    is_wait = "wait: true" in block.content and "wait_timeout: 0" not in block.content
    assert reads > len(GOOD_PATH) if is_wait or "role: " in block.content else reads, done.stdout


@pytest.mark.parametrize("block", [block for block in PLAYS if "rescue:" in block.content], ids=named)
def test_the_rescue_is_used_when_the_campaign_fails(block: Block, sandbox: Sandbox, control: Control) -> None:
    control.set_status(V2_ID, "CampaignFailed")
    done = sandbox.play(quick.playbook(block.content))
    assert done.returncode == 2, done.stdout
    assert '"msg": "not_reachable: ended can no longer be reached' in done.stdout
    assert "rescued=1" in done.stdout


@pytest.mark.parametrize("block", of_kind(Kind.INVENTORY), ids=named)
def test_the_inventory_can_be_read(block: Block, sandbox: Sandbox) -> None:
    sandbox.write(block.title, block.content)
    done = sandbox.run(f"ansible-inventory -i {block.title} --list")
    assert done.returncode == 0, done.stdout
    assert yaml.safe_load(done.stdout)["devices"]["hosts"]


@pytest.mark.parametrize("block", of_kind(Kind.SCENARIO), ids=named)
def test_the_simulator_accepts_the_scenario(block: Block) -> None:
    assert parse_scenario(yaml.safe_load(block.content)).campaigns


@pytest.mark.parametrize("block", of_kind(Kind.REQUIREMENTS), ids=named)
def test_the_requirement_is_met_by_this_version(block: Block, sandbox: Sandbox) -> None:
    # It is already installed, with the metadata of an installation, so that ansible-galaxy downloads nothing.
    built = sandbox.home / "collections" / "ansible_collections" / "fleetops" / "thingspace"
    built.mkdir(parents=True)
    info = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    (built / "galaxy.yml").write_text(yaml.safe_dump(info), encoding="utf-8")
    sandbox.write(block.title, block.content)
    done = sandbox.run(f"ansible-galaxy collection install -r {block.title} -p ~/collections --offline")
    assert done.returncode == 0, done.stdout
    assert "Nothing to do. All requested collections are already installed." in done.stdout


@pytest.mark.parametrize("block", of_kind(Kind.EXECUTION_ENVIRONMENT), ids=named)
def test_a_build_context_can_be_made(block: Block, sandbox: Sandbox) -> None:
    sandbox.write(block.title, block.content)
    done = sandbox.run("ansible-builder create")
    assert done.returncode == 0, done.stdout
    asked_for = yaml.safe_load((sandbox.folder / "context" / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert {"name": "fleetops.thingspace"} in asked_for["collections"]


@pytest.mark.parametrize("block", of_kind(Kind.ANSIBLE_CFG), ids=named)
def test_ansible_knows_the_settings(block: Block, sandbox: Sandbox) -> None:
    sandbox.write(block.title, block.content)
    done = sandbox.run("ansible-config dump --only-changed")
    settings = [line.split("=")[0].strip() for line in block.content.splitlines() if "=" in line]
    assert settings
    for setting in settings:
        assert f"{setting.upper()}({sandbox.folder / block.title})" in done.stdout


@pytest.mark.parametrize("block", of_kind(Kind.OUTPUT), ids=named)
def test_the_line_of_progress_looks_like_this(block: Block, sandbox: Sandbox, control: Control) -> None:
    """The times differ, because they depend on the current time."""
    body = {"startDate": "2026-03-01", "endDate": "2099-03-02"}
    control.add_campaign(V2_ID, body=body, timeline=[{"after": 0, "status": "CampaignScheduled"}])
    task = {
        "account_name": "0402196254-00001",
        "campaign_id": V2_ID,
        "wait": True,
        "wait_timeout": 3,
        "wait_on_timeout": "return",
    }
    done = sandbox.play(quick.playbook(yaml.safe_dump([{"fleetops.thingspace.campaign_info": task}])))
    shown, _semicolon, times = block.content.strip().partition("; ")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("[localhost] FOTA")][:1]
    assert line.startswith(f"{shown}; after "), done.stdout
    shape = r"after \w+ of \w+, next poll (now|in \w+)"
    assert re.fullmatch(shape, line.partition("; ")[2])
    assert re.fullmatch(shape, times.splitlines()[0])


def test_the_checkout_is_what_runs() -> None:
    assert (SHAPE / "ansible_collections" / "fleetops" / "thingspace").resolve() == ROOT
