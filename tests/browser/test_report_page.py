# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report in a browser: in both themes, wide and narrow, printed, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.samples import STATES, sample_report
from playwright.sync_api import Browser, Page

WIDTHS = (360, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
REPORTS = ("real_report", "full_report")


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1280, **options: Any) -> Iterator[Page]:
    """Open the page. Any other request, dialog or console message is an error."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(60_000)
    page, noticed = context.new_page(), list[str]()
    page.on("request", lambda request: noticed.append(f"loaded {request.url}"))
    page.on("dialog", lambda dialog: noticed.append(f"asked {dialog.message}"))
    page.on("console", lambda message: noticed.append(f"said {message.text}"))
    page.on("pageerror", lambda error: noticed.append(f"failed {error}"))
    try:
        page.goto(path.as_uri())
        yield page
        assert noticed == [f"loaded {path.as_uri()}"]
    finally:
        context.close()


# A word without line breaks that is wider than any page.
ENDLESS = "W" * 200


@pytest.fixture(params=REPORTS)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_it(browser: Browser, path: Path, width: int, theme: Literal["light", "dark"]) -> None:
    with opened(browser, path, width, color_scheme=theme) as page:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_themes_differ(browser: Browser, path: Path) -> None:
    colours = []
    for theme in THEMES:
        with opened(browser, path, color_scheme=theme) as page:
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(colours)) == 2


def test_the_bars_are_as_long_as_their_shares(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report) as page:
        rows = page.locator("table:has(caption:text('Devices by state')) tbody tr")
        assert rows.count() == len(STATES)
        for row in rows.all():
            count = int(row.locator("td.number").first.inner_text())
            track = row.locator("svg.bar").bounding_box()
            part = row.locator("svg.bar rect").bounding_box()
            assert track and part
            assert part["width"] / track["width"] == pytest.approx(count / sum(STATES.values()), abs=0.01)


def test_a_text_filters_the_hosts(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report) as page:
        hosts = page.locator("section:has(h2#hosts)")
        assert hosts.locator("output").inner_text() == "40 of 40 rows"
        hosts.get_by_label("Filter").fill("TRACKER-007")
        assert hosts.locator("output").inner_text() == "1 of 40 rows"
        assert hosts.locator("tbody tr:visible th").all_inner_texts() == ["tracker-007.example.com"]
        hosts.get_by_label("Filter").fill("")
        hosts.get_by_label("Decision").select_option("skip")
        assert set(hosts.locator("tbody tr:visible td:nth-child(3)").all_inner_texts()) == {"skip"}
        assert hosts.locator("output").inner_text() == "2 of 40 rows"


def test_a_column_sorts_both_ways(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report) as page:
        hosts = page.locator("section:has(h2#hosts)")
        names = hosts.locator("tbody th")
        usual = names.all_inner_texts()
        button = hosts.get_by_role("button", name="Host")
        button.click()
        assert names.all_inner_texts() == sorted(usual)
        assert hosts.locator("th[aria-sort=ascending]").all_inner_texts() == ["Host"]
        button.press("Enter")
        assert names.all_inner_texts() == sorted(usual, reverse=True)
        assert hosts.locator("th[aria-sort=descending]").count() == 1
        # The filter also applies to sorted rows.
        hosts.get_by_label("Decision").select_option("fail")
        hosts.get_by_role("button", name="Device").click()
        assert hosts.locator("tbody tr:visible").count() == 3


def test_without_scripts_it_is_a_plain_table(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report, java_script_enabled=False) as page:
        hosts = page.locator("section:has(h2#hosts)")
        assert hosts.locator("tbody tr:visible").count() == 40
        assert page.locator("input, select, button").count() == 0
        assert page.locator("svg.timeline").count() == 1


@pytest.mark.parametrize("text", [None, ENDLESS], ids=["usual", "endless"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_decision_is_in_view_beside_its_host(
    browser: Browser, tmp_path: Path, width: int, text: str | None
) -> None:
    path = sample_report(tmp_path / "report.html", text, hosts=3)
    with opened(browser, path, width) as page:
        for heading, top in (("hosts", "continue"), ("devices", "succeeded")):
            row = page.locator(f"section:has(h2#{heading}) tbody tr").last
            decision = row.locator("td.top")
            assert decision.inner_text() in (top, "fail")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            name, word = row.locator("th").bounding_box(), decision.bounding_box()
            assert name and word
            assert abs(name["y"] - word["y"]) < 3
            assert name["x"] + name["width"] <= word["x"] + 1
            assert word["x"] + word["width"] <= width


def test_on_a_phone_a_row_needs_no_scrolling(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report, 360) as page:
        for table in page.locator("table").all():
            assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")
            for cell in table.locator("tbody tr").first.locator("th, td").all():
                box = cell.bounding_box()
                assert box
                assert box["x"] + box["width"] <= 360
        hosts = page.locator("section:has(h2#hosts)")
        hosts.get_by_label("Decision").select_option("skip")
        assert hosts.locator("tbody tr:visible").count() == 2


@pytest.mark.parametrize("text", [None, ENDLESS], ids=["usual", "endless"])
def test_nothing_is_wider_than_the_paper(browser: Browser, tmp_path: Path, text: str | None) -> None:
    # The width of A4 without margins, in CSS pixels.
    width = 718
    with opened(browser, sample_report(tmp_path / "report.html", text), width) as page:
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_all_rows_are_there_and_nothing_to_click(browser: Browser, full_report: Path) -> None:
    with opened(browser, full_report) as page:
        page.emulate_media(media="print")
        assert page.locator(".tools:visible").count() == 0
        (region,) = page.locator("section:has(h2#hosts) .scroll").all()
        assert region.evaluate("one => one.scrollHeight <= one.clientHeight")
        pages = page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", pages)) >= 2


def test_ten_thousand_hosts_can_be_sorted_and_filtered(browser: Browser, tmp_path: Path) -> None:
    path = sample_report(tmp_path / "report.html", hosts=10_000)
    assert path.stat().st_size < 3_000_000
    with opened(browser, path) as page:
        hosts = page.locator("section:has(h2#hosts)")
        hosts.get_by_label("Filter").fill("tracker-9999.")
        assert hosts.locator("output").inner_text() == "1 of 10000 rows"
        hosts.get_by_label("Filter").fill("")
        hosts.get_by_role("button", name="Host").click()
        hosts.get_by_role("button", name="Host").click()
        assert hosts.locator("tbody th").first.inner_text() == "tracker-9999.example.com"


def test_a_real_report_has_its_hosts_and_devices(browser: Browser, real_report: Path) -> None:
    with opened(browser, real_report) as page:
        hosts = page.locator("section:has(h2#hosts)")
        assert hosts.locator("tbody tr").count() == 12
        assert hosts.locator("tbody tr:has(td:text-is('fail'))").count() == 4
        assert page.locator("section.campaign").count() == 2
        assert "scheduled" in page.locator("section.campaign").first.inner_text()
