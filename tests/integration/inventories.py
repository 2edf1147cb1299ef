# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-inventory in a clean environment, parses its output, and searches for secrets after every run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from integration.lane import Lane
from integration.leaks import basic_pair, leaks_in
from integration.tasks import CREDENTIALS, as_environment
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

PLUGIN = "fleetops.thingspace.campaign_devices"
GROUPS = ("succeeded", "failed", "rejected", "pending", "cancelled", "unknown")
_LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Said:
    """A finished run of ansible-inventory."""

    code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> dict[str, Any]:
        """Return the JSON of ``--list``, without the verbose output before it."""
        found: dict[str, Any] = json.loads(self.stdout[self.stdout.index("\n{\n") :])
        return found

    def hosts(self, group: str) -> set[str]:
        """Return the hosts of a group. Groups without hosts are not listed."""
        return set(self.data.get(group, {}).get("hosts", []))

    def variables(self, host: str) -> dict[str, Any]:
        """Return the variables of a host, without the marks for unsafe values."""
        found = self.data["_meta"]["hostvars"][host]
        return {name: value["__ansible_unsafe"] if _is_marked(value) else value for name, value in found.items()}

    @property
    def complaint(self) -> str:
        """Return all warnings and errors in one line, because some versions wrap them."""
        return " ".join(self.stderr.split())


def _is_marked(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__ansible_unsafe"}


class Inventories:
    """Inventory files of one test, with the demo credentials in the environment."""

    def __init__(self, lane: Lane, folder: Path, control: Control, api_url: str) -> None:
        self._lane = lane
        self._control = control
        self.folder = folder / "inventories"
        self.home = folder / "inventory-home"
        self.folder.mkdir()
        self.home.mkdir()
        self.environment = as_environment({"api_url": api_url, **CREDENTIALS})

    def write(self, name: str = "campaign_devices.yml", **options: Any) -> str:
        """Write an inventory file, by default for the documented campaign of v2. Options of None are omitted."""
        wanted = {"plugin": PLUGIN, "account_name": ACCOUNT, "campaign_id": V2_ID, **options}
        path = self.folder / name
        path.write_text(yaml.safe_dump({key: value for key, value in wanted.items() if value is not None}))
        return str(path)

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Said:
        """Run ansible-inventory with maximum verbosity. Fails if the output has a secret or a traceback."""
        return self.program(["ansible-inventory", "-vvvv", *arguments], environment)

    def program(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Said:
        """Run another program of Ansible in the same way."""
        whole = {**self._lane.environment(self.home), **self.environment, **(environment or {})}
        done = subprocess.run(
            [*self._lane.program(command[0]), *command[1:]],
            cwd=self.folder,
            env=whole,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=_LIMIT_SECONDS,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        self._check(said, whole)
        return said

    def _check(self, said: Said, environment: Mapping[str, str]) -> None:
        issued = self._control.state()["issued"]
        given = {option: environment.get(name, "") for option, name in as_environment_names().items()}
        pairs = {basic_pair(given["api_key"], given["api_secret"]), basic_pair(given["username"], given["password"])}
        secrets = {*given.values(), *CREDENTIALS.values(), *pairs, *issued["access_tokens"], *issued["session_tokens"]}
        secrets.discard("")
        assert leaks_in(said.stdout + said.stderr, secrets) == []
        for path in self.home.rglob("*"):
            if path.is_file():
                assert leaks_in(path.read_text(encoding="utf-8", errors="replace"), secrets) == [], path
        assert "Traceback (most recent call last)" not in said.stdout + said.stderr


def as_environment_names() -> dict[str, str]:
    """Return the environment variables of the credentials."""
    return {option: next(iter(as_environment({option: ""}))) for option in CREDENTIALS}
