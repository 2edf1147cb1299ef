# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the options of campaign_info as variables with a prefix, as in the role campaign_wait."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS, Option
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import DEVICE_NOT_UPGRADED
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import meant_by
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TIMED_OUT

CONTINUE: t.Final = "continue"
FAIL: t.Final = "fail"
SKIP: t.Final = "skip"

# The options of the role that the module does not have.
ROLE_OPTIONS: t.Final = (
    Option("on_device_failure", default=FAIL, choices=(FAIL, SKIP, CONTINUE)),
    Option("on_timeout", default=FAIL, choices=(FAIL, SKIP, CONTINUE)),
    Option("stats", default="thingspace_campaigns"),
    Option("stats_devices", type="bool", default=False),
    Option("report", type="path"),
)
# Options that are no variables of the role. On a timeout, the role has more choices than the module.
_NOT_VARIABLES: t.Final = ("wait", "wait_on_timeout", "log_in")
# Variables with the prefix that the role sets.
_RESULTS: t.Final = ("result",)


def variable_name(option: str, prefix: str) -> str:
    """Return the variable for an option: C(campaign_wait_timeout) for C(wait_timeout)."""
    return prefix + re.sub("^wait_", "", option)


def names_with(prefix: str) -> Callable[[str], str]:
    """Return a function that maps an option to its variable, or to itself if it has no variable."""
    return lambda option: option if option in _NOT_VARIABLES else variable_name(option, prefix)


def variables(prefix: str) -> dict[str, Option]:
    """Return all options that can be set with a variable, by the name of the variable."""
    options = [option for option in CAMPAIGN_INFO_OPTIONS if option.name not in _NOT_VARIABLES]
    return {variable_name(option.name, prefix): option for option in (*options, *ROLE_OPTIONS)}


def unknown_variables(names: Iterable[str], prefix: str) -> str | None:
    """Return the error message for unknown variables with the prefix, or None if there are none.

    Without this error, a misspelled condition would be ignored.
    """
    known = [*variables(prefix), *(prefix + result for result in _RESULTS)]
    unknown = sorted(name for name in names if name.startswith(prefix) and name not in known)
    if not unknown:
        return None
    hints = [f"{name} is not an option{_hint(name, known, prefix)}" for name in unknown]
    return f"{'; '.join(hints)}. Every variable that begins with {prefix} must be an option: rename or remove it."


def _hint(name: str, known: Iterable[str], prefix: str) -> str:
    meant = meant_by(name[len(prefix) :], [each[len(prefix) :] for each in known])
    return f" (did you mean {prefix}{meant}?)" if meant else ""


@dataclass(frozen=True)
class RoleOptions:
    """The options of the role. C(stats) is the key of the custom stats, C(report) a file. Both are empty for none."""

    on_device_failure: str
    on_timeout: str
    stats: str
    stats_devices: bool
    report: str = ""

    def decision(self, failed: bool, reason: str | None) -> str:
        """Return V(continue), V(fail) or V(skip) for a host whose wait has ended this way.

        =========================  ===================================
        result of the wait         decision
        =========================  ===================================
        success                    V(continue)
        C(timed_out)               the value of C(on_timeout)
        C(device_not_upgraded)     the value of C(on_device_failure)
        any other failure          V(fail)
        =========================  ===================================

        With C(on_timeout=continue), a wait that times out succeeds, unless its device was not upgraded.
        """
        if not failed:
            return CONTINUE
        return {TIMED_OUT: self.on_timeout, DEVICE_NOT_UPGRADED: self.on_device_failure}.get(str(reason), FAIL)


def role_options_of(params: Mapping[str, t.Any]) -> RoleOptions:
    """Return the options of the role from validated parameters."""
    values = {option.name: params[option.name] for option in ROLE_OPTIONS}
    return RoleOptions(**{**values, "report": values["report"] or ""})
