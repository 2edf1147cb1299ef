# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of campaign_info matches its code."""

from __future__ import annotations

import datetime
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.doc_fragments import attributes, auth, wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import MODULE_OPTIONS, argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.modules import campaign_info

Example = t.Callable[[str], dict[str, t.Any]]

DOCUMENTATION: t.Final = yaml.safe_load(campaign_info.DOCUMENTATION)
RETURN: t.Final = yaml.safe_load(campaign_info.RETURN)
EXAMPLES: t.Final = yaml.safe_load(campaign_info.EXAMPLES)
VERSIONS: t.Final = ("v1", "v2", "v3")


def documented_options() -> dict[str, t.Any]:
    """Return all options: the module's own, and those of its documentation fragments."""
    fragments = {"auth": auth, "wait": wait, "attributes": attributes}
    found = dict(DOCUMENTATION["options"])
    for name in DOCUMENTATION["extends_documentation_fragment"]:
        text = fragments[name.rpartition(".")[2]].ModuleDocFragment.DOCUMENTATION
        for option, documentation in yaml.safe_load(text).get("options", {}).items():
            assert option not in found, f"{option} is documented twice"
            found[option] = documentation
    return found


def test_the_same_options() -> None:
    assert set(documented_options()) == set(argument_spec(MODULE_OPTIONS))


@pytest.mark.parametrize("option", MODULE_OPTIONS, ids=lambda option: str(option.name))
def test_an_option_is_documented_as_it_is(option: t.Any) -> None:
    documented, spec = documented_options()[option.name], argument_spec(MODULE_OPTIONS)[option.name]

    for key in ("type", "elements", "default", "choices", "required"):
        assert documented.get(key) == spec.get(key), key
        assert type(documented.get(key)) in (type(spec.get(key)), int), key
    text = " ".join(documented["description"])
    assert ("E(THINGSPACE_" in text) == (option.env is not None)
    assert option.env is None or f"E({option.env})" in text


@pytest.mark.parametrize("task", EXAMPLES, ids=lambda task: str(task["name"]))
def test_an_example_passes_the_argument_spec(task: dict[str, t.Any]) -> None:
    arguments = task.get("fleetops.thingspace.campaign_info")
    if arguments is None:
        assert set(task) == {"name", "ansible.builtin.debug"}
        return
    result = ArgumentSpecValidator(argument_spec(MODULE_OPTIONS)).validate(arguments)

    assert not result.error_messages
    assert not result.unsupported_parameters


@pytest.mark.parametrize("version", VERSIONS)
def test_the_documented_facts_of_a_version_are_those_that_it_has(version: str, example: Example) -> None:
    facts = campaign_facts(example(version), version, datetime.date(2026, 3, 1))
    contains = RETURN["campaigns"]["contains"]

    documented = {
        name for name, entry in contains.items() if entry["returned"] == "always" or f"={version})" in entry["returned"]
    }

    assert documented == set(facts)


@pytest.mark.parametrize("version", VERSIONS)
def test_facts_have_their_documented_types(version: str, example: Example) -> None:
    facts = campaign_facts(example(version), version, datetime.date(2026, 3, 1))
    types: dict[str, type[t.Any]] = {"str": str, "bool": bool, "list": list, "dict": dict, "int": int}

    for name, value in facts.items():
        if value is None:
            assert name in ("device_summary", "devices"), name
            continue
        entry = RETURN["campaigns"]["contains"][name]
        assert value.__class__ is types[entry["type"]], name
        if entry["type"] == "list":
            assert all(item.__class__ is types[entry["elements"]] for item in t.cast("list[t.Any]", value)), name


def test_the_sample_is_what_the_documented_example_gives(example: Example) -> None:
    assert RETURN["campaigns"]["sample"] == [campaign_facts(example("v2"), "v2", datetime.date(2026, 3, 1))]
