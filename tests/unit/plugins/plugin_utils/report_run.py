# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of Ansible whose hosts request reports."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._due_reports import write_due_reports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import RunUses, Use
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    CAMPAIGN_ID,
    device,
    result,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock


class Run:
    """A run of Ansible, its memory and its output."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.uses = RunUses(folder / "memory", self.clock)
        self.reports = RunReports(folder / "memory", self.clock)
        self.said: list[str] = []
        self.warned: list[str] = []

    def note(self, path: Path, task: str, *hosts: str) -> Use:
        """Record hosts at a task that request a report."""
        for host in hosts:
            use = self.uses.join(task, host, hosts)
            self.reports.add_host(str(path), use, host)
        return use

    def decide(self, path: Path, use: Use, host: str, told: dict[str, t.Any] | None = None) -> bool:
        """Store the result of the task of a host. Return true if it is new."""
        self.uses.decide(use, host, {"decision": "continue", "device": None, "reason": f"Of {host}.", "campaigns": {}})
        told = told or result()
        is_new = self.reports.is_new_result(str(path), use, told)
        if is_new:
            self.reports.add_result(str(path), use, told, {CAMPAIGN_ID: [device("1")]})
        return is_new

    def write(self, is_check: bool = False) -> bool:
        return write_due_reports(self.reports, self.said.append, self.warned.append, is_check, self.clock)
