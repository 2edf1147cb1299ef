# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The one table of options: argument spec, environment variables and secrecy all come from it."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible.module_utils.errors import AnsibleFallbackNotFound


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
    Option("api_key", env="THINGSPACE_API_KEY", secret=True),
    Option("api_secret", env="THINGSPACE_API_SECRET", secret=True),
    Option("username", env="THINGSPACE_USERNAME", secret=True),
    Option("password", env="THINGSPACE_PASSWORD", secret=True),
    Option("access_token", env="THINGSPACE_ACCESS_TOKEN", secret=True),
    Option("session_token", env="THINGSPACE_SESSION_TOKEN", secret=True),
)

CONNECTION_OPTIONS: t.Final = (
    Option("api_url", default="https://thingspace.verizon.com/api", env="THINGSPACE_API_URL"),
    Option("request_timeout", type="float", default=30),
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
    Option("wait_timeout", type="float"),
    Option("wait_until_end_plus", type="float"),
    Option("wait_interval", type="float", default=300),
    Option("wait_max_interval", type="float", default=5400),
    Option("wait_on_timeout", default="fail", choices=("fail", "return")),
    Option("wait_unknown_state", default="wait", choices=("wait", "fail")),
    Option("wait_not_found", type="float", default=0),
    Option("max_consecutive_errors", type="int", default=20),
    Option("max_error_seconds", type="float", default=3600),
    Option("progress_interval", type="float", default=240),
    Option("min_success_percent", type="float"),
    Option("max_failure_percent", type="float"),
    Option("max_failure_count", type="int"),
    Option("min_devices", type="int", default=1),
    Option("report_every", type="int", default=10),
)

CAMPAIGN_INFO_OPTIONS: t.Final = CAMPAIGN_OPTIONS + CONNECTION_OPTIONS + AUTH_OPTIONS + WAIT_OPTIONS

# What only a task on the controller can do: the action plugin takes it, and the module never sees it.
CONTROLLER_OPTIONS: t.Final = (Option("options_from"),)
MODULE_OPTIONS: t.Final = CAMPAIGN_INFO_OPTIONS + CONTROLLER_OPTIONS

# Of the steps of the role campaign_wait that are for all its hosts.
GATE_OPTIONS: t.Final = (
    Option("step", choices=("guard", "note", "wait", "summary"), required=True),
    Option("options_from", default="campaign_wait_"),
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
