# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set-up loads everything into a controller, and changes nothing when it is run again."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
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
GATE = {("verify", "success", "continue")}


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
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=arguments, verbosity=0)
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


def prepare(controller: Controller) -> dict[str, Any]:
    """The credential for the controller, and settings that name it; its ID."""
    (controller_type,) = [item for item in controller.tables.all("credential_types") if item["managed"]]
    own = controller.tables.add("credentials", {"name": "AWX itself", "credential_type": controller_type["id"]})
    settings = {"awx_setup_execution_environment_image": IMAGE, "awx_setup_controller_credential": "AWX itself"}
    return {"own": own["id"], **settings}


def test_a_second_run_changes_nothing(playbooks: Playbooks, controller: Controller) -> None:
    settings = prepare(controller)
    own = settings.pop("own")
    first = set_up(playbooks, controller, GIVEN, (), **settings)
    assert len(changed(first)) == 9
    assert "[DEPRECATION WARNING]" not in first.output

    templates = controller.tables.all("job_templates")
    assert len(templates) == 6
    (image,) = controller.tables.all("execution_environments")
    assert image["image"] == IMAGE
    assert {template["execution_environment"] for template in templates} == {image["id"]}
    look = controller.tables.find("job_templates", "ThingSpace - look and come back")
    assert own in controller.tables.links["job_templates", look["id"], "credentials"]
    assert ways(controller) == GATE
    assert not controller.tables.find("schedules", "ThingSpace - read a campaign each morning")["enabled"]

    before = len(controller.changes)
    again = set_up(playbooks, controller, GIVEN, (), **settings)
    assert changed(again) == []
    # awx.awx sends a null for what an inventory does not say; AWX stores nothing. The project is fetched each time.
    noise = ("/inventories/", "/update/")
    assert [line for line in controller.changes[before:] if not any(word in line for word in noise)] == []


def test_two_organizations(playbooks: Playbooks, controller: Controller) -> None:
    """What has the same name in another organization is neither taken nor changed."""
    other = controller.tables.add("organizations", {"name": "Other"})
    settings = {"awx_setup_controller_credential": "planner"}
    (controller_type,) = [item for item in controller.tables.all("credential_types") if item["managed"]]
    for number in (other["id"], controller.tables.find("organizations", "Default")["id"]):
        fields = {"name": "planner", "credential_type": controller_type["id"], "organization": number}
        controller.tables.add("credentials", fields)
    set_up(playbooks, controller, GIVEN, (), **settings)
    set_up(playbooks, controller, GIVEN, (), awx_setup_organization="Other", **settings)
    tables = controller.tables
    for organization in (other["id"], tables.find("organizations", "Default")["id"]):
        templates = [item for item in tables.all("job_templates") if item["organization"] == organization]
        assert len(templates) == 6
        for template in templates:
            assert tables.get("inventories", template["inventory"])["organization"] == organization
            assert tables.get("projects", template["project"])["organization"] == organization
            for number in tables.links.get(("job_templates", template["id"], "credentials"), []):
                assert tables.get("credentials", number)["organization"] == organization
    before = len(controller.changes)
    again = set_up(playbooks, controller, GIVEN, (), **settings)
    assert changed(again) == []
    assert not [line for line in controller.changes[before:] if "/inventories/" not in line and "/update/" not in line]


def test_what_is_named_must_be_there(playbooks: Playbooks, controller: Controller) -> None:
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", "awx_setup_fleet_inventory": "No fleet"}
    arguments = ("--tags", "inventories")
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=arguments)
    assert run.code == 2
    assert "The organization Default has no No fleet among its inventories" in run.output


def test_a_project_that_cannot_be_fetched_is_told_and_repaired(playbooks: Playbooks, controller: Controller) -> None:
    controller.service.git.is_reachable = False
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    arguments = ("--tags", "projects")
    for _run in range(2):
        run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=arguments)
        assert run.code == 2
        said = run.failure("Tell why the project could not be fetched")["msg"]
        assert "Could not resolve host" in said
    controller.service.git.is_reachable = True
    set_up(playbooks, controller, {}, ("--tags", "projects"))
    assert controller.tables.find("projects", "ThingSpace rollout")["status"] == "successful"


def test_a_playbook_that_was_pushed_just_now(playbooks: Playbooks, controller: Controller, tmp_path: Path) -> None:
    """The set-up lets AWX fetch it before it names it."""
    folder = tmp_path / "rollout"
    shutil.copytree(controller.service.git.folder, folder)
    controller.service.git.folder = folder
    (folder / "continue.yml").rename(folder / "later.yml")
    tags = ("--tags", "projects,inventories,credential_types,credentials,job_templates")
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=tags)
    assert run.code == 2
    assert "Playbook not found for project" in run.output
    (folder / "later.yml").rename(folder / "continue.yml")
    set_up(playbooks, controller, {}, tags)
    assert len(controller.tables.all("job_templates")) == 6


WORKFLOW = ("--tags", "workflows")
MADE_FOR_IT = ("--tags", "projects,inventories,credential_types,credentials,job_templates,workflows,schedules")
APPROVED = {("verify", "success", "approve"), ("approve", "success", "continue")}


def add_node(controller: Controller, identifier: str, template: int) -> int:
    """A node that somebody has added by hand."""
    workflow = controller.tables.find("workflow_job_templates", "ThingSpace - gate")["id"]
    fields = {"identifier": identifier, "workflow_job_template": workflow, "unified_job_template": template}
    return int(controller.tables.add("workflow_job_template_nodes", fields)["id"])


def link(controller: Controller, parent: str, on: str, child: str, present: bool = True) -> None:
    """Make or cut a way by hand."""
    nodes = {one["identifier"]: one["id"] for one in controller.tables.all("workflow_job_template_nodes")}
    ways = controller.tables.links.setdefault(("workflow_job_template_nodes", nodes[parent], f"{on}_nodes"), [])
    if present:
        ways.append(nodes[child])
    else:
        ways.remove(nodes[child])


def test_approval_is_a_setting(playbooks: Playbooks, controller: Controller) -> None:
    set_up(playbooks, controller, GIVEN, MADE_FOR_IT, awx_setup_approval=True, awx_setup_approval_timeout=3600)
    assert ways(controller) == APPROVED
    (approval,) = controller.tables.all("workflow_approval_templates")
    assert (approval["name"], int(approval["timeout"])) == ("ThingSpace - approve", 3600)
    again = set_up(playbooks, controller, GIVEN, WORKFLOW, awx_setup_approval=True, awx_setup_approval_timeout=3600)
    assert changed(again) == []
    before = len(controller.changes)
    set_up(playbooks, controller, GIVEN, WORKFLOW)
    # At no time is the approval, or what follows it, without a parent: the old way goes only with its node.
    assert [line.split()[0] for line in controller.changes[before:]] == ["POST", "DELETE"]
    assert ways(controller) == GATE
    assert {one["identifier"] for one in controller.tables.all("workflow_job_template_nodes")} == {"verify", "continue"}


def test_an_approval_that_somebody_has_put_in_by_hand_is_not_bypassed(
    playbooks: Playbooks, controller: Controller
) -> None:
    set_up(playbooks, controller, GIVEN, MADE_FOR_IT)
    approval = controller.tables.add("workflow_approval_templates", {"name": "Ask me"})
    add_node(controller, "b1f2c3", approval["id"])
    link(controller, "verify", "success", "continue", present=False)
    link(controller, "verify", "success", "b1f2c3")
    link(controller, "b1f2c3", "success", "continue")
    by_hand = ways(controller)
    before = len(controller.changes)
    run = set_up(playbooks, controller, GIVEN, WORKFLOW)
    assert ways(controller) == by_hand
    assert controller.changes[before:] == []
    said = run.result("Tell that the workflow is left as it is")["msg"]
    assert "b1f2c3 starts Ask me" in said
    assert "awx_setup_approval=true" in said
    set_up(playbooks, controller, GIVEN, WORKFLOW, awx_setup_replace_workflow=True)
    assert ways(controller) == GATE


def test_what_0_2_0_has_made_is_replaced(playbooks: Playbooks, controller: Controller) -> None:
    set_up(playbooks, controller, GIVEN, MADE_FOR_IT)
    templates = {one["name"]: one["id"] for one in controller.tables.all("job_templates")}
    add_node(controller, "wait", templates["ThingSpace - wait for a campaign"])
    add_node(controller, "report-after-wait", templates["ThingSpace - read a campaign"])
    link(controller, "wait", "success", "verify")
    link(controller, "wait", "failure", "report-after-wait")
    run = set_up(playbooks, controller, GIVEN, WORKFLOW)
    assert ways(controller) == GATE
    assert "Remove the nodes that the set-up makes no more" in changed(run)


def test_changed_by_hand_in_fifteen_ways(playbooks: Playbooks, controller: Controller) -> None:
    """What is restored, what is kept, and what is said."""
    set_up(playbooks, controller, GIVEN, MADE_FOR_IT)
    tables = controller.tables
    wait, verify, read, after = (
        tables.find("job_templates", f"ThingSpace - {name}")
        for name in ("wait for a campaign", "verify a campaign", "read a campaign", "continue")
    )
    morning = tables.find("schedules", "ThingSpace - read a campaign each morning")
    credential = tables.find("credentials", "ThingSpace")
    gate = tables.find("workflow_job_templates", "ThingSpace - gate")
    project = tables.find("projects", "ThingSpace rollout")
    (host,) = tables.all("hosts")
    asked = copy.deepcopy(wait["survey_spec"])

    # Theirs.
    morning.update(enabled=True, rrule="DTSTART:20260301T070000Z RRULE:FREQ=DAILY;INTERVAL=1")
    morning["extra_data"] = {"campaign_wait_campaign_id": "1" * 36}
    credential["inputs"] = {**credential["inputs"], "password": "typed-into-awx"}
    gate["ask_limit_on_launch"] = True
    tables.add("schedules", {"name": "Mine", "unified_job_template": read["id"], "rrule": morning["rrule"]})
    tables.add("hosts", {"name": "another", "inventory": host["inventory"]})
    theirs = copy.deepcopy([morning, credential["inputs"], tables.all("hosts")[1], tables.all("schedules")[1]])
    # Ours.
    wait["timeout"] = 60
    wait["survey_spec"]["spec"].pop()
    verify["playbook"] = "campaign_wait.yml"
    read["allow_simultaneous"] = False
    after["description"] = "changed"
    gate["survey_enabled"] = False
    project["scm_branch"] = "experiment"
    host["variables"] = ""
    link(controller, "verify", "success", "continue", present=False)

    run = set_up(playbooks, controller, GIVEN, MADE_FOR_IT)
    assert [morning, credential["inputs"], tables.all("hosts")[1], tables.all("schedules")[1]] == theirs
    assert gate["ask_limit_on_launch"] is True
    assert (wait["timeout"], wait["survey_spec"], verify["playbook"]) == (15000, asked, "campaign_verify.yml")
    assert (read["allow_simultaneous"], gate["survey_enabled"]) == (True, True)
    assert after["description"] != "changed"
    assert project["scm_branch"] == ""
    assert "ansible_playbook_python" in host["variables"]
    assert ways(controller) == GATE
    said = run.result("Tell that the schedule is left as it is")["msg"]
    assert "ThingSpace - read a campaign each morning is left as it is" in said
    set_up(playbooks, controller, GIVEN, ("--tags", "schedules"), awx_setup_replace_schedules=True)
    assert morning["enabled"] is False


def test_a_credential_type_in_use_keeps_its_texts(playbooks: Playbooks, controller: Controller) -> None:
    set_up(playbooks, controller, GIVEN, ONLY_CREDENTIALS)
    fields = controller.tables.find("credential_types", "ThingSpace")["inputs"]["fields"]
    fields[0]["help_text"] = "An older one."
    run = set_up(playbooks, controller, GIVEN, ONLY_CREDENTIALS)
    assert (
        "left with its old labels"
        in run.result("Tell that the texts of the credential type are left as they are")["msg"]
    )
    fields.pop()
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    environment = {**controller.environment, **GIVEN}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=ONLY_CREDENTIALS)
    assert run.code == 2
    assert "remove ThingSpace first" in run.output


def test_a_replacement_needs_something_to_replace_with(playbooks: Playbooks, controller: Controller) -> None:
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", "awx_setup_replace_credential": True}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=ONLY_CREDENTIALS)
    assert run.code == 2
    assert "there is nothing to replace the credential with" in run.output


def test_the_gateway_of_automation_controller(playbooks: Playbooks, controller: Controller) -> None:
    """Other variables, and the API below another path."""
    environment = {
        "AAP_HOSTNAME": controller.url,
        "AAP_TOKEN": controller.admin.token,
        "AAP_VALIDATE_CERTS": "False",
        "CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX": "/api/controller/",
    }
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=("--tags", "projects"))
    assert run.code == 0, run.output
    assert controller.changes
    assert all(" /api/controller/v2/" in line for line in controller.changes)


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
    assert controller.service.shown(credential, controller.admin)["inputs"]["password"] == ENCRYPTED


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
