# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for the points on which the service's documents are silent or disagree."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from simulator.strict import DataError, load


@dataclasses.dataclass(frozen=True)
class Behaviour:
    """How the simulated service behaves; the defaults are what the documents say, or the likeliest guess."""

    # How firmware management refuses a session: its sister service's words, the session service's own words,
    # or the 401 of the diagnostics service. No document says which.
    session_expired_form: Literal["uws", "m2m", "account_401"] = "uws"
    # A campaign that does not exist: 400 "Invalid upgradeId", or a plain 404.
    unknown_campaign_form: Literal["400", "404"] = "400"
    # Window hours as "20" instead of 20, as in one documented answer.
    hours_as_strings: bool = False
    # Optional fields without a value: sent as null, or left out.
    nulls: Literal["null", "absent"] = "null"
    # Documents write the queued state of v2 and v3 in two ways; "as_written" leaves the campaign's own word.
    queued_spelling: Literal["as_written", "CampaignQueued", "CampaignRequestQueued", "Queued"] = "as_written"
    # Days of v1 as 2018-04-01 or as 2018-04-01T16:03:00.000Z.
    v1_dates: Literal["date", "date_time"] = "date"
    # Campaigns in one answer of the list calls; the real size is not documented.
    page_size: int = 100
    # Devices in one page of a device report; documented.
    device_page_size: int = 1000
    # The number of all devices as "2500": the table of the documents, against their examples and the SDK.
    total_device_as_string: bool = False
    # What the last page of a device report says as its cursor: nothing, its last IMEI, or "0" as documented for
    # the lists of v1. Not documented for v2 and v3.
    last_page_cursor: Literal["absent", "last", "zero"] = "last"
    # The cursor of a device report as a number: one revision of the documents has it so.
    last_seen_device_id_as_int: bool = False
    # Simulated seconds.
    token_lifetime_seconds: float = 3600.0
    session_idle_seconds: float = 1200.0
    # The same OAuth token asked for again: its remaining seconds, or the whole lifetime each time.
    oauth_countdown: bool = True
    # Consecutive refused logins that lock a user.
    lock_after_refusals: int = 5

    def __post_init__(self) -> None:
        if self.page_size < 1:
            raise ValueError("page_size must be 1 or more")
        if self.device_page_size < 1:
            raise ValueError("device_page_size must be 1 or more")
        if self.lock_after_refusals < 1:
            raise ValueError("lock_after_refusals must be 1 or more")
        if self.token_lifetime_seconds <= 0 or self.session_idle_seconds <= 0:
            raise ValueError("lifetimes must be more than 0 seconds")


def changed(behaviour: Behaviour, changes: Any) -> Behaviour:
    """A copy with some switches changed. Raises DataError for an unknown switch or value."""
    if not isinstance(changes, dict):
        raise DataError("behaviour must be an object")
    return load(Behaviour, {**dataclasses.asdict(behaviour), **changes}, "behaviour")
