# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of all runs, and queries for them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Union

Figure = Union[float, Sequence[float]]
Figures = Mapping[str, Figure]
# Returns a figure of a contender in one run: (contender, figure).
Get = Callable[[str, str], float]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that this percentage of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


class Results:
    """Figures by contest, contender and run. If one was not measured, methods raise KeyError."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], dict[int, Figures]] = {}

    def add(self, contest: str, contender: str, run: int, figures: Figures) -> None:
        """Add the figures of one run of one contender."""
        self._runs.setdefault((contest, contender), {})[run] = figures

    def runs(self, contest: str, contender: str) -> list[Figures]:
        """Return the figures of all runs of one contender."""
        return list(self._runs.get((contest, contender), {}).values())

    def contenders(self, contest: str) -> list[str]:
        """Return the contenders of a contest that have figures, in the order in which they ran."""
        return [contender for name, contender in self._runs if name == contest]

    def pooled(self, contest: str, contender: str, figure: str) -> list[float]:
        """Return the values of a figure in all runs. One run can have several of them."""
        values: list[float] = []
        for figures in self._runs[contest, contender].values():
            value = figures[figure]
            values += [value] if isinstance(value, (int, float)) else value
        return values

    def median(self, contest: str, contender: str, figure: str) -> float:
        """Return the median of all values of a figure."""
        return statistics.median(self.pooled(contest, contender, figure))

    def paired(self, contest: str, compute: Callable[[Get], float]) -> float:
        """Return the median of a value that is computed per run from several contenders.

        Raises KeyError if no run has all of them.
        """
        numbers = {run for (name, _contender), runs in self._runs.items() if name == contest for run in runs}
        values: list[float] = []
        missing: KeyError | None = None
        for number in sorted(numbers):

            def get(contender: str, figure: str, number: int = number) -> float:
                value = self._runs[contest, contender][number][figure]
                assert isinstance(value, (int, float))
                return value

            try:
                values.append(compute(get))
            except KeyError as error:
                missing = error
        if not values:
            raise missing or KeyError(contest)
        return statistics.median(values)

    def as_data(self) -> dict[str, dict[str, list[Figures]]]:
        """Return everything as JSON types."""
        data: dict[str, dict[str, list[Figures]]] = {}
        for (contest, contender), runs in self._runs.items():
            data.setdefault(contest, {})[contender] = list(runs.values())
        return data
