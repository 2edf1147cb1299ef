# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task: its arguments, defaults of the play, and variables with a prefix, as this host has them."""

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
    Terms,
    names_with,
    terms_of,
    unknown_variables,
    variable_name,
    variables,
)

try:
    from ansible.errors import AnsibleValueOmittedError as _Omitted  # ansible-core 2.19
except ImportError:

    class _Omitted(Exception):  # type: ignore[no-redef]
        """Until ansible-core 2.18 an omitted value is a text, which is the variable C(omit)."""


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
# A task that only polls once is refused with these.
_NEED_WAIT: t.Final = ("min_success_percent", "max_failure_percent", "max_failure_count")


@dataclass(frozen=True, repr=False)
class TaskOptions:
    """Validated parameters of the module; C(terms) are there if the options come from variables as well.

    C(names) gives what the user calls an option.
    """

    params: Values
    terms: Terms | None = None
    names: Names = str

    def as_note(self) -> Values:
        """What C(of_note) takes, in a form that JSON can hold."""
        return {"params": self.params, "terms": None if self.terms is None else asdict(self.terms)}

    @classmethod
    def of_note(cls, note: Mapping[str, t.Any], prefix: str) -> TaskOptions:
        """The options that were noted, given as variables with this prefix."""
        return cls(note["params"], Terms(**note["terms"]), names_with(prefix))

    @property
    def task_settings(self) -> TaskSettings:
        """The settings, checked further. Raises OptionError."""
        return task_settings_of(self.params, self.names)


def task_options(action: ActionBase, task_vars: Mapping[str, t.Any], secrets: Secrets) -> TaskOptions:
    """The options of a C(campaign_info) task. Raises OptionError, which names them as the user has written them."""
    arguments = plain(action._task.args)
    _register(arguments, secrets)
    prefix = arguments.pop(CONTROLLER_OPTIONS[0].name, None)
    if prefix is not None:
        return _prefixed(action, arguments, str(prefix), task_vars, secrets)
    return TaskOptions(checked(_as_given(arguments)))


def noted_options(action: ActionBase, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets) -> TaskOptions:
    """The options that a waiting C(campaign_info) task with this prefix would have in place of this one."""
    arguments = plain(_apply_action_arg_defaults(MODULE, action._task, {}, action._templar))
    _register(arguments, secrets)
    return _prefixed(action, {**arguments, "wait": True}, prefix, task_vars, secrets)


def report_of_host(action: ActionBase, prefix: str, task_vars: Mapping[str, t.Any]) -> str:
    """The report that a host has asked for, whatever is wrong with its other options; empty if there can be none."""
    name = variable_name("report", prefix)
    wanted = {each: task_vars[each] for each in (name, "omit") if each in task_vars}
    try:
        given = _given(action._templar, prefix, wanted, Secrets())
        path = checked(given, [option for option in ROLE_OPTIONS if option.name == "report"])["report"] or ""
        if path:
            check_place(path, name)
    except ThingSpaceError:
        return ""
    return str(path)


def _prefixed(
    action: ActionBase, arguments: Values, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets
) -> TaskOptions:
    """Arguments and defaults of the play, and over them the variables with the prefix. Raises OptionError."""
    sentence = unknown_variables(task_vars, prefix)
    if sentence is not None:
        raise OptionError(sentence)
    given = _given(action._templar, prefix, task_vars, secrets)
    _register(given, secrets)
    names = names_with(prefix)
    params = checked({**_as_given(arguments), **given}, (*CAMPAIGN_INFO_OPTIONS, *ROLE_OPTIONS), names)
    terms = terms_of(params)
    if terms.report:
        check_place(terms.report, names("report"))
        # A report without the devices would be half a report.
        params["devices"] = "summary" if params["devices"] == "none" else params["devices"]
    params["wait_on_timeout"] = "return" if terms.on_timeout == CONTINUE else "fail"
    if not params["wait"]:
        # The variables are those of a role that waits, and a task beside it may want to poll once.
        params.update(dict.fromkeys(_NEED_WAIT))
    return TaskOptions({option.name: params[option.name] for option in CAMPAIGN_INFO_OPTIONS}, terms, names)


def _register(values: Mapping[str, t.Any], secrets: Secrets) -> None:
    for name in secret_names():
        secrets.add_within(values.get(name))


def _as_given(arguments: Values) -> Values:
    """A template that gives nothing is not the same as an option that is left out: no device is not any device."""
    is_nothing = "device_id" in arguments and arguments["device_id"] is None
    return {**arguments, "device_id": ""} if is_nothing else arguments


def _given(templar: t.Any, prefix: str, task_vars: Mapping[str, t.Any], secrets: Secrets) -> Values:
    """The values of the variables, by the names of their options; null and omitted ones are not given."""
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
