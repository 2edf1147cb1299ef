# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site has every page; ``make docs`` builds it."""

from __future__ import annotations

import yaml

from docs.pages import page
from tools.paths import ROOT

SECTIONS = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
# These two are made from the README and from the documentation of the event sources.
MADE = ("quick_start", "event_sources")


def test_the_site_has_every_page_once() -> None:
    listed = [name for section in SECTIONS for name in section["toctree"]]
    assert sorted(listed) == sorted([*MADE, *(path.stem for path in (ROOT / "docs").glob("*.md"))])


def test_the_first_chapters_of_the_readme_are_the_quick_start() -> None:
    chapters = page("README.md").chapters
    first, following = chapters.index("install-the-collection"), chapters.index("what-the-collection-contains")
    assert chapters[first:following] == [
        "install-the-collection",
        "use-the-gate",
        "try-it-without-an-account",
        "credentials",
    ]


def test_no_copy_of_a_page_is_kept() -> None:
    assert not (ROOT / "docs" / "docsite" / "rst").exists()
