# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of polls and delays in docs/waiting.md, from simulated waits with the real loop.

Usage: ``python -m tools.wait_table``. With ``--check``, it only checks the table. With ``--print``, it prints it.
"""

from __future__ import annotations

import datetime
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.generated import write_or_check
from tools.paths import ROOT, SHAPE

# The code is imported with its name in the collection.
sys.path.insert(0, str(SHAPE))

PAGE = ROOT / "docs" / "waiting.md"
_TABLE = re.compile(r"(?<=<!-- wait table -->\n).*(?=<!-- end of wait table -->)", re.DOTALL)
_HEAD = ("Campaign", "Interval", "Polls", "Worst delay at the end", "Worst delay of an early end")
# The numbers vary with jitter and the hour at which a wait begins. The table has the worst of these waits.
_HOURS = range(1, 24, 6)
# Prevents that a poll is at midnight by chance.
_ODD_SECONDS = 41
_FIXED_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    """A campaign: the days until it starts, its duration in days, and the hours of its windows (UTC)."""

    lead: int
    run: int
    windows: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """Return the text of the first column."""
        hours = ", ".join(f"{first}-{last} h" for first, last in self.windows)
        return f"starts in {_days(self.lead)}, runs {_days(self.run)}, {hours or 'no windows'}"


@dataclass(frozen=True)
class Cost:
    """The polls of a wait, and the worst delays in seconds: of an end on the last day, and of an early end."""

    polls: int
    at_the_end: float
    early: float


PLANS = (
    Plan(1, 1),
    Plan(1, 3, ((22, 24),)),
    Plan(3, 7),
    Plan(3, 7, ((1, 5),)),
    Plan(7, 14, ((0, 4), (20, 24))),
    Plan(30, 30),
)


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def cost(plan: Plan, hour: int, floor: float, ceiling: float) -> Cost:
    """Return the cost of a wait that begins at this hour (UTC). Its campaign ends after its last day."""
    from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
    from ansible_collections.fleetops.thingspace.tests.unit import wait_world as world

    midnight = (world.START + datetime.timedelta(days=1)).date()
    first = midnight + datetime.timedelta(days=plan.lead)
    last = first + datetime.timedelta(days=plan.run - 1)
    start = world.seconds_until(first.isoformat())
    end = world.seconds_until(last.isoformat()) + world.DAY
    ends = [(end, world.status("CampaignEnded"))]
    service = world.one(world.Campaign(ends, first.isoformat(), last.isoformat(), plan.windows))
    service.clock.pass_time(world.seconds_until(midnight.isoformat()) + hour * (world.HOUR + _ODD_SECONDS))
    world.run_wait(service, seed=hour, pace=Pace(floor, ceiling))
    polls = [seen.moment for seen in service.log]
    gaps = [after - before for before, after in zip(polls, polls[1:]) if after > start]
    return Cost(len(polls), polls[-1] - end, max(gaps))


def worst(plan: Plan, floor: float, ceiling: float) -> Cost:
    """Return the worst numbers of several waits."""
    costs = [cost(plan, hour, floor, ceiling) for hour in _HOURS]
    return Cost(max(one.polls for one in costs), max(one.at_the_end for one in costs), max(one.early for one in costs))


def table(plans: Sequence[Plan] = PLANS) -> str:
    """Return the Markdown of the table, with an empty line before and after."""
    from ansible_collections.fleetops.thingspace.tests.unit.wait_world import DEFAULT_PACE

    paces = [
        (f"{DEFAULT_PACE.floor:g} to {DEFAULT_PACE.ceiling:g} s (default)", DEFAULT_PACE.floor, DEFAULT_PACE.ceiling),
        (f"{_FIXED_SECONDS:g} s, fixed", _FIXED_SECONDS, _FIXED_SECONDS),
    ]
    rows = [" | ".join(_HEAD), " | ".join("---" for _column in _HEAD)]
    for plan in plans:
        for name, floor, ceiling in paces:
            found = worst(plan, floor, ceiling)
            delays = f"{_minutes(found.at_the_end)} | {_minutes(found.early)}"
            rows.append(f"{plan.text} | {name} | {found.polls:,} | {delays}")
    return "\n" + "".join(f"| {row} |\n" for row in rows) + "\n"


def _minutes(seconds: float) -> str:
    # Rounded up, because the table has upper limits.
    return f"{math.ceil(round(seconds, 3) / 60)} min"


def page(path: Path = PAGE) -> str:
    """Return the page with the current table. Raises LookupError if the page has no markers for it."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not _TABLE.search(text):
        raise LookupError(
            f"{path.relative_to(ROOT)} lacks the lines <!-- wait table --> and <!-- end of wait table -->"
        )
    return _TABLE.sub(lambda _found: table(), text)


def main(arguments: list[str]) -> int:
    """Write the table, compare it, or print it. Returns 1 if the page is out of date."""
    if "--print" in arguments:
        print(table().strip())
        return 0
    try:
        wanted = page()
    except LookupError as error:
        print(error)
        return 1
    return write_or_check({PAGE: wanted}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
