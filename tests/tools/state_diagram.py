# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the state diagram in docs/waiting.md from the state table of the collection.

Usage: ``python -m tools.state_diagram`` writes the diagram. With ``--check``, it only compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Protocol

from tools.generated import write_or_check
from tools.paths import ROOT, SHAPE

# The code is imported with its name in the collection.
sys.path.insert(0, str(SHAPE))

PAGE = ROOT / "docs" / "waiting.md"
_PLACE = re.compile(r"(?<=<!-- state diagram -->\n).*(?=<!-- end of state diagram -->)", re.DOTALL)


class State(Protocol):
    """The fields of the state table that the diagram needs."""

    @property
    def name(self) -> str:
        """The collection's word for the state."""

    @property
    def terminal(self) -> bool:
        """Whether a campaign never leaves the state."""

    @property
    def rank(self) -> int | None:
        """The position on the path of a successful campaign; None for a state that is not on it."""


def diagram(states: Iterable[State]) -> str:
    """Return the Mermaid source: the path by rank, and an arrow from all open states to each other terminal state.

    The diagram omits states that are neither on the path nor terminal, because their neighbors are not known.
    """
    states = list(states)
    path = sorted((one for one in states if one.rank is not None), key=lambda one: one.rank or 0)
    steps = list(zip(path, path[1:]))
    inside = [f"    {before.name} --> {after.name}" for before, after in steps if not after.terminal]
    ends = [f"  {before.name} --> {after.name}" for before, after in steps if after.terminal]
    exits = [f"  open --> {one.name}" for one in states if one.terminal and one.rank is None]
    final = [f"  {one.name} --> [*]" for one in states if one.terminal]
    first = f"    [*] --> {path[0].name}"
    return "\n".join(["stateDiagram-v2", "  state open {", first, *inside, "  }", *ends, *exits, *final]) + "\n"


def page(text: str) -> str:
    """Return the page with the current diagram. Raises LookupError if the page has no markers for it."""
    from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES

    if not _PLACE.search(text):
        raise LookupError(f"{PAGE.relative_to(ROOT)} lacks the lines <!-- state diagram --> and its end")
    return _PLACE.sub(lambda _found: f"\n```mermaid\n{diagram(STATES.values())}```\n\n", text)


def main(arguments: list[str]) -> int:
    """Write the diagram, or compare it. Returns 1 if the page is out of date."""
    text = PAGE.read_text(encoding="utf-8")
    try:
        wanted = page(text)
    except LookupError as error:
        print(error)
        return 1
    return write_or_check({PAGE: wanted}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
