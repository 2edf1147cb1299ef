# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid options: each error is one sentence that names the option, and there is no request."""

from __future__ import annotations

from typing import Any

import pytest

from integration.cases import Case, case, run_cases
from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, info, local_hosts, play, remote_hosts
from simulator.control import Control

NAN = float("nan")


def without(*names: str) -> dict[str, Any]:
    return {name: None for name in names}


def credential_cases(good: dict[str, Any]) -> list[Case]:
    return [
        case(
            info("no credentials", {**good, **without(*CREDENTIALS)}),
            "invalid_option",
            *("api_key", "api_secret", "THINGSPACE_API_KEY", "access_token"),
        ),
        case(
            info("no secret", {**good, **without("api_secret")}), "invalid_option", "api_key is set without api_secret"
        ),
        case(info("no key", {**good, **without("api_key")}), "invalid_option", "api_secret is set without api_key"),
        case(
            info("no password", {**good, **without("password")}), "invalid_option", "username is set without password"
        ),
        case(info("no user", {**good, **without("username")}), "invalid_option", "password is set without username"),
        case(info("no session", {**good, **without("username", "password")}), "invalid_option", "session_token"),
        case(info("empty password", {**good, "password": ""}), "invalid_option", "username is set without password"),
    ]


def campaign_cases(good: dict[str, Any]) -> list[Case]:
    return [
        case(info("version", {**good, "api_version": "v4"}), "invalid_option", "api_version", "v1, v2, v3"),
        case(info("empty ID", {**good, "campaign_id": ""}), "invalid_option", "campaign_id"),
        case(info("blank ID", {**good, "campaign_id": [" "]}), "invalid_option", "campaign_id is empty"),
        case(info("ID with a slash", {**good, "campaign_id": "a/b"}), "invalid_option", "campaign_id", "slash"),
        case(info("no IDs", {**good, "campaign_id": []}), "invalid_option", "campaign_id is an empty list"),
        case(info("no ID", {**good, "campaign_id": None}), "invalid_option", "campaign_id"),
        case(info("ID as a number", {**good, "campaign_id": 12345678}), "invalid_option", "campaign_id", "quotes"),
        case(info("IDs as numbers", {**good, "campaign_id": ["a", 1e5]}), "invalid_option", "campaign_id", "quotes"),
        case(info("ID as a boolean", {**good, "campaign_id": True}), "invalid_option", "campaign_id", "quotes"),
        case(info("number", {**good, "account_name": 40219625400001}), "invalid_option", "account_name", "quotes"),
        case(
            info("no account", {**good, "account_name": None}),
            "invalid_option",
            "account_name",
            "THINGSPACE_ACCOUNT_NAME",
        ),
        case(info("unsupported", {**good, "campain": "x"}), "invalid_option", "campain"),
    ]


def address_cases(good: dict[str, Any]) -> list[Case]:
    return [
        case(info("no address", {**good, "api_url": "nonsense"}), "invalid_option", "api_url", "https://"),
        case(info("other scheme", {**good, "api_url": "ftp://127.0.0.1/api"}), "invalid_option", "api_url"),
        case(info("bad port", {**good, "api_url": "http://127.0.0.1:99999/api"}), "invalid_option", "api_url"),
        case(info("a query", {**good, "api_url": "http://127.0.0.1/api?a=b"}), "invalid_option", "api_url"),
        case(info("no such CA", {**good, "ca_path": "/nonexistent/ca.pem"}), "invalid_option", "ca_path"),
        case(info("time-out", {**good, "request_timeout": 0}), "invalid_option", "request_timeout"),
        case(info("colon", {**good, "api_key": "{{ api_key }}:x"}), "invalid_option", "api_key", "colon"),
    ]


def wait_cases(good: dict[str, Any]) -> list[Case]:
    wait = {**good, "wait": True}
    return [
        case(info("state", {**wait, "wait_state": "done"}), "invalid_option", "wait_state", "'done'", "ended"),
        case(info("no state", {**wait, "wait_state": []}), "invalid_option", "wait_state is an empty list"),
        case(info("negative", {**wait, "wait_timeout": -1}), "invalid_option", "wait_timeout", "-1"),
        case(info("no number", {**wait, "wait_timeout": NAN}), "invalid_option", "wait_timeout", "nan"),
        case(info("a word", {**wait, "wait_timeout": "soon"}), "invalid_option", "wait_timeout"),
        case(
            info("crossed", {**wait, "wait_interval": 300, "wait_max_interval": 60}),
            "invalid_option",
            *("wait_max_interval", "wait_interval"),
        ),
        case(info("no interval", {**wait, "wait_interval": 0}), "invalid_option", "wait_interval"),
        case(
            info("on time-out", {**wait, "wait_on_timeout": "shrug"}),
            "invalid_option",
            "wait_on_timeout",
            "fail, return",
        ),
    ]


@pytest.mark.parametrize("kind", ["credentials", "campaign", "address", "wait"])
def test_in_process(playbooks: Playbooks, control: Control, api_url: str, kind: str) -> None:
    makers = {
        "credentials": credential_cases,
        "campaign": campaign_cases,
        "address": address_cases,
        "wait": wait_cases,
    }
    cases = makers[kind]({"api_url": api_url, **BY_VARIABLES})
    run_cases(playbooks, cases, local_hosts, variables=CREDENTIALS)
    assert control.counters()["total"] == 0


def test_on_another_host(playbooks: Playbooks, control: Control, api_url: str) -> None:
    good = {"api_url": api_url, **BY_VARIABLES}
    chosen = ("no secret", "ID with a slash", "number", "unsupported", "no such CA", "state", "no number")
    every = [*credential_cases(good), *campaign_cases(good), *address_cases(good), *wait_cases(good)]
    cases = [each for each in every if each.task["name"] in chosen]
    assert len(cases) == len(chosen)
    run_cases(playbooks, cases, remote_hosts, variables=CREDENTIALS)
    assert control.counters()["total"] == 0


def test_a_password_from_elsewhere_does_not_complete_half_a_pair(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    """An empty environment variable counts as not set, for the play and the task."""
    half = {"api_url": api_url, **BY_VARIABLES, "password": None}
    tasks = [info("half", half, environment={"THINGSPACE_PASSWORD": ""})]
    run = playbooks.run([play(tasks)], variables=CREDENTIALS, environment={"THINGSPACE_PASSWORD": ""}, verbosity=0)

    assert run.code == 2, run.output
    assert "THINGSPACE_PASSWORD" in run.failure("half")["msg"]
    assert control.counters()["total"] == 0
