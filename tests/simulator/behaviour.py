# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for the points on which the service's documents are silent or disagree.

``make tables`` generates their table in docs/simulator_reference.md from this file.
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
    """How the simulated service behaves. The defaults are what the documents say, or the most likely guess.

    Seconds are simulated seconds, unless stated otherwise. A changed switch of the life cycle only affects campaigns
    that are scheduled or changed afterwards.
    """

    # Credentials.
    session_expired_form: Literal["uws", "m2m", "account_401"] = _switch(
        "uws",
        "How software management refuses an expired session: in the words of its sister service, in those "
        "of the session service, or with the 401 of the diagnostics service. Not documented.",
    )
    session_idle_seconds: float = _switch(
        1200.0,
        "After this idle time, a session expires. Documented.",
    )
    session_expires_in: int | None = _switch(
        None,
        "The value of `expiresIn` in the response to a login. The documents do not have this field. Clients "
        "report 1200 and 3600.",
    )
    login_ends_older_sessions: bool = _switch(
        False,
        "Whether a login ends the other sessions of the user. Not documented.",
    )
    refused_login_form: Literal["400", "401"] = _switch(
        "400",
        "The HTTP status of a refused login. Not documented. Clients report 400.",
    )
    lock_after_refusals: int = _switch(
        5,
        "After this number of refused logins in a row, the user is locked. Documented.",
    )
    token_lifetime_seconds: float = _switch(
        3600.0,
        "The lifetime of an access token. Documented.",
    )
    oauth_countdown: bool = _switch(
        True,
        "Whether a repeated request for the same access token returns its remaining lifetime. Otherwise, it "
        "returns the full lifetime each time.",
    )
    oauth_fields: Literal["all", "required"] = _switch(
        "all",
        "The fields of a response with an access token: all, or only those that the official SDK requires.",
    )
    # The form of answers.
    unknown_campaign_form: Literal["400", "404"] = _switch(
        "400",
        "The response for an unknown campaign: HTTP 400 with `Invalid upgradeId`, or HTTP 404 without a reason.",
    )
    nulls: Literal["null", "absent"] = _switch(
        "null",
        "Whether optional fields without a value are null or absent.",
    )
    hours_as_strings: bool = _switch(
        False,
        "Whether the hours of time windows are strings, as in one documented response.",
    )
    queued_spelling: Literal["as_written", "CampaignQueued", "CampaignRequestQueued", "Queued"] = _switch(
        "as_written",
        "The spelling of the queued state of v2 and v3: as the campaign has it, or one of these. The "
        "documents use two spellings.",
    )
    v3_window_list: Literal["campaignTimeWindowList", "timeWindowList"] = _switch(
        "campaignTimeWindowList",
        "The name of the list of time windows in v3. An older example uses the second one.",
    )
    v1_dates: Literal["date", "date_time"] = _switch(
        "date",
        "The format of dates in v1: 2018-04-01 or 2018-04-01T16:03:00.000Z. One documented list uses the second one.",
    )
    page_size: int = _switch(
        100,
        "The number of campaigns on a page of a list. Not documented.",
    )
    device_page_size: int = _switch(
        1000,
        "The number of devices on a page of a device report. Documented.",
    )
    total_device_as_string: bool = _switch(
        False,
        "Whether the total number of devices is a string, as in a table of the documents. The examples and "
        "the SDK use a number.",
    )
    last_page_cursor: Literal["absent", "last", "zero"] = _switch(
        "last",
        "The cursor on the last page of a device report: the last IMEI, absent, or 0 as in the lists of v1. "
        "Not documented for v2 and v3.",
    )
    last_seen_device_id_as_int: bool = _switch(
        False,
        "Whether the cursor of a device report is a number, as in one revision of the documents.",
    )
    success_reason: Literal["as_written", "DownloadInstallSucceeded", "Download and install succeeded.", "success"] = (
        _switch(
            "as_written",
            "The reason of an upgraded device: as the device has it, or one of these. The documents use three "
            "spellings.",
        )
    )
    v3_history_id: Literal["both", "campaignId", "id"] = _switch(
        "both",
        "The name of the campaign ID in the history of a device in v3. The SDK uses the second one, the "
        "documents use the third one.",
    )
    no_callback_form: Literal["object", "empty"] = _switch(
        "object",
        "The response if no callback is registered (v2, v3): an empty object, or no body.",
    )
    callback_form: Literal["like_v1", "campaign"] = _switch(
        "like_v1",
        "The body of a callback of v2 and v3: the one of v1 with a `campaignId`, or the campaign with its "
        "new `status`. Not documented.",
    )
    callback_attempts: int = _switch(
        2,
        "How many times a callback is sent that is not accepted. Not documented. A sister service sent two.",
    )
    callback_retry_seconds: float = _switch(
        1.5,
        "The real seconds between these attempts. Not documented. Observed at a sister service.",
    )
    # The life cycle of campaigns that follow their dates.
    request_seconds: float = _switch(
        60.0,
        "The time that the service needs for each step before a campaign can start. Not documented.",
    )
    past_start_form: Literal["refused", "on_demand"] = _switch(
        "refused",
        "A start date before today is refused, or counts as today. Not documented.",
    )
    scheduled_when: Literal["start_date", "day_before"] = _switch(
        "start_date",
        "When a campaign of v2 or v3 becomes scheduled: on its start date, as on the life cycle page, or "
        'the day before. The page of the get call says "before the start date".',
    )
    pre_scheduled: bool = _switch(
        True,
        "Whether v3 uses `CampaignPreScheduled`. An example and the life cycle page have it, the lists of "
        "states do not.",
    )
    v1_on_demand_seconds: float = _switch(
        5400.0,
        "When an upgrade of v1 for today starts. A newer page says after 90 minutes, an older page after 2 hours.",
    )
    last_day: Literal["included", "excluded"] = _switch(
        "included",
        "Whether a campaign runs through its end date, or ends when that day begins.",
    )
    early_end: bool = _switch(
        True,
        "Whether a campaign ends when all its devices are done, as on the life cycle pages. Otherwise, it "
        "ends on its end date.",
    )
    upgrade_seconds: float = _switch(
        14400.0,
        "The time from the start in which the devices are upgraded one after another. Not documented.",
    )
    # Changes by the user.
    cancel_after_start: Literal["aborted", "refused"] = _switch(
        "aborted",
        "The effect of a DELETE after the start date (v2, v3): it aborts the campaign, or it is refused, as "
        "on other pages and in the SDK.",
    )
    cancel_after_end: Literal["refused", "success"] = _switch(
        "refused",
        "A DELETE of a campaign that is over is refused, or succeeds without any effect. Not documented.",
    )
    v1_cancelled: Literal["removed", "Cancelled", "CampaignCancelled"] = _switch(
        "removed",
        "A cancelled upgrade of v1 is removed, as on the life cycle page, or gets one of these undocumented states.",
    )
    changed_dates_status: Literal["current", "example"] = _switch(
        "current",
        "The status in the response to a change of dates: the current one, or the one in the examples "
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
    """Return a copy with some switches changed. Raises DataError for an unknown switch or value."""
    if not isinstance(changes, dict):
        raise DataError("behaviour must be an object")
    return load(Behaviour, {**dataclasses.asdict(behaviour), **changes}, "behaviour")
