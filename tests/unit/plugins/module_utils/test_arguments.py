# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of options: the argument spec generated from it, and the values from the environment."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CAMPAIGN_INFO_OPTIONS,
    argument_spec,
    checked,
    env_fallback,
    secret_names,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError

SECRETS: t.Final = {"api_key", "api_secret", "username", "password", "access_token", "session_token"}
ENVIRONMENT: t.Final = {
    "account_name": "THINGSPACE_ACCOUNT_NAME",
    "api_url": "THINGSPACE_API_URL",
    **{name: f"THINGSPACE_{name.upper()}" for name in SECRETS},
}
REQUIRED: t.Final = {"campaign_id": "60b5d639-ccdc-4db8-8824-069bd94c95bf"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)


def validated(**values: t.Any) -> dict[str, t.Any]:
    result = ArgumentSpecValidator(argument_spec()).validate({**REQUIRED, **values})
    assert not result.error_messages
    return t.cast("dict[str, t.Any]", result.validated_parameters)


def test_exactly_the_credentials_are_secret() -> None:
    assert set(secret_names()) == SECRETS
    assert {name for name, spec in argument_spec().items() if spec["no_log"]} == SECRETS
    # Without no_log, Ansible would guess from the option's name, and print a warning.
    assert all(isinstance(spec["no_log"], bool) for spec in argument_spec().values())


def test_only_the_campaigns_are_required() -> None:
    assert {name for name, spec in argument_spec().items() if spec.get("required")} == {"campaign_id"}


@pytest.mark.parametrize(("option", "variable"), sorted(ENVIRONMENT.items()))
def test_an_option_comes_from_its_variable(option: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "from the environment")

    assert validated()[option] == "from the environment"
    assert validated(**{option: "from the task"})[option] == "from the task"


@pytest.mark.parametrize(("option", "variable"), sorted(ENVIRONMENT.items()))
def test_an_empty_variable_counts_as_absent(option: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without = validated()[option]
    monkeypatch.setenv(variable, "")

    assert validated()[option] == without


def test_no_other_option_has_a_variable() -> None:
    assert {option.name: option.env for option in CAMPAIGN_INFO_OPTIONS if option.env} == ENVIRONMENT


def test_the_first_variable_that_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_API_URL", "")
    monkeypatch.setenv("THINGSPACE_API_KEY", "second")

    assert env_fallback("THINGSPACE_USERNAME", "THINGSPACE_API_URL", "THINGSPACE_API_KEY") == "second"
    with pytest.raises(AnsibleFallbackNotFound):
        env_fallback("THINGSPACE_USERNAME", "THINGSPACE_API_URL")


def test_values_as_ansible_hands_them_over() -> None:
    values = validated(
        wait="yes", wait_timeout="60", wait_state="ended", max_consecutive_errors="3", validate_certs="no"
    )

    assert (values["wait"], values["validate_certs"]) == (True, False)
    assert (values["wait_timeout"], values["max_consecutive_errors"]) == ("60", 3)
    assert values["wait_state"] == ["ended"]
    assert values["campaign_id"] == [REQUIRED["campaign_id"]]


def test_a_number_as_account_name_stays_a_number_so_that_it_can_be_refused() -> None:
    assert validated(account_name=40219625400001)["account_name"] == 40219625400001


@pytest.mark.parametrize(
    ("option", "value"),
    [("api_version", "v4"), ("wait_on_timeout", "ignore"), ("devices", "some"), ("max_consecutive_errors", 1.5)],
)
def test_ansible_refuses_by_the_spec(option: str, value: object) -> None:
    result = ArgumentSpecValidator(argument_spec()).validate({**REQUIRED, option: value})

    assert len(result.error_messages) == 1
    assert option in result.error_messages[0]


def test_each_call_gives_a_spec_of_its_own() -> None:
    argument_spec()["wait_state"]["choices"] = ["never"]
    assert "choices" not in argument_spec()["wait_state"]


def test_names_are_unique() -> None:
    names = [option.name for option in CAMPAIGN_INFO_OPTIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wait_timeout": "soon"}, "wait_timeout must be a time, 0 or more: "),
        ({"min_success_percent": "most"}, "min_success_percent must be a percentage, from 0 to 100, "),
        ({"max_failure_count": "few"}, "max_failure_count must be a whole number, not 'few'."),
        ({"max_failure_count": 1.5}, "max_failure_count must be a whole number, not '1.5'."),
        ({"max_failure_count": [1]}, "max_failure_count must be a whole number, not '[1]'."),
        ({"wait": "perhaps"}, "wait must be true or false, not 'perhaps'."),
        ({"validate_certs": {}}, "validate_certs must be true or false, not '{}'."),
        ({"wait_state": {"a": 1}}, "wait_state must be a list, each entry a string, not "),
        ({"campaign_id": None}, "campaign_id is missing: set it."),
        ({"campaign_id": 12345678}, "campaign_id was read as a number, which may change it: put it in quotes, "),
        ({"campaign_id": ["c1", 1e5]}, "campaign_id was read as a number, which may change it: put it in quotes, "),
        ({"campaign_id": True}, "campaign_id was read as a boolean, which may change it: put it in quotes, "),
        ({"campaign_id": ["c1", None]}, "campaign_id contains a null entry: "),
        ({"campaign_id": [["c1"]]}, "campaign_id must be a string, not "),
        ({"campaign_id": {"c1": "c2"}}, "campaign_id must be a string, not "),
        ({"campaign_id": datetime.date(2026, 3, 1)}, "campaign_id must be a string, not '2026-03-01': "),
        ({"api_version": "v9"}, "api_version must be one of v1, v2, v3, not 'v9'."),
        ({"wait_timout": 5}, "There is no option wait_timout: did you mean wait_timeout?"),
    ],
)
@pytest.mark.parametrize("is_role", [False, True])
def test_a_refused_value_is_one_sentence_in_the_users_words(values: dict[str, t.Any], said: str, is_role: bool) -> None:
    def names(option: str) -> str:
        return f"my_{option}" if is_role else option

    given = {name: value for name, value in {**REQUIRED, **values}.items() if value is not None}
    with pytest.raises(OptionError) as caught:
        checked(given, CAMPAIGN_INFO_OPTIONS, names)
    message = caught.value.message
    for option in (*values, "wait_timeout"):
        said = said.replace(f"{option} ", f"{names(option)} ").replace(f"{option}:", f"{names(option)}:")
        said = said.replace(f"{option}?", f"{names(option)}?")
    assert message.startswith(said.replace("my_my_", "my_"))
    assert "class" not in message and message.isprintable() and message[-1] in ".?"


def test_no_refusal_shows_a_secret() -> None:
    for name in SECRETS:
        for value in ({"a": "hunter2"}, ["hunter2"], 5):
            try:
                checked({**REQUIRED, name: value})
            except OptionError as error:
                assert "hunter2" not in error.message


def test_good_values_come_through_checked() -> None:
    values = checked({**REQUIRED, "wait_timeout": "2d", "wait": "yes", "min_success_percent": 95})
    assert (values["wait_timeout"], values["wait"], values["min_success_percent"]) == ("2d", True, "95")
    assert values["wait_interval"] == "300"
