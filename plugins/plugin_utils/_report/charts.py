# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the charts of a report as SVG, drawn by pygal.

pygal adds its own styles, scripts and comments. A report has a single style sheet with classes for colours, and its
content policy allows no other. Therefore, only the shapes and texts of pygal are kept.
"""

from __future__ import annotations

import datetime
import math
import re
import typing as t
from collections.abc import Sequence
from xml.etree import ElementTree

from markupsafe import Markup

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.timeline import Lane, Timeline

try:
    import pygal
except ImportError:
    # place.py reports this before the wait.
    pygal = None

_ELEMENTS: t.Final = ("svg", "g", "rect", "path", "circle", "text")
_ATTRIBUTES: t.Final = (
    "class",
    "x",
    "y",
    "width",
    "height",
    "d",
    "cx",
    "cy",
    "r",
    "transform",
    "viewBox",
    "text-anchor",
)
_UNUSED: t.Final = re.compile(r"\b(background|titles|legends|tooltip-overlay|text-overlay)\b")
_SERIES: t.Final = re.compile(r"\bserie-([0-9]+)\b")
_PLAIN: t.Final[dict[str, t.Any]] = {
    **{"css": [], "js": [], "margin": 0, "show_legend": False},
    **{"disable_xml_declaration": True, "no_prefix": True},
}
_BAR: t.Final = (416, 13)
# pygal leaves margins of 1/52 of the width and 1/13 of the height around the bars of such a chart.
_BAR_VIEW: t.Final = f"{_BAR[0] / 52:g} {_BAR[1] / 13:g} {_BAR[0] * 50 / 52:g} {_BAR[1] * 11 / 13:g}"
_WIDTH: t.Final = 900
_LANE_HEIGHT: t.Final = 36
_AXIS_HEIGHT: t.Final = 30
_NAMES_WIDTH: t.Final = 40
# More labels would overlap.
_MAX_TICKS: t.Final = 6
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# The possible seconds between two ticks.
_STEPS: t.Final = (
    *(5, 15, 30, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR),
    *(_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY),
)
_EPOCH: t.Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def share_bar(parts: Sequence[tuple[str, int]], total: int) -> Markup:
    """Draw one bar with a proportional part for each C((kind, count)). The kind determines the colour."""
    hidden = dict.fromkeys(("show_x_labels", "show_y_labels", "show_x_guides", "show_y_guides"), False)
    chart = pygal.HorizontalStackedBar(
        **_PLAIN, **hidden, width=_BAR[0], height=_BAR[1], range=(0, max(total, 1)), spacing=0
    )
    for kind, count in parts:
        chart.add(kind, [count])
    drawn = _sanitized(chart.render_tree(), [kind for kind, _count in parts])
    drawn.attrib.update({"class": "bar", "viewBox": _BAR_VIEW, "preserveAspectRatio": "none", "aria-hidden": "true"})
    return _markup(drawn)


def timeline_chart(timeline: Timeline, name: str) -> Markup:
    """Draw a row for each lane. A screen reader only reads C(name), because a table has the same content."""
    lanes = list(reversed(timeline.lanes))
    first, last = timeline.span
    # In seconds, because the date charts of pygal use deprecated functions of Python.
    ticks, form = _ticks(first, last)
    whole = (last - first).total_seconds()
    chart = pygal.XY(
        **_PLAIN,
        width=_WIDTH,
        height=_AXIS_HEIGHT + _LANE_HEIGHT * len(lanes),
        margin_left=_NAMES_WIDTH,
        margin_right=_LANE_HEIGHT,
        margin_bottom=_AXIS_HEIGHT,
        show_x_guides=True,
        y_labels=[{"label": lane.name, "value": height} for height, lane in enumerate(lanes, 1)],
        x_labels=[(tick - first).total_seconds() for tick in ticks],
        x_value_formatter=lambda seconds: f"{first + datetime.timedelta(seconds=seconds):{form}}",
        range=(0.5, len(lanes) + 0.5),
        xrange=(0, whole),
        allow_interruptions=True,
        truncate_label=-1,
    )
    kinds: list[str] = []
    for height, lane in enumerate(lanes, 1):
        for kind, moments, is_dotted in _series(lane):
            points = [moment and ((moment - first).total_seconds(), height) for moment in moments]
            chart.add(kind, points, show_dots=is_dotted, stroke=not is_dotted, dots_size=4)
            kinds.append(kind)
    drawn = _sanitized(chart.render_tree(), kinds)
    drawn.attrib.update({"class": "timeline", "role": "img", "aria-label": name})
    return _markup(drawn)


def _ticks(first: datetime.datetime, last: datetime.datetime) -> tuple[list[datetime.datetime], str]:
    """Return round times between these two, and their format."""
    whole = (last - first).total_seconds()
    step = next((one for one in _STEPS if whole / one <= _MAX_TICKS), math.ceil(whole / _MAX_TICKS))
    form = "%H:%M:%S" if step < _MINUTE else "%m-%d %H:%M" if step < _DAY else "%Y-%m-%d"
    begin, end = ((moment - _EPOCH).total_seconds() / step for moment in (first, last))
    counts = range(math.ceil(begin), math.floor(end) + 1)
    return [_EPOCH + datetime.timedelta(seconds=count * step) for count in counts], form


_Moments = list[t.Optional[datetime.datetime]]


def _series(lane: Lane) -> list[tuple[str, _Moments, bool]]:
    """Return one series of lines for each colour, with a gap after each interval, and one series of dots."""
    by_kind: dict[str, _Moments] = {}
    for interval in lane.intervals:
        by_kind.setdefault(interval.kind, []).extend([*interval.span, None])
    series = [(kind, moments, False) for kind, moments in by_kind.items()]
    return [*series, (f"moment {lane.name}", list(lane.moments), True)] if lane.moments else series


def _sanitized(element: t.Any, kinds: Sequence[str]) -> t.Any:
    """Return a copy with only shapes and texts. The classes of its series are the kinds."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    clean = ElementTree.Element(name, {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES})
    found = _SERIES.search(element.get("class", ""))
    if found:
        clean.set("class", _class_of(kinds[int(found.group(1))]))
    clean.text = element.text if name == "text" else None
    for child in element:
        is_shape = isinstance(child.tag, str) and child.tag.rpartition("}")[2] in _ELEMENTS
        if is_shape and not _UNUSED.search(child.get("class", "")):
            copy = _sanitized(child, kinds)
            if copy.tag != "g" or len(copy):
                clean.append(copy)
    return clean


def _class_of(kind: str) -> str:
    return "is-" + re.sub(r"[^a-z]+", "-", kind.lower()).strip("-")


def _markup(drawn: t.Any) -> Markup:
    # Safe, because ElementTree escapes all texts and attributes.
    return Markup(ElementTree.tostring(drawn, encoding="unicode"))
