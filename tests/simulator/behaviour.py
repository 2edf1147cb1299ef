# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for the points on which the service's documents are silent or disagree.

The table of them in docs/simulator_reference.md is written from here, by ``make tables``.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, TypeVar

from simulator.strict import DataError, load

T = TypeVar("T")


def _switch(default: T, text: str) -> T:
    # The linter wants such calls in the body of a class; this one is called only there.
    field: T = dataclasses.field(default=default, metadata={"text": text})  # pylint: disable=invalid-field-call
    return field


@dataclasses.dataclass(frozen=True)
class Behaviour:
    """How the simulated service behaves; the defaults are what the documents say, or the likeliest guess.

    Seconds are simulated ones. The switches of the life cycle hold for what is scheduled or changed from then on.
    """

    # Credentials.
    session_expired_form: Literal["uws", "m2m", "account_401"] = _switch(
        "uws",
        "How firmware management refuses a session: in the words of its sister service, in those of the session "
        "service, or with the 401 of the diagnostics service. No document says which.",
    )
    session_idle_seconds: float = _switch(1200.0, "How long a session lives without being used; documented.")
    session_expires_in: int | None = _switch(
        None, "`expiresIn` in the answer to a login. The documents have none; clients tell of 1200 and 3600."
    )
    login_ends_older_sessions: bool = _switch(False, "Whether a login ends the user's other sessions. Not documented.")
    refused_login_form: Literal["400", "401"] = _switch(
        "400", "The status of a refused login. Not documented; clients tell of 400."
    )
    lock_after_refusals: int = _switch(5, "Refused logins in a row that lock a user; documented.")
    token_lifetime_seconds: float = _switch(3600.0, "How long an access token lives; documented.")
    oauth_countdown: bool = _switch(
        True, "The same access token asked for again: its remaining seconds, or its whole lifetime each time."
    )
    oauth_fields: Literal["all", "required"] = _switch(
        "all", "What an answer with an access token has: all its fields, or those that the official SDK requires."
    )
    # The form of answers.
    unknown_campaign_form: Literal["400", "404"] = _switch(
        "400", "A campaign that does not exist: a 400 with `Invalid upgradeId`, or a plain 404."
    )
    nulls: Literal["null", "absent"] = _switch("null", "Optional fields without a value: sent as null, or left out.")
    hours_as_strings: bool = _switch(False, 'Hours of windows as "20" instead of 20, as in one documented answer.')
    queued_spelling: Literal["as_written", "CampaignQueued", "CampaignRequestQueued", "Queued"] = _switch(
        "as_written",
        "The queued state of v2 and v3, which the documents write in two ways; or the campaign's own word.",
    )
    v3_window_list: Literal["campaignTimeWindowList", "timeWindowList"] = _switch(
        "campaignTimeWindowList", "The name of the windows of v3; an older example has the second."
    )
    v1_dates: Literal["date", "date_time"] = _switch(
        "date", "Days of v1 as 2018-04-01 or as 2018-04-01T16:03:00.000Z: one documented list has the second."
    )
    page_size: int = _switch(100, "Campaigns in one answer of the lists. Not documented.")
    device_page_size: int = _switch(1000, "Devices in one page of a device report; documented.")
    total_device_as_string: bool = _switch(
        False, 'The number of all devices as "2500": the table of the documents, against their examples and the SDK.'
    )
    last_page_cursor: Literal["absent", "last", "zero"] = _switch(
        "last",
        "What the last page of a device report says as its cursor: nothing, its last IMEI, or 0 as in the lists of "
        "v1. Not documented for v2 and v3.",
    )
    last_seen_device_id_as_int: bool = _switch(
        False, "The cursor of a device report as a number: one revision of the documents has it so."
    )
    success_reason: Literal["as_written", "DownloadInstallSucceeded", "Download and install succeeded.", "success"] = (
        _switch(
            "as_written",
            "The reason of an upgraded device, which the documents write in three ways; or the device's own.",
        )
    )
    v3_history_id: Literal["both", "campaignId", "id"] = _switch(
        "both", "The ID of the campaign in a device's history of v3: the SDK has the second, the documents the third."
    )
    no_callback_form: Literal["object", "empty"] = _switch(
        "object", "The answer where no callback is registered (v2, v3): an empty object, or no body."
    )
    callback_form: Literal["like_v1", "campaign"] = _switch(
        "like_v1",
        "The body of a callback of v2 and v3: that of v1 with a `campaignId`, or the campaign with its new `status`. "
        "Not documented.",
    )
    callback_attempts: int = _switch(
        2, "How often a callback is sent that nobody accepts. Not documented; a sister service was seen to send two."
    )
    callback_retry_seconds: float = _switch(
        1.5, "The time between these attempts, in real seconds. Not documented; seen at a sister service."
    )
    # The life cycle of campaigns that follow their dates.
    request_seconds: float = _switch(
        60.0, "How long the service takes for each step before a campaign can begin. Not documented."
    )
    past_start_form: Literal["refused", "on_demand"] = _switch(
        "refused", "A start date before today: refused, or as if it were today. Not documented."
    )
    scheduled_when: Literal["start_date", "day_before"] = _switch(
        "start_date",
        "When a campaign of v2 or v3 becomes scheduled: on its start date (life cycle page), or the day before: "
        '"before the start date" (page of the get call).',
    )
    pre_scheduled: bool = _switch(
        True, "Whether v3 shows `CampaignPreScheduled`: an example and the life cycle page have it, the lists have not."
    )
    v1_on_demand_seconds: float = _switch(
        5400.0, "When an upgrade of v1 for today begins: after 90 minutes (newer page), or 2 hours (older page)."
    )
    last_day: Literal["included", "excluded"] = _switch(
        "included", "Whether a campaign runs through its end date, or ends when that day begins."
    )
    early_end: bool = _switch(
        True,
        "Whether a campaign ends once its devices are through (life cycle pages), or only with its end date.",
    )
    upgrade_seconds: float = _switch(
        14400.0, "The time from the start in which the devices are upgraded, one after the other. Not documented."
    )
    # Changes by the user.
    cancel_after_start: Literal["aborted", "refused"] = _switch(
        "aborted",
        "A DELETE after the start date (v2, v3): an aborted campaign, or (other pages and the SDK) a refusal.",
    )
    cancel_after_end: Literal["refused", "success"] = _switch(
        "refused", "A DELETE of a campaign that is over: refused, or nothing but a success. Not documented."
    )
    v1_cancelled: Literal["removed", "Cancelled", "CampaignCancelled"] = _switch(
        "removed", "What a cancelled upgrade of v1 is: gone (life cycle page), or in a state that no page names."
    )
    changed_dates_status: Literal["current", "example"] = _switch(
        "current",
        "The status in the answer to a change of dates: the campaign's own, or that of the examples "
        "(`RequestPending` in v2, `CampaignRequestQueued` in v3).",
    )

    def __post_init__(self) -> None:
        for name in ("page_size", "device_page_size", "lock_after_refusals", "callback_attempts"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more")
        if self.token_lifetime_seconds <= 0 or self.session_idle_seconds <= 0:
            raise ValueError("lifetimes must be more than 0 seconds")
        seconds = (self.request_seconds, self.v1_on_demand_seconds, self.upgrade_seconds, self.callback_retry_seconds)
        if min(seconds) < 0:
            raise ValueError("seconds must be 0 or more")


def changed(behaviour: Behaviour, changes: Any) -> Behaviour:
    """A copy with some switches changed. Raises DataError for an unknown switch or value."""
    if not isinstance(changes, dict):
        raise DataError("behaviour must be an object")
    return load(Behaviour, {**dataclasses.asdict(behaviour), **changes}, "behaviour")
