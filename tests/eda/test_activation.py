# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our variables for an activation can be loaded, fit the modules, and are consistent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, as_environment

from simulator.stock import ACCOUNT
from tools.paths import ROOT

EDA = ROOT / "extensions" / "eda"
RULEBOOKS = sorted((EDA / "rulebooks").glob("*.yml"))
SHIPPED = yaml.safe_load((EDA / "activation.yml").read_text(encoding="utf-8"))
# The options of the modules in ansible.eda 2.12, with the names in infra.aap_configuration, where "organization" is
# organization_name.
OPTIONS = {
    "eda_credential_types": {"name", "description", "inputs", "injectors"},
    "eda_credentials": {"name", "description", "organization", "credential_type", "inputs"},
    "eda_event_streams": {"name", "organization", "credential_name", "headers", "forward_events"},
    "eda_projects": {"name", "description", "organization", "url", "credential", "scm_branch"},
    "eda_decision_environments": {"name", "description", "organization", "image_url", "credential", "pull_policy"},
    "eda_rulebook_activations": {
        *("name", "description", "organization", "project", "rulebook", "decision_environment", "eda_credentials"),
        *("restart_policy", "log_level", "extra_vars", "event_streams"),
    },
}
# The keys that Event-Driven Ansible allows for a field of a credential type.
FIELD = {"id", "label", "type", "secret", "help_text", "multiline", "choices", "default", "format"}


TOKEN = "stream-token-4444-not-a-real-token"


def load(playbooks: Playbooks, **variables: str) -> dict[str, Any]:
    """Return the variables in a playbook that loads the two files."""
    files = (ROOT / "extensions" / "awx" / "credential_types.yml", EDA / "activation.yml")
    loads = [{"ansible.builtin.include_vars": str(file)} for file in files]
    show = {"name": "show", "ansible.builtin.set_fact": {"seen": {name: f"{{{{ {name} }}}}" for name in OPTIONS}}}
    # Not real credentials, because the playbook prints them.
    given = as_environment({name: f"own {name}" for name in (*CREDENTIALS, "account_name")})
    plays = [{"hosts": "localhost", "gather_facts": False, "tasks": [*loads, show]}]
    run = playbooks.run(plays, environment=given, variables=variables)
    assert run.code == 0, run.output
    seen = run.result("show")["ansible_facts"]["seen"]
    assert isinstance(seen, dict)
    return seen


@pytest.fixture
def loaded(playbooks: Playbooks) -> dict[str, Any]:
    """All variables, with an event stream."""
    return load(playbooks, eda_setup_event_stream_token=TOKEN)


def test_an_event_stream_is_there_only_if_it_has_a_token(playbooks: Playbooks) -> None:
    without = load(playbooks)
    assert without["eda_event_streams"] == without["eda_rulebook_activations"][0]["event_streams"] == []
    assert [one["name"] for one in without["eda_credentials"]] == ["ThingSpace", "ThingSpace controller"]


def test_the_event_stream_replaces_the_listener(loaded: dict[str, Any]) -> None:
    (stream,) = loaded["eda_event_streams"]
    (credential,) = [one for one in loaded["eda_credentials"] if one["name"] == stream["credential_name"]]
    assert credential["credential_type"] == "Token Event Stream"
    assert credential["inputs"]["token"] == TOKEN
    (replaced,) = loaded["eda_rulebook_activations"][0]["event_streams"]
    assert replaced == {"event_stream": stream["name"], "source_name": "callbacks"}
    with_listener = [path.stem for path in RULEBOOKS if "name: callbacks" in path.read_text(encoding="utf-8")]
    assert with_listener == ["continue_on_callback"]


def test_the_variables_fit_the_modules(loaded: dict[str, Any]) -> None:
    for name, options in OPTIONS.items():
        assert loaded[name], name
        for item in loaded[name]:
            assert set(item) <= options, name
    (kind,) = loaded["eda_credential_types"]
    assert all(set(field) <= FIELD and field["type"] in ("string", "boolean") for field in kind["inputs"]["fields"])
    assert set(kind["injectors"]) == {"env"}
    # When the module gets it, "!unsafe" was already removed, but the value is not yet templated.
    assert kind["injectors"]["env"]["THINGSPACE_PASSWORD"] == "{{ password }}"
    assert loaded["eda_credentials"][0]["inputs"] == {name: f"own {name}" for name in (*CREDENTIALS, "account_name")}


def test_the_activation_finds_what_it_names(loaded: dict[str, Any]) -> None:
    (activation,) = loaded["eda_rulebook_activations"]
    assert activation["rulebook"] in {path.name for path in RULEBOOKS}
    assert activation["project"] in {one["name"] for one in loaded["eda_projects"]}
    assert activation["decision_environment"] in {one["name"] for one in loaded["eda_decision_environments"]}
    assert set(activation["eda_credentials"]) < {one["name"] for one in loaded["eda_credentials"]}
    # The module requires text, which has the variables of the rulebook.
    variables = yaml.safe_load(activation["extra_vars"])
    assert variables["thingspace_account_name"] == ACCOUNT
    assert set(variables) <= variables_of((EDA / "rulebooks" / activation["rulebook"]).read_text(encoding="utf-8"))


def variables_of(text: str) -> set[str]:
    """Return the variables of a rulebook."""
    return set(re.findall(r"\{\{ (thingspace_\w+)", text))


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.name)
def test_the_page_names_each_rulebook_and_its_variables(path: Any) -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert f"`{path.stem}`" in page
    assert all(f"`{name}`" in page for name in variables_of(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.name)
def test_a_rulebook_launches_through_the_template_that_launches_once(path: Any) -> None:
    (ruleset,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    for rule in ruleset["rules"]:
        (action,) = rule["action"].items()
        if action[0] == "print_event":
            continue
        assert action[0] == "run_job_template"
        assert action[1]["name"] == "ThingSpace - launch once"
        # Device reports stay out of the variables of jobs.
        assert action[1]["include_events"] is False
        assert "device" not in json.dumps(action[1]["job_args"])
