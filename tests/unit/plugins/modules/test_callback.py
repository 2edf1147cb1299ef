# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of callback and callback_info matches their code."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.doc_fragments import auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    CALLBACK_OPTIONS,
    Option,
    argument_spec,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.callback import Callback, callback_facts
from ansible_collections.fleetops.thingspace.plugins.modules import callback, callback_info

MODULES: t.Final[dict[str, tuple[t.Any, tuple[Option, ...]]]] = {
    "callback": (callback, CALLBACK_OPTIONS),
    "callback_info": (callback_info, CALLBACK_INFO_OPTIONS),
}
URL: t.Final = "https://callbacks.example.com:9001/a-long-secret"


def documented_options(module: t.Any) -> dict[str, t.Any]:
    shared = yaml.safe_load(auth.ModuleDocFragment.DOCUMENTATION)["options"]
    own = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert not set(shared) & set(own)
    return {**shared, **own}


@pytest.mark.parametrize("name", MODULES)
def test_options_are_documented_as_they_are(name: str) -> None:
    module, options = MODULES[name]
    documented, spec = documented_options(module), argument_spec(options)

    assert set(documented) == set(spec)
    for option in options:
        for key in ("type", "elements", "default", "choices", "required"):
            assert documented[option.name].get(key) == spec[option.name].get(key), (option.name, key)
        text = " ".join(documented[option.name]["description"])
        assert (f"E({option.env})" in text) == (option.env is not None), option.name


@pytest.mark.parametrize("name", MODULES)
def test_examples_pass_the_argument_spec(name: str) -> None:
    module, options = MODULES[name]
    tasks = [task for task in yaml.safe_load(module.EXAMPLES) if f"fleetops.thingspace.{name}" in task]

    assert tasks
    for task in tasks:
        result = ArgumentSpecValidator(argument_spec(options)).validate(task[f"fleetops.thingspace.{name}"])
        assert not result.error_messages and not result.unsupported_parameters


@pytest.mark.parametrize("name", MODULES)
def test_what_is_secret_is_marked(name: str) -> None:
    secret = {option.name for option in MODULES[name][1] if option.secret}
    credentials = {"api_key", "api_secret", "username", "password", "access_token", "session_token"}
    own = {"url", "callback_username", "callback_password"} if name == "callback" else set()
    assert secret == credentials | own


def test_the_samples_are_what_the_code_gives() -> None:
    facts = callback_facts(Callback(URL), "v2", "0402196254-00001")
    returned = yaml.safe_load(callback.RETURN)
    returned_info = yaml.safe_load(callback_info.RETURN)

    assert returned["callback"]["sample"] == facts
    assert returned_info["callbacks"]["sample"] == [facts]
    assert set(returned["callback"]["contains"]) == set(returned_info["callbacks"]["contains"]) == set(facts)
