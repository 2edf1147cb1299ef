# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The charts as SVG, without anything that a strict page would refuse."""

from __future__ import annotations

import datetime
import re
from xml.etree import ElementTree

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.charts import share_bar, timeline_chart
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.timeline import Interval, Lane, Timeline

UTC = datetime.timezone.utc
SPAN = (datetime.datetime(2026, 3, 1, tzinfo=UTC), datetime.datetime(2026, 3, 3, tzinfo=UTC))
MIDDLE = datetime.datetime(2026, 3, 2, tzinfo=UTC)


def _widths(drawn: str) -> dict[str, tuple[float, float]]:
    """From where to where each part goes, as shares of the whole bar."""
    tree = ElementTree.fromstring(drawn)
    left, _top, width, _height = map(float, tree.attrib["viewBox"].split())
    found = {}
    for series in tree.iter("g"):
        kind = series.attrib["class"]
        (rect, *others) = series.iter("rect")
        if kind.startswith("is-"):
            assert not others
            start, end = float(rect.attrib["x"]), float(rect.attrib["x"]) + float(rect.attrib["width"])
            found[kind] = (round((start - left) / width, 3), round((end - left) / width, 3))
    return found


def test_each_part_of_a_bar_has_its_share() -> None:
    assert _widths(share_bar([("succeeded", 70), ("failed", 5)], 100)) == {
        "is-succeeded": (0.0, 0.7),
        "is-failed": (0.7, 0.75),
    }
    assert _widths(share_bar([("failed", 3)], 3)) == {"is-failed": (0.0, 1.0)}


def test_a_bar_of_nothing() -> None:
    assert "<svg" in share_bar([], 0)


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        (
            "03-01T18:02:31",
            "03-03T00:00:00",
            ["03-02 00:00", "03-02 06:00", "03-02 12:00", "03-02 18:00", "03-03 00:00"],
        ),
        ("03-01T10:00:00", "03-01T10:01:10", ["10:00:00", "10:00:15", "10:00:30", "10:00:45", "10:01:00"]),
        ("02-27T10:00:00", "03-03T10:00:00", ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"]),
    ],
)
def test_the_axis_has_round_moments(first: str, last: str, texts: list[str]) -> None:
    start, end = (datetime.datetime.fromisoformat(f"2026-{moment}+00:00") for moment in (first, last))
    drawn = timeline_chart(Timeline((start, end), [Lane("State", [], [start])]), "x")
    assert sorted(text.text or "" for text in ElementTree.fromstring(drawn).iter("text")) == sorted(["State", *texts])


@pytest.mark.parametrize("years", [1, 30, 7000])
def test_the_axis_of_years_has_a_few_moments(years: int) -> None:
    last = SPAN[0].replace(year=SPAN[0].year + years)
    drawn = timeline_chart(Timeline((SPAN[0], last), [Lane("State", [], [last])]), "x")
    assert 4 <= len(list(ElementTree.fromstring(drawn).iter("text"))) <= 9


def _timeline() -> Timeline:
    states = [Interval("in_progress", "x", (SPAN[0], MIDDLE)), Interval("ended", "y", (MIDDLE, SPAN[1]))]
    return Timeline(SPAN, [Lane("State", states, [MIDDLE]), Lane("Failed polls", (), [MIDDLE])])


def test_the_lanes_of_a_timeline_stand_below_one_another() -> None:
    tree = ElementTree.fromstring(timeline_chart(_timeline(), "Spring"))
    assert (tree.attrib["role"], tree.attrib["aria-label"]) == ("img", "Spring")
    texts = {text.text: float(text.attrib["y"]) for text in tree.iter("text")}
    assert texts["State"] < texts["Failed polls"]
    assert "03-02 00:00" in texts
    classes = {each.attrib["class"] for each in tree.iter() if each.attrib.get("class", "").startswith("is-")}
    assert classes == {"is-in-progress", "is-ended", "is-moment-state", "is-moment-failed-polls"}


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'x" onload="alert(1)', "]]><svg>", "&lt;b&gt;"])
def test_foreign_texts_in_a_chart_stay_texts(name: str) -> None:
    hostile = Timeline(SPAN, [Lane(name, [Interval(name, name, SPAN)])])
    drawn = timeline_chart(hostile, name)
    tree = ElementTree.fromstring(drawn)
    assert tree.attrib["aria-label"] == name
    assert name in [text.text for text in tree.iter("text")]
    assert {each.tag for each in tree.iter()} <= {"svg", "g", "rect", "path", "circle", "text"}
    assert all(re.fullmatch(r"[\w -]*", each.attrib.get("class", "")) for each in tree.iter())


@pytest.mark.parametrize("drawn", [share_bar([("failed", 1)], 2), timeline_chart(_timeline(), "x")])
def test_nothing_but_shapes_and_texts(drawn: str) -> None:
    """A style, a script or a link would be refused by the page's own policy, or would load something."""
    tree = ElementTree.fromstring(drawn)
    assert {each.tag for each in tree.iter()} <= {"svg", "g", "rect", "path", "circle", "text"}
    names = {name for each in tree.iter() for name in each.attrib}
    assert not [name for name in names if name.startswith("on") or name in ("style", "href", "id")]
