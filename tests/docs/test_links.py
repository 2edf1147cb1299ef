# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from docs.pages import Page, page, pages
from tools.paths import ROOT

LINKS = [(one, link) for one in pages() for link in one.links]
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
# What an installed collection does not have: a link to it would be dead there.
NOT_SHIPPED = (
    "tests",
    "Makefile",
    "requirements",
    "AGENTS.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
)


def titled(value: Page | str) -> str:
    """How pytest lists a link."""
    return value.name if isinstance(value, Page) else value


@pytest.mark.parametrize(("source", "link"), LINKS, ids=titled)
def test_the_link_leads_somewhere(source: Page, link: str) -> None:
    if link.startswith("https://"):
        assert "github.com" not in link or link.startswith(REPOSITORY)
        return
    name, _hash, anchor = link.partition("#")
    target = (ROOT / source.name).parent / name if name else ROOT / source.name
    assert target.is_file(), f"{source.name}: {link}"
    inside = target.resolve().relative_to(ROOT)
    assert inside.parts[0] not in NOT_SHIPPED, f"{source.name}: {link} is not in the tarball"
    if anchor:
        assert anchor in page(str(inside)).anchors, f"{source.name}: {link}"


def test_the_readme_leads_to_every_page() -> None:
    linked = {Path(link).as_posix() for link in page("README.md").links}
    assert {one.name for one in pages()} - {"README.md"} <= linked


@pytest.mark.parametrize("one", pages(), ids=titled)
def test_a_contents_list_has_every_chapter(one: Page) -> None:
    listed = [link.removeprefix("#") for link in one.links if link.startswith("#")]
    if listed and one.name.startswith("docs/"):
        assert set(one.chapters) - {"contents"} <= set(listed)
