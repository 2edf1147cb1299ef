# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run steps, a few at a time, each into a log file; a failed one is shown in full."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.environments import DEV, Made
from tools.paths import LOGS, VENVS
from tools.steps import Step

# No step takes nearly as long; one that does hangs.
_LIMIT_SECONDS = 1500
# The process groups of the steps that are running.
_running: set[int] = set()


@dataclass(frozen=True)
class Outcome:
    """How a step ended: its exit code, or None with the reason if it could not be run here."""

    step: Step
    code: int | None
    seconds: float
    reason: str = ""


def environment_of(step: Step) -> dict[str, str]:
    """Return the environment of a step: the user's, less what could make Ansible or the tests behave differently."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "THINGSPACE_"))}
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV"):
        kept.pop(name, None)
    return {
        **kept,
        "ANSIBLE_HOME": str(VENVS / "ansible-home" / step.title),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{DEV.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
        **step.variables,
    }


def _run_process(step: Step) -> int:
    for report in step.written_reports():
        report.unlink()
    with step.log.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            step.command,
            cwd=step.folder,
            env=environment_of(step),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process.pid)
        try:
            return process.wait(timeout=_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            log.write(f"\nended after {_LIMIT_SECONDS} s\n")
            return 1
        finally:
            # Also what a step has left behind.
            _end_group(process.pid)
            _running.discard(process.pid)


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)


def run_one(step: Step, made: dict[str, Made]) -> Outcome:
    """Run one step if its environments are there."""
    for needed in step.needs:
        if made[needed.name].python is None:
            return Outcome(step, None, 0.0, made[needed.name].reason)
    started = time.monotonic()
    try:
        code = _run_process(step)
    except OSError as error:
        step.log.write_text(f"{error}\n")
        code = 127
    return Outcome(step, code, time.monotonic() - started)


def run_all(steps: list[Step], made: dict[str, Made], jobs: int, report: Callable[[Outcome], None]) -> list[Outcome]:
    """Run all steps, the longest first, and hand each outcome to ``report`` as it comes; return them in given order."""
    LOGS.mkdir(exist_ok=True)
    printing = threading.Lock()

    def run(step: Step) -> Outcome:
        outcome = run_one(step, made)
        with printing:
            report(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        by_length = sorted(steps, key=lambda step: step.seconds, reverse=True)
        running = {step.title: pool.submit(run, step) for step in by_length}
        try:
            return [running[step.title].result() for step in steps]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for group in tuple(_running):
                _end_group(group)
            raise
