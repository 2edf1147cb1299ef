# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: run every contest, print the tables, keep the figures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmark import contests, plays
from benchmark.contests import Contest
from benchmark.fleet import fleet
from benchmark.goals import GOALS, Verdict, verdict_on
from benchmark.results import Results
from benchmark.runner import RunError, Runner
from benchmark.service import running_service
from benchmark.table import contest_table, goal_table
from tools import collection
from tools.paths import LOGS

_LEFT_OUT = (
    "Left out: uri + until for 100 and 1,000 campaigns, which would take more than a minute and more than ten minutes "
    "of CPU for each round, and for 1,000 hosts; the SDK script where there is nothing to be compared with."
)
_NOTE = "Medians. CPU and memory are those of all processes of a contender, without the simulator's."


def _full() -> list[Contest]:
    return [
        contests.task(),
        contests.wait_for_one(polls=5),
        contests.reaction(),
        contests.many(100, slow=False, threads=(8,), with_sdk=True),
        contests.many(1000, slow=True, threads=(8, 32), with_sdk=True),
        contests.rounds_in_a_row(1000, seconds=30),
        contests.memory(polls=10_000),
        contests.long_wait(),
        fleet(),
    ]


def _quick() -> list[Contest]:
    return [
        contests.task(),
        contests.wait_for_one(polls=4),
        contests.reaction(),
        contests.many(1000, slow=True, threads=(32,), with_sdk=False),
        contests.memory(polls=1_000),
        contests.long_wait(),
        fleet(sizes=(1, 1000), largest_uri=1),
    ]


def _run_all(chosen: Sequence[Contest], runs: int, runner: Runner) -> tuple[Results, list[str]]:
    """Run all contests. Contenders of a contest take turns, so that changes of the load affect all of them."""
    results, troubles = Results(), []
    # The first play fills Ansible's caches.
    runner.play([plays.nothing()])
    for contest in chosen:
        for number in range(1 if contest.once else runs):
            started = time.monotonic()
            for name, contender in contest.contenders.items():
                try:
                    results.add(contest.name, name, number, contender(runner, number))
                except (RunError, subprocess.TimeoutExpired) as error:
                    troubles.append(f"{contest.name}, {name}, run {number + 1}: {error}")
            print(f"{contest.name} {number + 1}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return results, troubles


def _surroundings() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "ansible-core": metadata.version("ansible-core"),
        "sdk": metadata.version("sdksio-verizon-apis-sdk"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def _data(results: Results, verdicts: Sequence[Verdict], parameters: dict[str, object]) -> dict[str, object]:
    goals = [
        {"goal": each.goal.number, "what": each.goal.text, "threshold": each.goal.threshold_text}
        | {"measured": each.measured, "met": each.met}
        for each in verdicts
    ]
    return {"surroundings": parameters, "goals": goals, "contests": results.as_data()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark. Returns 0 if everything could be measured, regardless of the results."""
    parser = argparse.ArgumentParser(prog="benchmark", description=__doc__)
    parser.add_argument("--runs", type=int, default=0, help="runs of each contender (5; with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="fewer contenders and shorter waits: under two minutes")
    parser.add_argument("--only", action="append", metavar="CONTEST", help="only this contest; may be repeated")
    options = parser.parse_args(arguments)
    chosen = _quick() if options.quick else _full()
    unknown = set(options.only or ()) - {contest.name for contest in chosen}
    if unknown or options.runs < 0:
        parser.error(f"there is {', '.join(contest.name for contest in chosen)}, and at least one run")
    chosen = [contest for contest in chosen if not options.only or contest.name in options.only]
    before = _surroundings()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, running_service() as service:
        folder = Path(name)
        (folder / "run").mkdir()
        venv = Path(sys.prefix)
        collection.install(collection.build(folder / "dist", venv), folder / "collections", venv)
        runner = Runner(service, folder / "collections", folder / "run")
        results, troubles = _run_all(chosen, options.runs or (1 if options.quick else 5), runner)
    verdicts = [verdict_on(goal, results) for goal in GOALS]
    after = {**before, "load at the end": os.getloadavg()[0]}
    print("\n".join(contest_table(contest, results) for contest in chosen))
    print(goal_table(verdicts))
    print("\n".join([_NOTE, _LEFT_OUT, ", ".join(f"{key} {value}" for key, value in after.items()), *troubles]))
    LOGS.mkdir(exist_ok=True)
    data = json.dumps(_data(results, verdicts, after), indent=2)
    (LOGS / "benchmark.json").write_text(data + "\n", encoding="utf-8")
    return int(bool(troubles))
