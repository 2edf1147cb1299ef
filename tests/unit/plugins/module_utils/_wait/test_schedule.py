# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to poll again. The tests do not depend on the exact formula."""

from __future__ import annotations

import datetime
import random
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, Window
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace, next_delay

UTC: t.Final = datetime.timezone.utc


def facts_of(**known: t.Any) -> Facts:
    return t.cast(Facts, known)


FACTS: t.Final = facts_of(start_date="2026-03-10", end_date="2026-03-20", state="scheduled", terminal=False)
WINDOW: t.Final[Window] = {"start_time": 21, "end_time": 23}

paces = st.tuples(st.floats(1, 1000), st.floats(1, 20)).map(lambda pair: Pace(pair[0], pair[0] * pair[1]))
moments = st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 12, 31), timezones=st.just(UTC))


class Middle(random.Random):
    """Always returns the middle of a random range."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Edge(random.Random):
    """Always returns the minimum or maximum of a random range."""

    def __init__(self, upper: bool) -> None:
        super().__init__()
        self._upper = upper

    def uniform(self, a: float, b: float) -> float:
        return max(a, b) if self._upper else min(a, b)


@given(now=moments, pace=paces, seed=st.integers(0, 2**32))
def test_never_below_the_floor_nor_above_the_ceiling(now: datetime.datetime, pace: Pace, seed: int) -> None:
    facts: Facts = {**FACTS, "campaign_time_window_list": [{"start_time": 0, "end_time": None}]}

    assert pace.floor <= next_delay(facts, now, pace, random.Random(seed)) <= pace.ceiling
    assert pace.floor <= next_delay(None, now, pace, random.Random(seed)) <= pace.ceiling


@given(now=moments, seconds=st.floats(0.001, 10**6), seed=st.integers(0, 2**32))
def test_floor_and_ceiling_alike_are_a_fixed_interval(now: datetime.datetime, seconds: float, seed: int) -> None:
    assert next_delay(FACTS, now, Pace(seconds, seconds), random.Random(seed)) == seconds


@pytest.mark.parametrize("milestone", ["2026-03-10", "2026-03-21"])
@pytest.mark.parametrize("direction", [-1, 1])
def test_the_nearer_to_a_milestone_the_more_often(milestone: str, direction: int) -> None:
    moment = datetime.datetime.fromisoformat(milestone).replace(tzinfo=UTC)
    pace = Pace(60, 10**6)

    delays = [
        next_delay(FACTS, moment + direction * datetime.timedelta(hours=hours), pace, Middle())
        for hours in range(0, 72, 6)
    ]

    assert delays == sorted(delays)
    assert delays[0] == pace.floor
    assert delays[-1] > 10 * pace.floor


def test_before_the_edge_of_an_hour_window_it_polls_more_often() -> None:
    now = datetime.datetime(2026, 3, 14, 20, 0, tzinfo=UTC)
    pace = Pace(60, 12 * 3600)
    facts: Facts = {**FACTS, "download_time_window_list": [WINDOW]}

    assert next_delay(facts, now, pace, Middle()) < next_delay(FACTS, now, pace, Middle())


@pytest.mark.parametrize("name", ["download", "install", "campaign"])
def test_the_windows_of_today_and_tomorrow_count_each(name: str) -> None:
    facts = t.cast(Facts, {**FACTS, f"{name}_time_window_list": [{"start_time": 1, "end_time": 21}]})
    pace = Pace(60, 4 * 3600)

    def delay(hour: int) -> float:
        return next_delay(facts, datetime.datetime(2026, 3, 14, hour, tzinfo=UTC), pace, Middle())

    # A window that opens in 2 hours, tomorrow, or closes in 8 hours, today.
    assert (delay(23), delay(13)) == (3600, 2 * 3600)


def test_windows_open_at_the_full_hour() -> None:
    facts = t.cast(Facts, {**FACTS, "download_time_window_list": [{"start_time": 21, "end_time": None}]})
    now = datetime.datetime(2026, 3, 14, 12, 30, 15, 500_000, tzinfo=UTC)
    assert next_delay(facts, now, Pace(60, 4 * 3600), Middle()) == (8 * 3600 + 29 * 60 + 44.5) / 4


@pytest.mark.parametrize(("day", "hours"), [(1, 4), (15, 1), (30, 4)])
def test_windows_count_only_while_the_campaign_runs(day: int, hours: int) -> None:
    facts = t.cast(Facts, {**FACTS, "download_time_window_list": [WINDOW]})
    # An hour before it opens.
    now = datetime.datetime(2026, 3, day, 20, tzinfo=UTC)
    assert next_delay(facts, now, Pace(60, 4 * 3600), Middle()) == hours * 3600


@pytest.mark.parametrize(
    ("hours", "dates"),
    [
        (-8, {"start_date": "2026-03-10"}),
        (8, {"start_date": "2026-03-10"}),
        # The end date is included.
        (-8, {"end_date": "2026-03-09"}),
        (8, {"end_date": "2026-03-09"}),
        (-8, {"start_date": "2026-02-01", "end_date": "2026-03-09"}),
    ],
)
def test_it_polls_after_a_quarter_of_the_distance(hours: int, dates: dict[str, str]) -> None:
    now = datetime.datetime(2026, 3, 10, tzinfo=UTC) + datetime.timedelta(hours=hours)
    assert next_delay(facts_of(**dates), now, Pace(60, 10**6), Middle()) == 2 * 3600


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_first_and_the_last_day_of_all(day: str) -> None:
    """Dates that stand for "no end"."""
    now = datetime.datetime(2026, 3, 14, tzinfo=UTC)
    facts = facts_of(start_date="2026-03-10", end_date=day)

    assert 60 <= next_delay(facts, now, Pace(60, 3600), Middle()) <= 3600


@pytest.mark.parametrize("facts", [None, facts_of(), facts_of(start_date=None, end_date=None)])
def test_without_dates_it_is_the_floor(facts: Facts | None) -> None:
    now = datetime.datetime(2026, 3, 14, tzinfo=UTC)
    assert next_delay(facts, now, Pace(300, 3600), Middle()) == 300


@given(now=moments, seed=st.integers(0, 2**32))
def test_the_jitter_is_bounded(now: datetime.datetime, seed: int) -> None:
    pace = Pace(0.001, 10**9)
    middle = next_delay(FACTS, now, pace, Middle())
    low, high = (next_delay(FACTS, now, pace, Edge(upper)) for upper in (False, True))

    assert low <= next_delay(FACTS, now, pace, random.Random(seed)) <= high
    assert low >= middle * 0.8
    assert high <= middle * 1.2 + 0.001


def test_the_jitter_is_there() -> None:
    now = datetime.datetime(2026, 3, 1, tzinfo=UTC)
    randomness = random.Random(1)
    assert len({next_delay(FACTS, now, Pace(1, 10**9), randomness) for _poll in range(20)}) == 20
