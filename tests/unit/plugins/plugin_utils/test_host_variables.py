# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variables as each host has them, with Ansible's own inventory, variable manager, play and templar."""

from __future__ import annotations

import datetime
import functools
import pathlib
import typing as t

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._host_variables import HostVariables, is_literal

INVENTORY: t.Final = {
    "all": {
        "vars": {"everywhere": "of all", "who": "{{ inventory_hostname }}"},
        "hosts": {
            "a": {"campaign": "c1", "imei": "012345678901234", "is_good": True},
            "b": {"campaign": "c2", "imei": "990003425730535", "is_good": False, "campaign_wait_timeout": 60},
            "c": {"is_good": True, "everywhere": "of c"},
        },
    }
}
DEFAULTS: t.Final = {"campaign_wait_stats": "of the defaults", "campaign_wait_timeout": 3600}
PARAMETERS: t.Final = {"campaign_wait_campaign_id": "{{ campaign }}", "campaign_wait_device_id": "{{ imei }}"}
NAMES: t.Final = (
    "campaign_wait_campaign_id",
    "campaign_wait_device_id",
    "campaign_wait_stats",
    "campaign_wait_timeout",
)


def task_of(block: Block) -> Task:
    """The only task in blocks."""
    (inner,) = block.block
    return inner if isinstance(inner, Task) else task_of(inner)


Hosts = t.Callable[..., HostVariables]


def make_hosts(
    folder: pathlib.Path, when: t.Any = None, parameters: t.Any = None, extra: t.Any = None
) -> HostVariables:
    """The variables in a play of a role with one task; C(when) and C(parameters) are those of the role."""
    role = folder / "gate"
    for name, content in (("defaults", DEFAULTS), ("tasks", [{"debug": {}}])):
        (role / name).mkdir(parents=True)
        (role / name / "main.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "inventory.yml").write_text(yaml.safe_dump(INVENTORY), encoding="utf-8")
    keywords = {} if when is None else {"when": when}
    roles = [{"role": str(role), "vars": parameters or PARAMETERS, **keywords}]
    plays = [{"hosts": "all", "gather_facts": False, "roles": roles}]
    (folder / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(folder / "inventory.yml")])
    manager = VariableManager(loader=loader, inventory=inventory)
    manager._extra_vars = extra or {}
    # Read by Ansible, so that its templates are trusted.
    (data,) = loader.load_from_file(str(folder / "play.yml"), trusted_as_template=True)
    play = Play.load(data, variable_manager=manager, loader=loader)
    tasks = [task_of(block) for block in play.roles[0].compile(play=play)]
    task_vars = {"hostvars": HostVars(inventory, manager, loader), "ansible_play_batch": ["a", "b", "c"]}
    return HostVariables(tasks[0], task_vars, Templar(loader=loader))


@pytest.fixture
def hosts_of(tmp_path: pathlib.Path) -> Hosts:
    """Makes a play."""
    return functools.partial(make_hosts, tmp_path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> HostVariables:
    """For variables that a test brings along."""
    return make_hosts(tmp_path_factory.mktemp("plain"))


def values(hosts: HostVariables, host: str, **options: t.Any) -> dict[str, t.Any]:
    """What a host has for the role."""
    return hosts.filled_in(hosts.of(host), NAMES, host, **options)


def test_each_host_has_its_own(hosts_of: Hosts) -> None:
    hosts = hosts_of()
    assert hosts.batch == ["a", "b", "c"]
    assert values(hosts, "a") == {
        "campaign_wait_campaign_id": "c1",
        "campaign_wait_device_id": "012345678901234",
        "campaign_wait_stats": "of the defaults",
        "campaign_wait_timeout": 3600,
    }
    assert values(hosts, "b")["campaign_wait_campaign_id"] == "c2"
    # The inventory is stronger than the role's defaults, extra variables are stronger than all.
    assert values(hosts, "b")["campaign_wait_timeout"] == 60


def test_extra_variables_are_the_strongest(hosts_of: Hosts) -> None:
    hosts = hosts_of(extra={"campaign_wait_timeout": 5, "campaign": "c9"})
    assert [values(hosts, name)["campaign_wait_timeout"] for name in ("a", "b")] == [5, 5]
    assert [values(hosts, name)["campaign_wait_campaign_id"] for name in ("a", "b")] == ["c9", "c9"]


def test_a_template_may_be_anything(hosts_of: Hosts) -> None:
    parameters = {
        "campaign_wait_campaign_id": ["{{ campaign }}", "{{ who }}-{{ everywhere }}"],
        "campaign_wait_device_id": "{{ imei | int }}",
        "campaign_wait_stats": "{% if is_good %}good{% endif %}",
        "campaign_wait_timeout": "{{ 60 * 2 }}",
    }
    assert values(hosts_of(parameters=parameters), "a") == {
        "campaign_wait_campaign_id": ["c1", "a-of all"],
        "campaign_wait_device_id": 12345678901234,
        "campaign_wait_stats": "good",
        "campaign_wait_timeout": 120,
    }


def test_what_a_host_lacks_is_named_unless_it_may_lack(hosts_of: Hosts) -> None:
    hosts = hosts_of(parameters={"campaign_wait_campaign_id": "{{ campaign }}"})
    with pytest.raises(OptionError) as caught:
        values(hosts, "c")
    assert caught.value.message.startswith("campaign_wait_campaign_id cannot be worked out for host c: ")
    assert "'campaign' is undefined" in caught.value.message
    assert "\n" not in caught.value.message
    assert "campaign_wait_campaign_id" not in values(hosts, "c", lacking=("campaign_wait_campaign_id",))
    assert values(hosts, "a", lacking=("campaign_wait_campaign_id",))["campaign_wait_campaign_id"] == "c1"


def test_only_what_is_undefined_may_lack(hosts_of: Hosts) -> None:
    hosts = hosts_of(parameters={"campaign_wait_campaign_id": "{{ campaign | no_such_filter }}"})
    with pytest.raises(OptionError, match="campaign_wait_campaign_id cannot be worked out for host a: "):
        values(hosts, "a", lacking=("campaign_wait_campaign_id",))


@pytest.mark.parametrize("template", ["{{ omit }}", "{{ campaign | default(omit) }}", "{{ none }}", None])
def test_what_is_omitted_is_not_there(hosts_of: Hosts, template: str | None) -> None:
    found = values(hosts_of(parameters={"campaign_wait_campaign_id": template}), "c")
    assert "campaign_wait_campaign_id" not in found


def test_a_text_that_is_the_older_word_for_omitted_is_not_there(plain: HostVariables) -> None:
    variables = {"campaign_wait_stats": "__omit__1234", "campaign_wait_timeout": "__omit__", "omit": "__omit__1234"}
    assert plain.filled_in(variables, NAMES, "a") == {"campaign_wait_timeout": "__omit__"}


@pytest.mark.parametrize("condition", ["is_good", "is_good | bool", "not (not is_good)", True])
def test_conditions_are_those_of_each_host(hosts_of: Hosts, condition: t.Any) -> None:
    hosts = hosts_of(when=condition)
    expected = [True, True, True] if condition is True else [True, False, True]
    assert [hosts.is_meant(hosts.of(name)) for name in hosts.batch] == expected


def test_all_conditions_must_hold(hosts_of: Hosts) -> None:
    hosts = hosts_of(when=["is_good", "everywhere == 'of c'"])
    assert [hosts.is_meant(hosts.of(name)) for name in hosts.batch] == [False, False, True]


def test_a_condition_that_cannot_be_evaluated_holds_for_nobody(hosts_of: Hosts) -> None:
    hosts = hosts_of(when="nowhere == 1")
    assert not hosts.is_meant(hosts.of("a"))


def test_without_a_condition_all_are_meant(hosts_of: Hosts) -> None:
    hosts = hosts_of()
    assert all(hosts.is_meant(hosts.of(name)) for name in hosts.batch)


@pytest.mark.parametrize(
    "value", ["", "text", "{", "} }", 7, 1.5, True, None, [], ["a", 1], {"a": ["b", {"c": None}]}, ("a",)], ids=repr
)
def test_literals(value: t.Any) -> None:
    assert is_literal(value)


@pytest.mark.parametrize(
    "value",
    ["{{ x }}", "a {% b", "{# x #}", ["{{ x }}"], {"a": ["b", {"c": "{{ x }}"}]}, ("{{ x }}",), object()],
    ids=lambda value: str(value).partition(" at ")[0],
)
def test_no_literals(value: t.Any) -> None:
    assert not is_literal(value)


FOUND: t.Final[list[t.Any]] = [
    "c1",
    "",
    " c1 ",
    "c1\n",
    "012345678901234",
    "True",
    "False",
    "null",
    "yes",
    "[1, 2]",
    "{'a': 1}",
    "{x}",
    990003425730535,
    0,
    True,
    1.5,
    ["c1", "c2"],
    {"a": 1},
    trust_as_template("{{ other }}"),
    trust_as_template("{{ other }} and {{ other }}"),
    # From outside: not a template, however it looks.
    "{{ other }}",
]


@pytest.mark.parametrize("template", ["{{ x }}", "{{x}}", "{{  x}}", "{{ x | string }}", "{{ x }}{{ x }}", "-{{ x }}"])
@pytest.mark.parametrize("found", FOUND, ids=repr)
def test_a_template_gives_what_ansible_gives(plain: HostVariables, template: str, found: t.Any) -> None:
    variables = {"campaign_wait_stats": trust_as_template(template), "x": found, "other": "of the other"}
    expected = Templar(loader=DataLoader(), variables=variables).template(variables["campaign_wait_stats"])
    given = plain.filled_in(variables, NAMES, "a")
    assert given == {"campaign_wait_stats": expected}
    assert type(given["campaign_wait_stats"]) is type(expected)


@pytest.mark.parametrize("text", ["{{ campaign_wait_password }}", "{{ x | string }}", "{% for x in y %}"])
def test_a_text_from_outside_is_no_template(plain: HostVariables, text: str) -> None:
    # An IMEI that came from a device, say, must not fetch a password.
    variables = {"campaign_wait_device_id": text, "campaign_wait_password": "the-password", "x": "1"}
    assert plain.filled_in(variables, NAMES, "a") == {"campaign_wait_device_id": text}


def test_what_is_no_plain_value_becomes_text(plain: HostVariables) -> None:
    variables = {"campaign_wait_stats": trust_as_template("{{ x }}"), "x": datetime.date(2026, 3, 1)}
    assert plain.filled_in(variables, NAMES, "a") == {"campaign_wait_stats": "2026-03-01"}
