# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task for this host: arguments, module defaults, and variables with a prefix."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CAMPAIGN_INFO_OPTIONS,
    CONTROLLER_OPTIONS,
    checked,
    secret_names,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings, task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._inventory_options import reason_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._plain_values import plain
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.place import check_place
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import (
    CONTINUE,
    ROLE_OPTIONS,
    RoleOptions,
    names_with,
    role_options_of,
    unknown_variables,
    variable_name,
    variables,
)

try:
    from ansible.errors import AnsibleValueOmittedError as _Omitted  # ansible-core 2.19
except ImportError:

    class _Omitted(Exception):  # type: ignore[no-redef]
        """Unused until ansible-core 2.18, where an omitted value is the string in the variable C(omit)."""


try:
    from ansible.executor.module_common import _apply_action_arg_defaults  # ansible-core 2.19
except ImportError:
    from ansible.executor.module_common import get_action_args_with_defaults

    def _apply_action_arg_defaults(
        action: str, task: t.Any, args: dict[str, t.Any], templar: t.Any
    ) -> dict[str, t.Any]:
        groups = task._parent._play._action_groups
        return t.cast(
            "dict[str, t.Any]",
            get_action_args_with_defaults(action, args, task.module_defaults, templar, action_groups=groups),
        )


Values = dict[str, t.Any]

MODULE: t.Final = "fleetops.thingspace.campaign_info"
# Options that require wait: true.
_NEED_WAIT: t.Final = ("min_success_percent", "max_failure_percent", "max_failure_count")


@dataclass(frozen=True, repr=False)
class TaskOptions:
    """Validated parameters of the module. C(role_options) is None unless variables were used.

    C(names) maps an option to the name that the user sees.
    """

    params: Values
    role_options: RoleOptions | None = None
    names: Names = str

    def as_note(self) -> Values:
        """Return the options for C(of_note), as values for JSON."""
        return {"params": self.params, "terms": None if self.role_options is None else asdict(self.role_options)}

    @classmethod
    def of_note(cls, note: Mapping[str, t.Any], prefix: str) -> TaskOptions:
        """Restore options that were set with variables with this prefix."""
        return cls(note["params"], RoleOptions(**note["terms"]), names_with(prefix))

    @property
    def task_settings(self) -> TaskSettings:
        """The fully validated settings. Raises OptionError."""
        return task_settings_of(self.params, self.names)


def task_options(action: ActionBase, task_vars: Mapping[str, t.Any], secrets: Secrets) -> TaskOptions:
    """Return the options of a C(campaign_info) task. Raises OptionError, which uses the names that the user sees."""
    arguments = plain(action._task.args)
    _register(arguments, secrets)
    prefix = arguments.pop(CONTROLLER_OPTIONS[0].name, None)
    if prefix is not None:
        return _merged_options(action, arguments, str(prefix), task_vars, secrets)
    return TaskOptions(checked(_with_empty_device_id(arguments)))


def noted_options(action: ActionBase, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets) -> TaskOptions:
    """Return the options that a C(campaign_info) task with this prefix and C(wait=true) would have here."""
    arguments = plain(_apply_action_arg_defaults(MODULE, action._task, {}, action._templar))
    _register(arguments, secrets)
    return _merged_options(action, {**arguments, "wait": True}, prefix, task_vars, secrets)


def report_path_of(action: ActionBase, prefix: str, task_vars: Mapping[str, t.Any]) -> str:
    """Return the path of the report of a host, even if other options are invalid. Empty if there is no valid path."""
    name = variable_name("report", prefix)
    wanted = {each: task_vars[each] for each in (name, "omit") if each in task_vars}
    try:
        given = _variable_values(action._templar, prefix, wanted, Secrets())
        path = checked(given, [option for option in ROLE_OPTIONS if option.name == "report"])["report"] or ""
        if path:
            check_place(path, name)
    except ThingSpaceError:
        return ""
    return str(path)


def _merged_options(
    action: ActionBase, arguments: Values, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets
) -> TaskOptions:
    """Merge arguments, module defaults, and variables with the prefix, which win. Raises OptionError."""
    sentence = unknown_variables(task_vars, prefix)
    if sentence is not None:
        raise OptionError(sentence)
    given = _variable_values(action._templar, prefix, task_vars, secrets)
    _register(given, secrets)
    names = names_with(prefix)
    params = checked({**_with_empty_device_id(arguments), **given}, (*CAMPAIGN_INFO_OPTIONS, *ROLE_OPTIONS), names)
    role_options = role_options_of(params)
    if role_options.report:
        check_place(role_options.report, names("report"))
        # A report needs the counts of devices.
        params["devices"] = "summary" if params["devices"] == "none" else params["devices"]
    params["wait_on_timeout"] = "return" if role_options.on_timeout == CONTINUE else "fail"
    if not params["wait"]:
        # The variables are for the role, which waits. Another task with the same variables can poll once.
        params.update(dict.fromkeys(_NEED_WAIT))
    return TaskOptions({option.name: params[option.name] for option in CAMPAIGN_INFO_OPTIONS}, role_options, names)


def _register(values: Mapping[str, t.Any], secrets: Secrets) -> None:
    for name in secret_names():
        secrets.add_within(values.get(name))


def _with_empty_device_id(arguments: Values) -> Values:
    """Replace a null device_id by an empty string. A template with an empty result must not select all devices."""
    is_nothing = "device_id" in arguments and arguments["device_id"] is None
    return {**arguments, "device_id": ""} if is_nothing else arguments


def _variable_values(templar: t.Any, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets) -> Values:
    """Return the values of the variables by option name, without null and omitted values."""
    given: Values = {}
    for name, option in variables(prefix).items():
        if name not in task_vars:
            continue
        try:
            value = plain(templar.template(task_vars[name]), name)
        except _Omitted:
            continue
        except AnsibleError as error:
            said = reason_of(error, option.secret)
            raise OptionError(f"{name} cannot be evaluated for this host{said}") from None
        if option.secret:
            secrets.add_within(value)
        is_omitted = isinstance(value, str) and value == task_vars.get("omit")
        if not is_omitted and (value is not None or option.name == "device_id"):
            given[option.name] = "" if value is None else value
    return given
