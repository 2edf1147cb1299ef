# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing of the registered callback, comparison of two callbacks, and the parts that may be shown."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.callback import (
    Callback,
    callback_facts,
    callback_in,
    diff_of,
    differences,
    shown_url,
)

ACCOUNT: t.Final = "0402196254-00001"
SECRET: t.Final = "a-long-secret-in-the-path"
URL: t.Final = f"https://listener.example:9001/{SECRET}"
ENTRY: t.Final = {"aname": ACCOUNT, "name": "Fota", "url": URL}
PAIR: t.Final = {"username": "body-user", "password": "body-word"}


@pytest.mark.parametrize("api_version", ["v2", "v3"])
@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"url": URL}, Callback(URL)),
        # The name in the table of one page, which differs from its own example.
        ({"callback": URL}, Callback(URL)),
        ({"url": URL, "callback": "other", "more": 1}, Callback(URL)),
        ({}, None),
        (None, None),
        ({"url": None}, None),
        ({"url": ""}, None),
    ],
)
def test_what_versions_2_and_3_say(api_version: str, body: t.Any, wanted: Callback | None) -> None:
    assert callback_in(body, api_version, ACCOUNT) == wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ([], None),
        ([ENTRY], Callback(URL)),
        ([{**ENTRY, **PAIR}], Callback(URL, "body-user", "body-word")),
        ([{**ENTRY, "username": None, "password": ""}], Callback(URL)),
        ([{**ENTRY, "name": "FOTA"}], Callback(URL)),
        ([ENTRY, ENTRY], Callback(URL)),
        # Entries of other services and accounts are ignored.
        ([{**ENTRY, "name": "CarrierService", "url": "https://other.example"}], None),
        ([{**ENTRY, "aname": "9999999999-00001"}, ENTRY], Callback(URL)),
        ([{"name": "Fota", "url": URL}], Callback(URL)),
    ],
)
def test_what_version_1_says(body: t.Any, wanted: Callback | None) -> None:
    assert callback_in(body, "v1", ACCOUNT) == wanted


@pytest.mark.parametrize(
    ("api_version", "body", "says"),
    [
        ("v2", [], "is not an object"),
        ("v2", "https://listener.example", "is not an object"),
        ("v2", {"success": True}, "it has no url"),
        ("v3", {"url": 7}, "its url is not text"),
        ("v3", {"url": ["https://listener.example"]}, "its url is not text"),
        ("v1", {}, "it is not a list of objects"),
        ("v1", None, "it is not a list of objects"),
        ("v1", ["Fota"], "it is not a list of objects"),
        ("v1", [{"url": URL}], "an entry does not name its service"),
        ("v1", [{**ENTRY, "url": None}], "its url is not text"),
        ("v1", [{**ENTRY, "password": 7}], "its password is not text"),
        ("v1", [ENTRY, {**ENTRY, "url": "https://other.example"}], "it lists 2 callbacks for the same service"),
    ],
)
def test_what_leaves_it_open_is_refused(api_version: str, body: t.Any, says: str) -> None:
    with pytest.raises(BadResponse, match=says) as caught:
        callback_in(body, api_version, ACCOUNT)
    assert URL not in caught.value.message


ANY_JSON: t.Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "name", "aname"]), inner),
    max_leaves=8,
)


@given(body=ANY_JSON, api_version=st.sampled_from(["v1", "v2", "v3"]))
def test_any_answer_is_read_or_refused(body: t.Any, api_version: str) -> None:
    try:
        found = callback_in(body, api_version, ACCOUNT)
    except BadResponse:
        return
    assert found is None or found.url


@pytest.mark.parametrize(
    ("registered", "wanted", "different"),
    [
        (None, None, ()),
        (None, Callback(URL), ("url",)),
        (Callback(URL), None, ("url",)),
        (None, Callback(URL, "u", "p"), ("url", "credentials")),
        (Callback(URL), Callback(URL), ()),
        (Callback(URL), Callback(URL + "x"), ("url",)),
        (Callback(URL), Callback(URL, "u", "p"), ("credentials",)),
        (Callback(URL, "u", "p"), Callback(URL), ("credentials",)),
        (Callback(URL, "u", "p"), Callback(URL, "u", "q"), ("credentials",)),
        # Different spellings of the same address.
        (Callback("HTTPS://Listener.Example/Path"), Callback("https://listener.example:443/Path"), ()),
        (Callback("https://listener.example"), Callback("https://listener.example/"), ()),
        # The path is a secret, so every character counts.
        (Callback("https://listener.example/Path"), Callback("https://listener.example/path"), ("url",)),
        (Callback("https://listener.example/a?k=1"), Callback("https://listener.example/a?k=2"), ("url",)),
        (Callback("http://listener.example/a"), Callback("https://listener.example/a"), ("url",)),
        (Callback("https://listener.example:443/a"), Callback("https://listener.example:9001/a"), ("url",)),
    ],
)
def test_differences(registered: Callback | None, wanted: Callback | None, different: tuple[str, ...]) -> None:
    assert differences(registered, wanted) == different


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "https://listener.example:9001/********"),
        ("https://listener.example", "https://listener.example"),
        ("https://listener.example/", "https://listener.example/"),
        ("https://listener.example?key=secret", "https://listener.example/********"),
        ("https://listener.example/#secret", "https://listener.example/********"),
        ("https://user:word@listener.example/", "https://********@listener.example/"),
        ("http://[2001:db8::1]:9001/secret", "http://[2001:db8::1]:9001/********"),
        ("https://listener.example:port/secret", "********"),
        ("https://[broken/secret", "********"),
        ("ftp://listener.example/secret", "********"),
        ("secret", "********"),
    ],
)
def test_what_of_an_address_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


# Except for the characters of the mask.
SECRETS: t.Final = st.text(st.characters(exclude_characters="*"), min_size=8)


@given(path=SECRETS, query=SECRETS)
def test_no_path_and_no_query_is_shown(path: str, query: str) -> None:
    # The host is not a secret, and can contain any of these characters.
    shown = shown_url(f"https://h/{path}?{query}")
    assert path not in shown.removeprefix("https://h/") and query not in shown.removeprefix("https://h/")


def test_facts() -> None:
    assert callback_facts(Callback(URL, "u", "p"), "v1", ACCOUNT) == {
        "account_name": ACCOUNT,
        "api_version": "v1",
        "registered": True,
        "url": "https://listener.example:9001/********",
        "has_credentials": True,
    }
    assert callback_facts(None, "v2", ACCOUNT)["registered"] is False
    assert callback_facts(None, "v2", ACCOUNT)["url"] is None


def test_a_diff_tells_in_words_which_secret_differs() -> None:
    diff = diff_of(Callback(URL, "u", "p"), Callback(URL, "u", "q"))
    assert diff["before"] == {
        "url": "https://listener.example:9001/********",
        "credentials": "******** (as registered)",
    }
    assert diff["after"] == {"url": "https://listener.example:9001/********", "credentials": "******** (as given)"}
    assert diff_of(None, Callback("https://listener.example"))["before"]["url"] == "none"


def test_the_parts_that_could_be_repeated_alone_are_secrets() -> None:
    callback = Callback(f"https://listener.example/fota/{SECRET}?key=another-secret-9&x=1", "body-user", "body-word")
    assert {callback.url, SECRET, "another-secret-9", "body-user", "body-word"} <= set(callback.secrets)
    # These are words in the message.
    assert not {"fota", "1", "listener.example"} & set(callback.secrets)


def test_it_has_no_representation_of_its_own() -> None:
    assert SECRET not in repr(Callback(URL))
