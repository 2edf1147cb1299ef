# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits in one process for the campaigns of all hosts at a task.

It makes no decision: each host then uses the shared polls in its own task. It exists because the main process of
Ansible busy-waits while all forks are in use (measured: 0.2 to 0.25 CPU cores with five waiting hosts and five forks,
0.04 with a free fork).
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    MaskingProgressReporter,
    Parts,
    Runtime,
    add_late_reports,
    assembled,
    register_secrets,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    TaskSettings,
    WaitSettings,
    needed_of,
    task_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait, run_waits
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target

Params = Mapping[str, t.Any]

# Options that can differ between the hosts of a shared wait.
_HOST_OPTIONS: t.Final = ("campaign_id", "wait_match", "device_id", "wait_on_timeout", "devices")


@dataclass
class SharedWait:
    """Hosts that can share one wait: their common parameters, and their different targets."""

    params: dict[str, t.Any]
    targets: dict[Target, None] = field(default_factory=dict)
    needs_reports: bool = False

    def task_settings(self, names: Names) -> TaskSettings:
        """Return the settings of one wait for the campaigns of all hosts."""
        ids = dict.fromkeys(campaign_id for target in self.targets for campaign_id in target.ids)
        return task_settings_of(
            {**self.params, "campaign_id": list(ids), "wait_match": "all", "device_id": None}, names
        )


def shared_waits_of(notes: Iterable[Params]) -> list[SharedWait]:
    """Group hosts whose validated parameters differ only in the options that can differ."""
    shared_waits: dict[str, SharedWait] = {}
    for params in notes:
        settings = {name: value for name, value in params.items() if name not in _HOST_OPTIONS}
        shared_wait = shared_waits.setdefault(
            json.dumps(settings, sort_keys=True), SharedWait({**params, "devices": "none"})
        )
        ids = task_settings_of(params).campaigns.ids
        shared_wait.targets[Target(ids, needed_of(params["wait_match"], len(ids)))] = None
        shared_wait.needs_reports |= params["device_id"] is not None or params["devices"] != "none"
    return list(shared_waits.values())


def wait_for_all(notes: Iterable[Params], runtime: Runtime, secrets: Secrets) -> None:
    """Wait for the campaigns of all hosts, or for the timeouts. The polls are stored in the memory of the run."""
    runtime = replace(runtime, reporter=MaskingProgressReporter(runtime.reporter, secrets))
    with ExitStack() as stack:
        waits: list[tuple[Parts, Wait]] = []
        for shared_wait in shared_waits_of(notes):
            register_secrets(shared_wait.params, secrets)
            try:
                task_settings = shared_wait.task_settings(runtime.names)
                parts = stack.enter_context(assembled(task_settings, runtime, secrets, shared_wait.needs_reports))
            except OptionError:
                # The hosts of this wait report the error in their own tasks.
                continue
            waits.append(
                (parts, parts.wait(t.cast(WaitSettings, task_settings.wait_settings), list(shared_wait.targets)))
            )
        try:
            outcomes = run_waits([wait for _parts, wait in waits], runtime.clock)
        except runtime.interruptions:
            return
        for (parts, wait), outcome in zip(waits, outcomes):
            if not add_late_reports(parts, wait, outcome):
                return
