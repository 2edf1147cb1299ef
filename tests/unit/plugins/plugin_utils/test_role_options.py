# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role, their errors, and the decision for a host."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import (
    ROLE_OPTIONS,
    RoleOptions,
    names_with,
    role_options_of,
    unknown_variables,
    variable_name,
    variables,
)

PREFIX: t.Final = "campaign_wait_"
WAYS: t.Final = ("fail", "skip", "continue")
# All reasons of a failure but a time-out and a device.
OTHERS: t.Final = (
    "not_reachable",
    "too_many_failures",
    "unknown_state",
    "not_found",
    "request_refused",
    "login_refused",
    "access_refused",
    "too_many_errors",
    "interrupted",
    "run_folder_unusable",
    "invalid_option",
    "a_reason_of_tomorrow",
    # A failure is a failure, whatever reason it names.
    "reached",
    "past_target",
    "",
    None,
)


def decision(failed: bool, reason: str | None, on_device_failure: str = "fail", on_timeout: str = "fail") -> str:
    return RoleOptions(on_device_failure, on_timeout, "", False).decision(failed, reason)


@pytest.mark.parametrize("reason", ["reached", "past_target", "timed_out"])
@pytest.mark.parametrize("ways", list(itertools.product(WAYS, WAYS)), ids=str)
def test_a_wait_that_has_succeeded_continues(reason: str, ways: tuple[str, str]) -> None:
    assert decision(False, reason, *ways) == "continue"


@pytest.mark.parametrize("ways", list(itertools.product(WAYS, WAYS)), ids=str)
def test_a_device_and_a_time_out_have_their_own_ways(ways: tuple[str, str]) -> None:
    assert decision(True, "device_not_upgraded", *ways) == ways[0]
    assert decision(True, "timed_out", *ways) == ways[1]


@pytest.mark.parametrize("reason", OTHERS)
@pytest.mark.parametrize("ways", list(itertools.product(WAYS, WAYS)), ids=str)
def test_any_other_failure_fails_the_host(reason: str | None, ways: tuple[str, str]) -> None:
    assert decision(True, reason, *ways) == "fail"


def test_terms_are_the_roles_own_options() -> None:
    params = {option.name: option.default for option in ROLE_OPTIONS}
    assert role_options_of({**params, "wait_timeout": 5}) == RoleOptions("fail", "fail", "thingspace_campaigns", False)


def test_names_of_variables() -> None:
    assert variable_name("wait_timeout", PREFIX) == "campaign_wait_timeout"
    assert variable_name("device_id", PREFIX) == "campaign_wait_device_id"
    assert variable_name("wait_timeout", "other_") == "other_timeout"
    # The role waits in any case, and has more choices when the time is over.
    assert not {"campaign_wait_wait", "campaign_wait_on_timeout_return"} & set(variables(PREFIX))
    assert variables(PREFIX)["campaign_wait_on_timeout"].choices == WAYS


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("campaign_wait_imei", "campaign_wait_device_id"),
        ("campaign_wait_id", "campaign_wait_campaign_id"),
        ("campaign_wait_account", "campaign_wait_account_name"),
        ("campaign_wait_min_sucess_percent", "campaign_wait_min_success_percent"),
        ("campaign_wait_time_out", "campaign_wait_timeout"),
        ("campaign_wait_Timeout", "campaign_wait_timeout"),
        ("campaign_wait_wait_timeout", "campaign_wait_timeout"),
        ("campaign_wait_xyzzy", None),
        ("campaign_wait_", None),
    ],
)
def test_an_unknown_variable_is_named_with_what_was_meant(name: str, hint: str | None) -> None:
    sentence = unknown_variables(["ansible_host", "campaign_wait_timeout", name, "my_campaign_wait_x"], PREFIX)
    assert sentence is not None
    assert sentence.startswith(f"{name} is not an option" + (f" (did you mean {hint}?)" if hint else "."))


def test_known_variables_and_those_of_others_are_left_alone() -> None:
    names = [*variables(PREFIX), "campaign_wait_result", "campaign_waiting", "campaign", "other_timeout"]
    assert unknown_variables(names, PREFIX) is None
    assert unknown_variables([], PREFIX) is None


def test_all_unknown_variables_are_named_at_once() -> None:
    sentence = unknown_variables(["campaign_wait_zz", "campaign_wait_imei"], PREFIX)
    assert sentence == (
        "campaign_wait_imei is not an option (did you mean campaign_wait_device_id?); campaign_wait_zz is not an "
        "option. Every variable that begins with campaign_wait_ must be an option: rename or remove it."
    )


@pytest.mark.parametrize(
    ("option", "value", "is_good"),
    [
        *[(option, way, True) for option in ("on_device_failure", "on_timeout") for way in WAYS],
        *[(option, "contnue", False) for option in ("on_device_failure", "on_timeout")],
        ("stats_devices", "yes", True),
        ("stats_devices", "some", False),
    ],
)
def test_a_misspelled_way_is_refused(option: str, value: str, is_good: bool) -> None:
    if is_good:
        expected = True if value == "yes" else value
        assert getattr(role_options_of(checked({option: value}, ROLE_OPTIONS)), option) == expected
        return
    with pytest.raises(OptionError, match=f"campaign_wait_{option}.*{value}"):
        checked({option: value}, ROLE_OPTIONS, names_with(PREFIX))


def test_the_path_of_a_report_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert role_options_of(checked({"report": "~/report.md"}, ROLE_OPTIONS)).report == "/home/somebody/report.md"
    assert role_options_of(checked({}, ROLE_OPTIONS)).report == ""


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("wait_timeout", "campaign_wait_timeout"),
        ("device_id", "campaign_wait_device_id"),
        ("report", "campaign_wait_report"),
        # These are no variables of the role.
        ("wait", "wait"),
        ("log_in", "log_in"),
        ("wait_on_timeout", "wait_on_timeout"),
    ],
)
def test_what_the_user_calls_an_option(option: str, name: str) -> None:
    assert names_with(PREFIX)(option) == name


@pytest.mark.parametrize("name", ["wait", "log_in"])
def test_options_that_the_role_sets_itself_are_no_variables(name: str) -> None:
    assert f"{PREFIX}{name}" not in variables(PREFIX)
    assert str(unknown_variables([f"{PREFIX}{name}"], PREFIX)).startswith(f"{PREFIX}{name} is not an option")
