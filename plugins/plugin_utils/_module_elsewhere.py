# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module on another host or in the background, with tokens from the controller.

Only the controller logs in with the password of the user, because only it knows how often a login was refused.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible.plugins.action import ActionBase

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import Option
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ConnectionFailed,
    LoginRefused,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Connection, Credentials
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import environment_of, run_logins


def runs_here(action: ActionBase) -> bool:
    """Return whether the task can run in this process: with a local connection, and not in the background."""
    is_local = action._connection.transport == "local" or getattr(action._connection, "_remote_is_local", False)
    return bool(is_local and not action._task.async_val)


@dataclass(frozen=True, repr=False)
class ModuleElsewhere:
    """A module of this collection, its options, and the action plugin that runs it."""

    action: ActionBase
    name: str
    options: tuple[Option, ...]

    def run(
        self,
        params: Mapping[str, t.Any],
        connection: Connection,
        credentials: Credentials,
        task_vars: Result,
        secrets: Secrets,
        empty_result: Callable[[ThingSpaceError, int, int], Result],
    ) -> Result:
        """Return the result of the module. Raises ThingSpaceError.

        If the module did not run, the error has the keys that C(empty_result) returns. Its arguments are the error,
        and the numbers of requests and logins.
        """
        args = {name: value for name, value in params.items() if value is not None}
        self._remove_secrets_from_environment()
        transport = Transport(connection, 1)
        auth = Auth(credentials, transport, secrets, run_logins(), Clock())
        try:
            tokens = auth.tokens_as_options()
        except ThingSpaceError as error:
            can_log_in_there = isinstance(error, ConnectionFailed) and not error.maybe_processed
            if not can_log_in_there or self.action._task.async_val:
                known = empty_result(error, transport.requests, auth.logins)
                raise error.with_changes(facts={**known, **error.facts}) from error
            # The controller cannot reach the service, but the other host possibly can. The hosts log in one by one.
            with auth.counted_login_elsewhere():
                return _checked_result(self._module(args, task_vars))
        finally:
            transport.close()
        result = self._module({**args, **tokens, "log_in": False}, task_vars)
        for name, count in (("requests", transport.requests), ("logins", auth.logins)):
            if isinstance(result.get(name), int):
                result[name] += count
        return t.cast(Result, secrets.clean(result))

    def _module(self, args: Result, task_vars: Result) -> Result:
        in_background = bool(self.action._task.async_val)
        return t.cast(
            Result,
            self.action._execute_module(
                module_name=self.name,
                module_args=args,
                task_vars=task_vars,
                wrap_async=in_background and not self.action._connection.has_native_async,
            ),
        )

    def _remove_secrets_from_environment(self) -> None:
        """Remove the variables of options from the environment of the task. Ansible prints it at verbosity 3."""
        known = {option.env for option in self.options if option.env}
        kept = {name: value for name, value in environment_of(self.action).items() if name not in known}
        self.action._task.environment = [kept]


def _checked_result(result: Result) -> Result:
    """Return the result of a module that has logged in. Raise the error that a login on the controller would."""
    if not result.get("failed"):
        return result
    facts = {name: value for name, value in result.items() if name not in ("failed", "msg")}
    message = str(result.get("msg", "The module has failed."))
    if result.get("reason") == LoginRefused.reason:
        raise LoginRefused(message, facts)
    raise _UnclearLogin(message, facts, was_sent=result.get("logins") != 0)


class _UnclearLogin(TransientError):
    """A module on another host has failed, so it is unknown whether its login was accepted, if it sent one."""

    def __init__(self, message: str, facts: Result, was_sent: bool) -> None:
        super().__init__(message, maybe_processed=was_sent, facts=facts)
