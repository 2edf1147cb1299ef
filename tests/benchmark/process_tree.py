# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the CPU time and memory of a command and all its descendants. Linux only: it reads smaps_rollup."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_CPU_EVERY = 0.05
# Memory is sampled less often, because the kernel needs CPU time to sum up the pages of a process.
_MEMORY_EVERY = 0.25
_PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """Sums over all processes, in MB: the proportional set size, and the part of it that is not mapped from files.

    The first counts shared memory only once, but it also decreases if other processes use the same files.
    """

    total: float
    anonymous: float


@dataclass(frozen=True)
class Sample:
    """A sample: monotonic seconds, CPU seconds used so far (in ticks of 10 ms), and memory if it was sampled."""

    at: float
    cpu: float
    memory: Memory | None


@dataclass(frozen=True)
class Usage:
    """The usage of a finished command. ``cpu``: user and system seconds of it and all descendants it waited for."""

    code: int
    output: str
    started: float
    ended: float
    cpu: float
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The elapsed time in seconds."""
        return self.ended - self.started

    @property
    def peak_memory(self) -> float:
        """The largest proportional set size of all its processes together, in MB."""
        return max((memory.total for memory in self._memories()), default=0.0)

    @property
    def peak_anonymous(self) -> float:
        """The same without mapped files."""
        return max((memory.anonymous for memory in self._memories()), default=0.0)

    def cpu_between(self, start: float, end: float) -> float:
        """Return the CPU seconds used between two times, as precise as the samples."""
        return self._cpu_until(end) - self._cpu_until(start)

    def _memories(self) -> Iterator[Memory]:
        return (sample.memory for sample in self.samples if sample.memory is not None)

    def _cpu_until(self, moment: float) -> float:
        return max((sample.cpu for sample in self.samples if sample.at <= moment), default=0.0)


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path, limit: float = 300.0) -> Usage:
    """Run a command until it ends. Raises subprocess.TimeoutExpired after ``limit`` seconds."""
    log = folder / "output.txt"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    root = psutil.Process(process.pid)
    samples: list[Sample] = []
    memory_due = started
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        now = time.monotonic()
        if pid:
            break
        if now > started + limit:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise subprocess.TimeoutExpired(command, limit)
        tree = _tree(root)
        memory = _memory(tree) if now >= memory_due else None
        memory_due = now + _MEMORY_EVERY if memory is not None else memory_due
        samples.append(Sample(now, _cpu(tree), memory))
        time.sleep(_CPU_EVERY)
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Usage(process.returncode, text, started, now, used.ru_utime + used.ru_stime, tuple(samples))


def _tree(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [root]


def _cpu(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU time of these processes and of their children that have ended."""
    seconds = 0.0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])
    return seconds


def _memory(processes: Sequence[psutil.Process]) -> Memory:
    lines = [line.split() for process in processes for line in _rollup(process.pid)]

    def megabytes(name: str) -> float:
        return sum(int(words[1]) for words in lines if words[0] == name) * 1024 / 1e6

    return Memory(megabytes("Pss:"), megabytes("Pss_Anon:"))


def _rollup(pid: int) -> list[str]:
    """Return the kernel's summary of a process's memory. psutil has the PSS, but not its anonymous part."""
    try:
        return (_PROC / str(pid) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        # The process has ended in the meantime.
        return []
