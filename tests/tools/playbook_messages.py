# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds all messages for users in the role, the playbooks and the rulebooks.

As in the code, messages are not marked: each value that consists of words is one, and each text within a template.
Inserted values are replaced by words in capitals.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.messages import Message, filled_in, finished, reads_as_words
from tools.paths import ROOT

_FOLDERS = ("roles", "playbooks", "extensions/awx/project", "extensions/eda/rulebooks")
# Not messages: names of tasks and AWX objects, and expressions that Ansible or a rule engine evaluates.
_NO_MESSAGES = {"name", "description", "when", "that", "condition", "hosts", "loop", "until", "failed_when", "label"}
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TEXT_IN_TEMPLATE = re.compile(r"'([^']*)'")
_CHOICE = re.compile(r"\s*((?:'|\w+ ~).*?) if .*? else (.*?)\s*", re.DOTALL)
_WORDS = {
    "ansible_failed_result": "ERROR",
    "awx_once_claim": "JOB",
    "awx_once_launched[0]": "JOB",
    "awx_once_launched[0].id": "ID",
    "awx_once_launched[0].type": "TYPE",
    "awx_once_made": "ERROR",
    "awx_once_refusal": "REASON",
    "awx_setup_missing": "NAMES",
    "awx_setup_printed": "OUTPUT",
    "awx_setup_type_users": "CREDENTIALS",
    "awx_setup_update": "ERROR",
    "awx_wait_as_text": "TIME",
    "awx_wait_deadline_text": "TIME",
    "awx_wait_refused": "VARIABLES",
    "awx_wait_said": "MESSAGE",
    "campaign_wait_result": "REASON",
    "inventory_hostname": "HOST",
    "thingspace_launch": "TEMPLATE",
}


def messages_in_yaml(text: str, place: str) -> list[Message]:
    """Return the messages of one file."""
    found: dict[str, Message] = {}
    for document in yaml.safe_load_all(text):
        for value in _values(document):
            for one in _texts_of(value):
                if reads_as_words(one):
                    found.setdefault(one, Message(one, place))
    return list(found.values())


def messages_of_playbooks(root: Path = ROOT) -> list[Message]:
    """Return the messages of all files, each text once."""
    found: dict[str, Message] = {}
    for path in sorted(path for folder in _FOLDERS for path in (root / folder).rglob("*.yml")):
        place = path.relative_to(root).as_posix()
        # The role's documentation and its metadata for Galaxy.
        if "/meta/" in place:
            continue
        for message in messages_in_yaml(path.read_text(encoding="utf-8"), place):
            found.setdefault(message.text, message)
    return list(found.values())


def _values(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _values(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in _NO_MESSAGES:
                yield from _values(value)


def _texts_of(value: str) -> Iterator[str]:
    """Yield the value as a user sees it, in all its alternatives, and the texts within its expressions."""
    for branch in re.split(r"\{%-?\s*else\s*-?%\}", value):
        plain = re.sub(r"\{%.*?%\}", "", branch, flags=re.DOTALL)
        parts = _EXPRESSION.split(plain)
        # re.split returns texts and expressions in turn.
        ways = [_ways(part) if number % 2 else [part] for number, part in enumerate(parts)]
        for way in itertools.product(*ways):
            yield finished(" ".join("".join(way).split()))
    for expression in _EXPRESSION.findall(value):
        if len(_ways(expression)) == 1:
            for text in _TEXT_IN_TEMPLATE.findall(expression):
                # Neither a pattern nor a date format.
                if not re.search(r"[\\^%]", text):
                    yield " ".join(text.split())


def _ways(expression: str) -> list[str]:
    """Return the possible results of an expression: the texts of both branches, or a word in capitals."""
    choice = _CHOICE.fullmatch(expression)
    if choice is None:
        return [filled_in(_word(expression))]
    return ["".join(_part(part) for part in branch.split(" ~ ")) for branch in choice.groups()]


def _part(text: str) -> str:
    literal = _TEXT_IN_TEMPLATE.fullmatch(text.strip())
    return literal[1] if literal else filled_in(_word(text))


def _word(expression: str) -> str:
    variable = re.search(r"[a-z][a-z_0-9]*(\[0\])?(\.[a-z_0-9]+)*", expression)
    if variable is None:
        return "VALUE"
    name = variable[0]
    first, _dot, rest = name.partition(".")
    return _WORDS.get(name) or _WORDS.get(first) or _capitals(rest or first)


def _capitals(name: str) -> str:
    bare = re.sub(r"^(?:awx_(?:setup_|wait_|once_)?|campaign_wait_|canary_|thingspace_)", "", name.rpartition(".")[2])
    return bare.upper().replace("_", " ")
