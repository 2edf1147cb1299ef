# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of callback and callback_info. Each refusal is a sentence with the option, but without secrets."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    CALLBACK_OPTIONS,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback_options import (
    CallbackSettings,
    callback_info_settings_of,
    callback_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError

SERVICE: t.Final = {
    "account_name": "0402196254-00001",
    "api_key": "key-2222",
    "api_secret": "secret-3333",
    "username": "user-1111",
    "password": "password-4444",
}
URL: t.Final = "https://callbacks.example.com:9001/a-long-secret"
PAIR: t.Final = {"callback_username": "thingspace", "callback_password": "let-me-in-5555"}


def settings(**given: t.Any) -> CallbackSettings:
    """Return the settings of a task with these options."""
    return callback_settings_of(checked({**SERVICE, "api_version": "v2", **given}, CALLBACK_OPTIONS))


def test_what_is_wanted() -> None:
    wanted = settings(url=URL).wanted
    assert wanted is not None and (wanted.url, wanted.username, wanted.password) == (URL, None, None)
    wanted = settings(url=URL, api_version="v1", **PAIR).wanted
    assert wanted is not None and (wanted.username, wanted.password) == ("thingspace", "let-me-in-5555")
    assert settings(state="absent").wanted is None
    assert settings(url=URL).service.account_name == SERVICE["account_name"]


@pytest.mark.parametrize(
    ("given", "option", "words"),
    [
        ({}, "url", "url is missing: set it to the address of your listener"),
        ({"url": "callbacks.example.com/a-long-secret"}, "url", "must look like"),
        ({"url": "ftp://callbacks.example.com/a-long-secret"}, "url", "must look like"),
        ({"url": "https:///a-long-secret"}, "url", "must look like"),
        ({"url": "https://callbacks.example.com:0/a-long-secret"}, "url", "must look like"),
        ({"url": "https://callbacks.example.com:99999/a-long-secret"}, "url", "must look like"),
        ({"url": "https://[callbacks/a-long-secret"}, "url", "must look like"),
        ({"url": "https://callbacks.example.com/a long-secret"}, "url", "must look like"),
        ({"url": "https://callbacks.example.com/a-long-secr\u00e9t"}, "url", "must look like"),
        ({"url": f"{URL}{'x' * 2000}"}, "url", "2000 characters at most"),
        ({"url": "https://user@callbacks.example.com/a-long-secret"}, "url", "must not hold a user"),
        ({"url": "https://:let-me-in-5555@callbacks.example.com/"}, "url", "must not hold a user"),
        ({"url": f"{URL}#part"}, "url", "must not hold a user, a password or a fragment"),
        ({"url": "http://callbacks.example.com/a-long-secret"}, "url", "must begin with https"),
        ({"url": URL, "state": "absent"}, "url", "does not go with state: absent"),
        ({"state": "absent", **PAIR}, "callback_username", "does not go with state: absent"),
        ({"url": URL, **PAIR}, "callback_username", "go with api_version: v1 only"),
        ({"url": URL, "callback_password": "let-me-in-5555"}, "callback_username", "go with api_version: v1 only"),
        (
            {"url": URL, "api_version": "v1", "callback_password": "let-me-in-5555"},
            "callback_username",
            "callback_username is missing",
        ),
        (
            {"url": URL, "api_version": "v1", "callback_username": "thingspace"},
            "callback_password",
            "callback_password is missing",
        ),
    ],
)
def test_refusals(given: dict[str, t.Any], option: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        settings(**given)
    message = caught.value.message
    assert caught.value.option == option
    assert words in message
    assert not [secret for secret in ("let-me-in-5555", "secr\u00e9t", "/a long") if secret in message]
    assert message.count("a-long-secret") == message.count(URL)


@pytest.mark.parametrize(
    ("url", "api_version"),
    [
        ("http://callbacks.example.com/", "v1"),
        ("http://localhost:8080/", "v2"),
        ("http://127.0.0.1/", "v3"),
        ("http://[::1]:8080/", "v2"),
        (f"https://callbacks.example.com/{'x' * (2000 - len('https://callbacks.example.com/'))}", "v2"),
        ("https://callbacks.example.com", "v3"),
    ],
)
def test_what_is_an_address(url: str, api_version: str) -> None:
    wanted = settings(url=url, api_version=api_version).wanted
    assert wanted is not None and wanted.url == url


def test_versions_to_read_are_distinct_and_in_the_users_order() -> None:
    given = {**SERVICE, "api_version": ["v3", "v1", "v3"]}
    assert callback_info_settings_of(checked(given, CALLBACK_INFO_OPTIONS)).api_versions == ("v3", "v1")
    with pytest.raises(OptionError, match="api_version is an empty list"):
        callback_info_settings_of(checked({**SERVICE, "api_version": []}, CALLBACK_INFO_OPTIONS))
