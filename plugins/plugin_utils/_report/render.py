# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: renders a report as a self-contained HTML page, or as Markdown."""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report import charts
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import (
    UNDECIDED,
    Campaign,
    Report,
    Share,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, FAIL, SKIP

HTML: t.Final = ".html"
MARKDOWN: t.Final = ".md"

_TEMPLATES: t.Final = Path(__file__).resolve().parent / "templates"
# A page with charts for a thousand campaigns would be too large.
_MAX_TIMELINES: t.Final = 50
_BLOCKS: t.Final = 20
_TONES: t.Final = {
    **dict.fromkeys((CONTINUE, "succeeded"), "good"),
    **dict.fromkeys(
        (FAIL, UNDECIDED, "failed", "rejected", "unknown", "aborted", "cancelled", "request_failed"), "bad"
    ),
    **dict.fromkeys((SKIP, "partial", "unverified", "not read"), "warn"),
}
_DECIDED: t.Final = {
    CONTINUE: ("continues", "continue"),
    SKIP: ("is left out", "are left out"),
    FAIL: ("fails", "fail"),
    UNDECIDED: ("is undecided", "are undecided"),
}


@dataclass(frozen=True)
class _Charts:
    """The charts of one campaign. The lists are in the order of its states and reasons."""

    timeline: Markup | None
    has_windows: bool
    whole: Markup
    states: list[Markup]
    reasons: list[Markup]


def rendered(report: Report, form: str) -> str:
    """Return the text of the file. C(form) is V(.html) or V(.md)."""
    return _html(report) if form == HTML else _markdown(report)


def _html(report: Report) -> str:
    style, script = (Markup((_TEMPLATES / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))
    # The page loads nothing, and injected scripts or styles do not run.
    policy = "; ".join(
        [
            *("default-src 'none'", "base-uri 'none'", "form-action 'none'"),
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
        ]
    )
    drawn = [_charts(campaign, number < _MAX_TIMELINES) for number, campaign in enumerate(report.campaigns)]
    template = _environment(autoescape=True).get_template("report.html.j2")
    return template.render(report=report, charts=drawn, style=style, script=script, policy=Markup(policy))


def _markdown(report: Report) -> str:
    text = _environment(autoescape=False).get_template("report.md.j2").render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _environment(autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        tone=_tone, words=_words, moment=_moment, decided=_decided, code=code, cell=cell, blocks=_blocks
    )
    return environment


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _charts(campaign: Campaign, is_drawn: bool) -> _Charts:
    timeline, lanes = None, campaign.timeline.lanes if campaign.timeline else ()
    if campaign.timeline and is_drawn:
        timeline = charts.timeline_chart(campaign.timeline, f"Timeline of {campaign.name}; the states are listed below")
    total = sum(share.count for share in campaign.states)
    return _Charts(
        timeline,
        any(interval.kind == "window" for lane in lanes for interval in lane.intervals),
        charts.share_bar([(share.state, share.count) for share in campaign.states], total),
        *([_bar(share) for share in shares] for shares in (campaign.states, campaign.reasons)),
    )


def _bar(share: Share) -> Markup:
    return charts.share_bar([(share.state, share.count)], share.total)


def _tone(word: str) -> str:
    return _TONES.get(word, "info")


def _words(word: str) -> str:
    """Return C(in progress) for C(in_progress)."""
    return word.replace("_", " ")


def _moment(text: str) -> str:
    """Return C(2026-03-01 12:00:00 UTC) for C(2026-03-01T12:00:00Z)."""
    return text.replace("T", " ").replace("Z", " UTC")


def _decided(word: str, count: int) -> str:
    one, several = _DECIDED[word]
    return one if count == 1 else several


def code(text: str) -> str:
    """Return an untrusted text as a Markdown code span, which contains no markup."""
    if not text:
        return "–"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if "`" in (text[0], text[-1]) or (text[0] == text[-1] == " ") else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def cell(text: str) -> str:
    """Return a code span for a table cell. Markdown splits cells before it parses code spans."""
    return code(text).replace("|", "\\|")


def _blocks(share: Share) -> str:
    """Return a bar of at least one block character."""
    return "█" * max(1, round(_BLOCKS * share.count / max(share.total, 1)))
