# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fifteen mistakes of new users: each message names the option as it was written, and says what to do."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS, checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import (
    ROLE_OPTIONS,
    names_with,
    unknown_variables,
)

PREFIX: t.Final = "campaign_wait_"
RIGHT: t.Final[dict[str, t.Any]] = {
    "account_name": "0402196254-00001",
    "campaign_id": "60b5d639-ccdc-4db8-8824-069bd94c95bf",
    "api_key": "k",
    "api_secret": "s",
    "username": "u",
    "password": "p",
    "wait": True,
}
FORMS: t.Final[dict[str, Names]] = {"module": str, "role": names_with(PREFIX)}
# The user's input (null: missing), the option that the message must name, and words of the remedy.
MISTAKES: t.Final[dict[str, tuple[dict[str, t.Any], str, tuple[str, ...]]]] = {
    "no account": ({"account_name": None}, "account_name", ("is missing: set it", "THINGSPACE_ACCOUNT_NAME")),
    "an account without quotes": ({"account_name": 40219625400001}, "account_name", ("put it in quotes",)),
    "no campaign": ({"campaign_id": None}, "campaign_id", ("is missing: set it",)),
    "a campaign as a number": ({"campaign_id": 12345678}, "campaign_id", ("put it in quotes",)),
    "a device without leading zeros": ({"device_id": 12345}, "device_id", ("put it in quotes",)),
    "an empty device": ({"device_id": ""}, "device_id", ("set it to the IMEI of the device, or remove it",)),
    "no password": ({"password": None}, "username", ("set both", "THINGSPACE_PASSWORD")),
    "a secret with a line break": ({"api_secret": "s\n"}, "api_secret", ("line break", "remove")),
    "an unknown state": ({"wait_state": "done"}, "wait_state", ("use one of", "ended")),
    "an unknown version": ({"api_version": "4"}, "api_version", ("must be one of v1, v2, v3",)),
    "a time in words": ({"wait_timeout": "two days"}, "wait_timeout", ("2d",)),
    "a share for a percentage": ({"min_success_percent": 0.95}, "min_success_percent", ("write 95",)),
    "intervals that are swapped": ({"wait_interval": 600, "wait_max_interval": 60}, "wait_max_interval", ("raise",)),
    "an address without a scheme": ({"api_url": "thingspace.verizon.com"}, "api_url", ("https://",)),
    "a device before the end": (
        {"device_id": "990003425730535", "wait_state": "scheduled"},
        "wait_state",
        ("Wait for ended",),
    ),
}


def sentence_for(given: dict[str, t.Any], names: Callable[[str], str]) -> str:
    """Return the message that the user reads."""
    options = CAMPAIGN_INFO_OPTIONS if names is str else (*CAMPAIGN_INFO_OPTIONS, *ROLE_OPTIONS)
    written = {name: value for name, value in {**RIGHT, **given}.items() if value is not None}
    with pytest.raises(OptionError) as caught:
        task_settings_of(checked(written, options, names), names)
    return caught.value.message


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for option in CAMPAIGN_INFO_OPTIONS:
        if option.env:
            monkeypatch.delenv(option.env, raising=False)


def test_there_are_fifteen() -> None:
    assert len(MISTAKES) == 15


def test_without_a_mistake_nothing_is_said() -> None:
    for names in FORMS.values():
        with pytest.raises(pytest.fail.Exception):
            sentence_for({}, names)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_sentence_names_the_option_and_the_remedy(mistake: str, form: str) -> None:
    given, option, remedy = MISTAKES[mistake]
    sentence = sentence_for(given, FORMS[form])
    assert sentence.startswith(f"{FORMS[form](option)} "), sentence
    assert all(words in sentence for words in remedy), sentence
    assert sentence.endswith("."), sentence
    assert "\n" not in sentence


def test_a_misspelt_option_is_named_with_what_was_meant() -> None:
    assert sentence_for({"wait_timout": 60}, str) == "There is no option wait_timout: did you mean wait_timeout?"
    sentence = unknown_variables(["campaign_wait_timout"], PREFIX) or ""
    assert sentence.startswith("campaign_wait_timout is not an option (did you mean campaign_wait_timeout?).")
    assert sentence.endswith("rename or remove it.")
