# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links on the pages for contributors are valid, and the pages agree with galaxy.yml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools import worktree
from tools.paths import ROOT

REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
NAMED = {"AGENTS.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md"}
PAGES = [path for path in worktree.known_files() if path.parts[0] in {".github", *NAMED}]


def text(path: Path) -> str:
    """Return the text of a page."""
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"https://github\.com/[^\s)>\"]+", text(path)):
        assert link.startswith(REPOSITORY), link
        _before, found, inside = link.partition("/blob/main/")
        assert not found or (ROOT / inside).is_file(), link
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text(path)):
        assert (ROOT / path.parent / link).exists(), link


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_target_that_a_page_names_is_one(path: Path) -> None:
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text(path), re.MULTILINE)) <= TARGETS


def test_no_page_is_forgotten() -> None:
    assert {path.name for path in PAGES} >= NAMED
