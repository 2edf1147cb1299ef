# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for the controller with our templates for AWX, and a thread that runs launched jobs."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from awx.controller.serving import Controller
from awx.controller.tables import Item
from awx.shipped import EXTENSIONS, load

ONCE = "ThingSpace - launch once"
LAUNCHER_TOKEN = "launcher-token-5555-not-a-real-token"
RUNNER_TOKEN = "runner-token-6666-not-a-real-token"
_SURVEY = re.compile(r"\{\{ awx_setup_surveys\.(\w+) \}\}")
_QUESTION = re.compile(r"\{\{ awx_setup_questions\.(\w+) \}\}")
_TAKEN = ("name", "ask_variables_on_launch", "allow_simultaneous", "survey_enabled")
_MILLISECONDS = 0.05

# Runs a job, and returns its final status.
RunJob = Callable[[Item], str]


def _survey(text: str) -> dict[str, Any]:
    surveys = load("surveys.yml")
    (name,) = _SURVEY.findall(text)
    survey = surveys["awx_setup_surveys"][name]
    questions = [surveys["awx_setup_questions"][_QUESTION.findall(one)[0]] for one in survey["spec"]]
    return {**survey, "spec": questions}


class ShippedController:
    """Has a user for rulebooks, who can only launch one template, and a user for the jobs of that template."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.tables = controller.tables
        organization = self.tables.find("organizations", "Default")["id"]
        for file, variable, kind in (
            ("job_templates.yml", "controller_templates", "job_templates"),
            ("workflows.yml", "controller_workflows", "workflow_job_templates"),
        ):
            for one in load(file)[variable]:
                given = {name: one[name] for name in _TAKEN if name in one}
                if one.get("survey_enabled"):
                    given["survey_spec"] = _survey(one["survey_spec"])
                self.tables.add(kind, {**given, "organization": organization})
        own = self.tables.find("job_templates", ONCE)["id"]
        launcher = controller.add_user("launcher", LAUNCHER_TOKEN)
        launcher.roles = {own: {"execute"}}
        self.runner = controller.add_user("runner", RUNNER_TOKEN)
        templates = [one["id"] for one in self.tables.all("unified_job_templates")]
        self.runner.roles = {organization: {"read"}, **{number: {"execute"} for number in templates}}

    @property
    def asked(self) -> list[Item]:
        """Return the jobs that rulebooks have launched."""
        return [job for job in self.tables.all("jobs") if job["name"] == ONCE]

    @property
    def launched(self) -> list[Item]:
        """Return the jobs that these jobs have launched."""
        jobs = [job for job in self.tables.all("jobs") if job["name"] != ONCE]
        return [*jobs, *self.tables.all("workflow_jobs")]


class Jobs:
    """Runs launched jobs one at a time, as AWX does without simultaneous jobs. A context manager."""

    def __init__(self, controller: ShippedController, run: RunJob) -> None:
        self._controller = controller
        self._run = run
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        while not self._is_over.wait(_MILLISECONDS):
            for job in [one for one in self._controller.asked if one["status"] == "pending"]:
                job["status"] = "running"
                job["status"] = self._run(job)

    def __enter__(self) -> Jobs:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()


PROJECT = EXTENSIONS / "project"
