# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(campaign_info) on the controller: the module's own code, in Ansible's process, with lines of progress."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CAMPAIGN_INFO_OPTIONS,
    checked,
    secret_names,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._auth import login_identity
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import run
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    LoginRefused,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import wishes_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._orphan import ends_with_the_playbook
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_surroundings import (
    environment_of,
    run_memory,
    surroundings_of,
    task_environment,
)

Result = dict[str, t.Any]


class ActionModule(ActionBase):
    """Runs in-process on a local connection, and hands over to the module everywhere else."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """The task's result; never raises the family."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        secrets = Secrets()
        with task_environment(self), ends_with_the_playbook():
            try:
                params = self._params(secrets)
                if self._is_here():
                    result.update(
                        run(params, surroundings_of(self, str(variables.get("inventory_hostname", ""))), secrets)
                    )
                else:
                    result.update(self._on_target(params, variables))
            except ThingSpaceError as error:
                facts = {"changed": False, "reason": error.reason, **error.facts}
                result.update(secrets.clean({**facts, "failed": True, "msg": error.message}))
        return result

    def _is_here(self) -> bool:
        is_local = self._connection.transport == "local" or getattr(self._connection, "_remote_is_local", False)
        return bool(is_local and not self._task.async_val)

    def _params(self, secrets: Secrets) -> Result:
        """The validated options. Raises OptionError."""
        for name in secret_names():
            secrets.add_within(self._task.args.get(name))
        return checked(self._task.args)

    def _on_target(self, params: Mapping[str, t.Any], variables: Result) -> Result:
        """Run the module where the task belongs, with the options and credentials that were found here.

        Hosts take turns until one of them has shown that the credentials are right: with a wrong password a second
        login must not be tried. The turn is a single look; it is the result itself unless there is more to do.
        """
        args = {option.name: params[option.name] for option in CAMPAIGN_INFO_OPTIONS if params[option.name] is not None}
        self._keep_secrets_out_of_the_command_line()
        wishes = wishes_of(params)
        memory = run_memory()
        identity = login_identity(wishes.connection.api_url, wishes.credentials)
        with memory.alone(identity) as refusal:
            if refusal is not None:
                raise LoginRefused(refusal)
            if not memory.was_accepted(identity):
                proof = self._module({**args, "wait": False}, variables, in_background=False)
                # The packed module, options and all, lies there; with async Ansible itself would leave it.
                self.cleanup(force=True)
                reason = proof.get("reason")
                if reason == LoginRefused.reason:
                    memory.remember_refusal(identity, proof["msg"])
                if reason == LoginRefused.reason or (proof.get("failed") and reason is None):
                    return proof
                if not proof.get("failed"):
                    memory.remember_acceptance(identity)
                if not self._task.async_val and not params["wait"]:
                    return proof
        return self._module(args, variables, in_background=bool(self._task.async_val))

    def _module(self, args: Result, variables: Result, in_background: bool) -> Result:
        return t.cast(
            Result,
            self._execute_module(
                module_name="fleetops.thingspace.campaign_info",
                module_args=args,
                task_vars=variables,
                wrap_async=in_background and not self._connection.has_native_async,
            ),
        )

    def _keep_secrets_out_of_the_command_line(self) -> None:
        """Ansible shows the task's environment in commands printed at verbosity 3; the options have it all."""
        known = {option.env for option in CAMPAIGN_INFO_OPTIONS if option.env}
        kept = {name: value for name, value in environment_of(self).items() if name not in known}
        self._task.environment = [kept]
