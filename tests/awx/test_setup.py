# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The setup creates everything in a controller, and changes nothing if it is run again."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment

from awx.conftest import TOKEN
from awx.controller.service import ENCRYPTED
from awx.controller.serving import Controller
from awx.controller.tables import Item
from awx.sharing import made_once
from awx.shipped import EXTENSIONS, credential_type, load
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT

PLAYBOOK = "fleetops.thingspace.awx_setup"
GIVEN = as_environment({"account_name": ACCOUNT, **CREDENTIALS})
IMAGE = "registry.example.com/thingspace:1"
# The credential with which the jobs themselves access AWX.
OWN = "AWX itself"
SETTINGS = {"awx_setup_execution_environment_image": IMAGE, "awx_setup_controller_credential": OWN}
GATE = {("verify", "success", "continue")}


def set_up(
    playbooks: Playbooks,
    controller: Controller,
    credentials: dict[str, str],
    arguments: tuple[str, ...] = (),
    **variables: Any,
) -> Run:
    """Run the setup, which must succeed."""
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", **variables}
    environment = {**controller.environment, **credentials}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=arguments, verbosity=0)
    assert run.code == 0, run.output
    return run


def changed(run: Run) -> list[str]:
    """Return the names of the tasks that changed something."""
    return [event.task for event in run.events if event.result.get("changed") and not event.event.startswith("item")]


def ways(controller: Controller) -> set[tuple[str, str, str]]:
    """Return the edges of the workflow: source node, condition, target node."""
    nodes = {item["id"]: item for item in controller.tables.all("workflow_job_template_nodes")}
    return {
        (nodes[number]["identifier"], what.removesuffix("_nodes"), nodes[other]["identifier"])
        for (kind, number, what), others in controller.tables.links.items()
        if kind == "workflow_job_template_nodes"
        for other in others
    }


# Objects whose names are unique within an organization, and refer to others of their organization.
OWNED = ("projects", "inventories", "credentials", "job_templates", "workflow_job_templates", "schedules")


def add_another_organization(controller: Controller) -> None:
    """Add an organization with objects that have the names of those that the setup creates."""
    tables = controller.tables
    owned = {"organization": tables.add("organizations", {"name": "Other"})["id"]}
    owned["project"] = tables.add("projects", {"name": "ThingSpace rollout", **owned})["id"]
    owned["inventory"] = tables.add("inventories", {"name": "ThingSpace control", **owned})["id"]
    for name in ("ThingSpace", OWN):
        tables.add("credentials", {"name": name, "credential_type": controller_type(controller), **owned})
    for template in load("job_templates.yml")["controller_templates"]:
        tables.add("job_templates", {"name": template["name"], **owned})
    tables.add("workflow_job_templates", {"name": "ThingSpace - gate", **owned})
    read = tables.find("job_templates", "ThingSpace - read a campaign")["id"]
    morning = {
        "name": "ThingSpace - read a campaign each morning",
        "rrule": load("schedules.yml")["controller_schedules"][0]["rrule"],
    }
    tables.add("schedules", {**morning, "unified_job_template": read})


def controller_type(controller: Controller) -> int:
    """Return the ID of the type of credentials for AWX itself."""
    (found,) = [item for item in controller.tables.all("credential_types") if item["managed"]]
    return int(found["id"])


def owned_objects(controller: Controller) -> list[Item]:
    """Return copies of all objects that belong to an organization."""
    return [copy.deepcopy(item) for kind in OWNED for item in controller.tables.all(kind)]


@dataclass(frozen=True)
class FirstSetUp:
    """A complete setup, run once for all tests that start with it: the run, and the controller's state after it.

    During the run there was another organization, whose objects before and after it are ``others``.
    """

    run: Run
    state: Any
    others: tuple[list[Item], list[Item]]


@pytest.fixture(scope="module")
def first_set_up(lane: Lane, simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> FirstSetUp:
    def make() -> FirstSetUp:
        playbooks = Playbooks(lane, tmp_path_factory.mktemp("set-up"), Control(simulator.admin_url))
        playbooks.know_secrets({**CREDENTIALS, "controller": TOKEN})
        with Controller(EXTENSIONS / "project", TOKEN) as controller:
            add_another_organization(controller)
            before = owned_objects(controller)
            controller.tables.add("credentials", {"name": OWN, "credential_type": controller_type(controller)})
            run = set_up(playbooks, controller, GIVEN, (), **SETTINGS)
            numbers = [item["id"] for item in before]
            after = [item for item in owned_objects(controller) if item["id"] in numbers]
            for kind in (*OWNED, "organizations"):
                for item in controller.tables.all(kind):
                    if item["id"] in numbers or item["name"] == "Other":
                        controller.tables.remove(kind, item["id"])
            return FirstSetUp(run, controller.service.state(), (before, after))

    return made_once(tmp_path_factory, "first-set-up", make)


@pytest.fixture
def ready(controller: Controller, first_set_up: FirstSetUp) -> Controller:
    """A controller after the setup."""
    controller.service.restore(first_set_up.state)
    return controller


def test_a_first_run_makes_everything(ready: Controller, first_set_up: FirstSetUp) -> None:
    assert len(changed(first_set_up.run)) == 9
    assert "[DEPRECATION WARNING]" not in first_set_up.run.output
    tables = ready.tables
    templates = tables.all("job_templates")
    assert len(templates) == 9
    (image,) = tables.all("execution_environments")
    assert image["image"] == IMAGE
    assert {template["execution_environment"] for template in templates} == {image["id"]}
    template = tables.find("job_templates", "ThingSpace - poll and come back")
    assert tables.find("credentials", OWN)["id"] in tables.links["job_templates", template["id"], "credentials"]
    assert tables.find("credentials", "ThingSpace")["inputs"] == {"account_name": ACCOUNT, **CREDENTIALS}
    assert ways(ready) == GATE
    assert not tables.find("schedules", "ThingSpace - read a campaign each morning")["enabled"]


def test_objects_of_another_organization_are_not_used_or_changed(ready: Controller, first_set_up: FirstSetUp) -> None:
    before, after = first_set_up.others
    assert len(before) == 15
    assert after == before
    tables = ready.tables
    organization = tables.find("organizations", "Default")["id"]
    numbers = {template["id"] for template in tables.all("job_templates")}
    for template in tables.all("job_templates"):
        assert template["organization"] == organization
        assert tables.get("inventories", template["inventory"])["organization"] == organization
        assert tables.get("projects", template["project"])["organization"] == organization
        for number in tables.links.get(("job_templates", template["id"], "credentials"), []):
            credential = tables.get("credentials", number)
            assert credential["organization"] == (None if credential["name"] == OWN else organization)
    assert {node["unified_job_template"] for node in tables.all("workflow_job_template_nodes")} <= numbers
    assert {schedule["unified_job_template"] for schedule in tables.all("schedules")} <= numbers


def test_what_is_named_must_be_there(playbooks: Playbooks, controller: Controller) -> None:
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", "awx_setup_fleet_inventory": "No fleet"}
    arguments = ("--tags", "inventories")
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=arguments)
    assert run.code == 2
    assert "The organization Default has no No fleet among its inventories" in run.output


def test_a_project_that_cannot_be_fetched_is_repaired(playbooks: Playbooks, controller: Controller) -> None:
    controller.service.git.is_reachable = False
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    arguments = ("--tags", "projects")
    for _run in range(2):
        run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=arguments)
        assert run.code == 2
        said = run.failure("Print why AWX could not update the project")["msg"]
        assert "Could not resolve host" in said
    controller.service.git.is_reachable = True
    set_up(playbooks, controller, {}, ("--tags", "projects"))
    assert controller.tables.find("projects", "ThingSpace rollout")["status"] == "successful"


def test_a_playbook_that_was_pushed_just_now(playbooks: Playbooks, ready: Controller, tmp_path: Path) -> None:
    """The setup makes AWX fetch the project before it refers to the playbook."""
    git, tables = ready.service.git, ready.tables
    folder = tmp_path / "rollout"
    shutil.copytree(git.folder, folder)
    git.folder = folder
    (folder / "continue.yml").rename(folder / "later.yml")
    tables.remove("job_templates", tables.find("job_templates", "ThingSpace - continue")["id"])
    tags = ("--tags", "projects,job_templates")
    (only,) = [one for one in load("job_templates.yml")["controller_templates"] if one["playbook"] == "continue.yml"]
    settings = {**SETTINGS, "controller_templates": [only]}
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", **settings}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=ready.environment, arguments=tags)
    assert run.code == 2
    assert "Playbook not found for project" in run.output
    (folder / "later.yml").rename(folder / "continue.yml")
    set_up(playbooks, ready, {}, tags, **settings)
    assert len(tables.all("job_templates")) == 9


WORKFLOW = ("--tags", "workflows")
APPROVED = {("verify", "success", "approve"), ("approve", "success", "continue")}


def add_node(controller: Controller, identifier: str, template: int) -> int:
    """Add a node manually, and return its ID."""
    workflow = controller.tables.find("workflow_job_templates", "ThingSpace - gate")["id"]
    fields = {"identifier": identifier, "workflow_job_template": workflow, "unified_job_template": template}
    return int(controller.tables.add("workflow_job_template_nodes", fields)["id"])


def link(controller: Controller, parent: str, on: str, child: str, present: bool = True) -> None:
    """Add or remove an edge manually."""
    nodes = {one["identifier"]: one["id"] for one in controller.tables.all("workflow_job_template_nodes")}
    ways = controller.tables.links.setdefault(("workflow_job_template_nodes", nodes[parent], f"{on}_nodes"), [])
    if present:
        ways.append(nodes[child])
    else:
        ways.remove(nodes[child])


def test_approval_is_a_setting(playbooks: Playbooks, ready: Controller) -> None:
    tables = ready.tables
    approved = {"awx_setup_approval": True, "awx_setup_approval_timeout": 3600}

    def check_approval() -> None:
        assert ways(ready) == APPROVED
        (approve,) = [one for one in tables.all("workflow_job_template_nodes") if one["identifier"] == "approve"]
        approval = tables.get("workflow_approval_templates", approve["unified_job_template"])
        assert (approval["name"], int(approval["timeout"])) == ("ThingSpace - approve", 3600)

    set_up(playbooks, ready, GIVEN, WORKFLOW, **approved)
    check_approval()
    again = set_up(playbooks, ready, GIVEN, WORKFLOW, **approved)
    assert changed(again) == []
    before = len(ready.changes)
    set_up(playbooks, ready, GIVEN, WORKFLOW)
    # The approval and its successor always have a parent: the old edge is removed only together with its node.
    assert [line.split()[0] for line in ready.changes[before:]] == ["POST", "DELETE"]
    assert ways(ready) == GATE
    assert {one["identifier"] for one in tables.all("workflow_job_template_nodes")} == {"verify", "continue"}
    # The same in a workflow that is created again.
    for kind in ("workflow_job_template_nodes", "workflow_job_templates"):
        for item in tables.all(kind):
            tables.remove(kind, item["id"])
    set_up(playbooks, ready, GIVEN, WORKFLOW, **approved)
    check_approval()


def test_an_approval_that_somebody_has_put_in_by_hand_is_not_bypassed(playbooks: Playbooks, ready: Controller) -> None:
    approval = ready.tables.add("workflow_approval_templates", {"name": "Ask me"})
    add_node(ready, "b1f2c3", approval["id"])
    link(ready, "verify", "success", "continue", present=False)
    link(ready, "verify", "success", "b1f2c3")
    link(ready, "b1f2c3", "success", "continue")
    by_hand = ways(ready)
    before = len(ready.changes)
    run = set_up(playbooks, ready, GIVEN, WORKFLOW)
    assert ways(ready) == by_hand
    assert ready.changes[before:] == []
    said = run.result("Print that the workflow was not changed")["msg"]
    assert "b1f2c3 starts Ask me" in said
    assert "awx_setup_approval=true" in said
    set_up(playbooks, ready, GIVEN, WORKFLOW, awx_setup_replace_workflow=True)
    assert ways(ready) == GATE


def test_what_0_2_0_has_made_is_replaced(playbooks: Playbooks, ready: Controller) -> None:
    templates = {one["name"]: one["id"] for one in ready.tables.all("job_templates")}
    add_node(ready, "wait", templates["ThingSpace - wait for a campaign"])
    add_node(ready, "report-after-wait", templates["ThingSpace - read a campaign"])
    link(ready, "wait", "success", "verify")
    link(ready, "wait", "failure", "report-after-wait")
    run = set_up(playbooks, ready, GIVEN, WORKFLOW)
    assert ways(ready) == GATE
    assert "Remove the nodes that the set-up no longer creates" in changed(run)


def requests_in(controller: Controller) -> list[str]:
    """Return the requests that could change something. Some are sent by each run.

    awx.awx sends null for missing fields of an inventory, which AWX does not store. The project is always fetched.
    """
    noise = ("/inventories/", "/update/")
    return [line.replace("/api/v2", "") for line in controller.changes if not any(word in line for word in noise)]


def test_changed_by_hand_in_fifteen_ways(playbooks: Playbooks, ready: Controller) -> None:
    """Which manual changes are reverted, which are kept, and which are reported. A second run changes nothing else."""
    tables = ready.tables
    verify, read, after = (
        tables.find("job_templates", f"ThingSpace - {name}")
        for name in ("verify a campaign", "read a campaign", "continue")
    )
    morning = tables.find("schedules", "ThingSpace - read a campaign each morning")
    credential = tables.find("credentials", "ThingSpace")
    gate = tables.find("workflow_job_templates", "ThingSpace - gate")
    project = tables.find("projects", "ThingSpace rollout")
    (host,) = tables.all("hosts")
    asked = copy.deepcopy(verify["survey_spec"])

    # Changes that belong to the user.
    morning.update(enabled=True, rrule="DTSTART:20260301T070000Z RRULE:FREQ=DAILY;INTERVAL=1")
    morning["extra_data"] = {"campaign_wait_campaign_id": "1" * 36}
    credential["inputs"] = {**credential["inputs"], "password": "typed-into-awx"}
    gate["ask_limit_on_launch"] = True
    tables.add("schedules", {"name": "Mine", "unified_job_template": read["id"], "rrule": morning["rrule"]})
    tables.add("hosts", {"name": "another", "inventory": host["inventory"]})
    theirs = copy.deepcopy([morning, credential["inputs"], tables.all("hosts")[1], tables.all("schedules")[1]])
    # Changes that the setup reverts.
    verify["timeout"] = 60
    verify["survey_spec"]["spec"].pop()
    verify["playbook"] = "campaign_wait.yml"
    read["allow_simultaneous"] = False
    after["description"] = "changed"
    gate["survey_enabled"] = False
    project["scm_branch"] = "experiment"
    host["variables"] = ""
    link(ready, "verify", "success", "continue", present=False)

    run = set_up(playbooks, ready, GIVEN, (), **SETTINGS)
    assert [morning, credential["inputs"], tables.all("hosts")[1], tables.all("schedules")[1]] == theirs
    assert gate["ask_limit_on_launch"] is True
    assert (verify["timeout"], verify["survey_spec"], verify["playbook"]) == (15000, asked, "campaign_verify.yml")
    assert (read["allow_simultaneous"], gate["survey_enabled"]) == (True, True)
    assert after["description"] != "changed"
    assert project["scm_branch"] == ""
    assert "ansible_playbook_python" in host["variables"]
    assert ways(ready) == GATE
    said = run.result("Print that the schedule was not changed")["msg"]
    assert "ThingSpace - read a campaign each morning exists and was not changed" in said
    # Nothing else was changed.
    (edge,) = [one["id"] for one in tables.all("workflow_job_template_nodes") if one["identifier"] == "verify"]
    reverted = requests_in(ready)
    assert sorted(reverted) == sorted(
        [
            f"PATCH /projects/{project['id']}/",
            f"PATCH /hosts/{host['id']}/",
            *(f"PATCH /job_templates/{template['id']}/" for template in (verify, read, after)),
            f"POST /job_templates/{verify['id']}/survey_spec/",
            f"PATCH /workflow_job_templates/{gate['id']}/",
            f"POST /workflow_job_template_nodes/{edge}/success_nodes/",
        ]
    )
    what_was_changed = ("--tags", "projects,inventories,workflows,schedules")
    again = set_up(playbooks, ready, GIVEN, what_was_changed, **SETTINGS, awx_setup_replace_schedules=True)
    assert morning["enabled"] is False
    assert changed(again) == ["Create the schedule"]
    assert requests_in(ready)[len(reverted) :] == [f"PATCH /schedules/{morning['id']}/"]


def test_a_credential_type_in_use_keeps_its_texts(playbooks: Playbooks, ready: Controller) -> None:
    fields = ready.tables.find("credential_types", "ThingSpace")["inputs"]["fields"]
    fields[0]["help_text"] = "An older one."
    only_types = ("--tags", "credential_types")
    run = set_up(playbooks, ready, GIVEN, only_types)
    said = run.result("Print that the texts of the credential type were not changed")["msg"]
    assert "keeps its old labels" in said
    fields.pop()
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    environment = {**ready.environment, **GIVEN}
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=environment, arguments=only_types)
    assert run.code == 2
    assert "remove ThingSpace first" in run.output


def test_a_replacement_needs_something_to_replace_with(playbooks: Playbooks, controller: Controller) -> None:
    wanted = {"awx_setup_project_url": "https://git.example.com/rollout.git", "awx_setup_replace_credential": True}
    arguments = ("--tags", "credentials")
    run = playbooks.run(PLAYBOOK, variables=wanted, environment=controller.environment, arguments=arguments)
    assert run.code == 2
    assert "set the variables that the credential needs" in run.output


def test_the_gateway_of_automation_controller(playbooks: Playbooks, controller: Controller) -> None:
    """It has other variables, and the API has another path."""
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


def test_what_was_typed_into_awx_is_replaced_on_demand_only(playbooks: Playbooks, ready: Controller) -> None:
    """A part that runs alone leaves manual changes elsewhere as they are. Odd characters arrive as they are."""
    tables = ready.tables
    for kind in ("credentials", "credential_types"):
        tables.remove(kind, tables.find(kind, "ThingSpace")["id"])
    first = set_up(playbooks, ready, {}, ("--tags", "credential_types,credentials"))
    assert len(changed(first)) == 2
    credential = tables.find("credentials", "ThingSpace")
    assert credential["inputs"] == {}

    typed = {**CREDENTIALS, "password": "old-password"}
    credential["inputs"] = dict(typed)
    tables.find("projects", "ThingSpace rollout")["description"] = "Changed by hand."
    before = len(ready.changes)
    run = set_up(playbooks, ready, as_environment({"account_name": ACCOUNT}), ("--tags", "credentials"))
    assert "Create the credentials" in run.tasks_begun("localhost")
    assert credential["inputs"] == typed
    assert ready.changes[before:] == []
    assert tables.find("projects", "ThingSpace rollout")["description"] == "Changed by hand."

    odd = {"api_secret": """odd's "secret": {{ 50% }} {% raw %} \\\\n""", "password": " p\u00e4ss [1, 2] "}
    playbooks.know_secrets(odd)
    given = {"account_name": ACCOUNT, **CREDENTIALS, **odd}
    set_up(playbooks, ready, as_environment(given), ("--tags", "credentials"), awx_setup_replace_credential=True)
    assert credential["inputs"] == given
    assert ready.service.shown(credential, ready.admin)["inputs"]["password"] == ENCRYPTED


def test_a_refusal_is_reported_without_a_secret(playbooks: Playbooks, controller: Controller) -> None:
    older = credential_type()
    older["inputs"]["fields"].pop()
    controller.tables.add("credential_types", older)
    environment = {**controller.environment, **GIVEN, "THINGSPACE_API_URL": "https://thingspace.example.com/api"}
    variables = {"awx_setup_project_url": "https://git.example.com/rollout.git"}
    run = playbooks.run(PLAYBOOK, variables=variables, environment=environment, arguments=("--tags", "credentials"))
    assert run.code == 2
    assert "'api_url' was unexpected" in run.output


@pytest.mark.parametrize(
    ("variables", "environment", "task", "says"),
    [
        ({"awx_setup_project_url": ""}, {}, "Check the address of the project", "awx_setup_project_url is missing"),
        ({"awx_setup_organization": "None"}, {}, "Check whether the organization exists", "no organization None"),
        (
            {},
            {"CONTROLLER_OAUTH_TOKEN": "wrong"},
            "Print the requirements of requests to AWX",
            "Invalid authentication",
        ),
        # Without the collection awx.awx.
        (
            {},
            {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"},
            "Print the requirements of requests to AWX",
            "collection awx.awx",
        ),
    ],
)
def test_bad_input_is_reported_before_anything_is_made(
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
