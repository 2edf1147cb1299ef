# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of an inventory file: templates, secrets, checks, and the values that are passed on."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleError

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import MASK, Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._inventory_options import (
    INVENTORY_OPTIONS,
    SHARED_OPTIONS,
    check_config,
    reason_of,
    register_secrets,
    run_params,
    templated,
)

KNOWN: t.Final = ("account_name", "campaign_id", "states", "api_version", "request_timeout", "password", "compose")
GOOD: t.Final = {"plugin": "x", "account_name": "0402196254-00001", "campaign_id": "one"}


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for option in SHARED_OPTIONS:
        if option.env:
            monkeypatch.delenv(option.env, raising=False)


def options(**given: t.Any) -> dict[str, t.Any]:
    """Return all options as Ansible passes them."""
    return {**{option.name: option.default for option in SHARED_OPTIONS}, "campaign_id": ["one"], **given}


def test_templates_are_filled_but_for_expressions_over_hosts() -> None:
    expressions = {"hostname": "a", "compose": {"a": "b"}, "groups": {"a": "b"}, "keyed_groups": [{"key": "a"}]}
    filled = templated({**expressions, "campaign_id": "a"}, lambda value: f"filled {value}")

    assert filled == {**expressions, "campaign_id": "filled a"}


def test_a_template_that_cannot_be_filled_is_named() -> None:
    def refuse(_value: t.Any) -> t.Any:
        raise AnsibleError("nope is undefined\nhere is the file: password")

    with pytest.raises(OptionError) as caught:
        templated({"account_name": "{{ nope }}"}, refuse)

    assert caught.value.message == "account_name has a template that cannot be evaluated: nope is undefined"


def test_secrets_are_known_from_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_API_SECRET", "from-the-environment")
    secrets = Secrets()
    register_secrets(
        {"password": ["in-a-list", {"key": "in-a-dict"}], "username": 12345678, "api_url": "open"}, secrets
    )

    for text in ("from-the-environment", "in-a-list", "in-a-dict", "12345678"):
        assert secrets.mask(text) == MASK
    assert secrets.mask("open") == "open"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            {"campain": 1, "statse": 2},
            "fleetops.thingspace.campaign_devices has no option campain, statse: correct or remove it.",
        ),
        ({"campaign_id": None}, "campaign_id is missing: set it."),
        (
            {"states": ["lost"]},
            "states must be one of succeeded, pending, cancelled, rejected, failed, unknown, not ",
        ),
        ({"api_version": "v9"}, "api_version must be one of v1, v2, v3, not 'v9'."),
        ({"request_timeout": "soon"}, "request_timeout"),
        ({"password": ["a-list-of-secrets"]}, "password must be a string."),
    ],
)
def test_what_an_option_cannot_be_is_one_sentence(more: dict[str, t.Any], says: str) -> None:
    config = {name: value for name, value in {**GOOD, **more}.items() if value is not None}

    with pytest.raises(OptionError) as caught:
        check_config(config, KNOWN)

    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert "a-list-of-secrets" not in caught.value.message


def test_a_good_file_passes() -> None:
    check_config({**GOOD, "states": ["failed"], "compose": {"a": "b"}}, KNOWN)
    check_config({**GOOD, "campaign_id": ["one", "two"]}, KNOWN)


def test_what_is_passed_on_is_what_the_collection_accepts() -> None:
    secrets = {"api_key": "a", "api_secret": "b", "username": "c", "password": "d"}
    task_settings = task_settings_of(run_params(options(account_name="0402196254-00001", request_timeout=7, **secrets)))

    assert (task_settings.campaigns.ids, task_settings.campaigns.devices, task_settings.wait_settings) == (
        ("one",),
        "all",
        None,
    )
    assert task_settings.connection.request_timeout == 7
    assert task_settings.credentials.password == "d"


def test_an_empty_environment_variable_counts_as_absent() -> None:
    params = run_params(options(account_name="", api_url="", access_token=""))

    assert params["account_name"] is None
    assert params["api_url"] == "https://thingspace.verizon.com/api"
    assert params["access_token"] is None


@pytest.mark.parametrize(
    ("said", "open_reason", "secret_reason"),
    [
        ("'nope' is undefined", ": 'nope' is undefined", ": 'nope' is undefined."),
        (
            "Syntax error in '{{ password-4444 '\nmore",
            ": Syntax error in '{{ password-4444 '",
            ": check its template, which is not shown because it can contain a secret.",
        ),
        (
            "'a-b' is undefined",
            ": 'a-b' is undefined",
            ": check its template, which is not shown because it can contain a secret.",
        ),
    ],
)
def test_why_a_template_failed_is_told_without_a_secret(said: str, open_reason: str, secret_reason: str) -> None:
    assert reason_of(AnsibleError(said), is_secret=False) == open_reason
    assert reason_of(AnsibleError(said), is_secret=True) == secret_reason


def test_which_options_an_inventory_file_has_besides_those_of_the_module() -> None:
    names = {option.name for option in INVENTORY_OPTIONS}
    assert names - {option.name for option in SHARED_OPTIONS} == {"states", "hostname"}
    # The inventory always reads the complete reports of campaigns.
    assert not {"devices", "device_id", "wait"} & names
    defaults = {option.name: option.default for option in INVENTORY_OPTIONS}
    assert (defaults["states"], defaults["hostname"]) == (None, "thingspace_device_id")


def test_options_that_are_null_or_empty_are_not_passed_on() -> None:
    assert run_params(options(request_timeout=None, api_key=""))["request_timeout"] == "30"
    assert run_params(options(account_name="0402196254-00001", validate_certs=False))["validate_certs"] is False
