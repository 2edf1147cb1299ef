# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The performance goals of the collection, and whether results meet them. A missed goal is not an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.contests import MORE_TASKS, MORE_URI_TASKS
from benchmark.results import Get, Results, percentile

_LISTED = "ours, by list"
_OFTEN = "ours, 200 looks a second"


@dataclass(frozen=True)
class Goal:
    """A part of a goal: at most (or at least) ``threshold``. ``measured`` raises KeyError if there are no figures."""

    number: int
    text: str
    threshold: float
    unit: str
    measured: Callable[[Results], float]
    at_least: bool = False

    @property
    def threshold_text(self) -> str:
        """The threshold as text, such as "at most 80 MB"."""
        return f"at {'least' if self.at_least else 'most'} {self.threshold:g} {self.unit}"


@dataclass(frozen=True)
class Verdict:
    """A goal and its measured value. ``measured`` and ``met`` are None if it was not measured."""

    goal: Goal
    measured: float | None
    met: bool | None

    @property
    def measured_text(self) -> str:
        """The measured value with its unit."""
        return "" if self.measured is None else f"{self.measured:.3g} {self.goal.unit}"


def verdict_on(goal: Goal, results: Results) -> Verdict:
    """Return whether results meet a goal."""
    try:
        value = goal.measured(results)
    except KeyError:
        return Verdict(goal, None, None)
    return Verdict(goal, value, value >= goal.threshold if goal.at_least else value <= goal.threshold)


def _one_more(get: Get, name: str, more: int = MORE_TASKS, plural: str | None = None) -> float:
    """Return the CPU time of an additional task in a play."""
    return (get(plural or f"{name}, more tasks", "cpu") - get(name, "cpu")) / more


def _uri_task(get: Get) -> float:
    return _one_more(get, "uri", MORE_URI_TASKS)


def _beyond_empty(name: str) -> Callable[[Results], float]:
    def compute(get: Get) -> float:
        return _one_more(get, name) - _one_more(get, "empty task", plural="empty tasks")

    return lambda results: results.paired("task", compute)


def _poll(get: Get) -> float:
    """Return the CPU time of a poll, from two waits of the same duration with few and with many polls."""
    return (get(_OFTEN, "cpu") - get("ours", "cpu")) / (get(_OFTEN, "looks") - get("ours", "looks"))


def _uri_poll(get: Get) -> float:
    return (get("uri + until", "cpu") - get("empty wait", "cpu")) / get("uri + until", "requests")


def _interval_error(results: Results) -> float:
    return abs(results.median("wait", "ours", "intervals") - 1) * 100


def _round(contender: str, figure: str) -> Callable[[Results], float]:
    return lambda results: results.median("many-1000", contender, figure)


def _memory_growth(results: Results) -> float:
    names = results.contenders("memory")
    if len(names) < 2:
        raise KeyError("memory")
    few, many = names
    return results.median("memory", many, "anonymous") - results.median("memory", few, "anonymous")


def _worst(contender_figure: str) -> Callable[[Results], float]:
    return lambda results: max(results.pooled("long", "ours", contender_figure))


def _idle(size: str) -> Callable[[Results], float]:
    return lambda results: results.paired(
        "fleet", lambda get: get(f"ours, {size}", "cpu") / get(f"idle role, {size}", "cpu")
    )


def _of_fleet(figure: str) -> Callable[[Results], float]:
    return lambda results: results.median("fleet", "ours, 1,000 hosts", figure)


_ALONE = "ours, each alone, 32 at once"
GOALS = (
    Goal(
        1,
        "CPU of one more uri task, in campaign_info tasks with logins",
        10,
        "times",
        lambda results: results.paired("task", lambda get: _uri_task(get) / _one_more(get, "ours")),
        at_least=True,
    ),
    Goal(
        1,
        "the same with ready tokens, one request each",
        10,
        "times",
        lambda results: results.paired("task", lambda get: _uri_task(get) / _one_more(get, "ours with tokens")),
        at_least=True,
    ),
    Goal(1, "CPU of campaign_info with two logins beyond an empty task", 0.06, "s", _beyond_empty("ours")),
    Goal(1, "CPU of campaign_info with tokens beyond an empty task", 0.06, "s", _beyond_empty("ours with tokens")),
    Goal(
        2,
        "CPU of a look within a wait",
        2,
        "ms",
        lambda results: results.paired("wait", lambda get: _poll(get) * 1000),
    ),
    Goal(
        2,
        "CPU of a request of uri + until, in looks within a wait",
        250,
        "times",
        lambda results: results.paired("wait", lambda get: _uri_poll(get) / _poll(get)),
        at_least=True,
    ),
    Goal(2, "how far the interval is off", 1, "%", _interval_error),
    Goal(3, "1,000 campaigns by list, 50 ms latency: time of a round", 2.5, "s", _round(_LISTED, "round_seconds")),
    Goal(3, "the same: CPU of a round", 2, "s", _round(_LISTED, "round_cpu")),
    Goal(3, "the same: memory of everything", 80, "MB", _round(_LISTED, "memory")),
    Goal(3, "the same: requests in a round", 10, "requests", _round(_LISTED, "round_requests")),
    Goal(
        3,
        "requests a round on average of a longer wait",
        10,
        "requests",
        lambda results: results.median("in-a-row", _LISTED, "requests_a_round"),
    ),
    Goal(3, "1,000 campaigns each alone, 32 at once: time of a round", 2.5, "s", _round(_ALONE, "round_seconds")),
    Goal(3, "the same: CPU of a round", 2, "s", _round(_ALONE, "round_cpu")),
    Goal(3, "the same: memory of everything", 80, "MB", _round(_ALONE, "memory")),
    Goal(4, "the gate over 100 hosts, in times of the same role with idle actions", 1.3, "times", _idle("100 hosts")),
    Goal(4, "the same over 1,000 hosts", 1.3, "times", _idle("1,000 hosts")),
    Goal(
        4,
        "uri + until over 100 hosts, in times of the gate",
        5,
        "times",
        lambda results: results.paired(
            "fleet", lambda get: get("uri + until, 100 hosts", "cpu") / get("ours, 100 hosts", "cpu")
        ),
        at_least=True,
    ),
    Goal(4, "memory of all processes at 1,000 hosts", 150, "MB", _of_fleet("memory")),
    Goal(
        4,
        "CPU of the way by group over 1,000 hosts beyond the same over one",
        3,
        "s",
        lambda results: results.paired(
            "fleet", lambda get: get("by group, 1,000 hosts", "cpu") - get("by group, 1 host", "cpu")
        ),
    ),
    Goal(4, "logins of the fleet play, of both kinds", 2, "logins", _of_fleet("logins")),
    Goal(4, "reads a round of the fleet play", 5, "reads", _of_fleet("round_requests")),
    Goal(5, "reads of a campaign of 10 days, most of all runs", 300, "reads", _worst("reads")),
    Goal(5, "its end noticed after, worst of all runs", 900, "s", _worst("late")),
    Goal(5, "logins while the last one was still good", 0, "logins", _worst("logins_too_many")),
    Goal(
        6,
        "from the answer with the end to the next task, 95th percentile",
        0.1,
        "s",
        lambda results: percentile(results.pooled("reaction", "ours", "reaction"), 95),
    ),
    # Two runs of the same wait differ by half a megabyte.
    Goal(7, "memory that a long wait needs beyond a short one, files not counted", 0.5, "MB", _memory_growth),
)
