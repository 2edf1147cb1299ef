# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the options of campaign_info as variables with a prefix, as the role campaign_wait has them."""

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

# What the role has beyond the options of the module.
ROLE_OPTIONS: t.Final = (
    Option("on_device_failure", default=FAIL, choices=(FAIL, SKIP, CONTINUE)),
    Option("on_timeout", default=FAIL, choices=(FAIL, SKIP, CONTINUE)),
    Option("stats", default="thingspace_campaigns"),
    Option("stats_devices", type="bool", default=False),
    Option("report", type="path"),
)
# What a task decides itself. On a time-out the role has more choices than a task.
_NOT_VARIABLES: t.Final = ("wait", "wait_on_timeout", "log_in")
# What a role of this prefix leaves behind.
_RESULTS: t.Final = ("result",)


def variable_name(option: str, prefix: str) -> str:
    """The variable for an option: C(campaign_wait_timeout) for C(wait_timeout)."""
    return prefix + re.sub("^wait_", "", option)


def names_with(prefix: str) -> Callable[[str], str]:
    """How the user knows an option: the variable's name, or its own if it cannot be given as a variable."""
    return lambda option: option if option in _NOT_VARIABLES else variable_name(option, prefix)


def variables(prefix: str) -> dict[str, Option]:
    """All options that can be given as a variable, by the variables' names."""
    options = [option for option in CAMPAIGN_INFO_OPTIONS if option.name not in _NOT_VARIABLES]
    return {variable_name(option.name, prefix): option for option in (*options, *ROLE_OPTIONS)}


def unknown_variables(names: Iterable[str], prefix: str) -> str | None:
    """The sentence for variables with the prefix that stand for nothing, None if there are none.

    A misspelt variable would be a condition that nobody checks.
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
class Terms:
    """What becomes of a host in each case; C(stats) is the key for workflows, C(report) a file, both empty for none."""

    on_device_failure: str
    on_timeout: str
    stats: str
    stats_devices: bool
    report: str = ""

    def decision(self, failed: bool, reason: str | None) -> str:
        """V(continue), V(fail) or V(skip) for a host whose wait has ended this way.

        =========================  ===================================
        its wait                   the host
        =========================  ===================================
        has succeeded              continues
        C(timed_out)               as C(on_timeout) says
        C(device_not_upgraded)     as C(on_device_failure) says
        has failed otherwise       fails
        =========================  ===================================

        With C(on_timeout=continue) a wait that times out succeeds, unless its device was not upgraded.
        """
        if not failed:
            return CONTINUE
        return {TIMED_OUT: self.on_timeout, DEVICE_NOT_UPGRADED: self.on_device_failure}.get(str(reason), FAIL)


def terms_of(params: Mapping[str, t.Any]) -> Terms:
    """The role's own options among validated parameters."""
    terms = {option.name: params[option.name] for option in ROLE_OPTIONS}
    return Terms(**{**terms, "report": terms["report"] or ""})
