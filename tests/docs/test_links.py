# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All links have valid targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs.pages import Page, page, pages
from tools.paths import ROOT

LINKS = [(one, link) for one in pages() for link in one.links]
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
ON_THE_FORGE = f"{REPOSITORY}/blob/main/"
RAW = ON_THE_FORGE.replace("https://github.com/", "https://raw.githubusercontent.com/").replace("/blob/", "/")
# Galaxy and Automation Hub show these pages without the files next to them.
SHOWN_BY_GALAXY = [one for one in pages() if not one.name.startswith("docs/")]
# Files that an installed collection does not have, so that links to them would be dead there.
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
    """Return the name of a link for pytest."""
    return value.name if isinstance(value, Page) else value


def _target(source: Page, link: str) -> tuple[Path, str]:
    """Return the file and the heading to which a link within the repository leads."""
    name, _hash, anchor = link.partition("#")
    if name.startswith(ON_THE_FORGE):
        return ROOT / name.removeprefix(ON_THE_FORGE), anchor
    return (ROOT / source.name).parent / name if name else ROOT / source.name, anchor


@pytest.mark.parametrize(("source", "link"), LINKS, ids=titled)
def test_the_link_leads_somewhere(source: Page, link: str) -> None:
    if link.startswith("https://") and not link.startswith(ON_THE_FORGE):
        assert "github.com" not in link or link.startswith(REPOSITORY)
        return
    target, anchor = _target(source, link)
    assert target.is_file(), f"{source.name}: {link}"
    inside = target.resolve().relative_to(ROOT)
    if not link.startswith("https://"):
        assert inside.parts[0] not in NOT_SHIPPED, f"{source.name}: {link} is not in the tarball"
    if anchor:
        assert anchor in page(str(inside)).anchors, f"{source.name}: {link}"


@pytest.mark.parametrize("one", SHOWN_BY_GALAXY, ids=titled)
def test_what_galaxy_shows_has_absolute_links_only(one: Page) -> None:
    assert [link for link in (*one.links, *one.images) if not link.startswith("https://")] == []


def test_the_changelog_has_absolute_links_only() -> None:
    text = (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")
    links = re.findall(r"<([^<>\s]+)>`_|^\.\. _[^:]+: *(\S+)|^\.\. (?:image|figure):: *(\S+)", text, re.MULTILINE)
    assert [link for groups in links for link in groups if link and not link.startswith("https://")] == []


@pytest.mark.parametrize("one", pages(), ids=titled)
def test_the_pictures_are_there(one: Page) -> None:
    for link in one.images:
        if link.startswith(RAW):
            assert (ROOT / link.removeprefix(RAW)).is_file(), link
        elif not link.startswith("https://"):
            assert _target(one, link)[0].is_file(), link


def test_the_readme_leads_to_every_page() -> None:
    linked = {str(_target(page("README.md"), link)[0].relative_to(ROOT)) for link in page("README.md").links}
    assert {one.name for one in pages()} - {"README.md"} <= linked


@pytest.mark.parametrize("one", pages(), ids=titled)
def test_a_contents_list_has_every_chapter(one: Page) -> None:
    listed = [link.removeprefix("#") for link in one.links if link.startswith("#")]
    if listed and one.name.startswith("docs/"):
        assert set(one.chapters) - {"contents"} <= set(listed)
