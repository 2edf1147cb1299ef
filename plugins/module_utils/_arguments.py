# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The table of all options. Argument specs, environment variables and secrecy are derived from it."""

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
    """An option of a module or action plugin that talks to ThingSpace."""

    name: str
    type: str = "str"
    default: t.Any = None
    choices: tuple[str, ...] = ()
    elements: str | None = None
    required: bool = False
    env: str | None = None
    secret: bool = False


AUTH_OPTIONS: t.Final = (
    # Raw, because Ansible would turn a YAML number or boolean into a different string. Such a value is refused.
    Option("api_key", type="raw", env="THINGSPACE_API_KEY", secret=True),
    Option("api_secret", type="raw", env="THINGSPACE_API_SECRET", secret=True),
    Option("username", type="raw", env="THINGSPACE_USERNAME", secret=True),
    Option("password", type="raw", env="THINGSPACE_PASSWORD", secret=True),
    Option("access_token", type="raw", env="THINGSPACE_ACCESS_TOKEN", secret=True),
    Option("session_token", type="raw", env="THINGSPACE_SESSION_TOKEN", secret=True),
)

# Times and percentages are strings, because they can have a unit or a percent sign. _options.py parses them.
CONNECTION_OPTIONS: t.Final = (
    Option("api_url", default="https://thingspace.verizon.com/api", env="THINGSPACE_API_URL"),
    Option("request_timeout", default="30"),
    Option("validate_certs", type="bool", default=True),
    Option("ca_path", type="path"),
    Option("max_concurrency", type="int", default=8),
)

CAMPAIGN_OPTIONS: t.Final = (
    # Raw, because YAML turns an unquoted account name into a number without its leading zeros. Such a value is refused.
    Option("account_name", type="raw", env="THINGSPACE_ACCOUNT_NAME"),
    Option("campaign_id", type="list", elements="str", required=True),
    Option("api_version", default="v2", choices=("v1", "v2", "v3")),
    Option("devices", default="none", choices=("none", "summary", "failed", "all")),
    # Raw, because YAML turns an unquoted IMEI with leading zeros into a different number. Such a value is refused.
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

# For a module on another host: it receives the password only to mask it.
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
    # Raw and secret like the credentials: only the secret path keeps strangers from sending callbacks.
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

# The options of a callback listener, which is an event source or part of one.
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

# Only for tasks on the controller: the action plugin handles these options, and the module never receives them.
CONTROLLER_OPTIONS: t.Final = (Option("options_from"),)
MODULE_OPTIONS: t.Final = CAMPAIGN_INFO_OPTIONS + CONTROLLER_OPTIONS

# The options of those steps of the role campaign_wait that run once for all hosts.
GATE_OPTIONS: t.Final = (
    Option("step", choices=("guard", "note", "wait", "summary", "report"), required=True),
    Option("options_from", default="campaign_wait_"),
)


# A watch has no target, and ends when its campaigns are over.
_NOT_IN_WATCH: t.Final = ("campaign_id", "device_id")
_WATCH_WAIT_OPTIONS: t.Final = (
    *("wait_first_answer", "wait_interval", "wait_max_interval", "wait_not_found"),
    *("max_consecutive_errors", "max_error_seconds", "report_every"),
    *("min_success_percent", "max_failure_percent", "max_failure_count", "min_devices"),
)

# The options of the event source campaign. Names, defaults and environment variables match the module.
WATCH_OPTIONS: t.Final = (
    Option("campaign_id", type="list", elements="str"),
    Option("campaign_state", type="list", elements="str", choices=("request_pending", "queued", "scheduled")),
    *(option for option in CAMPAIGN_OPTIONS if option.name not in _NOT_IN_WATCH),
    *CONNECTION_OPTIONS,
    *AUTH_OPTIONS,
    *(option for option in WAIT_OPTIONS if option.name in _WATCH_WAIT_OPTIONS),
    Option("list_interval", default="900"),
    Option("present", type="bool", default=True),
    Option("heartbeat_interval", default="0"),
    Option("state_file", type="path"),
    Option("repeat_within", default="600"),
    # Raw, because Ansible quotes a value that is not a mapping in its message, and this one contains secrets.
    Option("callback_listener", type="raw"),
)


def env_fallback(*names: str) -> str:
    """The first of these environment variables that is not empty.

    Unlike in Ansible's function of this name, an empty variable counts as unset: AWX injects every field of a
    credential, including empty ones.
    """
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


def argument_spec(options: t.Iterable[Option] = CAMPAIGN_INFO_OPTIONS) -> dict[str, dict[str, t.Any]]:
    """The argument spec of these options, for AnsibleModule and ArgumentSpecValidator."""
    return {option.name: _spec_of(option) for option in options}


# For a wrong type, Ansible's message names a Python class.
_TYPE_ERROR: t.Final = re.compile(r"(?:argument|option) '(?P<name>\w+)' .*unable to convert", re.DOTALL)
_CHOICE_ERROR: t.Final = re.compile(r"value of (?P<name>\w+) must be one(?: or more)? of")
_MISSING_ERROR: t.Final = re.compile(r"missing required arguments: (?P<name>\w+)")
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
    """The validated values of the options, with defaults and environment variables.

    C(names) maps the name of an option to what the user calls it. Raises OptionError with one message.
    """
    known = {option.name: option for option in options}
    said = unknown_options([names(str(name)) for name in given if name not in known], [names(name) for name in known])
    if said is not None:
        raise OptionError(said)
    check_ids(given, names)
    result = ArgumentSpecValidator(argument_spec(known.values())).validate(dict(given))
    if result.error_messages:
        raise _option_error(result.error_messages[0], given, known, names)
    check_quantities(result.validated_parameters, names)
    return t.cast("dict[str, t.Any]", result.validated_parameters)


def _option_error(
    message: str, given: Mapping[str, t.Any], known: Mapping[str, Option], names: Callable[[str], str]
) -> OptionError:
    """Ansible's validation error, reworded."""
    for pattern, sentence in _SENTENCES:
        found = pattern.search(message)
        option = known.get(found.group("name")) if found else None
        if option is not None:
            said = sentence(option, names(option.name)) + _given_value(option, given.get(option.name))
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


def _given_value(option: Option, value: t.Any) -> str:
    return "" if option.secret or value is None else f", not {printable(value, 40)!r}"


_SENTENCES: t.Final = (
    (_TYPE_ERROR, _type_sentence),
    (_CHOICE_ERROR, _choice_sentence),
    (_MISSING_ERROR, _missing_sentence),
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
