# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which task this is, the same for all hosts of a play, whatever copies of it Ansible has made."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude


def task_key(task: Task) -> str:
    """The name of a task of a playbook."""
    return _key(task, str(task._uuid), str(task.get_path()))


def role_key(task: Task) -> str:
    """The name that all tasks of one file share, for the tasks of a role that work together."""
    return _key(task, str(task._parent._uuid), "")


def _key(task: Task, static: str, path: str) -> str:
    """Under some strategies each host has its own copy of what is included, with a number of its own.

    The outermost include is part of the playbook, so its number is the same for all; below it only places in files are.
    """
    includes = [parent for parent in _parents(task) if isinstance(parent, TaskInclude) and not parent.statically_loaded]
    if not includes:
        return static
    return " ".join([str(includes[-1]._uuid), *(str(include.get_path()) for include in includes[:-1]), path])


def inherits_run_once(task: Task, template: Callable[[t.Any], t.Any]) -> bool:
    """Whether something around the task says C(run_once).

    What is imported hands it down to its tasks. What is included dynamically does not: there it keeps the include from
    all hosts but one, so that the others never reach the task. Raises AttributeError if Ansible has changed: whoever
    asks must then refuse.
    """
    parents = list(_parents(task))
    # A block in a worker no longer asks its role, nor that the role that depends on it.
    roles = [role for parent in parents for role in (parent._role, *(parent.get_dep_chain() or ())) if role is not None]
    around = [*parents, *roles, task._parent._play]
    return any(_is_true(parent.run_once, template) for parent in around)


def _is_true(value: t.Any, template: Callable[[t.Any], t.Any]) -> bool:
    try:
        return bool(boolean(template(value), strict=False)) if value is not None else False
    except (AnsibleError, TypeError):
        return True


def _parents(task: Task) -> Iterator[t.Any]:
    parent = task._parent
    while parent is not None:
        yield parent
        parent = parent._parent
