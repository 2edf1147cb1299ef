# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words that are allowed in backticks in the documentation, collected from the code that defines them."""

from __future__ import annotations

import ast
import dataclasses
import functools
import json
import re
import typing
from collections.abc import Iterator
from typing import Any

import tomllib
import yaml
from ansible import constants as C
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    CALLBACK_OPTIONS,
    CAMPAIGN_INFO_OPTIONS,
    CONTROLLER_OPTIONS,
    LISTENER_OPTIONS,
    WATCH_OPTIONS,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import (
    DEVICE_NOT_UPGRADED,
    NOT_LISTED,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.outcome import OUTCOMES
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES, UNKNOWN, state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import verdict as _verdict
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, FAIL, SKIP
from docs import awx_vocabulary, eda_vocabulary
from simulator import (
    admin_routes,
    app,
    behaviour,
    callback_messages,
    callback_sender,
    campaigns,
    cli,
    counters,
    errors,
    examples,
    faults,
    fleet,
    life_cycle,
    scenario,
    scheduling,
    stock,
)
from simulator.strict import load
from tools.paths import ROOT
from tools.role_options import role_options as role_options_of_the_module

_EVENT_SOURCES, _EVENT_FILTERS = (f"extensions/eda/plugins/event_{kind}" for kind in ("source", "filter"))
MODULE = ROOT / "plugins" / "modules" / "campaign_info.py"
CALLBACK_MODULES = tuple(ROOT / "plugins" / "modules" / f"{name}.py" for name in ("callback", "callback_info"))
INVENTORY_PLUGIN = ROOT / "plugins" / "inventory" / "campaign_devices.py"
FRAGMENTS = tuple((ROOT / "plugins" / "doc_fragments").glob("*.py"))
# External names.
FOREIGN = frozenset(
    # Programs, libraries, files.
    (
        "ansible-builder",
        "ansible-playbook",
        "ansible.cfg",
        "collections/requirements.yml",
        "curl",
        "urllib3",
        "CURL_CA_BUNDLE",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES",
        "git",
        "make",
        "openssl rand -hex 32",
        "ca.pem",
        "openssl rehash",
        "pygal",
        ".html",
        ".md",
    )
    # ansible-rulebook, and its search path for collections.
    + ("-S", "PYTHONPATH", "ANSIBLE_COLLECTIONS_PATH", "ansible-galaxy collection install", "ansible_collections")
    + ("ansible_collections/fleetops/thingspace", ".refused", "15m")
    # Options of all inventory plugins.
    + ("compose", "groups", "keyed_groups", "strict", "cache", "cache_timeout", "--flush-cache")
    + ("ansible.builtin.meta: refresh_inventory",)
    # Ansible's strategies, options and keywords of plays and tasks.
    + ("free", "linear", "host_pinned", "strategy: linear", "strategy: free", "--limit", "-e thingspace_hosts=devices")
    + ("include_role", "import_role", "ansible.builtin.set_stats", "show_custom_stats", "group_vars", "rescue")
    + ("include_tasks", "import_playbook", "ansible.builtin.debug", "ansible.builtin.meta: clear_host_errors", "always")
    + (
        "ansible_failed_result",
        "rolespec_validate: false",
        "debug",
        "fork",
        "tags: [always]",
        "when: campaign is defined",
    )
    + ("--tags", "--tags deploy", "--skip-tags always", "--start-at-task", "--limit tracker-01", "bypass.md")
    + ("default(omit)",)
    # Variables in the inventory of the examples.
    + ("campaign", "imei")
    # Python and YAML.
    + ("run()", "main()", "true", "false", "null")
    # Ansible's own variables and results, HTTP headers, and parts of URLs.
    + (
        "ansible_python_interpreter",
        "msg",
        "Retry-After",
        "Date",
        "Content-Type",
        "X-Forwarded-For",
        "localhost",
        "http://",
        "requests",
    )
)
_FOREIGN_SHAPES = (
    r"https?://[\w.:/-]+",
    r"[0-9.]+",
    r"-[ev]+( .*)?",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"[0-9]{10}-[0-9]{5}",
    r"export ANSIBLE_COLLECTIONS_PATH=\S+",
    r"ansible --version",
)


def docstring(path: Any, name: str) -> Any:
    """Parse the YAML in DOCUMENTATION or RETURN of a plugin."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise LookupError(f"{path} has no {name}")


def documented_reasons() -> set[str]:
    """Return the words that RETURN lists for ``reason``."""
    return set(re.findall(r"V\((\w+)\)", "".join(docstring(MODULE, "RETURN")["reason"]["description"])))


def result_keys() -> set[str]:
    """Return the top-level keys of a result."""
    return set(docstring(MODULE, "RETURN")) | {"msg", "failed", "changed"}


def _all_keys(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _all_keys(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _all_keys(item)


def _marked(kind: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (MODULE, *CALLBACK_MODULES, INVENTORY_PLUGIN, *FRAGMENTS)]
    return {word for text in texts for word in re.findall(rf"\b{kind}\(([^)=]+)", text)}


@functools.cache
def role_options() -> dict[str, dict[str, Any]]:
    """Return the options of the role."""
    return role_options_of_the_module()


# The variables and decisions of the role.
_FLEET_WORDS = {"campaign_wait_result", "device", "decision", NOT_LISTED, DEVICE_NOT_UPGRADED}
_FLEET_WORDS |= {"fleet.yml", "largest.yml", "thingspace_campaigns", CONTINUE, FAIL, SKIP}


def fleet_stats_keys() -> set[str]:
    """Return the keys of the statistics that the role sets for each campaign."""
    source = (ROOT / "plugins" / "plugin_utils" / "_campaign_stats.py").read_text(encoding="utf-8")
    return set(re.findall(r'"([a-z_]+)"', source))


def role_entry_points() -> set[str]:
    """Return the valid values of ``tasks_from``."""
    return {path.stem for path in ROOT.glob("roles/*/tasks/*.yml")} | {"tasks_from"}


def _playbook_variables() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("playbooks/*.yml")]
    return {name for text in texts for name in re.findall(r"\b(?:canary|thingspace)_\w+", text)}


def environment_variables() -> set[str]:
    """Return the variables that options use as defaults, and those in the documentation of the plugins."""
    return {option.env for option in (*CAMPAIGN_INFO_OPTIONS, *LISTENER_OPTIONS) if option.env} | _marked("E")


def make_targets() -> set[str]:
    """Return the targets of the Makefile."""
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def simulator_options() -> set[str]:
    """Return the long options of the simulator's command line."""
    return {option for action in cli._parser()._actions for option in action.option_strings if option.startswith("--")}


def admin_calls() -> set[str]:
    """Return the method and path of each admin call."""
    nothing = typing.cast(Any, None)
    routes = admin_routes.admin_routes(nothing, callback_sender.CallbackSender(nothing))
    return {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}


def _is_api_call(code: str) -> bool:
    """Whether a text is the method and path of a call of the service. The beginning of the path can be omitted."""
    method, _blank, path = code.partition(" ")
    return path.startswith("/") and any(
        one_method == method and one_path.endswith(path) for one_method, one_path, _kind, _handler in app.API_TABLE
    )


# Fields and words that occur only in requests, or in a few answers of the service.
_WIRE = frozenset(
    ("Type", "type", "deviceList", "devicelist", "addOrRemoveDevice", "timeWindowList", "expiresIn", "campaignId")
    + ("totalDevice", "lastSeenDeviceId", "callback", "Invalid upgradeId")
    + ("upgradeId", callback_messages.SCHEDULED, callback_messages.PROGRESS)
    + ("Content-Type", "application/json", "*/*", "sdksio-verizon-apis-sdk")
)


def _switch_values() -> set[str]:
    """Return all values of switches, including their defaults."""
    hints = typing.get_type_hints(behaviour.Behaviour).values()
    words = {str(word) for hint in hints if typing.get_origin(hint) is typing.Literal for word in typing.get_args(hint)}
    return words | {f"{one.default:g}" for one in dataclasses.fields(behaviour.Behaviour) if one.type == "float"}


def _simulator_words() -> set[str]:
    shapes = (
        scenario.Scenario,
        scenario.Clock,
        scenario.Credentials,
        campaigns.Campaign,
        campaigns.Step,
        behaviour.Behaviour,
        faults.FaultRule,
        fleet.Fleet,
        fleet.Group,
        scheduling.NewCampaigns,
        admin_routes.ClockChange,
        admin_routes.StatusChange,
    )
    fields = {field.name for shape in shapes for field in dataclasses.fields(shape)}
    bodies = {key for body in stock.BASE_BODIES.values() for key in body}
    names = {*typing.get_args(faults.Action), *counters.KINDS, *errors.GATEWAY_NAMES, "url", "admin_url", "pid"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names |= {
        *project["scripts"],
        *examples.example_names(),
        *typing.get_args(life_cycle.Fate),
        *typing.get_args(scenario.ClockStart),
    }
    return fields | bodies | names | _WIRE | _switch_values() | set(map(str, stock.DEMO_CREDENTIALS.values()))


def _event_words() -> set[str]:
    """Return the keys and constant values in the schemas of the events."""
    found: set[str] = set()

    def gather(schema: Any) -> None:
        if isinstance(schema, dict):
            found.update(schema.get("properties", {}))
            found.update(str(word) for word in schema.get("enum", ()))
            for part in schema.values():
                gather(part)
        elif isinstance(schema, list):
            for part in schema:
                gather(part)

    for path in ROOT.glob("extensions/eda/schemas/*.json"):
        gather(json.loads(path.read_text(encoding="utf-8")))
    return found | {"event"}


def _ansible_words() -> set[str]:
    keywords = {*Task.fattributes, *Block.fattributes, *Play.fattributes}
    settings = {
        entry["key"] for value in C.config.get_configuration_definitions().values() for entry in value.get("ini") or ()
    }
    return keywords | settings


def _hint_words() -> set[str]:
    """Return the words for a rule about the event of a callback."""
    schema = json.loads((ROOT / "extensions" / "eda" / "schemas" / "callback_hint.json").read_text(encoding="utf-8"))
    return {*schema["properties"], *schema["properties"]["campaign"]["properties"], "event", "hint"}


@functools.cache
def words() -> frozenset[str]:
    """Return all plain words."""
    table = (
        *(*CAMPAIGN_INFO_OPTIONS, *CONTROLLER_OPTIONS, *CALLBACK_OPTIONS, *CALLBACK_INFO_OPTIONS),
        *(*WATCH_OPTIONS, *LISTENER_OPTIONS),
    )
    options = {option.name for option in table}
    choices = {choice for option in table for choice in option.choices}
    choices |= {choice for option in role_options().values() for choice in option.get("choices", ())}
    returned = docstring(MODULE, "RETURN")
    verdicts = {
        value for value in vars(_verdict).values() if isinstance(value, str) and re.fullmatch(r"[a-z_]+", value)
    }
    names = {
        path.stem
        for folder in (*("roles", "playbooks", "plugins/modules", "plugins/inventory"), _EVENT_SOURCES, _EVENT_FILTERS)
        for path in ROOT.glob(f"{folder}/*")
    }
    files = {path.name for folder in ("plugins", "extensions/eda") for path in ROOT.glob(f"{folder}/**/*.py")}
    files |= {path.parent.name for path in ROOT.glob("plugins/*_utils/*/__init__.py")}
    return frozenset(
        {
            *options,
            *choices,
            *role_options(),
            *docstring(INVENTORY_PLUGIN, "DOCUMENTATION")["options"],
            *environment_variables(),
            *_all_keys(returned),
            *_all_keys([docstring(module, "RETURN") for module in CALLBACK_MODULES]),
            *_marked("C"),
            *_marked("V"),
        }
        | {
            *STATES,
            *DEVICE_STATES,
            *OUTCOMES,
            *verdicts,
            *documented_reasons(),
            *names,
            *files,
            *_simulator_words(),
            *_hint_words(),
            *_ansible_words(),
            *FOREIGN,
        }
        | awx_vocabulary.words()
        | eda_vocabulary.words()
        | _event_words()
        | {f"fleetops.thingspace.{name}" for name in names}
        | {*_FLEET_WORDS, *fleet_stats_keys(), *role_entry_points(), *_playbook_variables()}
        | {"campaign_wait_", "wait_", "THINGSPACE_", "fleetops.thingspace", "group/fleetops.thingspace.thingspace"}
    )


def is_known(code: str) -> bool:
    """Whether a text in backticks refers to something that exists."""
    if code.startswith("{"):
        return _is_rule(code)
    if code in words() or any(re.fullmatch(shape, code) for shape in _FOREIGN_SHAPES):
        return True
    if (
        _is_api_call(code)
        or code in admin_calls()
        or code.split()[0] in simulator_options()
        or state_of(code) != UNKNOWN
    ):
        return True
    if code.startswith("make "):
        return code.split()[1] in make_targets()
    if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code) and (ROOT / code).exists():
        return True
    setting = re.fullmatch(r"(\w+)(?:: |=| = )(.+)", code)
    if setting:
        return setting[1] in words() and _may_be(setting[1], setting[2])
    dotted = code.split(".")
    return len(dotted) > 1 and all(part in words() for part in dotted)


def _is_rule(code: str) -> bool:
    """Whether the text is a fault rule that the simulator accepts."""
    try:
        load(faults.FaultRule, json.loads(code), "rule")
    except ValueError:
        return False
    return True


def _may_be(name: str, value: str) -> bool:
    of_role = role_options().get(name, {}).get("choices")
    if of_role:
        return value.split()[0] in of_role
    option = name.replace("campaign_wait_", "wait_")
    for one in CAMPAIGN_INFO_OPTIONS:
        if one.name in (name, option) and one.choices:
            return value.split()[0] in one.choices
    return True
