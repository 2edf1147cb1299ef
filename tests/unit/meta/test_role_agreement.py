# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation, the argument specs and the code of the role have the same variables."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import Option, argument_spec
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import (
    ROLE_OPTIONS,
    variable_name,
    variables,
)
from tools.role_options import role_name, role_options

ROOT: t.Final = pathlib.Path(__file__).parents[3]
SPECS: t.Final = yaml.safe_load(
    (ROOT / "roles" / "campaign_wait" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
)["argument_specs"]
DOCUMENTED: t.Final = role_options()
PREFIX: t.Final = "campaign_wait_"
VARIABLES: t.Final = variables(PREFIX)
KINDS: t.Final = {
    "int": "An integer.",
    "bool": "V(true) or V(false).",
    "list": "A string or a list of strings.",
}


def test_the_documented_variables_are_those_that_the_code_accepts() -> None:
    assert set(DOCUMENTED) == set(VARIABLES)
    assert set(SPECS) == {"main"}
    assert set(SPECS["main"]["options"]) == set(VARIABLES)


def test_what_the_role_has_of_its_own_hides_no_option_of_the_module() -> None:
    assert len(VARIABLES) == len({option.name for option in VARIABLES.values()})
    assert all(VARIABLES[variable_name(option.name, PREFIX)] is option for option in ROLE_OPTIONS)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_is_documented_as_the_code_accepts_it(name: str) -> None:
    spec = argument_spec([VARIABLES[name]])[VARIABLES[name].name]
    for key in ("type", "elements", "choices", "required"):
        assert DOCUMENTED[name].get(key) == spec.get(key), key
    check_default(DOCUMENTED[name], VARIABLES[name])
    check_default(SPECS["main"]["options"][name], VARIABLES[name])


@pytest.mark.parametrize("value", [None, "", "no such word", 1.5, -1, True, [], [None], {"a": 1}], ids=str)
def test_ansible_itself_refuses_no_value(value: t.Any) -> None:
    """It would print all that stands in the file."""
    spec = SPECS["main"]["options"]
    result = ArgumentSpecValidator(spec).validate(dict.fromkeys(spec, value))
    assert not result.error_messages
    assert not ArgumentSpecValidator(spec).validate({}).error_messages


@pytest.mark.parametrize("name", VARIABLES)
def test_what_ansible_does_not_refuse_is_said_in_words(name: str) -> None:
    text = " ".join(SPECS["main"]["options"][name]["description"])
    assert all(f"V({choice})" in text for choice in VARIABLES[name].choices)
    if VARIABLES[name].required:
        assert "Required." in text
    if VARIABLES[name].type in ("int", "bool", "list"):
        assert text.rstrip().endswith(KINDS[VARIABLES[name].type])


def check_default(documented: dict[str, t.Any], option: Option) -> None:
    """Defaults match the code. Defaults from the environment are only described, so that Ansible does not set them."""
    if option.env is None:
        assert documented.get("default") == option.default
        assert documented.get("default") is None or type(documented["default"]) in (type(option.default), int)
        return
    text = " ".join(documented["description"])
    assert "default" not in documented
    assert f"E({option.env})" in text
    assert option.default is None or f"V({option.default})" in text


@pytest.mark.parametrize("option", VARIABLES.values(), ids=lambda option: str(option.name))
def test_documents_and_code_name_a_variable_alike(option: Option) -> None:
    assert role_name(option.name) == variable_name(option.name, PREFIX)
