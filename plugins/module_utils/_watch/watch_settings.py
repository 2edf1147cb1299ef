# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Converts validated parameters to the settings of a watch, or raises an error that names the option."""

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

# A placeholder, because the settings of a wait require a campaign ID, and the campaigns are not known yet.
_ANY: t.Final = "any"


@dataclass(frozen=True, repr=False)
class WatchSettings:
    """The settings of a watch. Times are in seconds.

    C(states) are the states whose lists provide the campaigns. Without states, the campaigns are those of
    C(task_settings). C(heartbeat_interval) is 0 for no heartbeat. C(state_file) is None if nothing is stored.
    """

    task_settings: TaskSettings
    wait_settings: WaitSettings
    states: tuple[str, ...]
    list_interval: float
    sends_present: bool
    heartbeat_interval: float
    state_file: str | None
    repeat_within: float

    @property
    def identity(self) -> tuple[str, ...]:
        """What identifies the campaigns of this watch."""
        campaigns = self.task_settings.campaigns
        return (self.task_settings.connection.api_url, campaigns.account_name, campaigns.api_version)


def watch_settings_of(given: Mapping[str, t.Any]) -> WatchSettings:
    """Return the settings, validated as far as possible without a request. Raises OptionError."""
    # A rulebook can only leave out an option by setting it to null.
    params = checked({name: value for name, value in given.items() if value is not None}, WATCH_OPTIONS)
    states = tuple(dict.fromkeys(params["campaign_state"] or ()))
    _check_campaign_options(params)
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


def _check_campaign_options(params: Mapping[str, t.Any]) -> None:
    """Raise OptionError unless exactly one of campaign_id and campaign_state is set."""
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
