# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the code of the module C(callback) in the Ansible process on the controller."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CALLBACK_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode, run_callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback_options import (
    ServiceSettings,
    callback_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._service_task import ServiceTask


class ActionModule(ServiceTask):
    """Runs in-process on a local connection, and runs the module otherwise."""

    module = "fleetops.thingspace.callback"
    options = CALLBACK_OPTIONS

    def service_of(self, params: Mapping[str, t.Any]) -> ServiceSettings:
        """Validate all settings, and return those of the service. Raises OptionError."""
        return callback_settings_of(params).service

    def run_here(self, params: Mapping[str, t.Any], mode: Mode, runtime: Runtime, secrets: Secrets) -> dict[str, t.Any]:
        """Return the result of the task, also after an error, without secrets."""
        return run_callback(params, mode, runtime, secrets)
