# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the role campaign_wait: one wait for all hosts of a batch, then a decision for each of them."""

from __future__ import annotations

import hashlib
import json
import typing as t
from collections.abc import Mapping

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    GATE_OPTIONS,
    argument_spec,
    secret_names,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import register_secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import (
    CAMPAIGN_ID,
    VARIABLES,
    Values,
    fleet_of,
    role_variable,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_result import (
    gate_result,
    of_host,
    only_for,
    refusal,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_verdict import FAIL
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import wait_for
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._orphan import ends_with_the_playbook
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_results import RunResults
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._task_surroundings import (
    surroundings_of,
    task_environment,
)

Result = dict[str, t.Any]

_GATE: t.Final = "campaign_wait_gate"
_DEFAULTS_OF: t.Final = ("group/fleetops.thingspace.thingspace", "fleetops.thingspace.campaign_info")
# How the names of strategies end under which each host runs a task for itself, whatever run_once says.
_EACH_FOR_ITSELF: t.Final = ("free", "host_pinned")


class ActionModule(ActionBase):
    """Reads the role's variables of all hosts, waits, and says who goes on; it never uses a connection."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, t.Any] | None = None) -> Result:
        """The task's result, which is also registered as C(campaign_wait_gate)."""
        variables = dict(task_vars or {})
        result: Result = super().run(tmp, variables)
        _checked, arguments = self.validate_argument_spec(argument_spec(GATE_OPTIONS))
        secrets = Secrets()
        with task_environment(self), ends_with_the_playbook():
            try:
                gate = _Gate(self, variables, secrets, arguments["look_once"])
                done = gate.stop() if arguments["step"] == "stop" else gate.wait()
            except ThingSpaceError as error:
                done = {**refusal(error, variables["ansible_play_batch"]), "failed": True, "msg": error.message}
        result.update(secrets.clean(done))
        return result


class _Gate:
    """One task on one host, on behalf of all."""

    def __init__(self, action: ActionModule, task_vars: Result, secrets: Secrets, look_once: bool) -> None:
        self._action = action
        self._task = action._task
        if self._task._role is None:
            raise OptionError("fleetops.thingspace.campaign_gate is a part of the role campaign_wait: use that.")
        self._task_vars = task_vars
        self._host = str(task_vars["inventory_hostname"])
        self._hosts = HostVariables(self._task, task_vars, action._templar)
        self._secrets = secrets
        self._seen: set[str] = set()
        self._look_once = look_once
        self._defaults = self._module_defaults()

    def wait(self) -> Result:
        """The decisions on all hosts if this task runs once for them, else that on this host."""
        is_for_all = self._task.run_once and not str(self._task._role._play.strategy).endswith(_EACH_FOR_ITSELF)
        return self._decide(self._values()) if is_for_all else self._shared()

    def stop(self) -> Result:
        """Fail a host that must not go on. One on which nobody has decided waits now, with all others like it."""
        kept = self._task_vars.get(_GATE)
        is_decided = isinstance(kept, Mapping) and self._host in kept.get("hosts", {})
        gate = t.cast(Result, kept) if is_decided else self._shared()
        own = of_host(gate, self._host)
        result = {**own, "held": {name: verb for name, verb in gate["held"].items() if name == self._host}}
        if not is_decided:
            result.update(only_for(gate, self._host))
        return {**result, "failed": True, "msg": own["message"]} if own["decision"] == FAIL else result

    def _shared(self) -> Result:
        """A result that one host of the play gets for all.

        The whole of it, because what a task with run_once registers goes to all hosts under each strategy.
        """
        results = RunResults(C.DEFAULT_LOCAL_TMP, str(self._task._role._play._uuid))
        own = self._values_of(self._host, self._hosts.of(self._host))
        with results.alone():
            gate = results.take(self._host, _digest(own))
            if gate is None:
                values = self._values()
                values.setdefault(self._host, own)
                gate = self._decide(values)
                kept = {name: value for name, value in gate.items() if name != "ansible_stats"}
                wishes = {name: _digest(value) for name, value in values.items()}
                results.put(self._host, wishes, self._secrets.clean(kept))
        return gate

    def _values(self) -> dict[str, Values]:
        """What the role's variables are on each host that the task is for."""
        variables = {name: self._hosts.of(name) for name in self._hosts.batch}
        return {name: self._values_of(name, own) for name, own in variables.items() if self._hosts.is_meant(own)}

    def _values_of(self, host: str, variables: Result) -> Values:
        own = self._hosts.filled_in(variables, VARIABLES, host, lacking=(CAMPAIGN_ID,))
        values = {**self._defaults, **own}
        for secret in (values.get(role_variable(name)) for name in secret_names()):
            if repr(secret) not in self._seen:
                self._seen.add(repr(secret))
                self._secrets.add_within(secret)
        return values

    def _module_defaults(self) -> Result:
        """What the play sets with C(module_defaults) for all tasks that talk to ThingSpace, in the role's words."""
        defaults: Result = {}
        for group in self._task.module_defaults or []:
            for name in _DEFAULTS_OF:
                defaults.update(group.get(name) or {})
        return {role_variable(name): value for name, value in defaults.items() if role_variable(name) in VARIABLES}

    def _decide(self, values: Mapping[str, Values]) -> Result:
        fleet = fleet_of(values)
        for party in fleet.parties:
            register_secrets(vars(party.wishes.credentials), self._secrets)
        surroundings = surroundings_of(self._action, _who(list(values)))
        ends = wait_for(fleet.parties, surroundings, self._secrets, looks_once=self._look_once)
        gate = gate_result(fleet, ends, self._look_once)
        if len(values) > 1 and any(party.is_talkative for party in fleet.parties):
            surroundings.reporter.progress(gate["message"])
        return gate


def _digest(values: Values) -> str:
    """What tells one wish from another. It goes into a file of the run, so it must not give away what is in it."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.blake2b(
        text.encode("utf-8", "replace"), digest_size=16, key=C.DEFAULT_LOCAL_TMP.encode()[-64:]
    ).hexdigest()


def _who(hosts: list[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"{hosts[0]} and {len(hosts) - 1} more" if hosts else "no host"
