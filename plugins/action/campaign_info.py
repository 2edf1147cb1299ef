# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the code of the module C(campaign_info) in the Ansible process on the controller, with progress lines."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    Runtime,
    empty_result,
    register_secrets,
    run,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    OptionError,
    ThingSpaceError,
    WaitFailed,
    expected,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, Result, TaskResult
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import embedded_report
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._campaign_stats import campaign_stats
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._gate_summary import decision_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._module_elsewhere import (
    ModuleElsewhere,
    runs_here,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, RoleOptions
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import Use
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import warn
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_identity import role_key, task_key
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_options import (
    MODULE,
    TaskOptions,
    task_options,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import (
    failure,
    report_refusal,
    result_of,
    run_polls,
    run_reports,
    run_uses,
    runtime_of,
)


class ActionModule(ActionBase):
    """Runs in-process on a local connection, and runs the module otherwise."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """Return the result of the task, also after an error."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        return {**result, **result_of(self, lambda secrets: self._run(variables, secrets))}

    def _run(self, variables: Result, secrets: Secrets) -> Result:
        options = self._validated_options(variables, secrets)
        if options.role_options is not None or runs_here(self):
            return self._run_here(options, variables, secrets)
        return self._run_module(options, variables, secrets)

    def _validated_options(self, variables: Result, secrets: Secrets) -> TaskOptions:
        """Return the validated options of this host. Raises OptionError, and adds the error to the report."""
        prefix = self._task.args.get("options_from")
        if not prefix:
            return self._options(variables, secrets)
        try:
            options = self._options(variables, secrets)
            options.task_settings  # noqa: B018  raises OptionError for invalid options
        except OptionError as error:
            use = self._use(str(variables["inventory_hostname"]), variables)
            report_refusal(self, str(prefix), variables, use, error, secrets)
            raise
        return options

    def _options(self, variables: Result, secrets: Secrets) -> TaskOptions:
        """Return the options that the role has stored for this host, or else those of the task."""
        prefix = self._task.args.get("options_from")
        use = run_uses().joined(role_key(self._task), str(variables.get("inventory_hostname", ""))) if prefix else None
        note = run_uses().open_note(use, str(variables["inventory_hostname"])) if use is not None else None
        if note is None:
            return task_options(self, variables, secrets)
        register_secrets(note["params"], secrets)
        return TaskOptions.of_note(note, str(prefix))

    def _run_here(self, options: TaskOptions, variables: Result, secrets: Secrets) -> Result:
        """Poll or wait in this process. Raises ThingSpaceError, unless the role options turn it into a decision."""
        host = str(variables.get("inventory_hostname", ""))
        task_settings = options.task_settings
        use = self._use(host, variables) if task_settings.wait_settings is not None else None
        runtime = runtime_of(self, host, use, options.names)
        if options.role_options is None or use is None:
            return self._poll_once(options, host, variables, runtime, secrets)
        of_campaigns: Result = {}
        try:
            result: Result = {**run(options.params, runtime, secrets)}
        except ThingSpaceError as error:
            result = failure(error, secrets)
            if isinstance(error, WaitFailed):
                of_campaigns = secrets.clean(error.of_campaigns)
        try:
            return self._decided(options.role_options, use, task_settings, result, of_campaigns, variables, secrets)
        except AnsibleError:
            raise
        except Exception as error:
            # A host without a decision is held. What the wait has learned is returned nevertheless.
            cause = expected(error)
            raise cause.with_changes(facts={**result, **cause.facts, "reason": cause.reason}) from None

    def _decided(
        self,
        role_options: RoleOptions,
        use: Use,
        task_settings: TaskSettings,
        learned: Result,
        of_campaigns: Result,
        variables: Result,
        secrets: Secrets,
    ) -> Result:
        """Return what a wait has learned, with the decision for this host, which is stored for the summary."""
        result, host = dict(learned), str(variables.get("inventory_hostname", ""))
        result["decision"] = role_options.decision(bool(result.get("failed")), result.get("reason"))
        result["can_be_held"] = result["decision"] == CONTINUE or self._reaches_next_task(result, variables)
        run_uses().decide(use, host, decision_of(result, result["decision"], task_settings.campaigns.device_id))
        if role_options.report:
            _store_for_report(result, role_options.report, use, secrets, lambda: _devices_of(result, task_settings))
        return {**result, **self._stats({**result, **of_campaigns}, role_options, task_settings, use)}

    def _poll_once(
        self, options: TaskOptions, host: str, variables: Result, runtime: Runtime, secrets: Secrets
    ) -> Result:
        """Return a result without a wait and a decision. The report lists the devices nevertheless."""
        path = options.role_options.report if options.role_options is not None else ""
        if not path:
            return {**run(options.params, runtime, secrets)}
        use = self._use(host, variables)
        is_summary = options.params["devices"] == "summary"
        params = {**options.params, "devices": "all"} if is_summary else options.params
        try:
            result: Result = {**run(params, runtime, secrets)}
        except ThingSpaceError as error:
            _store_for_report(failure(error, secrets), path, use, secrets, dict)
            raise
        listed = {str(facts["id"]): facts["devices"] or [] for facts in result["campaigns"]}
        _store_for_report(result, path, use, secrets, lambda: listed)
        return _without_devices(result) if is_summary else result

    def _reaches_next_task(self, result: Result, variables: Result) -> bool:
        """Return whether the conditions of the task are still true for this host with this result.

        Otherwise, a condition that uses the result would skip the task that holds the host.
        """
        conditions, register = self._task.when, self._task.register
        # A dict of names since ansible-core 2.21.
        names = list(register) if isinstance(register, Mapping) else [register] if register else []
        try:
            templar = self._templar.copy_with_new_env(
                available_variables={**variables, **dict.fromkeys(map(str, names), result)}
            )
            if hasattr(templar, "evaluate_conditional"):
                return all(templar.evaluate_conditional(condition) for condition in conditions)
            return bool(self._task.evaluate_conditional(templar, templar.available_variables))
        except AnsibleError:
            return False

    def _use(self, host: str, variables: Result) -> Use:
        """Return the use that the hosts at this task share: that of the role, if there is one."""
        uses = run_uses()
        batch = variables.get("ansible_play_batch", ())
        return uses.joined(role_key(self._task), host) or uses.join(task_key(self._task), host, batch)

    @staticmethod
    def _stats(result: Result, role_options: RoleOptions, task_settings: TaskSettings, use: Use) -> Result:
        """Return custom stats in the format of C(set_stats). Equal stats are returned for one host only."""
        campaigns = task_settings.campaigns
        if not role_options.stats or "waits" not in result:
            return {}
        devices = _devices_of(result, task_settings) if role_options.stats_devices else {}
        stats = campaign_stats(t.cast(TaskResult, result), campaigns.account_name, campaigns.api_version, devices)
        if not run_uses().is_new(use, json.dumps([role_options.stats, stats], sort_keys=True)):
            return {}
        return {"ansible_stats": {"data": {role_options.stats: stats}, "per_host": False, "aggregate": True}}

    def _run_module(self, options: TaskOptions, variables: Result, secrets: Secrets) -> Result:
        """Run the module on the target host, with tokens from the controller."""
        task_settings = options.task_settings
        register_secrets(options.params, secrets)
        clock = Clock()
        return ModuleElsewhere(self, MODULE, CAMPAIGN_INFO_OPTIONS).run(
            options.params,
            task_settings.connection,
            task_settings.credentials,
            variables,
            secrets,
            lambda error, requests, logins: {**empty_result(task_settings, error, requests, logins, clock)},
        )


def _devices_of(result: Result, task_settings: TaskSettings) -> dict[str, list[Device]]:
    """Return the devices of the campaigns whose device report was read in this run."""
    if task_settings.campaigns.api_version == "v1":
        return {campaign["id"]: embedded_report(campaign).devices() for campaign in result["campaigns"]}
    reports = {campaign_id: run_polls(task_settings).report(campaign_id) for campaign_id in task_settings.campaigns.ids}
    return {campaign_id: known.report.devices() for campaign_id, known in reports.items() if known is not None}


def _without_devices(result: Result) -> Result:
    campaigns = [{**facts, "devices": None} for facts in result["campaigns"]]
    return {**result, "campaigns": campaigns, **({"campaign": campaigns[0]} if "campaign" in result else {})}


def _store_for_report(
    result: Result, path: str, use: Use, secrets: Secrets, devices: Callable[[], Mapping[str, Sequence[Device]]]
) -> None:
    """Store a result for a report. The result is already masked, but the return value of C(devices) is not.

    An error about a report does not affect the host.
    """
    try:
        reports = run_reports()
        if reports.is_new_result(path, use, result):
            reports.add_result(path, use, result, secrets.clean(devices()))
    except Exception as error:
        text = f"The report {printable(path, 200)} will be incomplete: {secrets.mask(expected(error).message)}"
        warn(Display(), text)
