# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes that use the shared state of a run, forked like Ansible's workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import typing as t
from collections.abc import Callable

SECONDS: t.Final = 30.0
FORK: t.Final = multiprocessing.get_context("fork")


def in_processes(works: t.Sequence[Callable[[], t.Any]]) -> list[t.Any]:
    """Run each callable in its own process, all at the same time, and return the results."""
    start, results = FORK.Barrier(len(works)), FORK.Queue()

    def run(number: int, work: Callable[[], t.Any]) -> None:
        start.wait(SECONDS)
        results.put((number, work()))

    workers = [FORK.Process(target=run, args=one) for one in enumerate(works)]
    for worker in workers:
        worker.start()
    found = dict(results.get(timeout=SECONDS) for _work in works)
    for worker in workers:
        worker.join(SECONDS)
    assert [worker.exitcode for worker in workers] == [0] * len(works)
    return [found[number] for number in range(len(works))]


def kill_within(work: Callable[[Callable[[], None]], None]) -> None:
    """Run C(work) in a process that is killed when C(work) calls its argument."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    worker = FORK.Process(target=work, args=(die,))
    worker.start()
    worker.join(SECONDS)
    assert worker.exitcode == -signal.SIGKILL
