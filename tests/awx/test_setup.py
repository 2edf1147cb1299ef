# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set-up loads everything into a controller, and changes nothing when it is run again."""

from __future__ import annotations

from typing import Any

import pytest
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment

from awx.controller.service import ENCRYPTED
from awx.controller.serving import Controller
from simulator.stock import ACCOUNT

PLAYBOOK = "fleetops.thingspace.awx_setup"
GIVEN = as_environment({"account_name": ACCOUNT, **CREDENTIALS})
IMAGE = "registry.example.com/thingspace:1"
ONLY_CREDENTIALS = ("--tags", "credential_types,credentials")


def set_up(
    playbooks: Playbooks,
    controller: Controller,
    credentials: dict[str, str],
    arguments: tuple[str, ...] = (),
    **variables: Any,
) -> Run:
    """Run the set-up; it must succeed."""
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", **variables}
    environment = {**controller.environment, **credentials}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=arguments)
    assert run.code == 0, run.output
    return run


def changed(run: Run) -> list[str]:
    """The names of the tasks that changed something."""
    return [event.task for event in run.events if event.result.get("changed") and not event.event.startswith("item")]


def ways(controller: Controller) -> set[tuple[str, str, str]]:
    """The ways of the workflow: from which node, on what, to which."""
    nodes = {item["id"]: item for item in controller.tables.all("workflow_job_template_nodes")}
    return {
        (nodes[number]["identifier"], what.removesuffix("_nodes"), nodes[other]["identifier"])
        for (kind, number, what), others in controller.tables.links.items()
        if kind == "workflow_job_template_nodes"
        for other in others
    }


def test_a_second_run_changes_nothing(playbooks: Playbooks, controller: Controller) -> None:
    (controller_type,) = [item for item in controller.tables.all("credential_types") if item["managed"]]
    own = controller.tables.add("credentials", {"name": "AWX itself", "credential_type": controller_type["id"]})
    settings = {"awx_setup_execution_environment_image": IMAGE, "awx_setup_controller_credential": "AWX itself"}
    first = set_up(playbooks, controller, GIVEN, (), **settings)
    assert len(changed(first)) == 9

    templates = controller.tables.all("job_templates")
    assert len(templates) == 6
    (image,) = controller.tables.all("execution_environments")
    assert image["image"] == IMAGE
    assert {template["execution_environment"] for template in templates} == {image["id"]}
    look = controller.tables.find("job_templates", "ThingSpace - look and come back")
    assert own["id"] in controller.tables.links["job_templates", look["id"], "credentials"]
    assert ways(controller) == {
        ("wait", "success", "verify"),
        ("wait", "failure", "report-after-wait"),
        ("verify", "success", "continue"),
        ("verify", "failure", "report-after-verify"),
    }
    assert not controller.tables.find("schedules", "ThingSpace - read a campaign each morning")["enabled"]

    before = len(controller.changes)
    again = set_up(playbooks, controller, GIVEN, (), **settings)
    assert changed(again) == []
    # awx.awx sends a null for what an inventory does not say; AWX stores nothing.
    assert [line for line in controller.changes[before:] if "/inventories/" not in line] == []


def test_what_was_typed_into_awx_is_not_lost(playbooks: Playbooks, controller: Controller) -> None:
    first = set_up(playbooks, controller, {}, ONLY_CREDENTIALS)
    assert len(changed(first)) == 2
    credential = controller.tables.find("credentials", "ThingSpace")
    assert credential["inputs"] == {}
    credential["inputs"] = dict(CREDENTIALS)
    set_up(playbooks, controller, as_environment({"account_name": ACCOUNT}), ONLY_CREDENTIALS)
    assert credential["inputs"] == CREDENTIALS


def test_a_credential_is_replaced_on_demand(playbooks: Playbooks, controller: Controller) -> None:
    set_up(playbooks, controller, {**GIVEN, "THINGSPACE_PASSWORD": "old-password"}, ONLY_CREDENTIALS)
    set_up(playbooks, controller, GIVEN, ONLY_CREDENTIALS, awx_setup_replace_credential=True)
    credential = controller.tables.find("credentials", "ThingSpace")
    assert credential["inputs"] == {"account_name": ACCOUNT, **CREDENTIALS}
    assert controller.service.shown(credential)["inputs"]["password"] == ENCRYPTED


def test_odd_characters_arrive_as_they_are(playbooks: Playbooks, controller: Controller) -> None:
    odd = {"api_secret": """odd's "secret": {{ 50% }} {% raw %} \\\\n""", "password": " p\u00e4ss [1, 2] "}
    playbooks.know_secrets(odd)
    set_up(playbooks, controller, as_environment(odd), ONLY_CREDENTIALS)
    assert controller.tables.find("credentials", "ThingSpace")["inputs"] == odd


def test_a_refusal_is_told_without_a_secret(playbooks: Playbooks, controller: Controller) -> None:
    set_up(playbooks, controller, {}, ("--tags", "credential_types"))
    controller.tables.find("credential_types", "ThingSpace")["inputs"]["fields"].pop()
    environment = {**controller.environment, **GIVEN, "THINGSPACE_API_URL": "https://thingspace.example.com/api"}
    variables = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    run = playbooks.run(PLAYBOOK, variables=variables, environment=environment, arguments=("--tags", "credentials"))
    assert run.code == 2
    assert "'api_url' was unexpected" in run.output


@pytest.mark.parametrize(
    ("variables", "environment", "task", "says"),
    [
        ({"awx_setup_project_url": ""}, {}, "Look for the address of the project", "awx_setup_project_url is missing"),
        ({"awx_setup_organization": "None"}, {}, "See whether there is such an organization", "no organization None"),
        ({}, {"CONTROLLER_OAUTH_TOKEN": "wrong"}, "Tell what is needed to ask AWX", "Invalid authentication"),
        # Where the collection is missing.
        ({}, {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}, "Tell what is needed to ask AWX", "collection awx.awx"),
    ],
)
def test_bad_input_is_told_before_anything_is_made(
    playbooks: Playbooks,
    controller: Controller,
    variables: dict[str, str],
    environment: dict[str, str],
    task: str,
    says: str,
) -> None:
    given = {"awx_setup_project_url": "https://git.example.com/rollout.git", **variables}
    run = playbooks.run(PLAYBOOK, variables=given, environment={**controller.environment, **environment})
    assert run.code == 2
    assert says in run.failure(task)["msg"]
    assert controller.changes == []
