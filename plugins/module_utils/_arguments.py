# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The one table of options: argument spec, environment variables and secrecy all come from it."""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import SERVICE_ADDRESSES
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    check_ids,
    check_quantities,
    unknown_options,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable


@dataclass(frozen=True)
class Option:
    """One option of the modules and action plugins that talk to ThingSpace."""

    name: str
    type: str = "str"
    default: t.Any = None
    choices: tuple[str, ...] = ()
    elements: str | None = None
    required: bool = False
    env: str | None = None
    secret: bool = False


AUTH_OPTIONS: t.Final = (
    # Raw, because Ansible would make another text of what YAML reads as a number or a boolean: that is refused.
    Option("api_key", type="raw", env="THINGSPACE_API_KEY", secret=True),
    Option("api_secret", type="raw", env="THINGSPACE_API_SECRET", secret=True),
    Option("username", type="raw", env="THINGSPACE_USERNAME", secret=True),
    Option("password", type="raw", env="THINGSPACE_PASSWORD", secret=True),
    Option("access_token", type="raw", env="THINGSPACE_ACCESS_TOKEN", secret=True),
    Option("session_token", type="raw", env="THINGSPACE_SESSION_TOKEN", secret=True),
)

# Times and shares are texts, because they may have a unit or a sign: _options.py reads them.
CONNECTION_OPTIONS: t.Final = (
    Option("api_url", default="https://thingspace.verizon.com/api", env="THINGSPACE_API_URL"),
    Option("request_timeout", default="30"),
    Option("validate_certs", type="bool", default=True),
    Option("ca_path", type="path"),
    Option("max_concurrency", type="int", default=8),
)

CAMPAIGN_OPTIONS: t.Final = (
    # Raw, because YAML turns an unquoted account name into a number and its leading zeros are lost: that is refused.
    Option("account_name", type="raw", env="THINGSPACE_ACCOUNT_NAME"),
    Option("campaign_id", type="list", elements="str", required=True),
    Option("api_version", default="v2", choices=("v1", "v2", "v3")),
    Option("devices", default="none", choices=("none", "summary", "failed", "all")),
    # Raw, because YAML reads an unquoted IMEI with leading zeros as another number: such a one is refused.
    Option("device_id", type="raw"),
)

WAIT_OPTIONS: t.Final = (
    Option("wait", type="bool", default=False),
    Option("wait_state", type="list", elements="str", default=["ended"]),
    Option("wait_match", default="all"),
    Option("wait_timeout"),
    Option("wait_until_end_plus"),
    Option("wait_first_answer", default="120"),
    Option("wait_interval", default="300"),
    Option("wait_max_interval", default="5400"),
    Option("wait_on_timeout", default="fail", choices=("fail", "return")),
    Option("wait_unknown_state", default="wait", choices=("wait", "fail")),
    Option("wait_not_found", default="0"),
    Option("max_consecutive_errors", type="int", default=20),
    Option("max_error_seconds", default="3600"),
    Option("progress_interval", default="240"),
    Option("min_success_percent"),
    Option("max_failure_percent"),
    Option("max_failure_count", type="int"),
    Option("min_devices", type="int", default=1),
    Option("report_every", type="int", default=10),
)

# For a module on another host: it knows the password only to keep it out of its output.
_LOG_IN: t.Final = Option("log_in", type="bool", default=True)

CAMPAIGN_INFO_OPTIONS: t.Final = (
    *(*CAMPAIGN_OPTIONS, *CONNECTION_OPTIONS, *AUTH_OPTIONS),
    *(_LOG_IN, *WAIT_OPTIONS),
)

_ACCOUNT_NAME: t.Final = CAMPAIGN_OPTIONS[0]

CALLBACK_OPTIONS: t.Final = (
    _ACCOUNT_NAME,
    Option("api_version", default="v2", choices=("v1", "v2", "v3")),
    Option("state", default="present", choices=("present", "absent")),
    # Raw like the credentials, and a secret like them: nothing but its path keeps strangers from sending callbacks.
    Option("url", type="raw", secret=True),
    Option("callback_username", type="raw", secret=True),
    Option("callback_password", type="raw", secret=True),
    *(*CONNECTION_OPTIONS, *AUTH_OPTIONS, _LOG_IN),
)

CALLBACK_INFO_OPTIONS: t.Final = (
    _ACCOUNT_NAME,
    Option("api_version", type="list", elements="str", default=["v1", "v2", "v3"], choices=("v1", "v2", "v3")),
    *(*CONNECTION_OPTIONS, *AUTH_OPTIONS, _LOG_IN),
)

# Of a listener for callbacks, which is an event source or a part of one.
LISTENER_OPTIONS: t.Final = (
    Option("host", default="127.0.0.1"),
    Option("port", type="int", required=True),
    Option("path", type="raw", env="THINGSPACE_CALLBACK_PATH", secret=True),
    Option("callback_username", type="raw", env="THINGSPACE_CALLBACK_USERNAME", secret=True),
    Option("callback_password", type="raw", env="THINGSPACE_CALLBACK_PASSWORD", secret=True),
    Option("certfile", type="path"),
    Option("keyfile", type="path"),
    Option("allowed_addresses", type="list", elements="str", default=list(SERVICE_ADDRESSES)),
    Option("trusted_proxies", type="list", elements="str", default=[]),
    Option("max_body_bytes", type="int", default=65536),
    Option("max_per_minute", type="int", default=120),
    Option("request_timeout", default="10"),
)

# What only a task on the controller can do: the action plugin takes it, and the module never sees it.
CONTROLLER_OPTIONS: t.Final = (Option("options_from"),)
MODULE_OPTIONS: t.Final = CAMPAIGN_INFO_OPTIONS + CONTROLLER_OPTIONS

# Of the steps of the role campaign_wait that are for all its hosts.
GATE_OPTIONS: t.Final = (
    Option("step", choices=("guard", "note", "wait", "summary", "report"), required=True),
    Option("options_from", default="campaign_wait_"),
)


# What a watch has no use for: it has no target, and ends when its campaigns are over.
_NOT_WATCHED: t.Final = ("campaign_id", "device_id")
_OF_WATCH: t.Final = (
    *("wait_first_answer", "wait_interval", "wait_max_interval", "wait_not_found"),
    *("max_consecutive_errors", "max_error_seconds", "report_every"),
    *("min_success_percent", "max_failure_percent", "max_failure_count", "min_devices"),
)

# Of the event source campaign: the names, defaults and environment variables are those of the module.
WATCH_OPTIONS: t.Final = (
    Option("campaign_id", type="list", elements="str"),
    Option("campaign_state", type="list", elements="str", choices=("request_pending", "queued", "scheduled")),
    *(option for option in CAMPAIGN_OPTIONS if option.name not in _NOT_WATCHED),
    *CONNECTION_OPTIONS,
    *AUTH_OPTIONS,
    *(option for option in WAIT_OPTIONS if option.name in _OF_WATCH),
    Option("list_interval", default="900"),
    Option("present", type="bool", default=True),
    Option("heartbeat_interval", default="0"),
    Option("state_file", type="path"),
    Option("repeat_within", default="600"),
    # Raw, because Ansible would repeat a value that is no mapping, and it holds secrets.
    Option("callback_listener", type="raw"),
)


def env_fallback(*names: str) -> str:
    """The first of these environment variables that is not empty.

    An empty one counts as absent, unlike in Ansible's own function of this name: AWX injects every field of a
    credential, also those that its owner left empty.
    """
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


def argument_spec(options: t.Iterable[Option] = CAMPAIGN_INFO_OPTIONS) -> dict[str, dict[str, t.Any]]:
    """The argument spec of these options, in the form that AnsibleModule and ArgumentSpecValidator take."""
    return {option.name: _spec_of(option) for option in options}


# Ansible names a Python class where a value has the wrong type.
_OF_TYPE: t.Final = re.compile(r"(?:argument|option) '(?P<name>\w+)' .*unable to convert", re.DOTALL)
_OF_CHOICES: t.Final = re.compile(r"value of (?P<name>\w+) must be one(?: or more)? of")
_MISSING: t.Final = re.compile(r"missing required arguments: (?P<name>\w+)")
_WANTED: t.Final = {
    "bool": "true or false",
    "int": "a whole number",
    "list": "a list",
    "path": "a path",
    "str": "a string",
}


def checked(
    given: Mapping[str, t.Any], options: Iterable[Option] = CAMPAIGN_INFO_OPTIONS, names: Callable[[str], str] = str
) -> dict[str, t.Any]:
    """The values of the options, of the right types, with defaults and what the environment has.

    C(names) gives what the user calls an option. Raises OptionError, in one sentence.
    """
    known = {option.name: option for option in options}
    said = unknown_options([names(str(name)) for name in given if name not in known], [names(name) for name in known])
    if said is not None:
        raise OptionError(said)
    check_ids(given, names)
    result = ArgumentSpecValidator(argument_spec(known.values())).validate(dict(given))
    if result.error_messages:
        raise _refusal(result.error_messages[0], given, known, names)
    check_quantities(result.validated_parameters, names)
    return t.cast("dict[str, t.Any]", result.validated_parameters)


def _refusal(
    message: str, given: Mapping[str, t.Any], known: Mapping[str, Option], names: Callable[[str], str]
) -> OptionError:
    """Ansible's refusal of a value, in our words."""
    for pattern, sentence in _SENTENCES:
        found = pattern.search(message)
        option = known.get(found.group("name")) if found else None
        if option is not None:
            said = sentence(option, names(option.name)) + _instead(option, given.get(option.name))
            return OptionError(f"{said}.", option=option.name)
    return OptionError(f"{printable(message, 300).rstrip('.')}.")


def _type_sentence(option: Option, name: str) -> str:
    is_list = option.type == "list"
    wanted = _WANTED.get((option.elements if is_list else option.type) or option.type, option.type)
    return f"{name} must be a list, each entry {wanted}" if is_list else f"{name} must be {wanted}"


def _choice_sentence(option: Option, name: str) -> str:
    return f"{name} must be one of {', '.join(option.choices)}"


def _missing_sentence(_option: Option, name: str) -> str:
    return f"{name} is missing: set it"


def _instead(option: Option, value: t.Any) -> str:
    return "" if option.secret or value is None else f", not {printable(value, 40)!r}"


_SENTENCES: t.Final = (
    (_OF_TYPE, _type_sentence),
    (_OF_CHOICES, _choice_sentence),
    (_MISSING, _missing_sentence),
)


def secret_names(options: t.Iterable[Option] = CAMPAIGN_INFO_OPTIONS) -> tuple[str, ...]:
    """The names of the options whose values must never be shown."""
    return tuple(option.name for option in options if option.secret)


def _spec_of(option: Option) -> dict[str, t.Any]:
    spec: dict[str, t.Any] = {"type": option.type, "no_log": option.secret}
    if option.required:
        spec["required"] = True
    if option.default is not None:
        spec["default"] = option.default
    if option.choices:
        spec["choices"] = list(option.choices)
    if option.elements is not None:
        spec["elements"] = option.elements
    if option.env is not None:
        spec["fallback"] = (env_fallback, [option.env])
    return spec
