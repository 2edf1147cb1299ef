# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides of the documentation site on a phone and on a desktop: the pages as ``make docs`` builds them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.environments import SITE
from tools.paths import ROOT

# Pages with the widest tables, all diagrams, a picture, and the most code.
GUIDES = ("waiting", "fleet", "report", "architecture", "quick_start")
WIDTHS = (360, 1280)
_LIMIT_SECONDS = 300
# Elements beyond the right edge, unless a parent element scrolls.
_TOO_WIDE = """() => [...document.querySelectorAll(".wy-nav-content *")].filter(one => {
  if (one.getBoundingClientRect().right <= document.documentElement.clientWidth + 1) return false;
  for (let around = one.parentElement; around; around = around.parentElement)
    if (/auto|scroll|hidden/.test(getComputedStyle(around).overflowX)) return false;
  return true;
}).map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""
_MISSING = "() => [...document.images].filter(one => !one.naturalWidth).map(one => one.src)"
_BROKEN = """() => [...document.querySelectorAll(".highlight-yaml pre")].filter(one => {
  const lines = one.textContent.split("\\n").length + 1;
  return one.clientHeight > 1.1 * lines * parseFloat(getComputedStyle(one).lineHeight);
}).map(one => one.textContent)"""
_CUT_COMMANDS = """() => [...document.querySelectorAll(".highlight-console pre, .highlight-shell pre")].filter(
  one => getComputedStyle(one).whiteSpace !== "pre-wrap").map(one => one.textContent)"""
_DIAGRAM_SCALES = """() => [...document.querySelectorAll(".diagram svg")].map(
  one => one.getBoundingClientRect().width / one.viewBox.baseVal.width)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with these guides."""
    python = SITE.folder / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no environment {SITE.name}")
    built = tmp_path_factory.mktemp("site")
    subprocess.run(
        [str(python), "-m", "tools.site", str(built), *GUIDES],
        cwd=ROOT / "tests",
        check=True,
        timeout=_LIMIT_SECONDS,
    )
    return built


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_fits(browser: Browser, site: Path, guide: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    try:
        page = context.new_page()
        page.goto((site / "docsite" / f"{guide}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_TOO_WIDE) == []
        assert page.evaluate(_MISSING) == []
        assert page.evaluate(_BROKEN) == []
        assert page.evaluate(_CUT_COMMANDS) == []
        assert all(scale > 0.45 for scale in page.evaluate(_DIAGRAM_SCALES))
    finally:
        context.close()


@pytest.mark.parametrize("guide", [name for name in GUIDES if name != "quick_start"])
def test_code_is_as_in_the_guide(browser: Browser, site: Path, guide: str) -> None:
    """The conversions between three formats neither add nor lose anything."""
    source = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    written = re.findall(r"^```yaml[^\n]*\n(.*?)^```$", source, re.MULTILINE | re.DOTALL)
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto((site / "docsite" / f"{guide}.html").as_uri())
        assert page.locator(".highlight-yaml pre").all_text_contents() == written
    finally:
        context.close()
