# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the schedules of a controller, like AWX's dispatcher."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from awx.controller.service import Service
from awx.controller.tables import Item

# AWX searches for due schedules every 30 seconds, and starts jobs of the same template up to 20 seconds apart.
SCHEDULE_SECONDS = 30
TASK_SECONDS = 20


@dataclass(frozen=True)
class Planned:
    """A job that a schedule has created: its template and its variables."""

    template: int
    variables: dict[str, Any]
    status: str = "pending"


class Dispatcher:
    """Creates jobs. While the controller is down (``is_up`` is false), no jobs are created, not even later."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last = service.clock()
        self.is_up = True

    def stop(self) -> None:
        """Take the controller down."""
        self.is_up = False

    def start(self) -> None:
        """Bring the controller back. AWX then recomputes the next run of every schedule, so missed runs are lost."""
        self.is_up = True
        self._last = self._service.clock()
        for schedule in self._service.tables.all("schedules"):
            self._service.plan(schedule)

    def next_moment(self) -> datetime.datetime | None:
        """Return when the next job is due."""
        moments = [_moment(one["next_run"]) for one in self._service.tables.all("schedules") if one["next_run"]]
        return min(moments, default=None)

    def due(self) -> list[Planned]:
        """Return the jobs of all schedules that have become due since the last call.

        If the last project update is too old, the project is updated first. If git cannot be reached, the job ends
        before its playbook starts.
        """
        if not self.is_up:
            return []
        now = self._service.clock()
        found = [one for one in self._service.tables.all("schedules") if self._is_due(one, now)]
        self._last = now
        return [self._job(schedule) for schedule in found]

    def _is_due(self, schedule: Item, now: datetime.datetime) -> bool:
        moment = schedule["next_run"]
        return bool(moment) and self._last < _moment(moment) <= now

    def _job(self, schedule: Item) -> Planned:
        template = self._service.tables.get("unified_job_templates", schedule["unified_job_template"])
        self._service.plan(schedule)
        variables = {
            **dict(schedule["extra_data"]),
            "awx_job_launch_type": "scheduled",
            "awx_job_template_id": template["id"],
            "awx_schedule_id": schedule["id"],
            "awx_schedule_name": schedule["name"],
        }
        status = "pending" if self._service.refresh(template.get("project")) else "failed"
        return Planned(template["id"], variables, status)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
