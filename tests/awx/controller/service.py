# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API does with each kind of object: its rules, what it shows, and what it starts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from awx.controller import credential_rules, schedule_rules
from awx.controller.projects import playbooks
from awx.controller.refusal import Refused
from awx.controller.survey_rules import accepted_variables, check_survey
from awx.controller.tables import Item, Tables

ENCRYPTED = "$encrypted$"
CONTROLLER_TYPE = "Red Hat Ansible Automation Platform"


class Service:
    """The state of one controller. ``project`` is what every project has fetched."""

    def __init__(self, project: Path) -> None:
        self.tables = Tables()
        self.project = project
        self.tables.add("organizations", {"name": "Default"})
        self.tables.add("credential_types", {"name": CONTROLLER_TYPE, "managed": True})

    def create(self, kind: str, given: Mapping[str, Any]) -> Item:
        """Make an object. Raises Refused."""
        self._check(kind, given, None)
        item = self.tables.add(kind, given)
        if kind == "projects":
            item["scm_revision"] = "1" * 40
        return item

    def update(self, kind: str, number: int, given: Mapping[str, Any]) -> Item:
        """Change an object. Raises Refused."""
        item = self.tables.get(kind, number)
        if kind == "credentials" and "inputs" in given:
            old = item["inputs"]
            kept = {name: old.get(name) if value == ENCRYPTED else value for name, value in given["inputs"].items()}
            given = {**given, "inputs": kept}
        self._check(kind, given, item)
        self.tables.change(kind, item, given)
        return item

    def shown(self, item: Item) -> Item:
        """An object as the API shows it: secrets hidden, and what is computed."""
        if item["type"] == "credential":
            secret = credential_rules.secret_fields(self.tables.get("credential_types", item["credential_type"]))
            inputs = {name: ENCRYPTED if name in secret else value for name, value in item["inputs"].items()}
            return {**item, "inputs": inputs}
        if item["type"] == "schedule":
            now = datetime.datetime.now(datetime.timezone.utc)
            return {**item, "next_run": schedule_rules.next_run(item["rrule"], now) if item["enabled"] else None}
        return {name: value for name, value in item.items() if name != "survey_spec"}

    def set_survey(self, kind: str, number: int, survey: Mapping[str, Any]) -> None:
        """Give a template its survey. Raises Refused."""
        check_survey(survey)
        self.tables.get(kind, number)["survey_spec"] = dict(survey)

    def launch(self, number: int, given: Mapping[str, Any]) -> Item:
        """Start a workflow. Raises Refused. Unlike a schedule, a launch leaves out what nobody asks for."""
        template = self.tables.get("workflow_job_templates", number)
        variables = accepted_variables({**template, "ask_variables_on_launch": True}, given.get("extra_vars", {}))
        if not template["ask_variables_on_launch"]:
            asked = {question["variable"] for question in template["survey_spec"].get("spec", [])}
            variables = {name: value for name, value in variables.items() if name in asked}
        return self.tables.add("workflow_jobs", {"name": template["name"], "extra_vars": variables})

    def _check(self, kind: str, given: Mapping[str, Any], before: Item | None) -> None:
        after = {**(before or {}), **given}
        if kind == "credential_types":
            self._check_type(given, before)
        elif kind == "credentials":
            credential_type = self.tables.get("credential_types", after["credential_type"])
            self._refuse("inputs", credential_rules.input_complaints(credential_type, after.get("inputs", {})))
        elif kind == "job_templates" and after["playbook"] not in playbooks(self.project):
            raise Refused({"playbook": ["Playbook not found for project."]})
        elif kind == "schedules":
            schedule_rules.check_rule(after["rrule"])
            template = self.tables.get("unified_job_templates", after["unified_job_template"])
            accepted_variables(template, after.get("extra_data", {}))

    def _check_type(self, given: Mapping[str, Any], before: Item | None) -> None:
        self._refuse("inputs", credential_rules.complaints(given))
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
