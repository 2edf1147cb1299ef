# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts for users have none of the phrases that are not idiomatic English, or for which we use another word."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

import pytest
import yaml

from docs.pages import page, pages
from tools.paths import ROOT

# Regular expressions for these phrases, with the words to use instead.
INSTEAD = {
    r"[Ww]ay out": "connection, or access",
    r"below which the service": "base URL",
    r"sets? .{1,20}back\b": "resets",
    r"\bso many (seconds|percent|devices)": "a number, this percentage",
    r"\blast look\b|\blooks? (once|again|at the)\b": "poll",
    r"worst off": "the worst result",
    r"\bstands? behind\b|\bstands? in \[": "follows, is in",
    r"\bfor good\b": "terminal, permanently",
    r"\ball the same\b": "anyway, still",
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
    r"\b(go|goes|going) on\b": "continue",
    r"\bslip of the pen\b": "mistake",
    r"\bwhoever's\b": "",
    r"\bdoes no harm\b": "is harmless, you can ignore",
    r"\bunless you say otherwise\b": "the default is",
    r"\banew\b": "again",
    r"\btime-outs?\b": "timeout",
    r"\btells? (how|what|which|why|whether|of|that|a|the)\b|\bTell (that|when|of|about)\b": "say, explain, send, print",
    r"\b(an|the|its|no|each|any|of|this|that|first|clear) answers?\b": "response",
    r"\basked for\b": "requested, require",
    r"\bwants\b": "requires",
    r"\bfolders?\b": "directory",
    r"\bfigures\b": "counts, numbers",
    r"\bbeside (a|an|it|the|them|your)\b": "next to, in addition to",
    r"\bbut for\b|\bnothing but\b": "except, only",
    r"\bholds? for\b|\bThe same holds\b": "apply to",
    r"\bbecomes? of\b|\bbecame of\b": "happens to",
    r"\b(is|are|was|were) gone\b": "removed, missing",
    r"\b[Ff]oreign\b": "from the service, of another kind",
    r"\b(that|which|what) (is|are) no (?!longer)": "is not a",
    r"\b[Ss]ees? whether\b": "check whether",
    r"\bgives? .{1,25} back\b": "return, remove",
    r"\blives? for\b": "is valid for",
    r"\bone after the other\b": "one after another",
    r"\bstands? (still|there)\b": "is stopped, is there",
    r"\b(meets|met) (an error|HTTP)": "gets, receives",
    r"\b(are|is) through\b": "done",
    r"\bas (it|they) should( be)?\b": "correct",
    r"\bin clear\b": "in plain text",
    r"\bhands? (it|them|the \w+) (on|over)\b": "pass on",
    r"(?<=name: )(Make|Note) ": "create, record",
}
# Pages for developers of the collection, in addition to those for users.
FOR_DEVELOPERS = ("tests/README.md", "tests/benchmark/README.md", "tests/simulator/README.md")


def _documentation() -> Iterator[tuple[str, str]]:
    paths = [path for folder in ("plugins", "extensions") for path in (ROOT / folder).rglob("*.py")]
    for path in sorted(paths):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
                yield str(path.relative_to(ROOT)), str(ast.literal_eval(node.value))
            elif isinstance(node, ast.Raise) and node.exc is not None:
                # The messages of errors.
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


@functools.cache
def texts() -> list[tuple[str, str]]:
    """Return all texts for users, with their files."""
    prose = [(one.name, one.text) for one in (*pages(), *(page(name) for name in FOR_DEVELOPERS))]
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
