# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dates of a campaign are UTC days, and the last day is included."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.dates import end_of, later, midnight
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts

UTC: t.Final = datetime.timezone.utc
LAST: t.Final = datetime.datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("day", [None, 20260301, True, ["2026-03-01"]])
def test_what_is_no_day(day: object) -> None:
    assert midnight(day) is None


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-03-01", datetime.datetime(2026, 3, 2, tzinfo=UTC)),
        ("2028-02-28", datetime.datetime(2028, 2, 29, tzinfo=UTC)),
        ("9999-12-30", datetime.datetime(9999, 12, 31, tzinfo=UTC)),
        # A date that stands for "no end".
        ("9999-12-31", LAST),
        (None, None),
    ],
)
def test_the_end_day_counts_as_a_whole(day: str | None, end: datetime.datetime | None) -> None:
    assert end_of(t.cast(Facts, {"end_date": day})) == end
    assert end_of(t.cast(Facts, {})) is None


def test_a_day_begins_at_midnight_of_utc() -> None:
    assert midnight("2026-03-01") == datetime.datetime(2026, 3, 1, tzinfo=UTC)


def test_no_sum_leaves_the_calendar() -> None:
    moment = datetime.datetime(2026, 3, 1, tzinfo=UTC)
    assert later(moment, datetime.timedelta(hours=1)) == datetime.datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert later(moment, datetime.timedelta.max) == LAST
