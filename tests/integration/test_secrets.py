# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that the service repeats, and secrets with odd characters. Playbooks.run searches for them after each run."""

from __future__ import annotations

from typing import Any

import pytest

from integration.leaks import basic_pair, leaks_in
from integration.playbooks import Playbooks, Unsafe
from integration.tasks import (
    BY_VARIABLES,
    CREDENTIALS,
    FAST,
    Task,
    as_environment,
    campaign_ids,
    info,
    local_hosts,
    play,
    remote_hosts,
)
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

ODD = {
    "api_key": "odd-key with %41 blank",
    "api_secret": 'odd\'s "secret": {{ 50% }} \\n',
    "username": "ödd-user@example.com",
    "password": " p\u00e4ss 'w\u00f6rd\" $HOME `id` %s 100% \\ \u20ac#",
}


def ways(api_url: str, campaign_id: str = V2_ID) -> dict[str, Task]:
    """Return tasks with the three ways to pass secrets, and a wait."""
    bare = {"account_name": None, "campaign_id": campaign_id}
    here = {"api_url": api_url, "account_name": ACCOUNT}
    return {
        "options": info("options", {**here, **BY_VARIABLES, "campaign_id": campaign_id}),
        "task": info("task", bare, environment=as_environment({**here, **BY_VARIABLES})),
        "controller": info("controller", {**FAST, **bare}),
    }


@pytest.mark.parametrize("kind", ["oauth_token", "session_login", "campaign_read"])
def test_a_service_that_repeats_secrets(playbooks: Playbooks, control: Control, api_url: str, kind: str) -> None:
    control.fault("echo_secrets", kind=kind, status=400)
    tasks: list[Task] = [{**task, "ignore_errors": True} for task in ways(api_url).values()]
    plays = [play(tasks, hosts="all"), play([tasks[2]], hosts="here", environment=as_environment(BY_VARIABLES))]
    run = playbooks.run(
        plays,
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        variables=CREDENTIALS,
        environment=as_environment({"api_url": api_url, "account_name": ACCOUNT, **CREDENTIALS}),
    )

    assert run.code == 0, run.output
    failures = [event for event in run.events if event.failed]
    assert len(failures) == 7
    for failure in failures:
        # The service has really repeated it, and the mask replaces it.
        assert "Request not understood" in failure.result["msg"]
        assert "********" in failure.result["msg"]


def test_a_service_that_puts_secrets_into_facts(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fields = {
        "note": f"seen {CREDENTIALS['password']}",
        "list": [{"user": CREDENTIALS["username"]}],
        CREDENTIALS["api_key"]: "as a key",
        "campaignName": f"for {CREDENTIALS['api_secret']}",
    }
    control.fault("extra_fields", kind="campaign_read", fields=fields)
    given = {"api_url": api_url, **BY_VARIABLES}
    run = playbooks.run(
        [play([info("read", given), info("wait", {**given, **FAST})], hosts="all")],
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        variables=CREDENTIALS,
    )

    assert run.code == 0, run.output
    for host in ("here", "there"):
        assert "seen ****" in run.result("read", host)["campaign"]["extra"]["note"]


def test_odd_characters(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """The service gets them unchanged, in all three ways, and they are masked in all forms."""
    (campaign_id,) = campaign_ids(1)
    control.scenario({"credentials": ODD})
    control.add_campaign(campaign_id)
    playbooks.know_secrets(ODD)
    unsafe: dict[str, Any] = {name: Unsafe(value) for name, value in ODD.items()}
    run = playbooks.run(
        [play(ways(api_url, campaign_id).values(), hosts="all")],
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        variables=unsafe,
        environment=as_environment({"api_url": api_url, "account_name": ACCOUNT, **ODD}),
    )

    assert run.code == 0, run.output
    for host in ("here", "there"):
        for way in ("options", "task", "controller"):
            assert run.result(way, host)["campaign"]["id"] == campaign_id
    assert control.counters()["logins_refused"] == 0


def test_odd_characters_are_hidden_when_repeated(playbooks: Playbooks, control: Control, api_url: str) -> None:
    control.scenario({"credentials": ODD})
    control.fault("echo_secrets", kind=["session_login"], status=400)
    playbooks.know_secrets(ODD)
    run = playbooks.run(
        [play([ways(api_url)["controller"]], hosts="all")],
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        environment=as_environment({"api_url": api_url, "account_name": ACCOUNT, **ODD}),
    )

    assert run.code == 2, run.output
    assert control.count("session_login") == 1
    assert "Request not understood" in run.failure("controller", "here")["msg"]


@pytest.mark.parametrize(
    "text",
    [
        "it's \u00e4 b",
        r"it's \u00e4 b",
        r"it's \xe4 b",
        "it%27s%20%C3%A4%20b",
        "it%27s+%C3%A4+b",
        "aXQncyDDpCBi",
    ],
)
def test_the_search_finds_every_form(text: str) -> None:
    """All other tests rely on this search."""
    assert leaks_in(f"before {text} after", ["it's \u00e4 b"])
    assert not leaks_in(f"before {text[1:]} after", ["it's \u00e4 b"])
    assert leaks_in("Basic a2V5OnNlY3JldA==", [basic_pair("key", "secret")])
