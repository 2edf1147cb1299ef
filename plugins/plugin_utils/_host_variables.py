# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role as each host of the play has them.

A task that runs once for all hosts sees only the first host's variables, in its arguments, too. So they are looked up
here, as Ansible would look them up for a task of its own on each host: with its inventory, the play's variables, the
parameters and defaults of the role, and extra variables.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Iterable, Mapping

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._inventory_options import first_line

try:
    from ansible.errors import AnsibleValueOmittedError as _Omitted  # ansible-core 2.19
except ImportError:

    class _Omitted(Exception):  # type: ignore[no-redef]
        """Until ansible-core 2.18 an omitted value is a text, which is the variable C(omit)."""


try:
    from ansible.template import is_trusted_as_template as _is_trusted  # ansible-core 2.19
except ImportError:

    def _is_trusted(value: t.Any) -> bool:
        """Until ansible-core 2.18 everything is a template that is not marked as unsafe."""
        return not hasattr(value, "__UNSAFE__")


Variables = dict[str, t.Any]

_PLAIN: t.Final = (str, int, float, bool, list, tuple, dict, type(None))
_NAME_ALONE: t.Final = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")
_TEMPLATE_STARTS: t.Final = ("{{", "{%", "{#")
# Until ansible-core 2.18 a template that gives such a text gives what it looks like: a list, a dict, a bool.
_OTHER_THAN_TEXT: t.Final = ("[", "{", "True", "False")


class HostVariables:
    """Looks up and fills in what the hosts of a batch have for a task of a role."""

    def __init__(self, task: Task, task_vars: Mapping[str, t.Any], templar: Templar) -> None:
        self._task = task
        self._templar = templar
        self._hostvars = task_vars["hostvars"]
        self._manager = self._hostvars._variable_manager
        self.batch = [str(name) for name in task_vars["ansible_play_batch"]]

    def of(self, host: str) -> Variables:
        """All variables of a host, templates not filled in."""
        inventory_host = self._hostvars._inventory.get_host(host)
        return t.cast(
            Variables, self._manager.get_vars(play=self._task._role._play, host=inventory_host, task=self._task)
        )

    def is_meant(self, variables: Variables) -> bool:
        """Whether the conditions of role and blocks let the task happen for the host of these variables.

        A condition that cannot be evaluated is for Ansible to complain about.
        """
        if not self._task.when:
            return True
        templar = self._templar_over(variables)
        try:
            if hasattr(templar, "evaluate_conditional"):
                return all(templar.evaluate_conditional(condition) for condition in self._task.when)
            return bool(self._task.evaluate_conditional(templar, variables))
        except AnsibleError:
            return False

    def filled_in(
        self, variables: Variables, names: Iterable[str], host: str, lacking: Collection[str] = ()
    ) -> Variables:
        """Those of the named variables that have a value, their templates filled in.

        One of C(lacking) whose template needs a variable that the host does not have is left out. Raises OptionError,
        which names variable and host, for any other template that cannot be filled in.
        """
        given = {name: _followed(variables[name], variables) for name in names if variables.get(name) is not None}
        templar = None
        for name, value in list(given.items()):
            if not is_literal(value):
                templar = templar or self._templar_over(variables)
                given[name] = _plain(_template(templar, name, value, host, may_lack=name in lacking))
        omit = variables.get("omit")
        return {name: value for name, value in given.items() if value is not None and not _is_same_text(value, omit)}

    def _templar_over(self, variables: Variables) -> t.Any:
        return self._templar.copy_with_new_env(available_variables=variables)


def _followed(value: t.Any, variables: Variables) -> t.Any:
    """What a template of nothing but the name of a variable with a literal value stands for; else C(value) itself.

    Ansible would give the same, but takes a millisecond for each template. It fills in no text from outside.
    """
    name = _NAME_ALONE.fullmatch(value) if isinstance(value, str) and _is_trusted(value) else None
    if name is None or not isinstance(variables.get(name.group(1)), (str, int)):
        return value
    found = variables[name.group(1)]
    is_plain_text = not isinstance(found, str) or not found.startswith(_OTHER_THAN_TEXT)
    return found if is_plain_text and is_literal(found) else value


def is_literal(value: t.Any) -> bool:
    """True if there is nothing to fill in: no template, and nothing that is still encrypted."""
    if isinstance(value, str):
        return not any(start in value for start in _TEMPLATE_STARTS)
    if isinstance(value, Mapping):
        return all(is_literal(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_literal(item) for item in value)
    return isinstance(value, _PLAIN)


def _template(templar: t.Any, name: str, value: t.Any, host: str, may_lack: bool) -> t.Any:
    try:
        return templar.template(value)
    except _Omitted:
        return None
    except AnsibleError as error:
        if may_lack and isinstance(error, AnsibleUndefinedVariable):
            return None
        raise OptionError(f"{name} cannot be worked out for host {host}: {first_line(error)}") from None


def _plain(value: t.Any) -> t.Any:
    return value if isinstance(value, _PLAIN) else str(value)


def _is_same_text(value: t.Any, omit: t.Any) -> bool:
    return isinstance(value, str) and isinstance(omit, str) and value == omit
