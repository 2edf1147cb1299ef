# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the part of docs/messages.md that lists every message, with its meaning and what to do.

The messages come from the source code, and the explanations from ``messages.yml``, which identifies each message by its
beginning.

Usage: ``python -m tools.message_table``. With ``--check``, it only checks the page. With ``--list``, it prints the
messages and their places in the code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.generated import write_or_check
from tools.messages import Message, messages_of_code
from tools.paths import ROOT
from tools.playbook_messages import messages_of_playbooks

PAGE = ROOT / "docs" / "messages.md"
EXPLANATIONS = Path(__file__).resolve().with_name("messages.yml")
_PART = re.compile(r"(?<=<!-- every message -->\n).*(?=<!-- end of every message -->)", re.DOTALL)
# Characters with a special meaning in Markdown.
_MARKUP = re.compile(r"([*`<\\])|(?<![A-Za-z0-9])(_)|(_)(?![A-Za-z0-9])")
_UNBROKEN = re.compile(r"(?:[^\s`]|`[^`]*`)+")


@dataclass(frozen=True)
class Group:
    """Messages with a common explanation: their beginnings, their meaning, and what to do."""

    messages: tuple[str, ...]
    means: str
    remedy: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Explanations:
    """All chapters, and the beginnings of texts that are never printed."""

    chapters: tuple[Chapter, ...]
    not_printed: tuple[str, ...]

    @property
    def beginnings(self) -> list[str]:
        """Return the beginnings of all messages, explained or not printed."""
        explained = [one for chapter in self.chapters for group in chapter.groups for one in group.messages]
        return [*explained, *self.not_printed]


def explanations_in(text: str) -> Explanations:
    """Parse a file like ``messages.yml``."""
    content = yaml.safe_load(text)
    chapters = (Chapter(one["title"], tuple(map(_group, one["groups"]))) for one in content["chapters"])
    hidden = (one for reason in content["not_printed"] for one in reason["messages"])
    return Explanations(tuple(chapters), tuple(hidden))


def _group(given: dict[str, Any]) -> Group:
    return Group(tuple(given["messages"]), _line(given["means"]), _line(given["do"]))


def _line(text: str) -> str:
    return " ".join(text.split())


def matching(beginning: str, messages: Iterable[Message]) -> list[Message]:
    """Return the messages with this beginning, or only the message that is equal to it, if there is one."""
    found = [message for message in messages if message.text.startswith(beginning)]
    return [message for message in found if message.text == beginning] or found


def problems_of(messages: Sequence[Message], explanations: Explanations) -> list[str]:
    """Return a sentence for each message without an explanation, and for each explanation without a message."""
    problems: list[str] = []
    claimed: set[str] = set()
    for beginning in explanations.beginnings:
        found = matching(beginning, messages)
        if not found:
            problems.append(
                f"No message of the code begins with {beginning!r}: correct or remove that in messages.yml."
            )
        elif len(found) > 1:
            problems.append(f"{len(found)} messages begin with {beginning!r}: name each of them in messages.yml.")
        elif found[0].text in claimed:
            problems.append(f"messages.yml names this message twice: {found[0].text!r}.")
        claimed.update(message.text for message in found)
    problems += [
        f"Nobody explains the message {message.text!r} ({message.place}): add its beginning to a group in "
        "tests/tools/messages.yml, with what it means and what to do, or to not_printed there if no user can see it."
        for message in messages
        if message.text not in claimed
    ]
    return problems


def part(messages: Sequence[Message], explanations: Explanations) -> str:
    """Return the Markdown of all chapters and of links to them, with an empty line before and after."""
    links = "\n".join(f"* [{chapter.title}](#{anchor(chapter.title)})" for chapter in explanations.chapters)
    return "\n" + "\n\n".join([links, *(_chapter(chapter, messages) for chapter in explanations.chapters)]) + "\n\n"


def anchor(title: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def _chapter(chapter: Chapter, messages: Sequence[Message]) -> str:
    blocks = [f"## {chapter.title}"]
    for group in chapter.groups:
        texts = [quoted(message.text) for one in group.messages for message in matching(one, messages)]
        blocks += [
            "\n>\n".join(f"> {text}" for text in texts),
            *map(_wrapped, (group.means, f"**What to do:** {group.remedy}")),
        ]
    return "\n\n".join(blocks)


def _wrapped(text: str) -> str:
    lines, line = [], ""
    for word in _UNBROKEN.findall(text):
        if line and len(line) + 1 + len(word) > 120:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def quoted(text: str) -> str:
    """Return a message as Markdown. Dots mark omitted text before or after a part of a sentence."""
    is_end = text.endswith((".", "?"))
    before = "…" if text[0] in ",:" else "… " if text[0] == "(" or (text[0].islower() and not is_end) else ""
    after = "" if is_end else " …"
    return before + _MARKUP.sub(lambda found: f"\\{found[0]}", text) + after


def page(text: str, wanted: str) -> str:
    """Return the text of the page with this part. Raises LookupError if the page has no markers for it."""
    if not _PART.search(text):
        raise LookupError("the page lacks the lines <!-- every message --> and <!-- end of every message -->")
    return _PART.sub(lambda _found: wanted, text)


def all_messages(root: Path = ROOT) -> list[Message]:
    """Return the messages of code, role, playbooks and rulebooks, each text once."""
    found: dict[str, Message] = {}
    for message in (*messages_of_code(root), *messages_of_playbooks(root)):
        found.setdefault(message.text, message)
    return list(found.values())


def main(arguments: Sequence[str]) -> int:
    """Write the part, compare it, or list the messages. Returns 1 if there is a problem."""
    messages = all_messages()
    if "--list" in arguments:
        print(*(f"{message.place}: {message.text}" for message in messages), sep="\n")
        return 0
    explanations = explanations_in(EXPLANATIONS.read_text(encoding="utf-8"))
    problems = problems_of(messages, explanations)
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    text = PAGE.read_text(encoding="utf-8")
    wanted = page(text, part(messages, explanations))
    return write_or_check({PAGE: wanted}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
