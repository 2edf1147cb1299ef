# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the sequence of jobs that poll and schedule their successor, as AWX would start them."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from typing import Any

from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment

from awx.controller.serving import Controller
from awx.controller.tables import Item
from awx.controller.variables import as_awx_writes
from simulator.stock import ACCOUNT

PLAYBOOK = "fleetops.thingspace.awx_wait"
ID = "00000000-0000-4000-8000-000000000001"
FORMAT = "%Y-%m-%dT%H:%M:%SZ"
PLANNER_TOKEN = "planner-token-8888-not-a-real-token"


def moment(days: float) -> datetime.datetime:
    """Return the time this number of days from now."""
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


def written(days: float) -> str:
    """Return the same time in the format of variables."""
    return moment(days).strftime(FORMAT)


def next_poll_at(run: Run) -> str:
    """Return when the next poll is due, according to the role."""
    (moment,) = {found for event in run.events for found in _values(event.result, "next_poll_at")}
    return str(moment)


def told(run: Run) -> str:
    """Return the last message of the job."""
    return str(run.result("Print when the next poll is due")["msg"])


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
    """The job template in a controller, and how its jobs run.

    The credential for the controller belongs to a user with the minimum permissions in docs/awx.md.
    """

    def __init__(self, playbooks: Playbooks, controller: Controller, api_url: str) -> None:
        self.controller = controller
        self._playbooks = playbooks
        self.planner = controller.add_user("planner", PLANNER_TOKEN)
        playbooks.know_secrets({"planner": PLANNER_TOKEN})
        self.environment = {
            **controller.environment_for(self.planner),
            **as_environment({"api_url": api_url, "account_name": ACCOUNT, **CREDENTIALS}),
        }
        tables = controller.tables
        self.organization = tables.find("organizations", "Default")
        survey = {"spec": [{"variable": "campaign_wait_campaign_id", "type": "text", "required": True}]}
        named = {"organization": self.organization["id"], "survey_enabled": True, "survey_spec": survey}
        named["ask_variables_on_launch"] = True
        project = {"name": "Rollout", "scm_update_on_launch": True, "scm_update_cache_timeout": 600}
        self.project = controller.service.create("projects", project, controller.admin)
        poll = {"name": "Poll", "playbook": "poll_and_come_back.yml", "project": self.project["id"]}
        self.template = tables.add("job_templates", {**named, **poll})
        self.workflow = tables.add("workflow_job_templates", {**named, "name": "Gate"})
        self.planner.roles = {
            self.organization["id"]: {"read"},
            self.template["id"]: {"execute"},
            self.workflow["id"]: {"execute"},
        }

    @property
    def schedules(self) -> list[Item]:
        """Return the schedules that jobs have created."""
        return [copy.deepcopy(one) for one in self.controller.tables.all("schedules")]

    @property
    def started(self) -> list[dict[str, Any]]:
        """Return the variables of the workflows that were started, without the name of the wait."""
        started = [dict(item["extra_vars"]) for item in self.controller.tables.all("workflow_jobs")]
        assert all(str(variables.pop("awx_wait_token")).startswith("wait-42-") for variables in started)
        return started

    def job(self, verbosity: int = 4, **variables: Any) -> Run:
        """Run a job that a user has started with these survey answers. Ansible gets them as AWX writes them."""
        given = {
            "campaign_wait_campaign_id": ID,
            "awx_job_id": 42,
            "awx_job_template_id": self.template["id"],
            "awx_job_launch_type": "manual",
            "awx_wait_then": "Gate",
            "awx_wait_retry_seconds": 0,
        }
        written = as_awx_writes({**given, **variables})
        return self._playbooks.run(PLAYBOOK, variables=written, environment=self.environment, verbosity=verbosity)

    def next_job(self, **variables: Any) -> Run:
        """Run the scheduled job with its variables, at its scheduled time."""
        (planned,) = self.controller.tables.all("schedules")
        due = datetime.datetime.strptime(planned["next_run"], FORMAT).replace(tzinfo=datetime.timezone.utc)
        own = {"awx_job_launch_type": "scheduled", "awx_wait_now": int(due.timestamp())}
        return self.job(**{**planned["extra_data"], **own, **variables})
