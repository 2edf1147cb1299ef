# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's content for AWX, as data."""

from __future__ import annotations

from typing import Any

import yaml

from awx.controller.workflow_rules import Node
from tools.paths import ROOT

EXTENSIONS = ROOT / "extensions" / "awx"
PLAYBOOKS = ROOT / "playbooks"


class _Loader(yaml.SafeLoader):
    """Supports Ansible's tag for strings without templates."""


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("!unsafe", _text)


def load(name: str) -> Any:
    """Load a file of extensions/awx."""
    return yaml.load((EXTENSIONS / name).read_text(encoding="utf-8"), Loader=_Loader)


def credential_type() -> dict[str, Any]:
    """Return the credential type."""
    (found,) = load("credential_types.yml")["controller_credential_types"]
    assert isinstance(found, dict)
    return found


def variable_files() -> list[str]:
    """Return the variable files that the setup loads."""
    (play,) = yaml.load((PLAYBOOKS / "awx_setup.yml").read_text(encoding="utf-8"), Loader=_Loader)
    return [name.removeprefix("../extensions/awx/") for name in play["vars_files"] if name.startswith("../extensions/")]


def setup_tasks() -> list[dict[str, Any]]:
    """Return the tasks of the setup, each with a module of awx.awx."""
    found = yaml.safe_load((PLAYBOOKS / "tasks" / "awx_setup.yml").read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def gate_nodes(approval: bool) -> list[Node]:
    """Return the nodes of the gate as the setup creates them, with or without an approval. Each has a template."""
    names = ["continue", "approve", "verify"] if approval else ["continue", "verify"]
    found = []
    for number, name in enumerate(names, start=1):
        related = load("workflows.yml")[f"awx_setup_node_{name}"].get("related", {})
        # With other children, a failure would not make the workflow fail.
        assert set(related) <= {"success_nodes"}
        children = {"verify": names[-2], "approve": "continue"}
        found.append(Node(name, number, (children[name],) if related else ()))
    return found
