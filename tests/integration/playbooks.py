# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks in a clean environment, returns their results as data, and searches for secrets after every run."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from integration.lane import Lane
from integration.leaks import basic_pair, leaks_in
from simulator.control import Control

Plays = Sequence[Mapping[str, Any]]
Variables = Mapping[str, Any]

_TIDY_SECONDS = 5.0
_TRACEBACK = "Traceback (most recent call last)"
# Ansible's only message for a traceback in a module.
_MODULE_TRACEBACK = "MODULE FAILURE"
LOCALHOST: Mapping[str, Variables] = {
    "localhost": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
}


class Unsafe(str):
    """The value of a variable that Ansible must not template."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value), style='"'))


def as_yaml(content: Any) -> str:
    """Return the content of a YAML file for Ansible."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


@dataclass(frozen=True)
class Event:
    """The result of a task on a host. ``at`` uses the same clock as the simulator's log."""

    event: str
    host: str
    task: str
    result: dict[str, Any]
    at: float
    ignored: bool = False

    @property
    def failed(self) -> bool:
        """Whether it failed, ignored or not."""
        return self.event in ("failed", "item_failed", "unreachable")


@dataclass(frozen=True)
class Run:
    """A finished run. ``stats`` are the statistics for workflows, as from set_stats."""

    code: int
    stdout: str
    stderr: str
    events: list[Event]
    stats: dict[str, Any]

    @property
    def output(self) -> str:
        """The complete output."""
        return self.stdout + self.stderr

    def hosts_of(self, task: str) -> set[str]:
        """Return the hosts on which a task has succeeded."""
        return {event.host for event in self.events if event.task == task and event.event == "ok"}

    def event(self, task: str, host: str = "localhost") -> Event:
        """Return the only event of a task on a host, except for loop items and retries."""
        found = [
            event
            for event in self.events
            if (event.task, event.host) == (task, host) and event.event in ("ok", "failed", "unreachable", "skipped")
        ]
        assert len(found) == 1, f"{len(found)} events of {task!r} on {host}\n{self.output}"
        return found[0]

    def result(self, task: str, host: str = "localhost") -> dict[str, Any]:
        """Return the result of a task that succeeded."""
        event = self.event(task, host)
        assert event.event == "ok", f"{event}\n{self.output}"
        return event.result

    def failure(self, task: str, host: str = "localhost") -> dict[str, Any]:
        """Return the result of a task that failed."""
        event = self.event(task, host)
        assert event.event == "failed", f"{event}\n{self.output}"
        return event.result

    def tasks_begun(self, host: str) -> list[str]:
        """Return the names of the tasks that have a result on a host."""
        return list(dict.fromkeys(event.task for event in self.events if event.host == host))

    def progress_lines(self, host: str = "localhost") -> list[str]:
        """Return the progress lines of a host, without the details below some of them."""
        return [line for line in self._lines(host) if not line.startswith(f"[{host}]   ")]

    def progress_details(self, host: str = "localhost") -> list[str]:
        """Return the details below the progress lines: device counts, and failed polls."""
        return [line for line in self._lines(host) if line.startswith(f"[{host}]   ")]

    def _lines(self, host: str) -> list[str]:
        return [line for line in self.stdout.splitlines() if line.startswith(f"[{host}] ")]


class Playbooks:
    """Runs the playbooks of one test, in their own folder and home.

    After each run, it fails if the output, the results or the remaining files contain a secret (one of ``secrets`` or a
    token of the simulator), or if there was a traceback.
    """

    # The limit of one run.
    limit_seconds = 120

    def __init__(self, lane: Lane, folder: Path, control: Control) -> None:
        self.lane = lane
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self._control = control
        self._secrets: set[str] = set()
        self._expected_on_disk: set[str] = set()

    def know_secrets(self, credentials: Mapping[str, str]) -> None:
        """Add secrets: these values, and the pairs of key and secret, and of user and password."""
        self._secrets |= set(credentials.values())
        for name, secret in (("api_key", "api_secret"), ("username", "password")):
            if name in credentials and secret in credentials:
                self._secrets.add(basic_pair(credentials[name], credentials[secret]))

    def expect_on_disk(self, name: str) -> None:
        """Allow secrets in files with this name below the home folder, because the test itself wrote them."""
        self._expected_on_disk.add(name)

    def run(
        self,
        plays: Plays | str,
        *,
        hosts: Mapping[str, Variables] | None = None,
        variables: Variables | None = None,
        environment: Mapping[str, str] | None = None,
        arguments: Iterable[str] = (),
        verbosity: int = 4,
    ) -> Run:
        """Run plays, or a playbook by its name.

        ``hosts`` has the variables of each host. ``variables`` are passed in a file, with ``-e @file``.
        ``environment`` is added to a clean environment.
        """
        # In files, because Ansible shows the lines of a playbook around an error, but never values of variables.
        inventory = self._write(
            "inventory.yml", {"all": {"hosts": {name: dict(each) for name, each in (hosts or LOCALHOST).items()}}}
        )
        playbook = plays if isinstance(plays, str) else str(self._write("playbook.yml", plays))
        record = self.folder / "record.jsonl"
        record.write_text("", encoding="utf-8")
        command = [*self.lane.program("ansible-playbook"), "-i", str(inventory), "--forks", "5"]
        command += [f"-{'v' * verbosity}"] if verbosity else []
        command += ["-e", f"@{self._write('variables.yml', variables)}"] if variables else []
        done = subprocess.run(
            [*command, *arguments, playbook],
            cwd=self.folder,
            env={**self.lane.environment(self.home), "FLEETOPS_RECORD": str(record), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=self.limit_seconds,
        )
        recorded = record.read_text(encoding="utf-8")
        events = [Event(**{"ignored": False, **json.loads(line)}) for line in recorded.splitlines()]
        run = Run(
            done.returncode,
            done.stdout,
            done.stderr,
            [event for event in events if event.event != "stats"],
            next((event.result for event in events if event.event == "stats"), {}),
        )
        self._check(run, recorded)
        return run

    def write_tasks(self, name: str, tasks: Sequence[Mapping[str, Any]]) -> None:
        """Write a task file next to the playbook, for include_tasks."""
        self._write(name, tasks)

    def write_file(self, name: str, content: Any) -> None:
        """Write a YAML file next to the playbook, such as ``group_vars/all.yml``."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        self._write(name, content)

    def commands_elsewhere(self) -> str:
        """Return the commands that the connection ``elsewhere`` has run."""
        return (self.home / "elsewhere" / "commands").read_text(encoding="utf-8")

    def _write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.write_text(as_yaml(content), encoding="utf-8")
        return path

    def _check(self, run: Run, recorded: str) -> None:
        issued = self._control.state()["issued"]
        secrets = {*self._secrets, *issued["access_tokens"], *issued["session_tokens"]}
        assert secrets, "no secret is known that could leak"
        assert leaks_in(run.output, secrets) == []
        assert leaks_in(recorded, secrets) == []
        # The wrapper of a background task removes its files only after it has written the result.
        deadline = time.monotonic() + _TIDY_SECONDS
        while (left := self._left_on_disk(secrets)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == []
        assert _TRACEBACK not in run.output, run.output
        assert _MODULE_TRACEBACK not in run.output, run.output

    def _left_on_disk(self, secrets: set[str]) -> list[str]:
        left = []
        for path in self.home.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and path.name not in self._expected_on_disk:
                    text = path.read_text(encoding="utf-8", errors="replace")
                    left += [str(path)] if leaks_in(text, secrets) else []
        return left
