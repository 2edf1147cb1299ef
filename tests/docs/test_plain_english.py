# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users read has none of the phrases that no native reader would write, or that have a better word here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
import yaml

from docs.pages import pages
from tools.paths import ROOT

# Each as a regular expression, with what to write instead.
INSTEAD = {
    r"[Ww]ay out": "connection, or access",
    r"below which the service": "base URL",
    r"sets? .{1,20}back\b": "resets",
    r"\bso many (seconds|percent|devices)": "a number, this percentage",
    r"\blast look\b|\blooks? (once|again|at the)\b": "poll",
    r"worst off": "the worst result",
    r"\bstands? behind\b|\bstands? in \[": "follows, is in",
    r"\bfor good\b": "terminal, permanently",
    r"all the same\b": "anyway, still",
    r"\bon th(is|e) way\b": "during, here",
    r"\bgone past\b": "passed",
    r"\bno source for\b": "no credentials for",
    r"\bready-made\b": "existing",
    r"\bgood for (an hour|20)": "valid for",
    r"\btold (of|about|to)\b|\bTell (how|what|why|somebody)\b": "print, send a notification",
    r"\bstory|stories\b": "result",
    r"\bcome of (it|them|the)\b|\bcame of (it|them|the|their)\b": "the result of",
    r"\btrouble that (may )?pass": "transient error",
    r"\bby itself\b|\bby themselves\b": "automatically",
    r"\bhow (it|they|a campaign|each campaign) stands?\b": "the state of",
    r"\bgoes? on with\b": "continue, configure",
    r"\bslip of the pen\b": "mistake",
    r"\bwhoever's\b": "",
    r"\bdoes no harm\b": "is harmless, you can ignore",
    r"\bunless you say otherwise\b": "the default is",
    r"\banew\b": "again",
    r"\btime-outs?\b": "timeout",
}
# These pages are for people who change the collection.
FOR_DEVELOPERS = {"docs/architecture.md"}


def _documentation() -> Iterator[tuple[str, str]]:
    paths = [path for folder in ("plugins", "extensions") for path in (ROOT / folder).rglob("*.py")]
    for path in sorted(paths):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
                yield str(path.relative_to(ROOT)), str(ast.literal_eval(node.value))
            elif isinstance(node, ast.Raise) and node.exc is not None:
                # The sentences of errors.
                parts = [part.value for part in ast.walk(node.exc) if isinstance(part, ast.Constant)]
                yield str(path.relative_to(ROOT)), " ".join(part for part in parts if isinstance(part, str))


def _messages_of_playbooks() -> Iterator[tuple[str, str]]:
    for folder in ("playbooks", "extensions", "roles"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            found = re.findall(r"(?:msg|description|help_text|question_name|name): .*(?:\n {6,}.*)*", path.read_text())
            yield str(path.relative_to(ROOT)), "\n".join(found)


def _fragments() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "changelogs" / "fragments").glob("*.yml")):
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield str(path.relative_to(ROOT)), "\n".join(str(entry) for entry in sections.values())


def texts() -> list[tuple[str, str]]:
    """Every text that users read, with the file that has it."""
    prose = [(one.name, one.text) for one in pages() if one.name not in FOR_DEVELOPERS]
    return [*prose, *_documentation(), *_messages_of_playbooks(), *_fragments()]


@pytest.mark.parametrize("phrase", INSTEAD)
def test_nobody_writes_this(phrase: str) -> None:
    found = [
        f"{name}: ...{text[max(0, match.start() - 30) : match.end() + 30]!r}"
        for name, text in texts()
        for match in re.finditer(phrase, text)
    ]
    assert found == [], f"write instead: {INSTEAD[phrase]}"


def test_the_texts_are_all_there() -> None:
    names = {name for name, _text in texts()}
    assert {
        "README.md",
        "docs/waiting.md",
        "plugins/modules/campaign_info.py",
        "plugins/module_utils/_options.py",
        "playbooks/tasks/awx_check_wait.yml",
        "extensions/awx/surveys.yml",
    } <= names
