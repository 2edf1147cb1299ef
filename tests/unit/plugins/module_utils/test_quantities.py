# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations with units, and percentages."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._quantities import Ambiguous, percent_of, seconds_of

UNITS: t.Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *((0, 0), (3600, 3600), (0.5, 0.5), ("0", 0), ("3600", 3600), (" 60 ", 60), ("1.5", 1.5), ("1e3", 1000)),
        *(("45s", 45), ("90m", 5400), ("2d", 172_800), ("1w", 604_800), ("3h", 10_800), ("0s", 0), ("1.5h", 5400)),
        *(
            ("1h30m", 5400),
            ("1H30M", 5400),
            ("1h 30 m", 5400),
            ("1w2d3h4m5s", 788_645),
            ("2D", 172_800),
            ("1d12h", 129_600),
        ),
    ],
)
def test_a_time(written: object, seconds: float) -> None:
    assert seconds_of(written) == seconds


@given(st.lists(st.integers(0, 10_000), min_size=5, max_size=5), st.sets(st.sampled_from("wdhms"), min_size=1))
def test_parts_add_up(numbers: list[int], units: set[str]) -> None:
    parts = [(number, unit) for number, unit in zip(numbers, UNITS) if unit in units]
    text = "".join(f"{number}{unit}" for number, unit in parts)
    assert seconds_of(text) == seconds_of(text.upper()) == sum(number * UNITS[unit] for number, unit in parts)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "soon",
            "m",
            "h30",
            "30m1h",
            "1h1h",
            "-5",
            "-5m",
            "+-5",
            "1h-30m",
            "5 minutes",
            "5min",
            "1,5h",
            "1:30",
        ),
        *(
            "nan",
            "inf",
            "Infinity",
            "9" * 400,
            "9" * 400 + "s",
            "1e999",
            "0x10",
            "1_000",
            "\u0665",
            "5\u0455",
            "1h\n30m\n!",
        ),
        *(True, False, None, [], [5], {}, -1, -0.5, float("nan"), float("inf"), b"5"),
    ],
)
def test_no_time(written: object) -> None:
    with pytest.raises(ValueError):
        seconds_of(written)


@pytest.mark.parametrize(
    ("written", "percent"),
    [
        *(
            (0, 0),
            (1, 1),
            (95, 95),
            (99.5, 99.5),
            (100, 100),
            ("95", 95),
            ("95%", 95),
            ("95.5 %", 95.5),
            ("100.0%", 100),
        ),
        *(("0.5%", 0.5), ("0.07%", 0.07), ("100.0%", 100), ("0", 0), ("0%", 0), ("1.0", 1), ("0.0", 0)),
    ],
)
def test_a_share(written: object, percent: float) -> None:
    assert percent_of(written) == percent


@pytest.mark.parametrize("written", [0.98, "0.98", ".5", "0.001", 0.5, "1e-1"])
def test_a_share_that_may_mean_two_things(written: object) -> None:
    with pytest.raises(Ambiguous):
        percent_of(written)


@pytest.mark.parametrize(
    "written", ["", "%", "95%%", "% 95", "101", 100.1, -1, "-1%", "most", "nan", True, None, [95], "95 percent", "9e9"]
)
def test_no_share(written: object) -> None:
    with pytest.raises(ValueError):
        percent_of(written)
