# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential type: AWX's API accepts it, and AWX's code injects it correctly."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.tasks import CREDENTIALS

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CAMPAIGN_INFO_OPTIONS,
    secret_names,
)
from awx.controller.credential_rules import complaints, secret_fields
from awx.jobs import inject
from awx.shipped import credential_type, load

MASK = "*" * 10
TOKENS = {"access_token": "access-token-5555", "session_token": "session-token-6666"}
EVERYTHING = {"account_name": "0402196254-00001", "api_url": "http://127.0.0.1:1/api", **CREDENTIALS, **TOKENS}
Change = Callable[[dict[str, Any]], Any]


def test_awx_accepts_it() -> None:
    assert complaints(credential_type()) == []


def test_a_field_for_every_option_that_can_come_from_the_environment() -> None:
    wanted = {option.name: option.env for option in CAMPAIGN_INFO_OPTIONS if option.env}
    shipped = credential_type()
    assert {field["id"] for field in shipped["inputs"]["fields"]} == set(wanted)
    assert shipped["injectors"] == {"env": {env: f"{{{{ {name} }}}}" for name, env in wanted.items()}}
    assert load("credentials.yml")["awx_setup_credential_fields"] == [one["id"] for one in shipped["inputs"]["fields"]]


def test_every_secret_is_marked_as_one() -> None:
    assert secret_fields(credential_type()) == set(secret_names())


def test_the_job_gets_everything_and_users_see_no_secret(tmp_path: Path) -> None:
    injected = inject(EVERYTHING, tmp_path)
    assert injected.environment == {f"THINGSPACE_{name.upper()}": value for name, value in EVERYTHING.items()}
    secrets = {f"THINGSPACE_{name.upper()}" for name in secret_names()}
    assert {name for name, value in injected.shown.items() if value == MASK} == secrets
    assert {name: injected.shown[name] for name in set(injected.shown) - secrets} == {
        "THINGSPACE_ACCOUNT_NAME": EVERYTHING["account_name"],
        "THINGSPACE_API_URL": EVERYTHING["api_url"],
    }
    assert injected.arguments == []
    assert list((tmp_path / "env").iterdir()) == []


def test_empty_fields_become_empty_variables(tmp_path: Path) -> None:
    injected = inject({"username": "somebody"}, tmp_path)
    given = {name: value for name, value in injected.environment.items() if value}
    assert given == {"THINGSPACE_USERNAME": "somebody"}


def change_field(**change: Any) -> Change:
    """Change the first field."""
    return lambda broken: broken["inputs"]["fields"][0].update(change)


def inject_as(name: str, template: str = "{{ username }}") -> Change:
    """Inject one more variable."""
    return lambda broken: broken["injectors"]["env"].update({name: template})


def inject_files(*names: str) -> Change:
    """Inject files."""
    return lambda broken: broken["injectors"].update(file=dict.fromkeys(names, "{{ username }}"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            change_field(hidden=True),
            "Schema validation error in relative path ['fields', 0] (Additional properties are not allowed",
        ),
        (change_field(id="account-name"), "does not match"),
        (change_field(id="tower"), '"tower" is a reserved field name'),
        (change_field(id="password"), "field IDs must be unique (password)"),
        (change_field(type="number"), "is not one of ['string', 'boolean']"),
        (change_field(type="boolean", secret=True), "secret not allowed for boolean type"),
        (change_field(default=5), "5 is not a string"),
        (change_field(ask_at_runtime=True), "'ask_at_runtime' is not supported for custom credentials."),
        (lambda broken: broken["inputs"]["fields"][0].pop("label"), "'label' is a required property"),
        (lambda broken: broken["inputs"].update(dependencies={}), "Additional properties are not allowed"),
        (lambda broken: broken.update(kind="ssh"), "Must be 'cloud' or 'net', not ssh"),
        (lambda broken: broken["injectors"].update(variables={}), "Additional properties are not allowed"),
        (inject_as("ANSIBLE_INTERNAL_POLL_INTERVAL"), "may affect Ansible configuration so its use is not allowed"),
        (inject_as("JOB_ID"), "Environment variable JOB_ID is not allowed to be used in credentials."),
        (inject_as("THING-SPACE"), "does not match any of the regexes"),
        (inject_as("THINGSPACE_USER", "{{ user }}"), "THINGSPACE_USER uses an undefined field ('user' is undefined)"),
        (inject_as("THINGSPACE_USER", "{{ username"), "Syntax error rendering template for THINGSPACE_USER"),
        (inject_as("THINGSPACE_USER", "{{ tower.filename }}"), "uses an undefined field"),
        (inject_as("THINGSPACE_USER", "us\u00e9r"), "does not match"),
        (inject_files("template", "template.other"), "Must use multi-file syntax when injecting multiple files"),
        (inject_files("key.pem"), "does not match any of the regexes"),
    ],
)
def test_what_awx_refuses_is_noticed(change: Change, says: str) -> None:
    broken = copy.deepcopy(credential_type())
    change(broken)
    found = complaints(broken)
    assert found
    assert says in found[0]


def test_a_secret_that_is_not_marked_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = copy.deepcopy(credential_type())
    next(field for field in broken["inputs"]["fields"] if field["id"] == "password").pop("secret")
    monkeypatch.setattr("awx.jobs.credential_type", lambda: broken)
    assert inject(EVERYTHING, tmp_path).shown["THINGSPACE_PASSWORD"] == CREDENTIALS["password"]
