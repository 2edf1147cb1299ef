# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base of the action plugins for modules that only send requests to the service."""

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
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._module_elsewhere import (
    ModuleElsewhere,
    runs_here,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._plain_values import plain
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import result_of, runtime_of


class ServiceTask(ActionBase):
    """Runs in this process with a local connection, and runs the module otherwise."""

    _supports_async = True
    _supports_check_mode = True

    module: t.ClassVar[str]
    options: t.ClassVar[tuple[Option, ...]]

    def service_of(self, params: Mapping[str, t.Any]) -> ServiceSettings:
        """Validate all settings, and return those of the service. Raises OptionError."""
        raise NotImplementedError

    def run_here(self, params: Mapping[str, t.Any], mode: Mode, runtime: Runtime, secrets: Secrets) -> Result:
        """Return the result of the task, also after an error, without secrets."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """Return the result of the task, also after an error."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        return {**result, **result_of(self, lambda secrets: self._run(variables, secrets))}

    def _run(self, variables: Result, secrets: Secrets) -> Result:
        arguments = plain(self._task.args)
        for name in secret_names(self.options):
            secrets.add_within(arguments.get(name))
        params = checked(arguments, self.options)
        if runs_here(self):
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
