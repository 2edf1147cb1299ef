# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the event source campaign matches its options, and its page matches its events."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import pytest
import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import WATCH_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import VERDICTS
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import watch_settings_of
from docs.pages import codes, page
from tools import source_options
from tools.paths import ROOT

SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "campaign.py"
PAGE = page("docs/event_source.md")
SCHEMA = json.loads((ROOT / "extensions" / "eda" / "schemas" / "campaign_event.json").read_text(encoding="utf-8"))
CREDENTIALS = {"api_key": "a", "api_secret": "b", "username": "c", "password": "d"}


def documented(name: str) -> Any:
    """Parse a string in the source as YAML."""
    for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(name)


def test_every_option_is_documented_as_it_is() -> None:
    options = documented("DOCUMENTATION")["options"]
    assert sorted(options) == sorted(option.name for option in WATCH_OPTIONS)
    for option in WATCH_OPTIONS:
        said = options[option.name]
        assert said["type"] == option.type, option.name
        assert said.get("elements") == option.elements, option.name
        assert said.get("default") == option.default, option.name
        assert tuple(said.get("choices", ())) == option.choices, option.name
        variables = re.findall(r"E\((\w+)\)", " ".join(said["description"]))
        assert variables == ([option.env] if option.env else []), option.name


def test_the_documentation_speaks_of_options_that_there_are() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert set(re.findall(r"O\((\w+)", text)) <= {option.name for option in WATCH_OPTIONS}


@pytest.mark.parametrize("example", documented("EXAMPLES"), ids=lambda example: str(example["name"]))
def test_the_options_of_the_examples_are_taken(example: dict[str, Any]) -> None:
    (source,) = example["sources"]
    assert watch_settings_of({**source["fleetops.thingspace.campaign"], **CREDENTIALS})


def test_the_table_of_options_is_as_it_should_be() -> None:
    assert source_options.main(["--check"]) == 0


def test_the_types_of_events_are_those_of_the_schema() -> None:
    shown = [codes(row[0])[0] for row in PAGE.table("Type", "When it comes")]
    assert shown == SCHEMA["properties"]["type"]["enum"]


def test_the_keys_of_an_event_are_those_of_the_schema() -> None:
    shown = [codes(row[0])[0] for row in PAGE.table("Key", "What it holds")]
    assert sorted(shown) == sorted(SCHEMA["required"])


def test_the_verdicts_are_those_of_the_code() -> None:
    shown = [codes(row[0])[0] for row in PAGE.table("Verdict", "When it comes")]
    assert shown == list(VERDICTS)
