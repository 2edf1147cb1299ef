# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of the API on each kind of object, with their rules."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from awx.controller import credential_rules, schedule_rules, users
from awx.controller.projects import playbooks
from awx.controller.refusal import Refused
from awx.controller.survey_rules import accepted_variables, check_survey
from awx.controller.tables import Item, Tables
from awx.controller.users import User
from awx.controller.workflow_rules import Node

ENCRYPTED = "$encrypted$"
CONTROLLER_TYPE = "Red Hat Ansible Automation Platform"
# The list in which the launch of a template creates a job.
JOBS = {"job_templates": "jobs", "workflow_job_templates": "workflow_jobs"}
EDGES = ("success_nodes", "failure_nodes", "always_nodes")
Clock = Callable[[], datetime.datetime]


@dataclass
class Git:
    """The source of projects: the folder that is fetched, and whether it is reachable."""

    folder: Path
    is_reachable: bool = True
    complaint: str = "fatal: unable to access 'https://git.example.com/rollout.git/': Could not resolve host"


def real_time() -> datetime.datetime:
    """Return the time of this machine."""
    return datetime.datetime.now(datetime.timezone.utc)


class Service:
    """The state of one controller."""

    def __init__(self, project: Path, clock: Clock = real_time) -> None:
        self.tables = Tables()
        self.git = Git(project)
        self.clock = clock
        # The playbooks that each project has fetched, and that a job template can use.
        self._fetched: dict[int, list[str]] = {}
        self.tables.add("organizations", {"name": "Default"})
        self.tables.add("credential_types", {"name": CONTROLLER_TYPE, "managed": True})

    def state(self) -> Any:
        """Return all objects and fetched playbooks, to restore them later, also in another controller."""
        return self.tables.state(), copy.deepcopy(self._fetched)

    def restore(self, state: Any) -> None:
        """Restore a state. References to previous objects become invalid."""
        tables, fetched = state
        self.tables.restore(tables)
        self._fetched = copy.deepcopy(fetched)

    def create(self, kind: str, given: Mapping[str, Any], user: User) -> Item:
        """Create an object. Raises Refused."""
        self._check_rights(kind, given, None, user)
        self._check(kind, given, None)
        item = self.tables.add(kind, given)
        if kind == "projects":
            self._fetched[item["id"]] = []
            self.update_project(item["id"])
        if kind == "schedules":
            item["created_by"] = user.name
            self.plan(item)
        return item

    def update(self, kind: str, number: int, given: Mapping[str, Any], user: User) -> Item:
        """Change an object. Raises Refused."""
        item = self.tables.get(kind, number)
        self._check_rights(kind, given, item, user)
        if kind == "credentials" and "inputs" in given:
            old = item["inputs"]
            kept = {name: old.get(name) if value == ENCRYPTED else value for name, value in given["inputs"].items()}
            given = {**given, "inputs": kept}
        self._check(kind, given, item)
        self.tables.change(kind, item, given)
        if kind == "schedules":
            self.plan(item)
        return item

    def remove(self, kind: str, number: int, user: User) -> None:
        """Remove an object. Raises Refused."""
        self._check_rights(kind, {}, self.tables.get(kind, number), user)
        self.tables.remove(kind, number)

    def plan(self, schedule: Item) -> None:
        """Compute the next run of a schedule. Missed runs are not repeated."""
        now = self.clock()
        schedule["next_run"] = schedule_rules.next_run(schedule["rrule"], now) if schedule["enabled"] else None

    def shown(self, item: Item, user: User) -> Item:
        """Return an object as the API shows it to this user: with computed fields, and without secrets."""
        shown = {name: value for name, value in item.items() if name != "survey_spec"}
        shown["summary_fields"] = {
            **item["summary_fields"],
            "user_capabilities": users.capabilities(user, item, self.tables),
        }
        if item["type"] == "credential":
            secret = credential_rules.secret_fields(self.tables.get("credential_types", item["credential_type"]))
            shown["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in item["inputs"].items()}
        if item["type"] == "workflow_job_template_node":
            shown.update(self._shown_node(item, shown["summary_fields"]))
        if item["type"] in ("workflow_job", "job"):
            # As a string, like all "extra_vars" in the API.
            shown["extra_vars"] = json.dumps(item["extra_vars"])
        return shown

    def _shown_node(self, item: Item, summary: Item) -> Item:
        shown: Item = {
            edge: list(self.tables.links.get(("workflow_job_template_nodes", item["id"], edge), [])) for edge in EDGES
        }
        related = {name: url for name, url in item["related"].items() if name != "unified_job_template"}
        if item["unified_job_template"] is not None:
            template = self.tables.get("unified_job_templates", item["unified_job_template"])
            summary["unified_job_template"] = {
                "id": template["id"],
                "name": template["name"],
                "unified_job_type": template["type"].replace("_template", ""),
            }
            related["unified_job_template"] = template["url"]
        return {**shown, "related": related}

    def set_survey(self, kind: str, number: int, survey: Mapping[str, Any]) -> None:
        """Set the survey of a template. Raises Refused."""
        check_survey(survey)
        self.tables.get(kind, number)["survey_spec"] = dict(survey)

    def add_approval(self, number: int, given: Mapping[str, Any]) -> Item:
        """Make a node an approval node."""
        node = self.tables.get("workflow_job_template_nodes", number)
        approval = self.tables.add("workflow_approval_templates", given)
        node["unified_job_template"] = approval["id"]
        return approval

    def launch(self, kind: str, number: int, given: Mapping[str, Any], user: User) -> Item:
        """Start a job template or a workflow. Raises Refused. Unlike a schedule, it ignores unrequested variables."""
        template = self.tables.get(kind, number)
        if not user.may("execute", number):
            raise Refused({"detail": "You do not have permission to perform this action."}, 403)
        variables = accepted_variables({**template, "ask_variables_on_launch": True}, given.get("extra_vars", {}))
        if not template["ask_variables_on_launch"]:
            asked = {question["variable"] for question in template["survey_spec"].get("spec", [])}
            variables = {name: value for name, value in variables.items() if name in asked}
        started = {"name": template["name"], "unified_job_template": number, "extra_vars": variables}
        return self.tables.add(JOBS[kind], {**started, "created": self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")})

    def update_project(self, number: int) -> Item:
        """Update a project, and return the finished update. If it fails, the project keeps its previous content."""
        project = self.tables.get("projects", number)
        now = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.git.is_reachable:
            self._fetched[number] = playbooks(self.git.folder)
            project.update(status="successful", scm_revision="1" * 40, last_updated=now)
            done = {"status": "successful", "failed": False, "stdout": "Update project using git"}
        else:
            project.update(status="failed")
            done = {"status": "failed", "failed": True, "stdout": self.git.complaint}
        times = {"started": now, "finished": now, "scm_revision": project["scm_revision"]}
        return self.tables.add("project_updates", {"name": project["name"], "project": number, **times, **done})

    def refresh(self, number: int | None) -> bool:
        """Update a project before a job if its last update is too old. Returns whether the job can start."""
        if number is None:
            return True
        project = self.tables.get("projects", number)
        last = project["last_updated"]
        if not project["scm_update_on_launch"]:
            return True
        if last:
            age = self.clock() - datetime.datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(
                tzinfo=datetime.timezone.utc
            )
            if age.total_seconds() < project["scm_update_cache_timeout"]:
                return True
        return bool(self.update_project(number)["status"] == "successful")

    def nodes(self, workflow: int) -> list[Node]:
        """Return the nodes of a workflow with their children, as AWX runs them."""
        items = [
            one for one in self.tables.all("workflow_job_template_nodes") if one["workflow_job_template"] == workflow
        ]
        names = {item["id"]: item["identifier"] for item in items}
        found = []
        for item in items:
            links = {
                edge: self.tables.links.get(("workflow_job_template_nodes", item["id"], edge), []) for edge in EDGES
            }
            children = {edge: tuple(names[number] for number in numbers) for edge, numbers in links.items()}
            found.append(Node(item["identifier"], item["unified_job_template"], **children))
        return found

    def _check_rights(self, kind: str, given: Mapping[str, Any], before: Item | None, user: User) -> None:
        if user.is_admin:
            return
        allowed = kind == "schedules" and (
            user.may("execute", given.get("unified_job_template"))
            if before is None
            else users.may_change_schedule(user, before)
        )
        if not allowed:
            raise Refused({"detail": "You do not have permission to perform this action."}, 403)

    def _check(self, kind: str, given: Mapping[str, Any], before: Item | None) -> None:
        after = {**(before or {}), **given}
        if kind == "credential_types":
            self._check_type(given, before)
        elif kind == "credentials":
            credential_type = self.tables.get("credential_types", after["credential_type"])
            self._refuse("inputs", credential_rules.input_complaints(credential_type, after.get("inputs", {})))
        elif kind == "job_templates" and after["playbook"] not in self._fetched.get(after["project"], []):
            raise Refused({"playbook": ["Playbook not found for project."]})
        elif kind == "schedules":
            schedule_rules.check_rule(after["rrule"])
            template = self.tables.get("unified_job_templates", after["unified_job_template"])
            accepted_variables(template, after.get("extra_data", {}))

    def _check_type(self, given: Mapping[str, Any], before: Item | None) -> None:
        self._refuse("inputs", credential_rules.complaints({**(before or {}), **given}))
        in_use = before is not None and any(
            item["credential_type"] == before["id"] for item in self.tables.all("credentials")
        )
        if before is not None and in_use and given.get("inputs", before["inputs"]) != before["inputs"]:
            sentence = "Modifications to inputs are not allowed for credential types that are in use"
            raise Refused({"detail": sentence}, 403)

    @staticmethod
    def _refuse(field: str, complaints: list[str]) -> None:
        if complaints:
            raise Refused({field: complaints})
