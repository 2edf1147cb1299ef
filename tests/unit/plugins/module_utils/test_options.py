# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each refused option has one message that names it. Each valid value is converted to its type."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.fleetops.thingspace.plugins.module_utils import _options as options
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds

Params = dict[str, t.Any]

AUTH: t.Final = ("api_key", "api_secret", "username", "password", "access_token", "session_token")
PERCENTAGES: t.Final = ("min_success_percent", "max_failure_percent")
DEMANDS: t.Final = (*PERCENTAGES, "max_failure_count")
THREE: t.Final = options.Campaigns("0402196254-00001", ("a", "b", "c"), "v2")


def params(**values: t.Any) -> Params:
    """Return parameters as Ansible passes them, with defaults."""
    spec = {name: {**entry, "fallback": (_nothing,)} for name, entry in argument_spec().items()}
    given = {"account_name": "0402196254-00001", "campaign_id": ["a-b"]}
    checked = ArgumentSpecValidator(spec).validate(given)
    return {**checked.validated_parameters, **values}


def _nothing() -> t.NoReturn:
    raise AnsibleFallbackNotFound


def wait_settings_of(values: Params) -> options.WaitSettings:
    return options.wait_settings_of(values, THREE)


def refusal(check: t.Callable[[Params], t.Any], values: Params) -> str:
    """Return the message of an OptionError. Checks that it is one printable line with a full stop."""
    with pytest.raises(OptionError) as caught:
        check(values)
    message = caught.value.message
    assert caught.value.reason == "invalid_option"
    assert message.isprintable()
    assert message.endswith(".")
    return message


def names_in(message: str) -> set[str]:
    return set(re.findall(r"[a-z]+(?:_[a-z]+)*", message))


@pytest.mark.parametrize(
    "values",
    [
        {"api_key": "k", "api_secret": "s", "username": "u", "password": "p"},
        {"access_token": "a", "session_token": "t"},
        {"api_key": "k", "api_secret": "s", "session_token": "t"},
        {"access_token": "a", "username": "u", "password": "p:with colon"},
        {name: name for name in AUTH},
    ],
)
def test_good_credentials(values: dict[str, str]) -> None:
    credentials = options.credentials_of(params(**values))

    assert {name: getattr(credentials, name) for name in AUTH} == {**dict.fromkeys(AUTH), **values}
    assert not any(value in repr(credentials) for value in values.values() if len(value) > 3)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, {"api_key", "api_secret", "access_token"}),
        ({"access_token": "a"}, {"username", "password", "session_token"}),
        ({"session_token": "t"}, {"api_key", "api_secret", "access_token"}),
        ({"api_key": "k", "session_token": "t"}, {"api_key", "api_secret"}),
        ({"api_secret": "s", "session_token": "t"}, {"api_key", "api_secret"}),
        ({"api_key": "k", "api_secret": "s", "username": "u"}, {"username", "password"}),
        ({"api_key": "k", "api_secret": "s", "password": "p"}, {"username", "password"}),
        # Half a pair is a mistake, even if a token would be enough.
        ({"access_token": "a", "session_token": "t", "username": "u"}, {"username", "password"}),
        ({"access_token": "a", "session_token": "t", "api_secret": "s"}, {"api_key", "api_secret"}),
        ({"access_token": "a b", "session_token": "t"}, {"access_token"}),
        ({"access_token": "a", "session_token": "t\n"}, {"session_token"}),
        ({"access_token": "a", "session_token": "t\u00e9"}, {"session_token"}),
        ({"api_key": "k:1", "api_secret": "s", "session_token": "t"}, {"api_key"}),
        ({name: "" for name in AUTH}, {"api_key", "api_secret", "access_token"}),
    ],
)
def test_incomplete_and_impossible_credentials(values: dict[str, str], named: set[str]) -> None:
    message = refusal(options.credentials_of, params(**values))

    assert named <= names_in(message)
    assert "\u00e9" not in message


def test_the_sentence_also_names_the_environment() -> None:
    assert "THINGSPACE_API_SECRET" in refusal(options.credentials_of, params(api_key="k", session_token="t"))
    assert "THINGSPACE_USERNAME" in refusal(options.credentials_of, params(access_token="t"))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://thingspace.verizon.com/api", "https://thingspace.verizon.com/api"),
        ("https://thingspace.verizon.com/api/", "https://thingspace.verizon.com/api"),
        (" http://127.0.0.1:8080/api// ", "http://127.0.0.1:8080/api"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("HTTPS://Example.com", "https://Example.com"),
    ],
)
def test_good_addresses(text: str, url: str) -> None:
    assert options.connection_of(params(api_url=text)).api_url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "thingspace.verizon.com/api",
        "ftp://thingspace.verizon.com",
        "https://",
        "https:///api",
        "https://host:0/api",
        "https://host:99999/api",
        "https://host:port/api",
        "https://[::1",
        "https://user:hunter2@host/api",
        "https://user@host/api",
        "https://host/api?key=hunter2",
        "https://host/api#x",
    ],
)
def test_bad_addresses(text: str) -> None:
    message = refusal(options.connection_of, params(api_url=text))

    assert "api_url" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://localhost:8080/api", True),
        ("http://127.0.0.1/api", True),
        ("http://127.9.9.9/api", True),
        ("http://[::1]:8080/api", True),
        ("http://127.example.com/api", False),
        ("http://localhost.example.com/api", False),
        ("https://thingspace.verizon.com/api", False),
        ("http://10.0.0.1/api", False),
    ],
)
def test_what_is_this_very_host(url: str, is_loopback: bool) -> None:
    assert options.connection_of(params(api_url=url)).is_loopback is is_loopback


def test_the_certificate_check(tmp_path: pathlib.Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()

    def verify(**values: t.Any) -> bool | str:
        return options.connection_of(params(**values)).verify

    assert verify() is True
    assert verify(validate_certs=False) is False
    assert verify(ca_path=str(authority)) == str(authority)
    assert verify(ca_path=str(tmp_path)) == str(tmp_path)
    assert verify(validate_certs=False, ca_path=str(authority)) is False


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), float("-inf")])
def test_a_bad_request_timeout(seconds: float) -> None:
    assert "request_timeout" in refusal(options.connection_of, params(request_timeout=seconds))


def test_good_campaigns() -> None:
    found = options.campaigns_of(
        params(account_name=" 0402196254-00001 ", campaign_id=["b", "a ", "b", " a", "c d"], api_version="v3")
    )

    assert found == options.Campaigns("0402196254-00001", ("b", "a", "c d"), "v3")


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"account_name": None}, "account_name"),
        ({"account_name": ""}, "account_name"),
        ({"account_name": " "}, "account_name"),
        ({"account_name": 40219625400001}, "account_name"),
        ({"account_name": 0}, "account_name"),
        ({"account_name": 1.5}, "account_name"),
        ({"account_name": True}, "account_name"),
        ({"account_name": ["0402196254-00001"]}, "account_name"),
        ({"account_name": {"a": "b"}}, "account_name"),
        ({"account_name": "0402196254/00001"}, "account_name"),
        ({"account_name": ".."}, "account_name"),
        ({"campaign_id": []}, "campaign_id"),
        ({"campaign_id": [""]}, "campaign_id"),
        ({"campaign_id": ["good", " "]}, "campaign_id"),
        ({"campaign_id": ["a/b"]}, "campaign_id"),
        ({"campaign_id": ["a\\b"]}, "campaign_id"),
        ({"campaign_id": ["."]}, "campaign_id"),
        ({"campaign_id": [".."]}, "campaign_id"),
        ({"campaign_id": ["a\nb"]}, "campaign_id"),
        ({"campaign_id": ["a\x7fb"]}, "campaign_id"),
    ],
)
def test_bad_campaigns(values: Params, option: str) -> None:
    assert option in names_in(refusal(options.campaigns_of, params(**values)))


def test_the_message_for_a_number_as_account_name_says_to_quote_it() -> None:
    message = refusal(options.campaigns_of, params(account_name=40219625400001))
    assert "quotes" in message
    assert "leading zeros" in message


def test_a_good_wait() -> None:
    wait_settings = wait_settings_of(
        params(
            wait_state=["CampaignEnded", "cancelled", "finished", "ENDED"],
            wait_timeout=7200,
            wait_interval=60,
            wait_max_interval=61.5,
            max_consecutive_errors=4,
            max_error_seconds=5,
            progress_interval=6,
        )
    )

    assert wait_settings.target_states == ("ended", "cancelled")
    assert (wait_settings.pace.floor, wait_settings.pace.ceiling) == (60, 61.5)
    assert (wait_settings.return_on_timeout, wait_settings.unknown_fails) == (False, False)
    assert (wait_settings.timeout, wait_settings.max_consecutive_errors, wait_settings.max_error_seconds) == (
        7200,
        4,
        5,
    )
    assert wait_settings.progress_interval == 6


@pytest.mark.parametrize(
    ("match", "needed"), [("all", 3), ("any", 1), (" ANY ", 1), ("1", 1), ("2", 2), ("3", 3), ("03", 3)]
)
def test_how_many_campaigns_are_needed(match: str, needed: int) -> None:
    assert wait_settings_of(params(wait_match=match)).needed == needed


@pytest.mark.parametrize("match", ["0", "4", "-1", "some", "", "1.5", "9" * 5000, "\u0662"])
def test_a_number_of_campaigns_that_there_are_not(match: str) -> None:
    message = refusal(wait_settings_of, params(wait_match=match))
    assert "wait_match" in message
    assert "(3)" in message


@pytest.mark.parametrize("number", [0, -1])
def test_a_bad_number_of_connections(number: int) -> None:
    assert "max_concurrency" in refusal(options.connection_of, params(max_concurrency=number))


def test_the_choices_and_zeros_of_a_wait() -> None:
    zeros = dict.fromkeys(("wait_timeout", "max_consecutive_errors", "max_error_seconds", "progress_interval"), 0)
    choices = {
        "wait_on_timeout": "return",
        "wait_unknown_state": "fail",
        "wait_max_interval": 300.0,
        "wait_interval": 300.0,
    }
    wait_settings = wait_settings_of(params(**zeros, **choices))

    assert (wait_settings.return_on_timeout, wait_settings.unknown_fails) == (True, True)
    assert (wait_settings.timeout, wait_settings.max_consecutive_errors) == (0, 0)
    assert (wait_settings.max_error_seconds, wait_settings.progress_interval) == (0, 0)
    assert wait_settings.pace.floor == wait_settings.pace.ceiling == 300


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"wait_state": []}, "wait_state"),
        ({"wait_state": ["done"]}, "wait_state"),
        ({"wait_state": ["ended", "CampaignNew"]}, "wait_state"),
        ({"wait_state": ["unknown"]}, "wait_state"),
        ({"wait_state": [""]}, "wait_state"),
        ({"wait_timeout": -1.0}, "wait_timeout"),
        ({"wait_timeout": float("nan")}, "wait_timeout"),
        ({"wait_timeout": float("inf")}, "wait_timeout"),
        ({"wait_interval": 0.0}, "wait_interval"),
        ({"wait_interval": -5.0}, "wait_interval"),
        ({"wait_max_interval": 0.0}, "wait_max_interval"),
        ({"wait_max_interval": 299.0}, "wait_max_interval"),
        ({"max_consecutive_errors": -1}, "max_consecutive_errors"),
        ({"max_error_seconds": -1.0}, "max_error_seconds"),
        ({"progress_interval": -0.1}, "progress_interval"),
    ],
)
def test_a_bad_wait(values: Params, option: str) -> None:
    assert option in names_in(refusal(wait_settings_of, params(**values)))


def test_a_wrong_target_is_answered_with_the_right_ones() -> None:
    message = refusal(wait_settings_of, params(wait_state=["done"]))
    assert {"ended", "scheduled", "cancelled"} <= names_in(message)
    assert "unknown" not in names_in(message)


def test_the_demands_on_devices() -> None:
    given = {"min_success_percent": 99.5, "max_failure_percent": 0.0, "max_failure_count": 3, "min_devices": 20}
    wait_settings = wait_settings_of(params(**given, report_every=4))

    assert wait_settings.thresholds == Thresholds(99.5, 0.0, 3, 20)
    assert wait_settings.thresholds.are_set
    assert wait_settings.report_every == 4
    assert not wait_settings_of(params()).thresholds.are_set
    assert wait_settings_of(params(min_success_percent=100.0)).thresholds.min_success_percent == 100


@pytest.mark.parametrize(
    ("values", "named"),
    [
        *[({name: value}, {name}) for name in PERCENTAGES for value in (-0.1, 100.1, float("nan"), float("inf"))],
        ({"max_failure_count": -1}, {"max_failure_count"}),
        ({"min_devices": 0}, {"min_devices"}),
        ({"report_every": 0}, {"report_every"}),
        *[
            ({name: 5, "wait_state": [state]}, {"wait_state", state, *DEMANDS})
            for name in DEMANDS
            for state in ("scheduled", "in_progress")
        ],
        ({"max_failure_count": 0, "wait_state": ["ended", "scheduled"]}, {"wait_state", "scheduled"}),
    ],
)
def test_impossible_demands_on_devices(values: Params, named: set[str]) -> None:
    assert named <= names_in(refusal(wait_settings_of, params(**values)))


@pytest.mark.parametrize("option", DEMANDS)
def test_demands_on_devices_need_a_wait(option: str) -> None:
    tokens = {"access_token": "a", "session_token": "t"}

    assert {*DEMANDS, "wait"} <= names_in(refusal(options.task_settings_of, params(**{option: 0}, **tokens)))
    assert options.task_settings_of(params(**tokens, min_devices=5, report_every=2)).wait_settings is None
    assert options.task_settings_of(params(**{option: 0}, **tokens, wait=True)).wait_settings is not None


@pytest.mark.parametrize("devices", ["none", "summary", "failed", "all"])
def test_how_much_of_the_device_report_is_wanted(devices: str) -> None:
    assert options.campaigns_of(params()).devices == "none"
    assert options.campaigns_of(params(devices=devices)).devices == devices


TIMES: t.Final = (
    *("request_timeout", "wait_interval", "wait_max_interval", "wait_timeout", "wait_until_end_plus"),
    *("wait_not_found", "max_error_seconds", "progress_interval"),
)
TOKENS: t.Final = {"access_token": "a", "session_token": "t"}


def role_name(option: str) -> str:
    """The role's name of the option."""
    return "campaign_wait_" + option.removeprefix("wait_")


@pytest.mark.parametrize("option", TIMES)
def test_every_time_takes_a_unit(option: str) -> None:
    values = params(**{"wait_max_interval": "9w", **TOKENS, option: "90m"}, wait=True)
    if option == "wait_max_interval":
        values["wait_interval"] = "1m"
    task_settings = options.task_settings_of(values)
    wait_settings = task_settings.wait_settings
    assert wait_settings is not None
    found = {
        "request_timeout": task_settings.connection.request_timeout,
        "wait_interval": wait_settings.pace.floor,
        "wait_max_interval": wait_settings.pace.ceiling,
        "wait_timeout": wait_settings.timeout,
        "wait_until_end_plus": wait_settings.until_end_plus,
        "wait_not_found": wait_settings.not_found_grace,
        "max_error_seconds": wait_settings.max_error_seconds,
        "progress_interval": wait_settings.progress_interval,
    }
    assert found[option] == 5400


@pytest.mark.parametrize("option", TIMES)
@pytest.mark.parametrize("value", ["soon", "-5", "True", "", "1x", "5 m!", "nan"])
@pytest.mark.parametrize("names", [str, role_name])
def test_a_bad_time_is_one_sentence_with_the_users_name(option: str, value: str, names: t.Callable[[str], str]) -> None:
    values = params(**{**TOKENS, option: value}, wait=True)
    message = refusal(lambda given: options.task_settings_of(given, names), values)
    assert message.startswith(f"{names(option)} must be a time, ")
    assert "90m" in message
    assert "class" not in message


@pytest.mark.parametrize(("written", "percent"), [("95", 95.0), ("95%", 95.0), ("0.5%", 0.5), (99.5, 99.5)])
@pytest.mark.parametrize("option", PERCENTAGES)
def test_a_percentage_with_and_without_its_sign(option: str, written: object, percent: float) -> None:
    assert getattr(wait_settings_of(params(**{option: written})).thresholds, option) == percent


def test_a_share_between_0_and_1_is_asked_back() -> None:
    message = refusal(wait_settings_of, params(min_success_percent="0.98"))
    assert message == (
        "min_success_percent is ambiguous: write 98 for 98 percent, not 0.98. For less than one percent, add the "
        "percent sign: 0.98%."
    )


@pytest.mark.parametrize("option", ["max_failure_count", "min_devices", "report_every", "max_consecutive_errors"])
def test_true_is_no_number(option: str) -> None:
    message = refusal(wait_settings_of, params(**{option: True}))
    assert message.startswith(f"{option} must be a whole number, ") and message.endswith("not 'True'.")


def test_everything_that_is_missing_is_said_at_once() -> None:
    message = refusal(options.credentials_of, params())
    assert message == (
        "There are no credentials for the OAuth access token or the session token: set api_key and api_secret (or "
        "THINGSPACE_API_KEY and THINGSPACE_API_SECRET), or access_token; and username and password (or "
        "THINGSPACE_USERNAME and THINGSPACE_PASSWORD), or session_token."
    )
    message = refusal(options.credentials_of, params(api_key="k"))
    assert {"api_key", "api_secret", "username", "password", "session_token"} <= names_in(message)


REFUSED: t.Final = [
    ({"account_name": None}, "account_name"),
    ({"account_name": 4021962540001}, "account_name"),
    ({"account_name": "a/b"}, "account_name"),
    ({"campaign_id": []}, "campaign_id"),
    ({"campaign_id": ["a/b"]}, "campaign_id"),
    ({"api_url": "ftp://host"}, "api_url"),
    ({"api_url": "https://user@host"}, "api_url"),
    ({"max_concurrency": 0}, "max_concurrency"),
    ({"wait_state": []}, "wait_state"),
    ({"wait_state": ["done"]}, "wait_state"),
    ({"wait_state": ["queued"], "max_failure_count": 1}, "wait_state"),
    ({"wait_match": "most"}, "wait_match"),
    ({"wait_interval": "2h"}, "wait_max_interval"),
    ({"min_success_percent": "0.9"}, "min_success_percent"),
    ({"max_failure_percent": "900"}, "max_failure_percent"),
    ({"report_every": 0}, "report_every"),
    ({"wait": False, "max_failure_count": 1}, "wait"),
    ({"session_token": None}, "username"),
    ({"username": "u"}, "password"),
    ({"session_token": "a b"}, "session_token"),
    ({"api_key": "a:b", "api_secret": "s"}, "api_key"),
]


@pytest.mark.parametrize(("values", "option"), REFUSED)
def test_an_error_carries_its_option_and_the_users_name_for_it(values: Params, option: str) -> None:
    given = params(**{"wait": True, "wait_max_interval": "90m", **TOKENS, **values})
    with pytest.raises(OptionError) as caught:
        options.task_settings_of(given, role_name)
    assert caught.value.option == option
    assert role_name(option) in names_in(caught.value.message)
    # No names of the module remain, except for those that are also ordinary words.
    bare = names_in(caught.value.message) & set(argument_spec()) - {"wait", "username", "password", "devices"}
    assert not bare, caught.value.message


def test_the_sentences_of_a_wait_have_the_users_names() -> None:
    wait_settings = options.wait_settings_of(params(max_failure_count=0), THREE, role_name)
    assert (
        wait_settings.names("wait_timeout") == wait_settings.thresholds.names("wait_timeout") == "campaign_wait_timeout"
    )
    assert wait_settings == wait_settings_of(params(max_failure_count=0))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], None),
        (["wait_timeout", "campaign_id"], None),
        (["wait_timout"], "There is no option wait_timout: did you mean wait_timeout?"),
        (["campaignId"], "There is no option campaignId: did you mean campaign_id?"),
        (["wait-state"], "There is no option wait-state: did you mean wait_state?"),
        (["imei"], "There is no option imei: did you mean device_id?"),
        (["frobnicate"], "There is no option frobnicate: the documentation lists all options."),
        (
            ["acount_name", "pasword"],
            "There is no option acount_name: did you mean account_name? "
            "There is no option pasword: did you mean password?",
        ),
    ],
)
def test_a_misspelt_option(given: list[str], said: str | None) -> None:
    assert options.unknown_options(given, argument_spec()) == said


def test_a_misspelt_variable_of_the_role() -> None:
    known = [role_name(option) for option in argument_spec()]
    said = options.unknown_options(["campaign_wait_time_out"], known)
    assert said == "There is no option campaign_wait_time_out: did you mean campaign_wait_timeout?"


BYTES: t.Final = b"caf\xe9-\xff-0123456789".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("name", AUTH)
def test_credentials_that_are_not_utf8_are_refused(name: str) -> None:
    """Environment variables can have any bytes, which Python represents as lone surrogates."""
    message = refusal(options.credentials_of, params(**{**dict.fromkeys(AUTH, "given"), name: BYTES}))

    assert message == f"{name} contains bytes that are not UTF-8: encode it in UTF-8."


@pytest.mark.parametrize("name", ["account_name", "api_url", "campaign_id"])
def test_other_texts_that_are_not_utf8_are_refused(name: str) -> None:
    values = params(**{name: [BYTES] if name == "campaign_id" else f"https://{BYTES}"})
    check = options.connection_of if name == "api_url" else options.campaigns_of

    assert refusal(check, values) == f"{name} contains bytes that are not UTF-8: encode it in UTF-8."
