# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as HTML and as Markdown. What a browser makes of it is in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import Report, StoredResult
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.render import cell, code, rendered
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    CAMPAIGN_ID,
    decided,
    device,
    facts,
    report,
    result,
    summary,
    wait,
)

HOSTILE: t.Final = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "` | [x](javascript:alert(1)) **b** ``` \\` ![i](http://x/y) https://x.example",
    "`",
    "``` ",
    "|",
    "\\",
    "\\|",
    " ",
)


def full(text: str = "x") -> Report:
    """A report that has this text wherever a foreign one can stand."""
    kind = {"state": "failed", "status": text, "reason": text, "count": 1}
    figures = {**summary(3, 1), "doubt": text, "top_reasons": [kind]}
    campaign = facts(campaign_name=text, account_name=text, software_to=text, status=text, device_summary=figures)
    history = [{**entry, "status": text} for entry in wait()["history"]]
    errors = [{"campaign_id": CAMPAIGN_ID, "at": "2026-03-01T12:00:00Z", "message": text}]
    told = result(campaign, waits=[{**wait(errors=1), "history": history}], last_errors=errors)
    devices = {CAMPAIGN_ID: [device(text, "failed", status=text, reason=text)]}
    lost = {"campaigns": [], "failed": True, "msg": text}
    hosts = [decided(text, word, device=f"d{text}", reason=text) for word in ("continue", "skip", "fail")]
    return report(*hosts, results=[StoredResult(1, told, devices), StoredResult(1, lost, {})])


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_texts_are_no_markup_in_html(text: str) -> None:
    page, plain = rendered(full(text), ".html"), rendered(full(), ".html")
    tags = re.compile(r"<[/a-zA-Z!][^>]*>")

    def found(one: str) -> list[str]:
        # Names of regions are attributes, in which the text is escaped.
        return [re.sub(r' ?(aria-label|class)="[^"]*"', "", tag) for tag in tags.findall(one)]

    assert found(page) == found(plain)


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_texts_stand_in_code_spans_in_markdown(text: str) -> None:
    """Every table keeps its columns, and a heading is a heading."""
    shown, plain = rendered(full(text), ".md"), rendered(full(), ".md")
    assert shown.count("\n") == plain.count("\n")
    for line, usual in zip(shown.splitlines(), plain.splitlines()):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", _without_code(line))) == usual.count("|"), line
        without = _without_code(line)
        assert "javascript" not in without and "<" not in without, line


def _without_code(line: str) -> str:
    """A line with its code spans cut out: a run of backticks up to the next run of the same length."""
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a", "`a`"),
        ("", "–"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a|b", "`a|b`"),
        (" a ", "`  a  `"),
    ],
)
def test_a_code_span_holds_any_text(text: str, span: str) -> None:
    assert code(text) == span
    assert cell(text) == span.replace("|", "\\|")


def test_the_policy_allows_the_own_style_and_script_only() -> None:
    page = rendered(report(decided("a")), ".html")
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert found
    policy = dict(part.strip().split(" ", 1) for part in found.group(1).split(";"))
    assert policy["default-src"] == "'none'"
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[rule] == f"'sha256-{digest}'"
    assert not re.search(r"https?://(?!www\.gnu\.org)", page)
    assert not re.search(r"<[^>]+\s(style|on\w+|href|src)=", page)


@pytest.mark.parametrize("form", [".html", ".md"])
def test_ten_thousand_devices_have_less_than_three_megabytes(form: str) -> None:
    reason = f"Campaign FOTA_Verizon_Upgrade ({CAMPAIGN_ID}) has reached ended: it is ended [CampaignEnded]."
    hosts = [
        decided(f"tracker-{number:05d}.example.com", device=f"{number:015d}", reason=reason) for number in range(10_000)
    ]
    devices = {CAMPAIGN_ID: [device(f"9{number:014d}", reason="DownloadInstallSucceeded") for number in range(10_000)]}
    for shown in (report(*hosts), report(results=[StoredResult(1, result(), devices)])):
        text = rendered(shown, form)
        assert 500_000 < len(text.encode()) < 3_000_000


def test_an_empty_report_says_so_little_that_it_is_right() -> None:
    for form in (".html", ".md"):
        text = rendered(report(results=[]), form)
        assert "2026-03-03 02:00:11 UTC" in text
        assert "Hosts" not in text


def test_many_campaigns_are_not_all_drawn() -> None:
    campaigns = [facts(id=f"c{number}") for number in range(60)]
    waits = [{**wait(), "campaign_id": f"c{number}"} for number in range(60)]
    page = rendered(report(results=[StoredResult(1, result(*campaigns, waits=waits), {})]), ".html")
    assert page.count('<svg class="timeline"') == 50
    assert page.count("CampaignEnded") >= 60
