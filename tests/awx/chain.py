# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs that look and come back, one after the other, as AWX would start them."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from typing import Any

from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment

from awx.controller.serving import Controller
from awx.controller.tables import Item
from simulator.stock import ACCOUNT

PLAYBOOK = "fleetops.thingspace.awx_wait"
ID = "00000000-0000-4000-8000-000000000001"
FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def moment(days: float) -> datetime.datetime:
    """So many days from now."""
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


def written(days: float) -> str:
    """The same, as variables have it."""
    return moment(days).strftime(FORMAT)


def next_poll_at(run: Run) -> str:
    """When the role has said that the next look is due."""
    (moment,) = {found for event in run.events for found in _values(event.result, "next_poll_at")}
    return str(moment)


def _values(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key and isinstance(item, str):
                yield item
            yield from _values(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, key)


class Chain:
    """The template of the job in a controller, and the way its jobs run."""

    def __init__(self, playbooks: Playbooks, controller: Controller, api_url: str) -> None:
        self.controller = controller
        self._playbooks = playbooks
        self._environment = {
            **controller.environment,
            **as_environment({"api_url": api_url, "account_name": ACCOUNT, **CREDENTIALS}),
        }
        tables = controller.tables
        (organization,) = tables.all("organizations")
        survey = {"spec": [{"variable": "campaign_wait_campaign_id", "type": "text", "required": True}]}
        named = {"organization": organization["id"], "survey_enabled": True, "survey_spec": survey}
        look = {"name": "Look", "playbook": "look_and_come_back.yml", "ask_variables_on_launch": True}
        self.template = tables.add("job_templates", {**named, **look})
        tables.add("workflow_job_templates", {**named, "name": "Gate", "survey_spec": survey})

    @property
    def schedules(self) -> list[Item]:
        """What is planned, as the API shows it."""
        return [copy.deepcopy(self.controller.service.shown(one)) for one in self.controller.tables.all("schedules")]

    @property
    def started(self) -> list[dict[str, Any]]:
        """The variables of the workflows that were started."""
        return [item["extra_vars"] for item in self.controller.tables.all("workflow_jobs")]

    def job(self, **variables: Any) -> Run:
        """Run a job that somebody has started, with these answers."""
        given = {"campaign_wait_campaign_id": ID, "awx_job_template_id": self.template["id"], "awx_wait_then": "Gate"}
        return self._playbooks.run(PLAYBOOK, variables={**given, **variables}, environment=self._environment)

    def next_job(self) -> Run:
        """Run the job that is planned, with what it was given."""
        (planned,) = self.controller.tables.all("schedules")
        return self.job(**planned["extra_data"])
