# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs jobs like AWX: AWX's own code injects the credential, and ansible-runner runs a playbook of our project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential
from integration.lane import Lane
from integration.playbooks import LOCALHOST, as_yaml

from awx.controller.variables import as_awx_writes
from awx.shipped import EXTENSIONS, credential_type

Event = Mapping[str, Any]

# A host of the fleet.
DEVICE = "tracker-01"
# The variables that AWX sets for each job in addition to those of credentials.
_OF_AWX = {
    "JOB_ID": "42",
    "INVENTORY_ID": "1",
    "PROJECT_REVISION": "1" * 40,
    "AWX_HOST": "https://awx.example.com",
    "MAX_EVENT_RES": "700000",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
}
# ansible-runner writes the complete environment to this file. In AWX, it is deleted with the container.
_COMMAND_FILE = "command"


@dataclass
class Injected:
    """The injected values of a credential: for the job, as shown to users, and as arguments."""

    environment: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)


def inject(inputs: Mapping[str, Any], folder: Path) -> Injected:
    """Inject a credential of our type with AWX's own code."""
    shipped = credential_type()
    type_ = ManagedCredentialType(
        namespace="thingspace",
        name=shipped["name"],
        kind=shipped["kind"],
        inputs=shipped["inputs"],
        injectors=shipped["injectors"],
    )
    (folder / "env").mkdir(exist_ok=True)
    done = Injected()
    inject_credential(type_, Credential(dict(inputs)), done.environment, done.shown, done.arguments, str(folder))
    return done


@dataclass(frozen=True)
class Job:
    """A finished job: its status, its events, and its folder."""

    status: str
    events: list[Event]
    folder: Path

    @property
    def stdout(self) -> str:
        """Return the output of the job."""
        return "".join(f"{event['stdout']}\n" for event in self.events)

    @property
    def artifacts(self) -> dict[str, Any]:
        """Return the variables for the next node of a workflow."""
        found: dict[str, Any] = {}
        for event in self.events:
            found.update(event.get("event_data", {}).get("artifact_data") or {})
        return found

    @property
    def left_behind(self) -> str:
        """Return the content of all files in its folder, except for the file with the environment."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != _COMMAND_FILE]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


class Jobs:
    """Runs the jobs of one test, in their own folder, with our project."""

    def __init__(self, lane: Lane, folder: Path) -> None:
        self._lane = lane
        self._folder = folder / "job"
        self.home = folder / "home"
        self._count = 0
        shutil.copytree(EXTENSIONS / "project", self._folder / "project")
        (self._folder / "inventory").mkdir()
        hosts = {**LOCALHOST, DEVICE: LOCALHOST["localhost"]}
        (self._folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        self.home.mkdir(exist_ok=True)

    def run(
        self,
        playbook: str,
        inputs: Mapping[str, Any],
        variables: Mapping[str, Any],
        *,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        arguments: str = "",
        verbosity: int = 0,
        cancel: Callable[[list[Event]], bool] | None = None,
    ) -> Job:
        """Run a playbook with a credential.

        ``settings`` are those of ansible-runner. ``environment`` and ``arguments`` are added. ``cancel`` is called with
        all events so far, several times a second.
        """
        injected = inject(inputs, self._folder)
        self._count += 1
        # As in AWX, the variables are in a file in AWX's format.
        written = self._folder / "env" / "awx_variables.yml"
        written.write_text(as_yaml(as_awx_writes({"awx_job_id": 42, **variables})), encoding="utf-8")
        (self._folder / "env" / "settings").write_text(
            json.dumps({"suppress_ansible_output": True, "pexpect_timeout": 0.2, **(settings or {})})
        )
        events: list[Event] = []
        done = ansible_runner.run(
            private_data_dir=str(self._folder),
            ident=f"{self._count}",
            playbook=playbook,
            envvars={**self._environment(), **injected.environment, **(environment or {})},
            cmdline=" ".join([*injected.arguments, "-e", f"@{written}", arguments]).strip(),
            verbosity=verbosity,
            suppress_env_files=True,
            event_handler=lambda event: _keep(events, event),
            cancel_callback=lambda: cancel is not None and cancel(events),
        )
        return Job(str(done.status), events, self._folder)

    def _environment(self) -> dict[str, str]:
        own = self._lane.environment(self.home)
        # The callback plugin of AWX replaces that of the tests.
        return {name: value for name, value in own.items() if "CALLBACK" not in name} | _OF_AWX


def _keep(events: list[Event], event: Event) -> bool:
    events.append(event)
    # True makes ansible-runner also store the event in the folder.
    return True
