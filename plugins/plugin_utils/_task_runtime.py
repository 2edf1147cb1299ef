# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task of this collection finds around it on the controller: screen, memory of the run, environment."""

from __future__ import annotations

import contextlib
import os
import typing as t
from collections.abc import Callable, Iterator

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RunFolderUnusable, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import RunUses, Use
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import say, warn
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_options import report_of_host

try:
    from ansible._internal._errors._task_timeout import TaskTimeoutError as _TaskTimeoutError  # ansible-core 2.19
except ImportError:
    from ansible.executor.task_executor import TaskTimeoutError as _TaskTimeoutError  # until ansible-core 2.18


class Screen(ProgressReporter):
    """Prints at once. Each line names for whom it is said, because the lines of several hosts mix.

    Of what several hosts could say C(is_new) lets one say it.
    """

    def __init__(self, who: str, is_new: Callable[[str], bool]) -> None:
        self._who = who
        self._is_new = is_new
        self._display = Display()

    def progress(self, text: str, key: str = "") -> None:
        """One line on the controller's standard output."""
        if not key or self._is_new(key):
            say(self._display, f"[{self._who}] {text}")

    def warning(self, text: str) -> None:
        """One warning on the controller's standard error."""
        if self._is_new(text):
            warn(self._display, text)


def runtime_of(action: ActionBase, who: str, use: Use | None = None, names: Names = str) -> Runtime:
    """What a run of this task gets; its lines begin with C(who), and its wait shares the start of C(use)."""

    def is_new(what: str) -> bool:
        try:
            return use is None or run_uses().is_new(use, what)
        except RunFolderUnusable:
            # Whoever needs the folder for more than that will say so.
            return True

    # Ansible hides the result of a task with no_log, not what a plugin prints.
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
    """What all processes of this run know of logins."""
    return RunLogins(C.DEFAULT_LOCAL_TMP)


def run_uses() -> RunUses:
    """What the hosts at the tasks of this run share."""
    return RunUses(C.DEFAULT_LOCAL_TMP)


def run_reports() -> RunReports:
    """What the reports of this run are to show."""
    return RunReports(C.DEFAULT_LOCAL_TMP)


def report_refusal(
    action: ActionBase, prefix: str, task_vars: dict[str, t.Any], use: Use, error: ThingSpaceError, secrets: Secrets
) -> None:
    """Let the report that a host has asked for tell that its options are refused. No trouble with it is an error."""
    path = report_of_host(action, prefix, task_vars)
    if not path:
        return
    try:
        run_reports().refuse(path, use, str(task_vars["inventory_hostname"]), str(secrets.clean(error.message)))
    except Exception as trouble:
        text = f"The report {printable(path, 200)} will lack something: {printable(trouble, 200)}"
        warn(Display(), text)


def run_polls(task_settings: TaskSettings) -> RunPolls:
    """What all processes of this run know of the campaigns of one account."""
    return RunPolls(C.DEFAULT_LOCAL_TMP, task_settings)


def environment_of(action: ActionBase) -> dict[str, t.Any]:
    """The task's keyword C(environment)."""
    environment: dict[str, t.Any] = {}
    action._compute_environment_string(environment)
    return environment


@contextlib.contextmanager
def task_environment(action: ActionBase) -> Iterator[None]:
    """The environment that a module would see on the controller: its own, and the task's keyword on top."""
    before = dict(os.environ)
    os.environ.update({str(name): str(value) for name, value in environment_of(action).items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
