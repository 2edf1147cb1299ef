# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identifies a task across all hosts of a play, although Ansible copies tasks."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude


def task_key(task: Task) -> str:
    """Return the key of a task."""
    return _key(task, str(task._uuid), str(task.get_path()))


def role_key(task: Task) -> str:
    """Return the key that all tasks of one file share, for the tasks of a role that belong together."""
    return _key(task, str(task._parent._uuid), "")


def _key(task: Task, static: str, path: str) -> str:
    """Return a key that is the same for all hosts.

    With some strategies, each host has its own copy of an included task, with its own UUID. The outermost include
    belongs to the playbook and has one UUID for all hosts. Below it, only the paths (file and line) are the same.
    """
    includes = [parent for parent in _parents(task) if isinstance(parent, TaskInclude) and not parent.statically_loaded]
    if not includes:
        return static
    return " ".join([str(includes[-1]._uuid), *(str(include.get_path()) for include in includes[:-1]), path])


def inherits_run_once(task: Task, template: Callable[[t.Any], t.Any]) -> bool:
    """Return whether a parent of the task has C(run_once).

    Imported tasks inherit it. Dynamically included tasks do not, but only one host runs the include, so that the others
    never reach the task. Raises AttributeError if the internals of Ansible have changed; the caller must then refuse.
    """
    parents = list(_parents(task))
    # In a worker, a block does not inherit from its role, nor a role from the role that depends on it.
    roles = [role for parent in parents for role in (parent._role, *(parent.get_dep_chain() or ())) if role is not None]
    sources = [*parents, *roles, task._parent._play]
    return any(_is_true(parent.run_once, template) for parent in sources)


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
