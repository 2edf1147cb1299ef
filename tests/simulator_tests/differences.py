# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between the service's documents and the official SDK: the rows of a table in docs/simulator_reference.md.

test_differences.py has a test for each of them, by name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A difference: its name, its subject, the two forms, and the behavior of the simulator (Markdown)."""

    name: str
    about: str
    documents: str
    sdk: str
    simulator: str


_BOTH_PATHS = "Supports both."
_BOTH_BODIES = "Accepts both."

DIFFERENCES = (
    Difference(
        "schedule_path_v2",
        "Schedule a campaign (v2)",
        "`POST /campaigns/software/{acc}`; older pages: `POST /campaigns/{acc}`",
        "a separate call for each",
        _BOTH_PATHS,
    ),
    Difference(
        "schedule_path_v3",
        "Schedule a campaign (v3)",
        "`POST /campaigns/firmware/{acc}`; one revision: `POST /campaigns/software/{acc}`",
        "`POST /campaigns/firmware/{acc}`",
        _BOTH_PATHS,
    ),
    Difference(
        "devices_path_v3",
        "Add or remove devices (v3)",
        "`PUT /campaigns/{acc}/{id}`; the index has the form of the SDK",
        "`PUT /campaigns/firmware/{acc}/{id}`",
        _BOTH_PATHS,
    ),
    Difference(
        "devices_body",
        "Add or remove devices",
        "in an example, a list `addOrRemoveDevice` of objects with `type`",
        "an object with `Type` (v1: `type`)",
        "Accepts both in every version.",
    ),
    Difference(
        "device_list_name_v1",
        "Add or remove devices (v1)",
        "`devicelist` in one sample",
        "`deviceList`",
        _BOTH_BODIES,
    ),
    Difference(
        "history_path_v3",
        "Campaigns by state (v3)",
        "`GET /reports/{acc}/campaigns`",
        "`GET /reports/{acc}/firmware/campaigns`",
        _BOTH_PATHS,
    ),
    Difference(
        "queued_word",
        "The queued state (v2, v3)",
        "`CampaignQueued` on the page of the get call, `CampaignRequestQueued` on the page of the list",
        "`CampaignRequestQueued`",
        "Accepts both in lists. `queued_spelling` selects the form in responses.",
    ),
    Difference(
        "pre_scheduled_state",
        "`CampaignPreScheduled` (v3)",
        "in an example and on the life cycle page, but in no list of states",
        "in an example, but not in the list of states",
        "`pre_scheduled` selects whether it occurs.",
    ),
    Difference(
        "cancel_after_start",
        "Cancel after the start date (v2, v3)",
        "v2: aborts the campaign; v3: aborts it according to one page, impossible according to another",
        "impossible",
        "`cancel_after_start` selects the effect.",
    ),
    Difference(
        "hours",
        "Hours of time windows (v2)",
        "numbers; strings in one example of a response",
        "numbers in most models, strings in those for software and files",
        "Accepts both. `hours_as_strings` selects the form in responses.",
    ),
    Difference(
        "windows_name_v3",
        "The list of time windows (v3)",
        "`campaignTimeWindowList`",
        "the same; `timeWindowList` in an older example",
        "Accepts both. `v3_window_list` selects the form in responses.",
    ),
    Difference(
        "end_date_v1",
        "`endDate` in responses (v1)",
        "present",
        "not in the model",
        "Sends it.",
    ),
    Difference(
        "device_history_path_v1",
        "History of a device (v1)",
        "`GET /reports/{acc}/device/{device}`",
        "`GET /reports/{acc}/devices/{device}`",
        _BOTH_PATHS,
    ),
    Difference(
        "device_history_id_v3",
        "Campaign ID in the history of a device (v3)",
        "`id`",
        "`campaignId`",
        "`v3_history_id` selects both or one of them.",
    ),
    Difference(
        "total_device",
        "`totalDevice` of a device report",
        "a string in the table, a number in the examples",
        "a number",
        "`total_device_as_string` selects the form in responses.",
    ),
    Difference(
        "last_seen_device",
        "`lastSeenDeviceId` of a device report",
        "a number in one revision, a string in another",
        "a string",
        "Accepts both. `last_seen_device_id_as_int` selects the form in responses.",
    ),
    Difference(
        "callback_field",
        "Register a callback (v2, v3)",
        "`callback` in the table of one page, `url` in its example",
        "`url`",
        _BOTH_BODIES,
    ),
    Difference(
        "media_type",
        "`Content-Type` of requests with a body",
        "`application/json`",
        "`*/*` in several calls of v2 and in one of v1",
        _BOTH_BODIES,
    ),
)
