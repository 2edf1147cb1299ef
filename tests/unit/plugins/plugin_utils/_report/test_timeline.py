# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a campaign was seen in which state, beside its days and hours."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.timeline import Timeline, timeline_of

NOW: t.Final = "2026-03-02T09:00:00Z"


def at(text: str) -> datetime.datetime:
    """A moment in March."""
    return datetime.datetime.fromisoformat(f"2026-03-{text}:00+00:00")


def seen(state: str, first: str, last: str, polls: int = 2) -> tuple[str, str, str, str, int]:
    """An entry of a history."""
    return (state, state.title(), f"2026-03-{first}:00Z", f"2026-03-{last}:00Z", polls)


def drawn(*history: tuple[str, str, str, str, int], failed: t.Sequence[str] = (), **facts: t.Any) -> Timeline:
    """A timeline that there is."""
    timeline = timeline_of(history, failed, facts, NOW)
    assert timeline is not None
    return timeline


def names(timeline: Timeline) -> list[str]:
    return [lane.name for lane in timeline.lanes]


def test_states_with_their_first_and_last_polls() -> None:
    timeline = drawn(seen("scheduled", "01T10:00", "01T20:00", 9), seen("ended", "01T21:00", "01T21:00", 1))
    assert timeline.span == (at("01T10:00"), at("01T21:00"))
    (lane,) = timeline.lanes
    assert [(one.kind, one.span) for one in lane.intervals] == [
        ("scheduled", (at("01T10:00"), at("01T20:00"))),
        ("ended", (at("01T21:00"), at("01T21:00"))),
    ]
    assert list(lane.moments) == [at("01T10:00"), at("01T20:00"), at("01T21:00")]
    assert lane.intervals[1].label.endswith(", 1 poll")


def test_days_and_hours_beside_a_wait_that_is_long_enough() -> None:
    hours = [{"start_time": 23, "end_time": 2}]
    days: dict[str, t.Any] = {"start_date": "2026-03-01", "end_date": "2026-03-02", "install_time_window_list": hours}
    timeline = drawn(seen("scheduled", "01T06:00", "02T06:00"), **days)
    assert timeline.span == (at("01T00:00"), at("03T00:00"))
    assert names(timeline) == ["State", "Install", "Days"]
    # Over midnight, and not beyond the picture.
    assert [one.span for one in timeline.lanes[1].intervals] == [
        (at("01T23:00"), at("02T02:00")),
        (at("02T23:00"), at("03T00:00")),
    ]


def test_a_short_wait_is_not_lost_in_a_long_campaign() -> None:
    hours = [{"start_time": 10, "end_time": 12}]
    days: dict[str, t.Any] = {"start_date": "2025-01-01", "end_date": "2027-01-01", "download_time_window_list": hours}
    timeline = drawn(seen("scheduled", "05T11:00", "05T13:00"), **days)
    assert timeline.span == (at("05T11:00"), at("05T13:00"))
    assert [one.span for one in timeline.lanes[1].intervals] == [(at("05T11:00"), at("05T12:00"))]


def test_days_that_were_over_long_before_are_not_shown() -> None:
    timeline = drawn(seen("ended", "05T11:00", "05T11:00"), start_date="2020-08-21", end_date="2020-08-22")
    assert names(timeline) == ["State"]
    first, last = timeline.span
    assert last - first == datetime.timedelta(minutes=1)


def test_failed_polls_are_marked() -> None:
    timeline = drawn(seen("scheduled", "01T10:00", "01T20:00"), failed=["2026-03-01T22:00:00Z", "never"])
    assert names(timeline) == ["State", "Failed polls"]
    assert list(timeline.lanes[1].moments) == [at("01T22:00")]
    assert timeline.span[1] == at("01T22:00")


def test_a_campaign_that_was_polled_once_has_its_days_and_this_moment() -> None:
    timeline = drawn(start_date="2026-03-01", end_date="2026-03-03")
    assert names(timeline) == ["Days", "This report"]
    assert list(timeline.lanes[1].moments) == [at("02T09:00")]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"start_date": "soon", "end_date": "2026-03-03"},
        {"start_date": "2026-03-03", "end_date": "2026-03-01"},
        {"start_date": "9999-12-31", "end_date": "9999-12-31"},
        {"start_date": "0001-01-01", "end_date": "0001-01-01", "campaign_time_window_list": [{"start_time": 1}]},
    ],
)
def test_nothing_that_can_be_drawn(facts: dict[str, t.Any]) -> None:
    assert timeline_of([], [], facts, NOW) is None


def test_each_day_of_years_is_no_lane_of_hours() -> None:
    hours = [{"start_time": 1, "end_time": 2}, {"start_time": None, "end_time": 2}]
    timeline = drawn(start_date="2000-01-01", end_date="2030-01-01", campaign_time_window_list=hours)
    assert names(timeline) == ["Days", "This report"]
