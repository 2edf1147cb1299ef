# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backoff after an error, including errors before the first answer."""

from __future__ import annotations

import random
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.backoff import (
    backoff_delay,
    first_answer_delay,
)

limits = st.tuples(st.floats(1, 1000), st.floats(1, 20)).map(lambda pair: (pair[0], pair[0] * pair[1]))


class Edge(random.Random):
    """Always returns the minimum or maximum of a random range."""

    def __init__(self, upper: bool) -> None:
        super().__init__()
        self._upper = upper

    def uniform(self, a: float, b: float) -> float:
        return max(a, b) if self._upper else min(a, b)


LOW: t.Final = Edge(upper=False)
HIGH: t.Final = Edge(upper=True)


@given(errors=st.integers(1, 10**6), limits=limits, seed=st.integers(0, 2**32))
def test_after_trouble_it_stays_between_floor_and_ceiling(errors: int, limits: tuple[float, float], seed: int) -> None:
    floor, ceiling = limits
    assert floor <= backoff_delay(errors, None, floor, ceiling, random.Random(seed)) <= ceiling * (1 + 1e-9)


@given(errors=st.integers(1, 100), retry_after=st.floats(0, 10**6), limits=limits, seed=st.integers(0, 2**32))
def test_what_the_service_asks_for_is_a_minimum(
    errors: int, retry_after: float, limits: tuple[float, float], seed: int
) -> None:
    with_wish = backoff_delay(errors, retry_after, *limits, random.Random(seed))

    assert with_wish >= retry_after
    assert with_wish >= backoff_delay(errors, None, *limits, random.Random(seed))


def test_more_trouble_means_more_patience() -> None:
    floor, ceiling = 10.0, 10.0**6
    delays = [backoff_delay(errors, None, floor, ceiling, HIGH) for errors in range(1, 12)]

    assert delays == sorted(delays)
    assert delays[-1] > 100 * delays[0]
    # Full jitter: clients with the same error retry at times spread over the whole backoff.
    assert backoff_delay(11, None, floor, ceiling, LOW) <= 2 * floor


def test_the_spread_doubles_with_each_error() -> None:
    delays = [backoff_delay(errors, None, 10.0, 1000.0, edge) for errors in range(1, 5) for edge in (LOW, HIGH)]

    assert delays == [10.0, 20.0, 10.0, 30.0, 10.0, 50.0, 10.0, 90.0]


@pytest.mark.parametrize(("floor", "ceiling"), [(0.1, 0.1), (0.1, 0.0), (10.0, 10.0), (10.0, 5.0)])
@pytest.mark.parametrize("edge", [LOW, HIGH])
def test_without_room_above_the_floor_it_is_the_floor(floor: float, ceiling: float, edge: random.Random) -> None:
    assert backoff_delay(3, None, floor, ceiling, edge) == floor


@pytest.mark.parametrize(
    ("errors", "patience", "left", "delays"),
    [
        # 5 seconds at first, doubled each time, up to 30.
        (1, 120.0, 120.0, (4.5, 5.5)),
        (2, 120.0, 120.0, (9.0, 11.0)),
        (3, 120.0, 120.0, (18.0, 22.0)),
        (4, 120.0, 120.0, (27.0, 33.0)),
        (99, 120.0, 120.0, (27.0, 33.0)),
        # Or a tenth of a long patience.
        (99, 600.0, 600.0, (54.0, 66.0)),
        # The last attempt is at its end, and attempts are at least a second apart.
        (3, 120.0, 12.0, (12.0, 12.0)),
        (3, 120.0, 0.1, (1.0, 1.0)),
        (3, 120.0, -5.0, (1.0, 1.0)),
    ],
)
def test_before_the_first_answer(errors: int, patience: float, left: float, delays: tuple[float, float]) -> None:
    assert tuple(first_answer_delay(errors, patience, left, edge) for edge in (LOW, HIGH)) == pytest.approx(delays)
