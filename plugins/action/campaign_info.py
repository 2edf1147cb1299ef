# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(campaign_info) on the controller: the module's own code, in Ansible's process, with lines of progress."""

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
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, Result, TaskResult
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import embedded_report
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._campaign_stats import campaign_stats
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._exit_with_parent import ends_with_the_playbook
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._gate_summary import decision_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._module_elsewhere import (
    ModuleElsewhere,
    failure,
    is_here,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, Terms
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import Use
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import warn
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_identity import role_key, task_key
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_options import (
    MODULE,
    TaskOptions,
    task_options,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import (
    report_refusal,
    run_polls,
    run_reports,
    run_uses,
    runtime_of,
    task_environment,
)


class ActionModule(ActionBase):
    """Runs in-process on a local connection, and hands over to the module everywhere else."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """The task's result; never raises ThingSpaceError."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        secrets = Secrets()
        with task_environment(self), ends_with_the_playbook():
            try:
                options = self._usable_options(variables, secrets)
                if options.terms is not None or is_here(self):
                    result.update(self._here(options, variables, secrets))
                else:
                    result.update(self._on_target(options, variables, secrets))
            except ThingSpaceError as error:
                result.update(failure(error, secrets))
        return result

    def _usable_options(self, variables: Result, secrets: Secrets) -> TaskOptions:
        """Raises OptionError for what cannot be used, and lets the report tell it that this host has asked for."""
        prefix = self._task.args.get("options_from")
        if not prefix:
            return self._options(variables, secrets)
        try:
            options = self._options(variables, secrets)
            options.task_settings  # noqa: B018  raises for what cannot be used
        except OptionError as error:
            use = self._use(str(variables["inventory_hostname"]), variables)
            report_refusal(self, str(prefix), variables, use, error, secrets)
            raise
        return options

    def _options(self, variables: Result, secrets: Secrets) -> TaskOptions:
        """Those that the role has checked and noted for this host, or else those of the task."""
        prefix = self._task.args.get("options_from")
        use = run_uses().joined(role_key(self._task), str(variables.get("inventory_hostname", ""))) if prefix else None
        note = run_uses().open_note(use, str(variables["inventory_hostname"])) if use is not None else None
        if note is None:
            return task_options(self, variables, secrets)
        register_secrets(note["params"], secrets)
        return TaskOptions.of_note(note, str(prefix))

    def _here(self, options: TaskOptions, variables: Result, secrets: Secrets) -> Result:
        """Read, or wait, in this process. Raises ThingSpaceError unless the host's terms say what becomes of it."""
        host = str(variables.get("inventory_hostname", ""))
        task_settings = options.task_settings
        use = self._use(host, variables) if task_settings.wait_settings is not None else None
        runtime = runtime_of(self, host, use, options.names)
        if options.terms is None or use is None:
            return self._polled_once(options, host, variables, runtime, secrets)
        of_campaigns: Result = {}
        try:
            result: Result = {**run(options.params, runtime, secrets)}
        except ThingSpaceError as error:
            result = failure(error, secrets)
            if isinstance(error, WaitFailed):
                of_campaigns = secrets.clean(error.of_campaigns)
        result["decision"] = options.terms.decision(bool(result.get("failed")), result.get("reason"))
        result["can_be_held"] = result["decision"] == CONTINUE or self._comes_to_the_next_task(result, variables)
        run_uses().decide(use, host, decision_of(result, result["decision"], task_settings.campaigns.device_id))
        if options.terms.report:
            _report_on(result, options.terms.report, use, secrets, lambda: _devices_of(result, task_settings))
        return {**result, **self._stats({**result, **of_campaigns}, options.terms, task_settings, use)}

    def _polled_once(
        self, options: TaskOptions, host: str, variables: Result, runtime: Runtime, secrets: Secrets
    ) -> Result:
        """A result without a wait, and so without a decision; a report names the devices all the same."""
        path = options.terms.report if options.terms is not None else ""
        if not path:
            return {**run(options.params, runtime, secrets)}
        use = self._use(host, variables)
        is_summary = options.params["devices"] == "summary"
        params = {**options.params, "devices": "all"} if is_summary else options.params
        try:
            result: Result = {**run(params, runtime, secrets)}
        except ThingSpaceError as error:
            _report_on(failure(error, secrets), path, use, secrets, dict)
            raise
        listed = {str(facts["id"]): facts["devices"] or [] for facts in result["campaigns"]}
        _report_on(result, path, use, secrets, lambda: listed)
        return _without_devices(result) if is_summary else result

    def _comes_to_the_next_task(self, result: Result, variables: Result) -> bool:
        """Whether the conditions around the role still hold for this host when the role has this result.

        One that looks at the result itself would keep the host from the task that holds it.
        """
        conditions, register = self._task.when, self._task.register
        # Since ansible-core 2.21 a dict of names.
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
        """The use that the hosts at this task share: that of the role, if its first tasks have begun one."""
        uses = run_uses()
        batch = variables.get("ansible_play_batch", ())
        return uses.joined(role_key(self._task), host) or uses.join(task_key(self._task), host, batch)

    @staticmethod
    def _stats(result: Result, terms: Terms, task_settings: TaskSettings, use: Use) -> Result:
        """What is told to a workflow, in the form of C(set_stats), by one host for all that would tell the same."""
        campaigns = task_settings.campaigns
        if not terms.stats or "waits" not in result:
            return {}
        devices = _devices_of(result, task_settings) if terms.stats_devices else {}
        stats = campaign_stats(t.cast(TaskResult, result), campaigns.account_name, campaigns.api_version, devices)
        if not run_uses().is_new(use, json.dumps([terms.stats, stats], sort_keys=True)):
            return {}
        return {"ansible_stats": {"data": {terms.stats: stats}, "per_host": False, "aggregate": True}}

    def _on_target(self, options: TaskOptions, variables: Result, secrets: Secrets) -> Result:
        """Run the module where the task belongs, with tokens that were got here."""
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
    """The devices of the campaigns whose device report was read in this run."""
    if task_settings.campaigns.api_version == "v1":
        return {campaign["id"]: embedded_report(campaign).devices() for campaign in result["campaigns"]}
    reports = {campaign_id: run_polls(task_settings).report(campaign_id) for campaign_id in task_settings.campaigns.ids}
    return {campaign_id: known.report.devices() for campaign_id, known in reports.items() if known is not None}


def _without_devices(result: Result) -> Result:
    campaigns = [{**facts, "devices": None} for facts in result["campaigns"]]
    return {**result, "campaigns": campaigns, **({"campaign": campaigns[0]} if "campaign" in result else {})}


def _report_on(
    result: Result, path: str, use: Use, secrets: Secrets, devices: Callable[[], Mapping[str, Sequence[Device]]]
) -> None:
    """Keep a result for a report. It is masked already; C(devices) comes from what the service has said.

    Whatever goes wrong with a report changes nothing for the host.
    """
    try:
        reports = run_reports()
        if reports.is_news(path, use, result):
            reports.learn(path, use, result, secrets.clean(devices()))
    except Exception as error:
        warn(Display(), f"The report {printable(path, 200)} will be incomplete: {printable(error, 200)}")
