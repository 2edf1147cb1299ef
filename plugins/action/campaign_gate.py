# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the role campaign_wait except the decision. The documentation of the module describes them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from typing import Optional

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import GATE_OPTIONS, argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError, ThingSpaceError, expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._due_reports import write_due_reports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._gate_summary import summary_lines
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import names_with
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import Use
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import print_line, warn
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._shared_wait import wait_for_all
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_identity import inherits_run_once, role_key
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_options import (
    TaskOptions,
    noted_options,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_runtime import (
    environment_of,
    report_refusal,
    result_of,
    run_reports,
    run_uses,
    runtime_of,
)

# A step returns true if it has changed a file.
Step = Callable[[str, Result, Secrets], Optional[bool]]

# The name endings of strategies in which each host runs a task independently, despite run_once.
_INDEPENDENT_STRATEGIES: t.Final = ("free", "host_pinned")
_RUN_ONCE: t.Final = (
    "The role campaign_wait decides for each host whether it can continue, and run_once around it (at the role, an "
    "include, a block or the play) would let the other hosts continue unchecked. Remove run_once: the role waits in "
    "one process for all hosts anyway. To wait once for all hosts without a decision for each of them, use the module "
    "fleetops.thingspace.campaign_info with wait: true and run_once: true."
)


class ActionModule(ActionBase):
    """Runs a step on the controller, without a connection."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """Return the result of the task, also after an error."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        return {**result, **result_of(self, lambda secrets: self._run(variables, secrets))}

    def _run(self, variables: Result, secrets: Secrets) -> Result:
        _checked, arguments = self.validate_argument_spec(argument_spec(GATE_OPTIONS))
        steps: dict[str, Step] = {
            **{"guard": self._guard, "note": self._note, "wait": self._wait, "summary": self._summary},
            "report": self._report,
        }
        return {"changed": bool(steps[arguments["step"]](arguments["options_from"], variables, secrets))}

    def _guard(self, _prefix: str, _variables: Result, _secrets: Secrets) -> None:
        try:
            is_once = inherits_run_once(self._task, self._templar.template)
        except AttributeError as error:
            raise OptionError(
                f"campaign_wait does not support this version of ansible-core ({error}): use one that its README lists."
            ) from error
        if is_once:
            raise OptionError(_RUN_ONCE)

    def _note(self, prefix: str, variables: Result, secrets: Secrets) -> None:
        host, uses = str(variables["inventory_hostname"]), run_uses()
        in_step = not self._hosts_run_independently()
        use = uses.join(role_key(self._task), host, variables["ansible_play_batch"], in_step)
        try:
            options = self._validated_options(prefix, variables, secrets)
        except ThingSpaceError as error:
            report_refusal(self, prefix, variables, use, error, secrets)
            raise
        uses.note(use, host, {**options.as_note(), "environment": self._environment()})
        if options.role_options is not None and options.role_options.report:
            run_reports().add_host(options.role_options.report, use, host)

    def _validated_options(self, prefix: str, variables: Result, secrets: Secrets) -> TaskOptions:
        """Return the validated options of this host. Raises OptionError or LibraryMissing."""
        options = noted_options(self, prefix, variables, secrets)
        options.task_settings  # noqa: B018  raises OptionError for invalid options
        name = f"{prefix}result"
        if _looks_like_result(variables.get(name, {})) and not run_uses().was_decided(
            str(variables["inventory_hostname"])
        ):
            raise OptionError(
                f"{name} is set outside the role (-e, vars or an earlier register) and would override the decision of "
                "the role: rename that variable."
            )
        return options

    def _wait(self, prefix: str, variables: Result, secrets: Secrets) -> None:
        """Wait for all hosts. Ignore errors, because each host polls again in its own task."""
        use = self._use(variables)
        if use is None:
            return
        notes = run_uses().notes(use)
        hosts = {str(variables["inventory_hostname"])} if self._hosts_run_independently() else set(notes)
        environment = self._environment()
        selected = {host: note for host, note in notes.items() if host in hosts and note["environment"] == environment}
        if selected:
            runtime = runtime_of(self, _host_label(list(selected)), use, names_with(prefix))
            try:
                wait_for_all([note["params"] for note in selected.values()], runtime, secrets)
            except ThingSpaceError:
                pass
            except Exception as error:
                warn(Display(), f"The hosts do not share a wait, and wait one by one. {expected(error).message}")

    def _summary(self, prefix: str, variables: Result, secrets: Secrets) -> bool:
        use = self._use(variables)
        if use is None:
            return False
        if not self._task.no_log:
            self._print_summary(use, variables)
        return self._report(prefix, variables, secrets)

    def _report(self, _prefix: str, _variables: Result, _secrets: Secrets) -> bool:
        """Write the due reports, also with no_log, which only hides the lines on the screen."""

        def print_unless_hidden(line: str) -> None:
            if not self._task.no_log:
                print_line(Display(), line)

        return write_due_reports(
            run_reports(), print_unless_hidden, lambda text: warn(Display(), text), self._task.check_mode
        )

    def _print_summary(self, use: Use, variables: Result) -> None:
        decisions = run_uses().decisions(use)
        if self._hosts_run_independently():
            host = str(variables["inventory_hostname"])
            decisions = {host: decisions[host]} if host in decisions else {}
        lines = summary_lines(decisions, lambda line: run_uses().is_new(use, line)) if decisions else []
        for line in lines:
            print_line(Display(), line)

    def _use(self, variables: Result) -> Use | None:
        return run_uses().joined(role_key(self._task), str(variables["inventory_hostname"]))

    def _environment(self) -> dict[str, str]:
        """Return the environment for requests: that of the task, without the variables of options."""
        environment = environment_of(self)
        return {str(name): str(value) for name, value in environment.items() if not name.startswith("THINGSPACE_")}

    def _hosts_run_independently(self) -> bool:
        return str(self._task._parent._play.strategy).endswith(_INDEPENDENT_STRATEGIES)


def _looks_like_result(result: t.Any) -> bool:
    """Return whether a variable looks like a result of the role. The result of a skipped task does not."""
    return not isinstance(result, Mapping) or "decision" in result


def _host_label(hosts: list[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"{hosts[0]} +{len(hosts) - 1}"
