# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.contests import Contest
from benchmark.goals import Verdict
from benchmark.results import Results, percentile

# Figure, heading, and format. With "p95" it is the 95th percentile of all values, otherwise the median.
_COLUMNS = (
    ("cpu", "CPU s", "{:.2f}"),
    ("seconds", "wall s", "{:.1f}"),
    ("memory", "memory MB", "{:.0f}"),
    ("requests", "requests", "{:.0f}"),
    ("logins", "logins", "{:.0f}"),
    ("looks", "looks", "{:.0f}"),
    ("intervals", "interval s", "{:.3f}"),
    ("reaction", "reaction s", "{:.3f}"),
    ("reaction p95", "95 % s", "{:.3f}"),
    ("round_cpu", "CPU s a round", "{:.2f}"),
    ("round_seconds", "s a round", "{:.2f}"),
    ("round_requests", "requests a round", "{:.0f}"),
    ("requests_a_round", "requests a round", "{:.1f}"),
    ("anonymous", "without files MB", "{:.1f}"),
    ("reads", "reads", "{:.0f}"),
    ("late", "end noticed after s", "{:.0f}"),
)


@dataclass(frozen=True)
class _Column:
    heading: str
    cells: tuple[str, ...]


def contest_table(contest: Contest, results: Results) -> str:
    """Return a table of a contest, with a line for each contender that was run."""
    names = results.contenders(contest.name)
    columns = [_Column("", tuple(names))]
    for figure, heading, how in _COLUMNS:
        cells = tuple(_cell(results, contest.name, name, figure, how) for name in names)
        if any(cells):
            columns.append(_Column(heading, cells))
    return f"### {contest.title}\n\n{_markdown(columns)}\n"


def goal_table(verdicts: Sequence[Verdict]) -> str:
    """Return a table with a line for each part of a goal."""
    words = {True: "met", False: "**missed**", None: "not measured"}
    columns = [
        _Column("goal", tuple(str(each.goal.number) for each in verdicts)),
        _Column("what", tuple(each.goal.text for each in verdicts)),
        _Column("threshold", tuple(each.goal.threshold_text for each in verdicts)),
        _Column("measured", tuple(each.measured_text for each in verdicts)),
        _Column("", tuple(words[each.met] for each in verdicts)),
    ]
    return f"### Goals\n\n{_markdown(columns)}\n"


def _cell(results: Results, contest: str, contender: str, figure: str, how: str) -> str:
    name, _space, percent = figure.partition(" p")
    try:
        values = results.pooled(contest, contender, name)
    except KeyError:
        return ""
    if percent:
        return how.format(percentile(values, int(percent)))
    return how.format(percentile(values, 50) if len(values) % 2 else results.median(contest, contender, name))


def _markdown(columns: Sequence[_Column]) -> str:
    rows = zip(*(column.cells for column in columns))
    lines = [[column.heading for column in columns], ["---" for _column in columns], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
