# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of workflows by the rules of AWX, including our workflow."""

from __future__ import annotations

import pytest

from awx.controller.workflow_rules import Node, run
from awx.shipped import gate_nodes

OLD = [
    Node("wait", 1, ("verify",), ("report-after-wait",)),
    Node("verify", 2, ("continue",), ("report-after-verify",)),
    Node("continue", 3),
    Node("report-after-wait", 4),
    Node("report-after-verify", 4),
]


def ends(nodes: list[Node], **statuses: str) -> tuple[str, list[str]]:
    """Return the status of a workflow with these node statuses (default: successful), and the nodes that ran."""
    outcome = run(nodes, lambda node: statuses.get(node.identifier, "successful"))
    return outcome.status, list(outcome.nodes)


@pytest.mark.parametrize("status", ["failed", "canceled", "error"])
def test_awx_ignores_a_failed_node_that_something_follows(status: str) -> None:
    """The workflow of version 0.2.0: nothing continues, but the workflow is successful nevertheless."""
    assert ends(OLD, wait=status) == ("successful", ["wait", "report-after-wait"])
    assert ends(OLD, verify=status) == ("successful", ["wait", "verify", "report-after-verify"])


def test_awx_starts_a_node_without_a_parent_at_once() -> None:
    nodes = [Node("verify", 1), Node("approve", 2, ("continue",)), Node("continue", 3)]
    assert ends(nodes, verify="failed") == ("failed", ["verify", "approve", "continue"])


def test_a_node_with_two_parents_waits_for_both_and_runs_if_one_leads_to_it() -> None:
    nodes = [Node("a", 1, ("c",)), Node("b", 2, ("c",)), Node("c", 3)]
    assert ends(nodes, a="failed") == ("failed", ["a", "b", "c"])
    assert ends(nodes, a="failed", b="failed") == ("failed", ["a", "b"])


def test_a_workflow_whose_template_is_gone_fails() -> None:
    assert ends([Node("a", None, ("b",)), Node("b", 2)])[0] == "failed"


@pytest.mark.parametrize("approval", [False, True])
@pytest.mark.parametrize("status", ["failed", "canceled", "error"])
def test_the_gate_is_red_whichever_node_does_not_succeed(approval: bool, status: str) -> None:
    nodes = gate_nodes(approval)
    names = ["verify", "approve", "continue"] if approval else ["verify", "continue"]
    assert ends(nodes) == ("successful", names)
    for number, name in enumerate(names):
        assert ends(nodes, **{name: status}) == ("failed", names[: number + 1])
