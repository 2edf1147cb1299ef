# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's rules for which nodes of a workflow run, and how the workflow ends. Some of them are surprising."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

SUCCESSFUL = "successful"
_OVER_BADLY = ("failed", "error", "canceled")


@dataclass(frozen=True)
class Node:
    """A node: its identifier, the template that it starts, and the identifiers of its children."""

    identifier: str
    template: int | None
    success_nodes: tuple[str, ...] = ()
    failure_nodes: tuple[str, ...] = ()
    always_nodes: tuple[str, ...] = ()

    def follows(self, status: str) -> set[str]:
        """Return the children that run after this status of the node."""
        chosen = self.success_nodes if status == SUCCESSFUL else self.failure_nodes
        return {*chosen, *self.always_nodes}

    @property
    def children(self) -> set[str]:
        """Return all children."""
        return {*self.success_nodes, *self.failure_nodes, *self.always_nodes}


@dataclass
class Outcome:
    """The result of a workflow: its status, and the status of each node that ran, in order."""

    status: str = "running"
    nodes: dict[str, str] = field(default_factory=dict)


def run(nodes: Iterable[Node], start: Callable[[Node], str]) -> Outcome:
    """Run a workflow. C(start) runs a node and returns its status.

    Nodes without a parent start at once. Another node runs when all parents that can still run have ended, and one of
    them leads to it.
    """
    known = {node.identifier: node for node in nodes}
    done = Outcome()
    left_out: set[str] = set()
    while ready := _next(known, done.nodes, left_out):
        if ready.template is None:
            left_out.add(ready.identifier)
        else:
            done.nodes[ready.identifier] = start(ready)
    done.status = "failed" if has_failed(known.values(), done.nodes) else SUCCESSFUL
    return done


def _next(known: Mapping[str, Node], ended: Mapping[str, str], left_out: set[str]) -> Node | None:
    for node in known.values():
        if node.identifier in ended or node.identifier in left_out:
            continue
        parents = [one for one in known.values() if node.identifier in one.children]
        if any(one.identifier not in ended and one.identifier not in left_out for one in parents):
            continue
        leading = [one for one in parents if node.identifier in one.follows(ended.get(one.identifier, "none"))]
        if parents and not [one for one in leading if one.identifier in ended]:
            left_out.add(node.identifier)
            return _next(known, ended, left_out)
        return node
    return None


def has_failed(nodes: Iterable[Node], ended: Mapping[str, str]) -> bool:
    """Whether the workflow has failed. A failed node counts only if it has neither a failure nor an always child."""
    for node in nodes:
        if node.template is None:
            return True
        bad = ended.get(node.identifier) in _OVER_BADLY
        if bad and not node.failure_nodes and not node.always_nodes:
            return True
    return False
