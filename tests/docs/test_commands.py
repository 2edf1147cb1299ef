# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user who follows a page from top to bottom, with its files and commands, gets the described results."""

from __future__ import annotations

import shutil

import pytest

from docs import quick
from docs.commands import Session, UnknownCommand, commands_of, commands_of_workflow
from docs.kinds import Kind, kind_of, of_kind
from docs.pages import Page, pages
from docs.sandbox import Sandbox
from simulator.control import Control, SimulatorProcess
from simulator.stock import V2_ID

WITH_COMMANDS = [one for one in pages() if any(kind_of(block) is Kind.COMMANDS for block in one.blocks)]


def titled(one: Page) -> str:
    """Return the name of a page for pytest."""
    return one.name


@pytest.fixture
def session(sandbox: Sandbox, simulator: SimulatorProcess, control: Control) -> Session:
    return Session(sandbox, simulator, control)


@pytest.mark.parametrize("one", WITH_COMMANDS, ids=titled)
def test_going_through_the_page(one: Page, session: Session, sandbox: Sandbox) -> None:
    if shutil.which("curl") is None and "curl " in "".join(block.content for block in one.blocks):
        pytest.skip("curl, which this page uses, is not installed")
    typed: list[str] = []
    for block in one.blocks:
        kind = kind_of(block)
        if kind is Kind.COMMANDS:
            for command in commands_of(block.content):
                session.type(command)
                typed.append(command)
        elif kind is Kind.WORKFLOW:
            # Commands that already ran on this page are not repeated.
            for command in set(commands_of_workflow(block.content)) - set(typed):
                session.type(command)
        elif block.title:
            sandbox.write(block.title, quick.playbook(block.content) if kind is Kind.PLAYBOOK else block.content)


def test_every_playbook_file_is_used_by_a_command() -> None:
    for block in of_kind(Kind.PLAYBOOK):
        if block.title:
            (one,) = [one for one in pages() if one.name == block.page]
            commands = [
                text for other in one.blocks if kind_of(other) is Kind.COMMANDS for text in commands_of(other.content)
            ]
            assert any("ansible-playbook " in command and block.title in command for command in commands)


def test_the_gate_of_the_readme_stops_when_the_campaign_fails(sandbox: Sandbox, control: Control) -> None:
    control.set_status(V2_ID, "CampaignFailed")
    (gate,) = [block for block in of_kind(Kind.PLAYBOOK) if (block.page, block.title) == ("README.md", "gate.yml")]
    done = sandbox.play(quick.playbook(gate.content))
    assert done.returncode == 2, done.stdout
    assert "ended can no longer be reached" in done.stdout
    assert "Put your own tasks here" not in done.stdout


@pytest.mark.parametrize("command", ["make everything", "make simulator ARGS=--fast", "export THINGSPACE_TOKEN=x"])
def test_a_wrong_command_is_noticed(command: str, session: Session) -> None:
    with pytest.raises((AssertionError, SystemExit)):
        session.type(command)


def test_an_unknown_command_is_noticed(session: Session) -> None:
    with pytest.raises(UnknownCommand):
        session.type("rm -r .venv")
