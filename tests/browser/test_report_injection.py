# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from the service, an inventory or an attacker is shown literally, and has no effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.samples import sample_report
from browser.test_report_page import opened
from markdown_it import MarkdownIt
from playwright.sync_api import Browser

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><style>body{display:none}</style>",
    "\"'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"' onmouseover=alert(1) autofocus onfocus=alert(1) x='",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=//x.example/><meta http-equiv=refresh content=0;url=//x.example>",
    "{{ 7 * 7 }}{% raw %}",
    "]]><![CDATA[<b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "` | <b>x</b> | [x](javascript:alert(1)) ![x](//x.example/y) ```",
    "\\` <b>x</b> \\| [x](javascript:alert(1))",
    "``` <b>x</b>",
)
_TAGS = (
    "Object.entries([...document.querySelectorAll('*')].reduce((all, one) => "
    "({...all, [one.tagName]: (all[one.tagName] || 0) + 1}), {})).sort()"
)


def _shown(folder: Path, text: str, form: str) -> Path:
    """Return a page with a report that has this text everywhere. Markdown is rendered with inline HTML enabled."""
    path = sample_report(folder / f"report{form}", text)
    if form == ".html":
        return path
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(path.read_text(encoding="utf-8"))
    page = folder / "shown.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{shown}", encoding="utf-8")
    return page


@pytest.fixture(scope="session", params=[".html", ".md"])
def harmless(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Any]:
    """A form of the report, and its number of elements of each kind with a harmless text."""
    with opened(browser, _shown(tmp_path_factory.mktemp("harmless"), "x", request.param)) as page:
        return request.param, page.evaluate(_TAGS)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text(browser: Browser, tmp_path: Path, harmless: tuple[str, Any], text: str) -> None:
    form, tags = harmless
    path = _shown(tmp_path, text, form)
    with opened(browser, path, 360) as page:
        for control in page.locator("button").all()[:4]:
            control.hover()
        assert page.evaluate(_TAGS) == tags
        assert page.locator("h2", has_text=text).count() >= 1
        assert page.locator("tbody tr", has_text=text).count() > 80
        assert page.url == path.as_uri()
