# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process that waits for all that the hosts at a task wait for, campaigns side by side.

It decides nothing: each host asks for itself afterwards, and finds what was learned here. It is there because Ansible's
main process spins while all its forks are busy (measured: 0.2 to 0.25 of a core with five waiting hosts and five forks,
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

# Each host's own business: they make no other wait of a wait.
_OF_HOST: t.Final = ("campaign_id", "wait_match", "device_id", "wait_on_timeout", "devices")


@dataclass
class Party:
    """Hosts that can share one wait: C(params) but for their campaigns, their different targets."""

    params: dict[str, t.Any]
    targets: dict[Target, None] = field(default_factory=dict)
    needs_reports: bool = False

    def task_settings(self, names: Names) -> TaskSettings:
        """One wait for the campaigns of all of them."""
        ids = dict.fromkeys(campaign_id for target in self.targets for campaign_id in target.ids)
        return task_settings_of(
            {**self.params, "campaign_id": list(ids), "wait_match": "all", "device_id": None}, names
        )


def parties_of(notes: Iterable[Params]) -> list[Party]:
    """The hosts' validated parameters, those together that differ only in what each host wants for itself."""
    parties: dict[str, Party] = {}
    for params in notes:
        settings = {name: value for name, value in params.items() if name not in _OF_HOST}
        party = parties.setdefault(json.dumps(settings, sort_keys=True), Party({**params, "devices": "none"}))
        ids = task_settings_of(params).campaigns.ids
        party.targets[Target(ids, needed_of(params["wait_match"], len(ids)))] = None
        party.needs_reports |= params["device_id"] is not None or params["devices"] != "none"
    return list(parties.values())


def wait_for_all(notes: Iterable[Params], runtime: Runtime, secrets: Secrets) -> None:
    """Wait until every host's campaigns are decided or its time is over. What is learned is in the run's memory."""
    runtime = replace(runtime, reporter=MaskingProgressReporter(runtime.reporter, secrets))
    with ExitStack() as stack:
        waits: list[tuple[Parts, Wait]] = []
        for party in parties_of(notes):
            register_secrets(party.params, secrets)
            try:
                task_settings = party.task_settings(runtime.names)
                parts = stack.enter_context(assembled(task_settings, runtime, secrets, party.needs_reports))
            except OptionError:
                # Its own hosts will say so; the others have their wait.
                continue
            waits.append((parts, parts.wait(t.cast(WaitSettings, task_settings.wait_settings), list(party.targets))))
        try:
            outcomes = run_waits([wait for _parts, wait in waits], runtime.clock)
        except runtime.interruptions:
            return
        for (parts, wait), outcome in zip(waits, outcomes):
            parts.add_late_reports(wait, outcome)
