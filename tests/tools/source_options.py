# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of options in docs/event_source.md from the documentation of the event source.

Usage: ``python -m tools.source_options``. With ``--check``, it only checks the table.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from typing import Any

import yaml

from tools.generated import write_or_check
from tools.paths import ROOT

PAGE = ROOT / "docs" / "event_source.md"
_SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "campaign.py"
_TABLE = re.compile(r"(?<=<!-- source options -->\n).*(?=<!-- end of source options -->)", re.DOTALL)
# Semantic markup that becomes code.
_MARKUP = re.compile(r"[CEOV]\(([^)]*)\)")


def _documentation() -> dict[str, Any]:
    for node in ast.parse(_SOURCE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            documentation: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return documentation
    raise AssertionError("there is no DOCUMENTATION")


def table() -> str:
    """Return the Markdown of the table, with an empty line before and after."""
    rows = ["| Option | Default | What it does |", "| --- | --- | --- |"]
    for name, option in _documentation()["options"].items():
        default = option.get("default")
        shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        text = _MARKUP.sub(r"`\1`", " ".join(option["description"])).replace("=", ": ")
        choices = "" if not option.get("choices") else f" One of {', '.join(f'`{one}`' for one in option['choices'])}."
        rows.append(f"| `{name}` | {shown} | {text}{choices} |")
    return "\n" + "\n".join(rows) + "\n\n"


def main(arguments: Sequence[str]) -> int:
    """Write the table, or compare it. Returns 1 if it is out of date."""
    text = PAGE.read_text(encoding="utf-8")
    wanted, count = _TABLE.subn(lambda _found: table(), text)
    if count != 1:
        print(f"{PAGE.name} has no place for the table", file=sys.stderr)
        return 1
    return write_or_check({PAGE: wanted}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
