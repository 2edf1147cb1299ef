# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks. Usage: ``python3 -m tools.checks [GROUP ...] [--lane LANE]``; all groups if none is named.

``quick`` instead of a group runs a few steps of several groups.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from tools import environments, installer, scheduler, steps, summary
from tools.environments import BY_NAME, Made
from tools.scheduler import Outcome


def _report(outcome: Outcome) -> None:
    step = outcome.step
    head = f"{summary.word(outcome):<8} {step.title} ({outcome.seconds:.0f} s)"
    print(f"{head} {outcome.reason}".rstrip(), flush=True)
    if summary.failed(outcome):
        print(f"----- {step.title}: {' '.join(step.command)}")
        print(step.log.read_text(errors="replace").rstrip())
        print(f"----- end of {step.title}, exit code {outcome.code}", flush=True)


def selected(groups: list[str], lane: str | None) -> list[steps.Step]:
    """Return the steps of these groups (of all, if none is named) and, if one is named, of this lane."""
    if groups == [steps.QUICK]:
        return steps.quick_steps()
    wanted = [step for step in steps.all_steps() if not groups or step.group in groups]
    return [step for step in wanted if lane is None or step.lane == lane]


def _environments(chosen: list[steps.Step]) -> dict[str, Made]:
    names = {needed.name for step in chosen for needed in step.needs}
    if any(step.group == "integration" for step in chosen):
        names.add(environments.TARGET.name)
    return environments.ensure([BY_NAME[name] for name in BY_NAME if name in names])


def main(arguments: list[str]) -> int:
    """Set up, run, and sum up; 0 if no step failed."""
    parser = argparse.ArgumentParser(prog="checks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(steps.GROUPS)}; or {steps.QUICK} alone")
    parser.add_argument("--lane", help="only the steps of this lane")
    parser.add_argument("--jobs", type=int, default=max(2, min(os.cpu_count() or 2, 4)), help="steps at a time")
    parser.add_argument("--no-skipped", action="store_true", help="fail if a lane was skipped")
    options = parser.parse_args(arguments)
    unknown = [group for group in options.groups if group not in steps.GROUPS and options.groups != [steps.QUICK]]
    started = time.monotonic()
    chosen = selected(options.groups, options.lane)
    if unknown or not chosen:
        parser.error(f"no such step: {' '.join(unknown) or options.lane}")
    try:
        made = _environments(chosen)
    except installer.SetupError as error:
        print(error)
        return 1
    missing = [one for one in made.values() if one.environment.required and one.python is None]
    if missing:
        print(f"The checks need .venv/{missing[0].environment.name}: {missing[0].reason}")
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    outcomes = scheduler.run_all(chosen, made, options.jobs, _report)
    print(f"\nAll in {time.monotonic() - started:.0f} s\n\n{summary.table(outcomes)}", flush=True)
    return int(any(summary.failed(outcome) or options.no_skipped and outcome.code is None for outcome in outcomes))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("ended by a signal")
