# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the timeline of a campaign: its states, days, time windows, and failed polls."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# In a longer campaign, the daily time windows would look like a single line.
_MAX_DAYS: t.Final = 62
# The timeline covers all days of the campaign if the polls take at least this share of it.
_MIN_SHARE: t.Final = 0.15
_MIN_SPAN: t.Final = datetime.timedelta(seconds=30)
_DAY: t.Final = datetime.timedelta(days=1)

Span = tuple[datetime.datetime, datetime.datetime]
# State, status, first poll, last poll, number of polls.
Seen = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Interval:
    """An interval in a lane. C(kind) determines its colour, C(label) describes it."""

    kind: str
    label: str
    span: Span


@dataclass(frozen=True)
class Lane:
    """One row of the timeline, with intervals and moments."""

    name: str
    intervals: Sequence[Interval] = ()
    moments: Sequence[datetime.datetime] = ()


@dataclass(frozen=True)
class Timeline:
    """The rows from top to bottom, and the time span that they cover."""

    span: Span
    lanes: Sequence[Lane]


def moment_of(text: str) -> datetime.datetime | None:
    """Parse a time in UTC from a result. None if it is invalid."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        return None


def timeline_of(
    history: Sequence[Seen], failed: Iterable[str], facts: Mapping[str, t.Any], now: str
) -> Timeline | None:
    """Build the timeline of one campaign. None if there is no valid time to draw."""
    try:
        return _timeline(history, failed, facts, moment_of(now))
    except OverflowError:
        # A date at the limits of datetime.
        return None


def _timeline(
    history: Sequence[Seen], failed: Iterable[str], facts: Mapping[str, t.Any], now: datetime.datetime | None
) -> Timeline | None:
    states = _states(history)
    failures = [moment for moment in map(moment_of, failed) if moment is not None]
    days = _days(facts.get("start_date"), facts.get("end_date"))
    span = _span([one.span for one in states], failures, days)
    if span is None:
        return None
    # The history has only the first and the last poll of each state, so only these are drawn.
    polls = sorted({moment for one in states for moment in one.span})
    lanes = [
        Lane("State", states, polls),
        Lane("Failed polls", (), failures),
        *(Lane(name, _windows(name, facts.get(key), days, span)) for key, name in _HOURS.items()),
        Lane("Days", [Interval("days", "Days of the campaign", days)] if days and _clipped(days, span) else []),
        Lane("This report", (), [now] if now is not None and span[0] <= now <= span[1] and not states else []),
    ]
    shown = [lane for lane in lanes if lane.intervals or lane.moments]
    return Timeline(span, [_within(lane, span) for lane in shown]) if shown else None


_HOURS: t.Final = {
    "download_time_window_list": "Download",
    "install_time_window_list": "Install",
    "campaign_time_window_list": "Hours",
}


def _states(history: Sequence[Seen]) -> list[Interval]:
    found = []
    for state, status, first, last, polls in history:
        start, end = moment_of(first), moment_of(last)
        if start is not None and end is not None:
            times = f"{polls} polls" if polls != 1 else "1 poll"
            found.append(Interval(state, f"{state} ({status}): {first} to {last}, {times}", (start, end)))
    return found


def _days(start: str | None, end: str | None) -> Span | None:
    """Return the span from the start of the first day to the end of the last one."""
    try:
        first, last = (datetime.datetime.strptime(str(day), "%Y-%m-%d") for day in (start, end))
    except ValueError:
        return None
    utc = datetime.timezone.utc
    return (first.replace(tzinfo=utc), last.replace(tzinfo=utc) + _DAY) if first <= last else None


def _span(seen: Sequence[Span], failures: Sequence[datetime.datetime], days: Span | None) -> Span | None:
    """Return the span of all polls, extended to the days of the campaign if the polls stay distinguishable."""
    moments = [*failures, *(moment for span in seen for moment in span)]
    if not moments:
        return days
    first, last = min(moments), max(moments)
    if days is not None:
        whole = (min(first, days[0]), max(last, days[1]))
        if last - first >= (whole[1] - whole[0]) * _MIN_SHARE:
            return whole
    return (first - _MIN_SPAN, last + _MIN_SPAN) if last - first < _MIN_SPAN else (first, last)


def _windows(name: str, windows: Iterable[Mapping[str, t.Any]] | None, days: Span | None, span: Span) -> list[Interval]:
    """Return the time windows of each day in the span. UTC is assumed: the service does not specify a time zone."""
    if days is None:
        return []
    first, last = max(days[0], span[0] - _DAY), min(days[1], span[1] + _DAY)
    if last - first > _DAY * _MAX_DAYS:
        return []
    found = []
    for window in windows or ():
        start, end = window["start_time"], window["end_time"]
        day = first.replace(hour=0, minute=0, second=0, microsecond=0)
        while start is not None and end is not None and day < last:
            opens = day + datetime.timedelta(hours=start)
            closes = day + datetime.timedelta(hours=end if end > start else end + 24)
            if _clipped((opens, closes), span):
                found.append(Interval("window", f"{name} {opens:%Y-%m-%d %H:%M} to {closes:%H:%M}", (opens, closes)))
            day += _DAY
    return found


def _clipped(one: Span, span: Span) -> Span | None:
    start, end = max(one[0], span[0]), min(one[1], span[1])
    return (start, end) if start < end else None


def _within(lane: Lane, span: Span) -> Lane:
    intervals = []
    for interval in lane.intervals:
        clipped = _clipped(interval.span, span) or interval.span
        intervals.append(Interval(interval.kind, interval.label, clipped))
    return Lane(lane.name, intervals, lane.moments)
