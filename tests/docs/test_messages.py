# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/messages.md explains every message. New messages in the code are detected, however they are composed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from docs.pages import page
from tools import message_table
from tools.message_table import EXPLANATIONS, all_messages, explanations_in, problems_of, quoted
from tools.messages import Message, messages_in, reads_as_words
from tools.paths import ROOT
from tools.playbook_messages import messages_in_yaml

PAGE = page("docs/messages.md")
MESSAGES = all_messages()
KNOWN = explanations_in(EXPLANATIONS.read_text(encoding="utf-8"))
SMALL = """
chapters:
  - title: The sky
    groups:
      - messages: [The moon is]
        means: It is bright.
        do: Look up.
not_printed:
  - because: Nobody sees it.
    messages: [The sun is gone.]
"""


def test_the_page_is_up_to_date() -> None:
    assert message_table.main(["--check"]) == 0, "run python -m tools.message_table in tests"


def test_every_message_is_in_the_page() -> None:
    hidden = tuple(KNOWN.not_printed)
    printed = [message.text for message in MESSAGES if not message.text.startswith(hidden)]
    assert len(printed) > 250
    assert [text for text in printed if f"> {quoted(text)}\n" not in PAGE.text] == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("raise OptionError('The moon is full.')", ["The moon is full."]),
        ("def f():\n    raise OptionError(f'{moon.name} is full: {error.message}')", ["NAME is full: ERROR"]),
        ("def f(x):\n    what = 'The moon'\n    return f'{what} is full.'", ["The moon is full."]),
        ("_WHAT = 'is full'\ndef f():\n    return f'The moon {_WHAT}.'", ["The moon is full."]),
        ('def f(x):\n    return f\'The moon is {"full" if x else "new"}.\'', ["The moon is full.", "The moon is new."]),
        (
            "def f(x):\n    what = 'sun' if x else 'moon'\n    return f'The {what} is gone.'",
            ["The sun is gone.", "The moon is gone."],
        ),
        (
            "def f(n):\n    return 'The moon is gone' + (f' for {n} days' if n else '') + '.'",
            ["The moon is gone for N days."],
        ),
        ("_LOG.warning('The moon is gone: %s', x)", ["The moon is gone: MESSAGE"]),
        ("_SAID = {404: 'no moon there', 500: 'the sun has set'}", ["no moon there", "the sun has set"]),
        (
            "class A:\n    def f(self):\n        self.say(g('The moon is', 'full, I think'))",
            ["The moon is", "full, I think"],
        ),
        ("def f(names):\n    return f'{names(\"wait_state\")} must be full.'", ["wait_state must be full."]),
        ("def f(x):\n    return f'The moon: {say(\"it is full\")}'", ["The moon: SAY", "it is full"]),
        ("def f(x):\n    return lambda: f'The moon is {x}.'", ["The moon is X."]),
    ],
)
def test_a_message_is_found(source: str, texts: list[str]) -> None:
    assert [message.text for message in messages_in(source, "plugins/new.py")] == texts


@pytest.mark.parametrize(
    "source",
    [
        '"""The moon is full."""',
        'def f() -> "dict[str, t.Any]":\n    """The moon is full."""',
        "DOCUMENTATION = 'The moon is full.'",
        "_FULL = re.compile('the moon is full')",
        "rows = 'SELECT moon FROM sky'",
        "words = {'full', 'moon', 'in_progress', '%Y-%m-%d %H'}",
        "x = f'{first} {second}'",
    ],
)
def test_what_is_no_message_is_left_out(source: str) -> None:
    assert messages_in(source, "plugins/new.py") == []


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("- fail:\n    msg: The moon {{ moon_name }} is full.", ["The moon MOON NAME is full."]),
        (
            "- assert:\n    fail_msg: 'The moon is {{ 'full' if x else 'new' }}.'".replace("'The", '"The').replace(
                ".'", '."'
            ),
            ["The moon is full.", "The moon is new."],
        ),
        ("said: \"{{ x | default('The moon is full.') }}\"", ["The moon is full."]),
        (
            "msg: '{% if x %}The sun shines.{% else %}The moon is {{ x.y }}.{% endif %}'",
            ["The sun shines.", "The moon is Y."],
        ),
        (
            "- name: The moon is full\n  when: the moon is full\n  vars: {a: \"{{ x | regex_search('^the moon') }}\"}",
            [],
        ),
    ],
)
def test_a_message_of_a_playbook_is_found(text: str, texts: list[str]) -> None:
    assert [message.text for message in messages_in_yaml(text, "playbooks/new.yml")] == texts


def test_a_new_message_needs_an_explanation() -> None:
    new = messages_in("def f():\n    raise OptionError(f'The moon {name} is full.')", "plugins/new.py")
    (problem,) = problems_of([*MESSAGES, *new], KNOWN)
    assert "'The moon OPTION is full.' (plugins/new.py:2)" in problem
    assert "tests/tools/messages.yml" in problem


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["The moon is full.", "The sun is gone."], None),
        (["The moon is full.", "The moon is new.", "The sun is gone."], "2 messages begin with 'The moon is'"),
        (["The sun is gone."], "No message of the code begins with 'The moon is'"),
        (["The moon is full.", "The sun is gone.", "It rains now."], "Nobody explains the message 'It rains now.'"),
    ],
)
def test_explanations_and_messages_belong_together(texts: list[str], problem: str | None) -> None:
    problems = problems_of([Message(text, "new.py") for text in texts], explanations_in(SMALL))
    assert [one[: len(problem or "")] for one in problems] == ([] if problem is None else [problem])


def test_a_message_has_one_explanation() -> None:
    twice = explanations_in(SMALL.replace("[The sun is gone.]", "[The moon is full]"))
    (problem,) = problems_of([Message("The moon is full.", "new.py")], twice)
    assert "twice" in problem


# Calls that certainly create messages: errors, failures and warnings. None of their texts may be missed.
MAKERS = re.compile(
    r"(?:.*\.)?(?:warn|warning|error|fail_json|say|\w*(?:Error|Refused|Failed|Missing|Response|Address))"
)


def pieces() -> Iterator[tuple[str, str]]:
    """Yield the place and the words of each literal in such calls, found in the simplest way."""
    for path in sorted(
        path for folder in ("plugins", "extensions/eda/plugins") for path in (ROOT / folder).rglob("*.py")
    ):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and MAKERS.fullmatch(ast.unparse(call.func)):
                for part in (part for argument in call.args for part in ast.walk(argument)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(ROOT)}:{call.lineno}", " ".join(part.value.split()).strip(" ,;:.")


def test_no_literal_of_an_error_or_a_warning_is_missed() -> None:
    known = "\n".join(message.text for message in MESSAGES)
    found = [(place, words) for place, words in pieces() if reads_as_words(words) and "%s" not in words]
    assert len(found) > 150
    assert [one for one in found if one[1] not in known] == []


def test_every_quote_of_a_real_run_is_one_of_the_messages() -> None:
    patterns = [pattern_of(message.text) for message in MESSAGES]
    real = [
        text
        for heading, text in page("docs/troubleshooting.md").quotes
        if heading in {"invalid_option", "login_refused", "connection_failed", "timed_out"}
    ]
    assert len(real) > 20
    assert [text for text in real if not any(pattern.search(text) for pattern in patterns)] == []


def pattern_of(text: str) -> re.Pattern[str]:
    """Return a pattern for a message as a user sees it: with a value for each word in capitals."""
    return re.compile(re.sub(r"\b[A-Z]{2,}(?: [A-Z]+)*\b", ".+", re.escape(text).replace(r"\ ", " ")))
