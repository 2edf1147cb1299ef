# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run in virtual time: a service, one clock for all processes, and hosts that share their results."""

from __future__ import annotations

import pathlib
import random
import typing as t
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Parts, Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import WaitSettings, task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import Campaign, FakeClock, wait_settings

GIVEN: t.Final = {
    "account_name": "0402196254-00001",
    "api_version": "v2",
    "api_key": "key-2222",
    "api_secret": "secret-3333",
    "username": "user-1111",
    "password": "password-4444",
}


def params_of(*ids: str, **more: t.Any) -> dict[str, t.Any]:
    """Return validated parameters of a task that waits for these campaigns."""
    defaults = {name: spec.get("default") for name, spec in argument_spec().items()}
    return {**defaults, **GIVEN, "campaign_id": list(ids), "wait": True, **more}


@dataclass(frozen=True)
class Sent:
    """A request that reached the service. C(at) is monotonic time."""

    what: str
    campaign_id: str
    at: float


class Service:
    """A client for all hosts. C(fault) returns the error of a request, or None. C(devices) has the statuses by ID."""

    request_timeout = 30.0

    def __init__(self, campaigns: dict[str, Campaign], clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.campaigns = campaigns
        self.devices: dict[str, dict[str, str]] = {}
        self.sent: list[Sent] = []
        self.seconds = 0.0
        self.fault: t.Callable[[Sent], ThingSpaceError | None] = lambda _sent: None
        self.limits: list[float] = []

    def give_up_at(self, moment: float) -> None:
        """Record the time limit for the transport."""
        self.limits.append(moment)

    def campaign(self, _api_version: str, account_name: str, campaign_id: str) -> Reading:
        """Read one campaign."""
        self._send("campaign", campaign_id)
        body = {**self.campaigns[campaign_id].body(campaign_id, self.clock.seconds), "accountName": account_name}
        return Reading(body, self.clock.date(self.clock.seconds).replace(microsecond=0))

    def device_report(self, _api_version: str, _account_name: str, campaign_id: str) -> DeviceReport:
        """Read the complete device report."""
        self._send("report", campaign_id)
        report = DeviceReport()
        devices = [{"deviceId": name, "status": word} for name, word in self.devices.get(campaign_id, {}).items()]
        report.add_page({"deviceList": devices, "totalDevice": len(devices), "hasMoreData": False})
        return report

    def _send(self, what: str, campaign_id: str) -> None:
        sent = Sent(what, campaign_id, self.clock.monotonic())
        self.sent.append(sent)
        self.clock.pass_time(self.seconds)
        error = self.fault(sent)
        if error is not None:
            raise error

    def count(self, what: str = "campaign", campaign_id: str | None = None) -> int:
        """Return the number of requests."""
        return len([one for one in self.sent if one.what == what and campaign_id in (None, one.campaign_id)])


class Host:
    """A process that waits, and its connection to the shared state of the run."""

    def __init__(
        self,
        service: Service,
        folder: pathlib.Path,
        ids: t.Sequence[str],
        started: float | None = None,
        targets: t.Sequence[Target] | None = None,
        options: dict[str, t.Any] | None = None,
        reports: bool = False,
        seed: int = 1,
        **changes: t.Any,
    ) -> None:
        task_settings = task_settings_of(params_of(*ids, **(options or {})))
        settings: WaitSettings = wait_settings(**{"needed": len(ids), **changes})
        self.memory = RunPolls(folder, task_settings, service.clock)
        self.sharing = Sharing(self.memory, settings.pace.floor, service.clock)
        client = t.cast(t.Any, service)
        every = settings.report_every if settings.thresholds.are_set else 0
        self.device_reports = (
            DeviceReports(client, task_settings.campaigns, every, self.sharing) if reports or every else None
        )
        runtime = Runtime(clock=service.clock)
        self.poller = HttpPoller(client, task_settings.campaigns, 1, self.device_reports, self.sharing)
        self.parts = Parts(task_settings, client, self.poller, self.device_reports, self.sharing, runtime)
        self.wait = Wait(
            self.poller,
            ids,
            settings,
            service.clock,
            ProgressReporter(),
            random.Random(seed),
            targets=targets,
            started=started,
            memory=self.memory,
        )

    def result(self) -> dict[str, t.Any]:
        """Wait until the end."""
        return {**self.wait.result(self.wait.run())}
