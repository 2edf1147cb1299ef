# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of code blocks. A block of an unknown kind is an error, so that every block is tested."""

from __future__ import annotations

from enum import Enum
from typing import Any

import yaml

from docs.pages import Block, blocks


class Kind(Enum):
    """The kinds of blocks for which there are tests."""

    PLAYBOOK = "playbook"
    RULEBOOK = "rulebook"
    RULEBOOK_VARIABLES = "variables of a rulebook"
    TASKS = "tasks"
    INVENTORY = "inventory"
    CAMPAIGN_DEVICES = "campaign devices"
    SCENARIO = "scenario"
    REQUIREMENTS = "requirements"
    EXECUTION_ENVIRONMENT = "execution environment"
    ANSIBLE_CFG = "ansible.cfg"
    COMMANDS = "commands"
    OUTPUT = "output"
    SCRIPT = "script"
    WORKFLOW = "workflow"
    STATE_DIAGRAM = "state diagram"
    FLOW_CHART = "flow chart"


class UnknownKind(Exception):
    """There is no test for a block. The message names it."""


_FILES = {
    ("yaml", "inventory.yml"): Kind.INVENTORY,
    ("yaml", "campaign_devices.yml"): Kind.CAMPAIGN_DEVICES,
    ("yaml", "pilot.campaign_devices.yml"): Kind.CAMPAIGN_DEVICES,
    ("yaml", "scenario.yml"): Kind.SCENARIO,
    ("yaml", "campaigns.yml"): Kind.RULEBOOK_VARIABLES,
    ("yaml", "requirements.yml"): Kind.REQUIREMENTS,
    ("yaml", "execution-environment.yml"): Kind.EXECUTION_ENVIRONMENT,
    ("ini", "ansible.cfg"): Kind.ANSIBLE_CFG,
    ("sh", "rehearse.sh"): Kind.SCRIPT,
    ("yaml", "rehearsal.yml"): Kind.WORKFLOW,
}
_DIAGRAMS = {"stateDiagram-v2": Kind.STATE_DIAGRAM, "flowchart": Kind.FLOW_CHART}


def kind_of(block: Block) -> Kind:
    """Return the kind of a block. Raises UnknownKind."""
    if (block.language, block.title) in _FILES:
        return _FILES[block.language, block.title]
    kind = None
    if block.language == "yaml":
        kind = _kind_of_list(yaml.safe_load(block.content), bool(block.title))
    elif block.language == "mermaid":
        kind = _DIAGRAMS.get(block.content.split()[0])
    elif not block.title:
        kind = {"console": Kind.COMMANDS, "text": Kind.OUTPUT}.get(block.language)
    if kind is None:
        raise UnknownKind(f"{block.name}: no test for a block {block.language!r} with the title {block.title!r}")
    return kind


def _kind_of_list(content: Any, is_file: bool) -> Kind | None:
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        return None
    if all("sources" in item for item in content):
        return Kind.RULEBOOK
    if all("hosts" in item or any(key.endswith("import_playbook") for key in item) for item in content):
        return Kind.PLAYBOOK
    return None if is_file or any("hosts" in item for item in content) else Kind.TASKS


def of_kind(*kinds: Kind) -> list[Block]:
    """Return all blocks of these kinds. Ignores blocks of an unknown kind, for which there is a separate test."""
    found = []
    for block in blocks():
        try:
            if kind_of(block) in kinds:
                found.append(block)
        except UnknownKind:
            continue
    return found
