# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: when to poll a campaign again.

The closer a campaign is to a date on which its state may change, the more often it is polled. The delay is a quarter of
the distance to the nearest such date, between a floor and a ceiling. Days begin at midnight UTC (stated by the
service's guides). Hour windows are treated as UTC too, which no document states.
"""

from __future__ import annotations

import datetime
import random
import typing as t
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.dates import end_of, midnight
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, Window

_DAY: t.Final = datetime.timedelta(days=1)
_JITTER: t.Final = 0.1


@dataclass(frozen=True)
class Pace:
    """The shortest and the longest time between two polls of one campaign, in seconds."""

    floor: float
    ceiling: float


def _window_edges(facts: Facts, now: datetime.datetime) -> list[datetime.datetime]:
    """The times at which windows open and close, today and tomorrow."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = {hour for window in _windows_of(facts) for hour in _hours_of(window)}
    return [today + days * _DAY + datetime.timedelta(hours=hour) for days in (0, 1) for hour in hours]


def _windows_of(facts: Facts) -> Iterable[Window]:
    yield from facts.get("download_time_window_list") or ()
    yield from facts.get("install_time_window_list") or ()
    yield from facts.get("campaign_time_window_list") or ()


def _hours_of(window: Window) -> list[int]:
    return [hour for hour in (window.get("start_time"), window.get("end_time")) if hour is not None]


def _delays(facts: Facts, now: datetime.datetime, pace: Pace) -> Iterable[float]:
    """A quarter of the distance to each date, in seconds.

    A state may change at any time after a start or an end (nothing is documented), so past dates count too. Window
    edges are only a hint at when devices finish: polls before an edge stay a quarter of the ceiling apart.
    """
    start, end = midnight(facts.get("start_date")), end_of(facts)
    for moment in (start, end):
        if moment is not None:
            yield abs((moment - now).total_seconds()) / 4
    is_running = start is not None and start <= now and (end is None or now < end)
    for edge in _window_edges(facts, now) if is_running else ():
        if edge > now:
            yield max((edge - now).total_seconds() / 4, pace.ceiling / 4)


def next_delay(facts: Facts | None, now: datetime.datetime, pace: Pace, randomness: random.Random) -> float:
    """Seconds until the next poll of a campaign, with 10 percent jitter, never below the floor or above the ceiling.

    C(now) is the service's time in UTC. Without facts, or without dates in them, the delay is the floor.
    """
    quarters = () if facts is None else _delays(facts, now, pace)
    delay = min(quarters, default=pace.floor)
    jitter = randomness.uniform(1 - _JITTER, 1 + _JITTER)
    return min(max(delay * jitter, pace.floor), pace.ceiling)
