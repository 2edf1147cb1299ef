# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the tables of docs/simulator_reference.md: calls, switches, differences.

Usage: ``python -m tools.simulator_tables``. With ``--check``, it only checks the tables.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Iterable
from typing import Any

from simulator_tests.differences import DIFFERENCES

from simulator.app import API_TABLE
from simulator.behaviour import Behaviour
from tools.generated import write_or_check
from tools.paths import ROOT

PAGE = ROOT / "docs" / "simulator_reference.md"


def calls() -> str:
    """Return the calls of the service, each with its kind in counters and faults."""
    rows = [(f"`{method} {path}`", f"`{kind}`") for method, path, kind, _handler in API_TABLE]
    return _table(("Call", "Kind"), rows)


def switches() -> str:
    """Return the switches of ``behaviour`` and their values, the default first."""
    hints = typing.get_type_hints(Behaviour)
    fields = dataclasses.fields(Behaviour)
    rows = [(f"`{one.name}`", _values(hints[one.name], one.default), one.metadata["text"]) for one in fields]
    return _table(("Switch", "Values, the default first", "What it is about"), rows)


def differences() -> str:
    """Return the differences between the documents and the official SDK."""
    rows = [(one.about, one.documents, one.sdk, one.simulator) for one in DIFFERENCES]
    return _table(("About", "In the documents", "In the SDK", "The simulator"), rows)


TABLES = {"calls": calls, "switches": switches, "differences": differences}


def _values(hint: Any, default: Any) -> str:
    words = list(typing.get_args(hint)) if typing.get_origin(hint) is typing.Literal else []
    if hint is bool:
        words = [True, False]
    if not words:
        shown = "null" if default is None else f"{default:g}"
        return f"`{shown}`, any number"
    return ", ".join(f"`{_shown(word)}`" for word in sorted(words, key=lambda word: word != default))


def _shown(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _column in head), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def page(text: str) -> str:
    """Return the page with its current tables. Raises LookupError if the page has no markers for one of them."""
    for name, made in TABLES.items():
        before, begin, rest = text.partition(f"<!-- {name} table -->\n")
        _old, end, after = rest.partition(f"<!-- end of {name} table -->")
        if not end:
            raise LookupError(f"{PAGE.relative_to(ROOT)} lacks the lines <!-- {name} table --> and its end")
        text = before + begin + made() + end + after
    return text


def main(arguments: list[str]) -> int:
    """Write the tables, or compare them. Returns 1 if they are out of date."""
    text = PAGE.read_text(encoding="utf-8")
    try:
        wanted = page(text)
    except LookupError as error:
        print(error)
        return 1
    return write_or_check({PAGE: wanted}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
