# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's facts of a campaign have the same names and values as the official SDK's model."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from simulator_tests.raw import RawClient

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import FIELDS, campaign_facts
from official_sdk.attributes import CAMPAIGN, NOT_IN_SDK, as_fact_names, attribute_names, sdk_values
from official_sdk.clients import logged_in_client
from official_sdk.test_campaigns import STOCK, read
from simulator.control import Control
from simulator.stock import ACCOUNT

TODAY = dt.date(2026, 3, 1)
CAMPAIGN_ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"


@pytest.mark.parametrize("api_version", CAMPAIGN)
def test_every_attribute_of_the_sdk_is_a_fact(api_version: str) -> None:
    fields = FIELDS[api_version]
    of_our_own = {name for name, field in fields.items() if NOT_IN_SDK[api_version].intersection(field.spellings)}
    assert set(fields) == set(attribute_names(CAMPAIGN[api_version])) | of_our_own


@pytest.mark.parametrize(("api_version", "account", "campaign_id"), STOCK)
def test_the_facts_are_what_the_sdk_shows(client: RawClient, api_version: str, account: str, campaign_id: str) -> None:
    table = CAMPAIGN[api_version]
    facts = dict(campaign_facts(client.body(api_version, account, campaign_id), api_version, TODAY))
    model = read(logged_in_client(client.api_url), api_version, account, campaign_id)

    shown = as_fact_names(sdk_values(model, table), table)

    assert set(shown) == set(attribute_names(table))
    assert {name: facts[name] for name in shown} == shown
    assert facts["extra"] == {}


@pytest.mark.parametrize(
    ("api_version", "field", "value", "shown", "fact"),
    [
        # Values that the SDK loses or does not convert, but the facts do.
        (
            "v2",
            "downloadTimeWindowList",
            [{"startTime": 0, "endTime": 24}],
            [{"endTime": 24}],
            [{"start_time": 0, "end_time": 24}],
        ),
        ("v2", "campaignName", "", None, ""),
        ("v2", "downloadAfterDate", None, None, None),
        ("v1", "startDate", "2018-04-01T16:03:00.000Z", "2018-04-01T16:03:00.000Z", "2018-04-01"),
        (
            "v1",
            "deviceList",
            [{"deviceId": "990003425730535", "status": "RequestPending"}],
            [{"deviceId": "990003425730535", "status": "RequestPending"}],
            [{"device_id": "990003425730535", "status": "RequestPending", "result_reason": None}],
        ),
    ],
)
def test_where_facts_and_sdk_differ(
    client: RawClient, control: Control, api_version: str, field: str, value: Any, shown: Any, fact: Any
) -> None:
    control.add_campaign(CAMPAIGN_ID, api_version=api_version, body={field: value})
    table = CAMPAIGN[api_version]
    facts = dict(campaign_facts(client.body(api_version, ACCOUNT, CAMPAIGN_ID), api_version, TODAY))
    model = read(logged_in_client(client.api_url), api_version, ACCOUNT, CAMPAIGN_ID)
    (name,) = (name for name, known in attribute_names(table).items() if known == field)

    assert sdk_values(model, table).get(field) == shown
    assert facts[name] == fact


def test_hours_as_texts_are_numbers_in_the_facts(client: RawClient, control: Control) -> None:
    control.behaviour(hours_as_strings=True)
    control.add_campaign(CAMPAIGN_ID)
    raw = client.body("v2", ACCOUNT, CAMPAIGN_ID)

    assert raw["downloadTimeWindowList"] == [{"startTime": "20", "endTime": "21"}]
    facts = campaign_facts(raw, "v2", TODAY)
    assert facts["download_time_window_list"] == [{"start_time": 20, "end_time": 21}]
