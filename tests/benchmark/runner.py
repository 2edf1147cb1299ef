# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one contender once, in a clean environment, and collects its figures."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmark.process_tree import Usage, measure
from benchmark.service import Service
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

_HERE = Path(__file__).resolve().parent
_BIN = Path(sys.prefix) / "bin"
_POLL_KINDS = ("campaign_read", "campaign_list")
# The minimum seconds between two rounds. Within a round, the time between requests is shorter.
_PAUSE = 0.75


class RunError(Exception):
    """A run did not do what should be measured. The message says what was wrong."""


@dataclass(frozen=True)
class Round:
    """The polls between two pauses: their number, and when the first and the last arrived at the service."""

    polls: int
    first: float
    last: float


@dataclass(frozen=True)
class Run:
    """A run: its usage, the start times of its tasks (in order), and the counters of the service."""

    usage: Usage
    stamps: tuple[tuple[float, str], ...]
    counters: Mapping[str, Any]

    @property
    def requests(self) -> int:
        """The number of all requests."""
        return int(self.counters["total"])

    @property
    def logins(self) -> int:
        """The number of logins of both kinds."""
        return int(self.counters["by_kind"]["oauth_token"] + self.counters["by_kind"]["session_login"])

    @property
    def polls(self) -> list[float]:
        """The arrival times of requests for a campaign or a list, among the last 10,000 requests."""
        return [entry["real"] for entry in self.counters["log"] if entry["kind"] in _POLL_KINDS]

    @property
    def rounds(self) -> list[Round]:
        """The polls, grouped by the pauses between them."""
        groups: list[list[float]] = []
        for at in self.polls:
            if not groups or at - groups[-1][-1] > _PAUSE:
                groups.append([])
            groups[-1].append(at)
        return [Round(len(group), group[0], group[-1]) for group in groups]

    def basics(self) -> dict[str, float]:
        """Return the figures that every contender has."""
        return {
            "cpu": self.usage.cpu,
            "seconds": self.usage.seconds,
            "memory": self.usage.peak_memory,
            "requests": self.requests,
            "logins": self.logins,
        }


@dataclass(frozen=True)
class Runner:
    """Runs contenders in ``folder``, with the collection that is installed below ``collections``."""

    service: Service
    collections: Path
    folder: Path

    def play(self, tasks: Sequence[Mapping[str, Any]], api_url: str | None = None) -> Run:
        """Run a play with these tasks on the controller. Raises RunError if it fails."""
        play = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}
        path = self.folder / "play.yml"
        path.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        return self._run([str(_BIN / "ansible-playbook"), str(path)], self._ansible(api_url or self.service.url))

    def fleet(self, plays: Sequence[Mapping[str, Any]], hosts: Mapping[str, Mapping[str, Any]]) -> Run:
        """Run plays for these hosts, with their variables. Raises RunError if they fail."""
        path, inventory = self.folder / "play.yml", self.folder / "inventory.yml"
        path.write_text(yaml.safe_dump(list(plays), sort_keys=False), encoding="utf-8")
        inventory.write_text(yaml.safe_dump({"fleet": {"hosts": dict(hosts)}}, sort_keys=False), encoding="utf-8")
        command = [str(_BIN / "ansible-playbook"), "-i", str(inventory), str(path)]
        return self._run(command, self._ansible(self.service.url))

    def by_inventory(self, plays: Sequence[Mapping[str, Any]], inventory: Mapping[str, Any]) -> Run:
        """Run plays for the hosts of an inventory plugin, with this inventory file. Raises RunError if they fail."""
        path, source = self.folder / "play.yml", self.folder / "campaign_devices.yml"
        path.write_text(yaml.safe_dump(list(plays), sort_keys=False), encoding="utf-8")
        source.write_text(yaml.safe_dump(dict(inventory), sort_keys=False), encoding="utf-8")
        command = [str(_BIN / "ansible-playbook"), "-i", str(source), str(path)]
        return self._run(
            command, {**self._ansible(self.service.url), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True"}
        )

    def sdk(self, api_url: str | None = None, **options: Any) -> Run:
        """Run sdk_wait.py, the script with the official SDK, with its options. Raises RunError if it fails."""
        parameters = json.dumps({"url": api_url or self.service.url, "account": ACCOUNT, **options})
        return self._run(
            [sys.executable, "-m", "benchmark.sdk_wait"],
            {"BENCHMARK_SDK": parameters, "PYTHONPATH": str(_HERE.parent)},
        )

    def _run(self, command: Sequence[str], variables: Mapping[str, str]) -> Run:
        stamps = self.folder / "stamps.txt"
        stamps.write_text("", encoding="utf-8")
        usage = measure(command, {**self._clean(), **variables, "BENCHMARK_STAMPS": str(stamps)}, self.folder)
        if usage.code != 0:
            raise RunError(f"exit code {usage.code}: {usage.output[-2000:]}")
        pairs = (line.split(" ", 1) for line in stamps.read_text(encoding="utf-8").splitlines())
        return Run(usage, tuple((float(at), name) for at, name in pairs), self.service.control.counters())

    def _clean(self) -> dict[str, str]:
        path = os.pathsep.join([str(_BIN), "/usr/local/bin", "/usr/bin", "/bin"])
        return {"PATH": path, "HOME": str(self.folder), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def _ansible(self, api_url: str) -> dict[str, str]:
        return {
            **{f"THINGSPACE_{name.upper()}": str(value) for name, value in DEMO_CREDENTIALS.items()},
            "THINGSPACE_ACCOUNT_NAME": ACCOUNT,
            "THINGSPACE_API_URL": api_url,
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"),
            "ANSIBLE_ACTION_PLUGINS": str(_HERE / "action_plugins"),
        }
