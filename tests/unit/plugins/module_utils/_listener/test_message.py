# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hint in the body of a callback."""

from __future__ import annotations

import datetime
import json
import typing as t
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import (
    Hint,
    hint_event,
    message_of,
)

SCHEMA: t.Final = json.loads(
    (Path(__file__).parents[5] / "extensions" / "eda" / "schemas" / "callback_hint.json").read_text(encoding="utf-8")
)
ACCOUNT, CAMPAIGN = "0402196254-00001", "60b5d639-ccdc-4db8-8824-069bd94c95bf"
NOW: t.Final = datetime.datetime(2026, 3, 1, 12, 30, 15, 999, tzinfo=datetime.timezone.utc)
DOCUMENTED: t.Final = {
    "accountName": ACCOUNT,
    "participantName": "p",
    "type": "upgradeScheduled",
    "username": "u",
    "password": "w",
    "firmwareList": [],
    "upgradeScheduled": {"firmwareName": "f", "upgradeId": CAMPAIGN, "startDate": "2026-03-01"},
    "upgradeProgress": {},
}


def hint_in(content: t.Any) -> Hint:
    message = message_of(json.dumps(content).encode())
    assert message is not None
    return message.hint


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (DOCUMENTED, Hint(CAMPAIGN, ACCOUNT, "upgradeScheduled")),
        ({"campaignId": CAMPAIGN, "status": "CampaignEnded"}, Hint(CAMPAIGN, None, None)),
        ({"CampaignID": CAMPAIGN, "ACCOUNTNAME": ACCOUNT}, Hint(CAMPAIGN, ACCOUNT, None)),
        ({"campaign": {"id": CAMPAIGN, "accountName": ACCOUNT}}, Hint(CAMPAIGN, None, None)),
        ({"upgradeProgress": {"id": CAMPAIGN}, "id": "of-the-callback"}, Hint(CAMPAIGN, None, None)),
        ({"UpgradeProgress": {"ID": CAMPAIGN}}, Hint(CAMPAIGN, None, None)),
        # It can be the ID of the callback itself.
        ({"id": CAMPAIGN}, Hint(None, None, None)),
        ({"message": {"id": CAMPAIGN}}, Hint(None, None, None)),
        ({}, Hint(None, None, None)),
        # More than one ID.
        ({"campaignId": "one", "upgradeScheduled": {"upgradeId": "other"}}, Hint(None, None, None)),
        ({"campaignId": CAMPAIGN, "upgradeScheduled": {"upgradeId": CAMPAIGN}}, Hint(CAMPAIGN, None, None)),
        # Invalid names of campaigns, accounts and types.
        ({"campaignId": "../../m2m", "accountName": "a b", "type": "{{ 1 }}"}, Hint(None, None, None)),
        ({"campaignId": 5, "accountName": 402196254, "type": None}, Hint(None, None, None)),
        ({"campaignId": "x" * 65, "accountName": "", "type": "line\nbreak"}, Hint(None, None, None)),
        ({"campaignId": "\u0661\u0662"}, Hint(None, None, None)),
    ],
)
def test_hints(content: t.Any, hint: Hint) -> None:
    assert hint_in(content) == hint


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"a": ' * 5000,
        b'{"a": ' * 80 + b"1" + b"}" * 80,
        b"<xml/>",
        b"accountName=1&type=2",
    ],
)
def test_what_is_no_object_is_no_callback(body: bytes) -> None:
    assert message_of(body) is None


def test_user_and_password_are_taken_as_they_are() -> None:
    message = message_of(json.dumps({"username": 5, "password": ["w"]}).encode())
    assert message is not None
    assert (message.username, message.password) == (5, ["w"])
    assert "w" not in repr(message)


def test_the_event_fits_its_schema_and_has_no_status() -> None:
    event = hint_event(hint_in({**DOCUMENTED, "status": "CampaignEnded"}), NOW)

    jsonschema.validate(event, SCHEMA)
    assert event["at"] == "2026-03-01T12:30:15Z"
    assert event["campaign"] == {"id": CAMPAIGN, "account_name": ACCOUNT}
    assert "CampaignEnded" not in json.dumps(event)


@pytest.mark.parametrize(("campaign_id", "about"), [(CAMPAIGN, f"campaign {CAMPAIGN}"), (None, "a campaign")])
def test_the_event_says_what_it_is_about(campaign_id: str | None, about: str) -> None:
    message = hint_event(Hint(campaign_id, None, None), NOW)["message"]
    assert message == f"A callback reports a change of {about}: poll it to learn its status."


def test_a_replayed_callback_has_the_same_id() -> None:
    once, again = (hint_event(hint_in(DOCUMENTED), NOW + datetime.timedelta(days=day)) for day in (0, 1))
    other = hint_event(hint_in({**DOCUMENTED, "type": "upgradeProgress"}), NOW)
    assert once["id"] == again["id"] == once["meta"]["uuid"]
    assert other["id"] != once["id"]


@given(body=st.binary(max_size=200) | st.text().map(str.encode))
def test_any_bytes_are_read_or_are_no_callback(body: bytes) -> None:
    message = message_of(body)
    if message is not None:
        jsonschema.validate(hint_event(message.hint, NOW), SCHEMA)


JSON: t.Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["campaignId", "upgradeId", "id", "type", "accountName", "upgradeProgress"]), inner
        )
    ),
    max_leaves=10,
)


@given(content=st.dictionaries(st.sampled_from(["campaignId", "type", "accountName", "upgradeProgress"]), JSON))
def test_any_object_gives_an_event_that_fits_the_schema(content: t.Any) -> None:
    jsonschema.validate(hint_event(hint_in(content), NOW), SCHEMA)
