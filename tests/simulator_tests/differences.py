# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service's documents and the official SDK disagree: the rows of a table in docs/simulator_reference.md.

Each has a test of its name in test_differences.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A disagreement: its name, what it is about, the two forms, and what the simulator does about it (Markdown)."""

    name: str
    about: str
    documents: str
    sdk: str
    simulator: str


_BOTH_PATHS = "Serves both."
_BOTH_BODIES = "Takes both."

DIFFERENCES = (
    Difference(
        "schedule_path_v2",
        "Schedule a campaign (v2)",
        "`POST /campaigns/software/{acc}`; older pages: `POST /campaigns/{acc}`",
        "a call for each",
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
        "`PUT /campaigns/{acc}/{id}`; index: as the SDK",
        "`PUT /campaigns/firmware/{acc}/{id}`",
        _BOTH_PATHS,
    ),
    Difference(
        "devices_body",
        "Add or remove devices",
        "example: a list `addOrRemoveDevice` of objects with `type`",
        "one object, with `Type` (v1: `type`)",
        "Takes both, in every version.",
    ),
    Difference(
        "device_list_name_v1",
        "Add or remove devices (v1)",
        "one sample: `devicelist`",
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
        "`CampaignQueued` in the page of the get call, `CampaignRequestQueued` in the page of the list",
        "`CampaignRequestQueued`",
        "Lists by both; shows one of them, by `queued_spelling`.",
    ),
    Difference(
        "pre_scheduled_state",
        "`CampaignPreScheduled` (v3)",
        "in an example and on the life cycle page, in no list of states",
        "in an example, not in its list of states",
        "Shows it or leaves it out, by `pre_scheduled`.",
    ),
    Difference(
        "cancel_after_start",
        "Cancel after the start date (v2, v3)",
        "v2: the campaign is aborted; v3: one page says so, another that it is not possible",
        "not possible",
        "Aborts or refuses, by `cancel_after_start`.",
    ),
    Difference(
        "hours",
        "Hours of windows (v2)",
        "numbers; texts in one example of an answer",
        "numbers in most models, texts in those for software and files",
        "Takes both; sends numbers or texts, by `hours_as_strings`.",
    ),
    Difference(
        "windows_name_v3",
        "The windows (v3)",
        "`campaignTimeWindowList`",
        "the same; an older example: `timeWindowList`",
        "Takes both; sends one of them, by `v3_window_list`.",
    ),
    Difference(
        "end_date_v1",
        "`endDate` in answers (v1)",
        "there",
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
        "ID of the campaign in the history of a device (v3)",
        "`id`",
        "`campaignId`",
        "Sends both, or one of them, by `v3_history_id`.",
    ),
    Difference(
        "total_device",
        "`totalDevice` of a device report",
        "a text in the table, a number in the examples",
        "a number",
        "Sends a number or a text, by `total_device_as_string`.",
    ),
    Difference(
        "last_seen_device",
        "`lastSeenDeviceId` of a device report",
        "a number in one revision, a text in another",
        "a text",
        "Takes both; sends a text or a number, by `last_seen_device_id_as_int`.",
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
