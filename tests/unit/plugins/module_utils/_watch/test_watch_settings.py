# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the event source: what they become, and what is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import (
    WatchSettings,
    watch_settings_of,
)
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import GIVEN


def settings(**given: t.Any) -> WatchSettings:
    return watch_settings_of({**GIVEN, **given})


def test_campaigns_are_named_or_found() -> None:
    named = settings(campaign_id=["c1", "c2"])
    assert (named.states, named.task_settings.campaigns.ids) == ((), ("c1", "c2"))
    found = settings(campaign_state=["scheduled", "queued", "scheduled"])
    assert (found.states, found.task_settings.campaigns.ids) == (("scheduled", "queued"), ())


def test_what_an_option_becomes() -> None:
    made = settings(
        campaign_id="c1",
        list_interval="2h",
        heartbeat_interval="1d",
        repeat_within="5m",
        present=False,
        state_file="/var/lib/state",
        wait_interval="10m",
        api_url="https://thingspace.example/api",
        api_version="v3",
        # A rulebook can only leave out an option by setting it to null.
        campaign_state=None,
    )
    assert (made.list_interval, made.heartbeat_interval, made.repeat_within) == (7200.0, 86400.0, 300.0)
    assert (made.sends_present, made.state_file) == (False, "/var/lib/state")
    assert made.wait_settings.pace.floor == 600.0
    assert made.identity == ("https://thingspace.example/api", GIVEN["account_name"], "v3")


@pytest.mark.parametrize(
    ("given", "option", "words"),
    [
        ({}, "campaign_id", "campaign_id and campaign_state are both missing"),
        ({"campaign_id": None, "campaign_state": None}, "campaign_id", "are both missing"),
        ({"campaign_id": "c1", "campaign_state": ["queued"]}, "campaign_id", "do not go together"),
        ({"campaign_id": "c1", "campaign_state": []}, "campaign_id", "do not go together"),
        ({"campaign_state": []}, "campaign_state", "campaign_state is an empty list"),
        ({"campaign_state": ["queued"], "api_version": "v3"}, "campaign_state", "needs api_version v2, not v3"),
        ({"campaign_state": ["queued"], "api_version": "v1"}, "campaign_state", "needs api_version v2, not v1"),
    ],
)
def test_refusals(given: dict[str, t.Any], option: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        settings(**given)
    assert caught.value.option == option
    assert words in caught.value.message


def test_what_only_a_task_has_is_no_option_of_a_watch() -> None:
    with pytest.raises(OptionError, match="There is no option wait_timeout"):
        settings(campaign_id="c1", wait_timeout="1h")


def test_no_credential_is_in_the_text_of_the_settings() -> None:
    made = settings(campaign_id="c1", password="secret-5555")
    assert made.task_settings.credentials.password == "secret-5555"
    assert "secret-5555" not in f"{made!r} {made}"
