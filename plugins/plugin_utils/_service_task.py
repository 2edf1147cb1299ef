# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of a module that only talks to the service: in this process on a local connection, as a module elsewhere."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import Option, checked, secret_names
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback_options import ServiceSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._exit_with_parent import ends_with_the_playbook
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._module_elsewhere import (
    ModuleElsewhere,
    failure,
    is_here,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._plain_values import plain
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import runtime_of, task_environment


class ServiceTask(ActionBase):
    """Base of the action plugins C(callback) and C(callback_info)."""

    _supports_async = True
    _supports_check_mode = True

    module: t.ClassVar[str]
    options: t.ClassVar[tuple[Option, ...]]

    def service_of(self, params: Mapping[str, t.Any]) -> ServiceSettings:
        """The settings, all of them checked. Raises OptionError."""
        raise NotImplementedError

    def run_here(self, params: Mapping[str, t.Any], mode: Mode, runtime: Runtime, secrets: Secrets) -> Result:
        """The result of the task, also of one that has failed, without any secret in it."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """The task's result; never raises ThingSpaceError."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        secrets = Secrets()
        with task_environment(self), ends_with_the_playbook():
            try:
                result.update(self._run(variables, secrets))
            except ThingSpaceError as error:
                result.update(failure(error, secrets))
        return result

    def _run(self, variables: Result, secrets: Secrets) -> Result:
        arguments = plain(self._task.args)
        for name in secret_names(self.options):
            secrets.add_within(arguments.get(name))
        params = checked(arguments, self.options)
        if is_here(self):
            mode = Mode(check=bool(self._task.check_mode), diff=bool(self._task.diff))
            runtime = runtime_of(self, str(variables.get("inventory_hostname", "")))
            return self.run_here(params, mode, runtime, secrets)
        service = self.service_of(params)
        for name in secret_names(self.options):
            secrets.add_within(params.get(name))
        elsewhere = ModuleElsewhere(self, self.module, self.options)
        return elsewhere.run(params, service.connection, service.credentials, variables, secrets, _counts)


def _counts(_error: ThingSpaceError, requests: int, logins: int) -> Result:
    return {"requests": requests, "logins": logins}
