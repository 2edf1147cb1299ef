# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the inventory plugin: those of the module, and two more."""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Callable, Mapping

from ansible.errors import AnsibleError

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    AUTH_OPTIONS,
    CAMPAIGN_INFO_OPTIONS,
    CAMPAIGN_OPTIONS,
    CONNECTION_OPTIONS,
    Option,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._plain_values import plain

Values = Mapping[str, t.Any]

HOSTNAME: t.Final = "thingspace_device_id"

# The options of the module that apply to the inventory.
SHARED_OPTIONS: t.Final = (
    tuple(option for option in CAMPAIGN_OPTIONS if option.name not in ("devices", "device_id"))
    + CONNECTION_OPTIONS
    + AUTH_OPTIONS
)
INVENTORY_OPTIONS: t.Final = (
    *SHARED_OPTIONS,
    Option("states", type="list", elements="str", choices=DEVICE_STATES),
    Option("hostname", default=HOSTNAME),
)
_SECRET: t.Final = frozenset(option.name for option in SHARED_OPTIONS if option.secret)
_UNDEFINED: t.Final = re.compile(r"'[A-Za-z_][A-Za-z0-9_]*' is undefined")
# Expressions that are evaluated for each host, not when the file is read.
_EXPRESSIONS: t.Final = frozenset({"hostname", "compose", "groups", "keyed_groups"})


def templated(config: Values, template: Callable[[t.Any], t.Any]) -> dict[str, t.Any]:
    """Evaluate the templates in an inventory file, except expressions that are evaluated for each host.

    Raises OptionError, which names the option.
    """
    filled = {}
    for name, value in config.items():
        try:
            filled[name] = value if name in _EXPRESSIONS else plain(template(value), name)
        except AnsibleError as error:
            reason = reason_of(error, is_secret=name in _SECRET)
            raise OptionError(f"{name} has a template that cannot be evaluated{reason}") from None
    return filled


def reason_of(error: Exception, is_secret: bool) -> str:
    """Return why a template failed, as the end of a sentence.

    For a secret, return only the name of an undefined variable, because Ansible and Jinja2 quote the source of the
    template in their errors.
    """
    if not is_secret:
        return f": {first_line(error)}"
    undefined = _UNDEFINED.search(str(error))
    return (
        f": {undefined.group()}."
        if undefined
        else ": check its template, which is not shown because it can contain a secret."
    )


def first_line(error: Exception) -> str:
    """Return the first line of an error. Further lines of Ansible's errors can quote the file with its secrets."""
    return str(error).strip().partition("\n")[0]


def register_secrets(config: Values, secrets: Secrets) -> None:
    """Mask the values of all secret options from now on, including those from the environment.

    Raises OptionError for a value that cannot be decrypted.
    """
    for option in SHARED_OPTIONS:
        if option.secret:
            secrets.add_within([plain(config.get(option.name), option.name), os.environ.get(option.env or "")])


def check_config(config: Values, known: t.Collection[str]) -> None:
    """Raise OptionError if the file has an unknown option or an invalid value."""
    unknown = sorted(str(name) for name in config if name not in known and name != "plugin")
    if unknown:
        raise OptionError(
            f"fleetops.thingspace.campaign_devices has no option {', '.join(unknown)}: correct or remove it."
        )
    for option in SHARED_OPTIONS:
        if option.secret and isinstance(config.get(option.name), (Mapping, list, tuple)):
            raise OptionError(f"{option.name} must be a string.")
    names = {option.name for option in INVENTORY_OPTIONS}
    _validated({name: value for name, value in config.items() if name in names}, INVENTORY_OPTIONS)


def run_params(options: Values) -> dict[str, t.Any]:
    """Return the module parameters to read the complete device reports once. Raises OptionError.

    An empty string counts as absent, because Ansible also passes environment variables that are empty.
    """
    given = {option.name: options[option.name] for option in SHARED_OPTIONS}
    given = {name: value for name, value in given.items() if value is not None and value != ""}
    return _validated({**given, "devices": "all", "wait": False}, CAMPAIGN_INFO_OPTIONS)


def _validated(values: Values, options: t.Iterable[Option]) -> dict[str, t.Any]:
    return checked(values, options)
