# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a task on the controller: screen, environment variables, memory of the run."""

from __future__ import annotations

import contextlib
import os
import typing as t
from collections.abc import Callable, Iterator

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    RunFolderUnusable,
    ThingSpaceError,
    expected,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._exit_with_parent import exit_with_parent
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import RunUses, Use
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import print_line, warn
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_options import report_path_of

try:
    from ansible._internal._errors._task_timeout import TaskTimeoutError as _TaskTimeoutError  # ansible-core 2.19
except ImportError:
    from ansible.executor.task_executor import TaskTimeoutError as _TaskTimeoutError  # until ansible-core 2.18


class Screen(ProgressReporter):
    """Prints progress and warnings immediately. Each line names its host, because the lines of several hosts mix.

    C(is_new) returns false for what another host has printed already.
    """

    def __init__(self, who: str, is_new: Callable[[str], bool]) -> None:
        self._who = who
        self._is_new = is_new
        self._display = Display()

    def progress(self, text: str, key: str = "") -> None:
        """Print one line on the standard output of the controller."""
        if not key or self._is_new(key):
            print_line(self._display, f"[{self._who}] {text}")

    def warning(self, text: str) -> None:
        """Print one warning on the standard error of the controller."""
        if self._is_new(text):
            warn(self._display, text)


def runtime_of(action: ActionBase, who: str, use: Use | None = None, names: Names = str) -> Runtime:
    """Return the runtime of a task. Its lines begin with C(who), and its wait shares the start of C(use)."""

    def is_new(what: str) -> bool:
        try:
            return use is None or run_uses().is_new(use, what)
        except RunFolderUnusable:
            # Not an error here. Code that really needs the directory reports it.
            return True

    # For a task with no_log, Ansible hides the result, but not the lines that a plugin prints.
    reporter = ProgressReporter() if action._task.no_log else Screen(who, is_new)
    return Runtime(
        reporter=reporter,
        logins=run_logins(),
        polls=run_polls,
        started=None if use is None else use.started,
        interruptions=(_TaskTimeoutError,),
        names=names,
    )


def run_logins() -> RunLogins:
    """Return the logins that all processes of this run share."""
    return RunLogins(C.DEFAULT_LOCAL_TMP)


def run_uses() -> RunUses:
    """Return what the hosts at the tasks of this run share."""
    return RunUses(C.DEFAULT_LOCAL_TMP)


def run_reports() -> RunReports:
    """Return the content of the reports of this run."""
    return RunReports(C.DEFAULT_LOCAL_TMP)


def report_refusal(
    action: ActionBase, prefix: str, task_vars: dict[str, t.Any], use: Use, error: ThingSpaceError, secrets: Secrets
) -> None:
    """Add the error about the options of a host to its report. If that fails, only warn."""
    path = report_path_of(action, prefix, task_vars)
    if not path:
        return
    try:
        run_reports().add_refusal(path, use, str(task_vars["inventory_hostname"]), str(secrets.clean(error.message)))
    except Exception as trouble:
        text = f"The report {printable(path, 200)} will lack something: {secrets.mask(expected(trouble).message)}"
        warn(Display(), text)


def run_polls(task_settings: TaskSettings) -> RunPolls:
    """Return the polls of one account that all processes of this run share."""
    return RunPolls(C.DEFAULT_LOCAL_TMP, task_settings)


def environment_of(action: ActionBase) -> dict[str, t.Any]:
    """Return the keyword C(environment) of the task."""
    environment: dict[str, t.Any] = {}
    action._compute_environment_string(environment)
    return environment


def result_of(action: ActionBase, work: Callable[[Secrets], Result]) -> Result:
    """Run the code of a task in its environment. Return its result, also after an error, without secrets.

    Raises only AnsibleError. Ansible would print the text of any other exception, with the secrets in it.
    """
    try:
        secrets = Secrets()
        try:
            with task_environment(action), exit_with_parent():
                return work(secrets)
        except ThingSpaceError as error:
            return failure(error, secrets)
    except AnsibleError:
        raise
    except Exception as error:
        return failure(expected(error), Secrets())


def failure(error: ThingSpaceError, secrets: Secrets) -> Result:
    """Return the result of a task that failed with C(error)."""
    facts = {"changed": False, "reason": error.reason, **error.facts}
    return t.cast(Result, secrets.clean({**facts, "failed": True, "msg": error.message}))


@contextlib.contextmanager
def task_environment(action: ActionBase) -> Iterator[None]:
    """Set the environment that a module would have on the controller, including the keyword C(environment)."""
    before = dict(os.environ)
    os.environ.update({str(name): str(value) for name, value in environment_of(action).items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
