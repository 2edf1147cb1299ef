# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""From validated parameters to the settings of a watch, or one sentence that names the option."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import WAIT_OPTIONS, WATCH_OPTIONS, checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    TaskSettings,
    WaitSettings,
    task_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._quantities import seconds_of

# Stands for the campaigns that are not known yet, where the settings of a wait name some.
_ANY: t.Final = "any"


@dataclass(frozen=True, repr=False)
class WatchSettings:
    """Everything that a watch is told; times are in seconds.

    C(states) are those of whose lists the campaigns come; without any, they are those of C(task_settings).
    C(heartbeat_interval) is 0 for none. C(state_file) is None if nothing is remembered.
    """

    task_settings: TaskSettings
    wait_settings: WaitSettings
    states: tuple[str, ...]
    list_interval: float
    is_present_told: bool
    heartbeat_interval: float
    state_file: str | None
    repeat_within: float

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells the campaigns of this watch from those of others."""
        campaigns = self.task_settings.campaigns
        return (self.task_settings.connection.api_url, campaigns.account_name, campaigns.api_version)


def watch_settings_of(given: Mapping[str, t.Any]) -> WatchSettings:
    """The settings, checked as far as it can be done without looking at any host. Raises OptionError."""
    # A rulebook can leave an option out only as null.
    params = checked({name: value for name, value in given.items() if value is not None}, WATCH_OPTIONS)
    states = tuple(dict.fromkeys(params["campaign_state"] or ()))
    _check_which(params)
    waiting = {option.name: option.default for option in WAIT_OPTIONS}
    ids = [_ANY] if params["campaign_id"] is None else params["campaign_id"]
    task_settings = task_settings_of({**waiting, **params, "wait": True, "campaign_id": ids, "device_id": None})
    wait_settings = task_settings.wait_settings
    if wait_settings is None:
        raise AssertionError("unreachable")
    if states:
        task_settings = replace(task_settings, campaigns=replace(task_settings.campaigns, ids=()))
    return WatchSettings(
        task_settings,
        wait_settings,
        states,
        seconds_of(params["list_interval"]),
        params["present"],
        seconds_of(params["heartbeat_interval"]),
        params["state_file"],
        seconds_of(params["repeat_within"]),
    )


def _check_which(params: Mapping[str, t.Any]) -> None:
    """Raises OptionError unless it is said in one way which campaigns are meant."""
    if (params["campaign_id"] is None) == (params["campaign_state"] is None):
        said = "are both missing" if params["campaign_id"] is None else "do not go together"
        raise OptionError(
            f"campaign_id and campaign_state {said}: name campaigns with the one, or states with the other.",
            option="campaign_id",
        )
    if params["campaign_state"] is not None and not params["campaign_state"]:
        raise OptionError("campaign_state is an empty list: name at least one state.", option="campaign_state")
    if params["campaign_state"] and params["api_version"] != "v2":
        raise OptionError(
            f"campaign_state needs api_version v2, not {params['api_version']}: name the campaigns with campaign_id.",
            option="campaign_state",
        )
