# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about AWX names all objects that the setup creates, and all its variables."""

from __future__ import annotations

import re

import yaml

from docs.awx_commands import settings
from docs.awx_vocabulary import object_names
from docs.pages import page
from tools.paths import ROOT

PAGE = "docs/awx.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_table_of_what_is_made_is_complete() -> None:
    shown = {re.sub(r".*\*\*(.+)\*\*.*", r"\1", row[0]) for row in page(PAGE).table("In AWX")}
    assert shown == {name for name in object_names() if "ThingSpace" in name and "-" in name} | {"ThingSpace"}


def test_what_is_printed_in_bold_exists() -> None:
    names = object_names()
    nodes = {"verify", "continue", "not"}
    bold = set(re.findall(r"\*\*([^*\n]+)\*\*", TEXT)) - nodes
    unknown = {text for text in bold if not any(text in (name, name.removeprefix("ThingSpace - ")) for name in names)}
    assert unknown <= {"one", "Cancel", "Restart of AWX", "Relaunch"}


def test_the_table_of_settings_is_complete() -> None:
    rows = page(PAGE).table("Setting, with `-e`")
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row[0])} == settings()


def test_the_times_are_those_of_the_templates() -> None:
    surveys = yaml.safe_load((ROOT / "extensions" / "awx" / "surveys.yml").read_text(encoding="utf-8"))
    assert surveys["awx_setup_questions"]["timeout"]["max"] == 4 * 3600
    assert TEXT.count("four hours") >= 3
