# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of campaigns, and all ways to pass credentials."""

from __future__ import annotations

import re
from typing import Any

from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, as_environment, campaign_ids, defaults, info, play
from simulator.control import Control
from simulator.stock import ACCOUNT, BASE_BODIES, V1_ID, V2_ID, V3_ACCOUNT, V3_ID

DERIVED = {
    "v1": {"state": "queued", "phase": "requested", "terminal": False, "outcome": "pending"},
    "v2": {"state": "ended", "phase": "over", "terminal": True, "outcome": "unverified"},
    "v3": {"state": "pre_scheduled", "phase": "running", "terminal": False, "outcome": "pending"},
}


def snake(value: Any) -> Any:
    """Convert the names in the service's JSON to snake case."""
    if isinstance(value, dict):
        return {re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", key): snake(item) for key, item in value.items()}
    return [snake(item) for item in value] if isinstance(value, list) else value


def facts(api_version: str, **other: Any) -> dict[str, Any]:
    body = snake(BASE_BODIES[api_version])
    unread = {"device_summary": None, "devices": None}
    return {**body, "api_version": api_version, "extra": {}, **unread, **DERIVED[api_version], **other}


def test_facts_are_the_bodies_of_the_service(playbooks: Playbooks, control: Control, api_url: str) -> None:
    (other,) = campaign_ids(1)
    control.add_campaign(other, body={"campaignName": None, "note": "new"}, timeline=[])
    tasks = [
        info("v1", {"campaign_id": V1_ID, "api_version": "v1"}),
        info("v2"),
        info("v3", {"campaign_id": V3_ID, "api_version": "v3", "account_name": V3_ACCOUNT}),
        info("several", {"campaign_id": [other, V2_ID, other]}),
        info("check", check_mode=True),
    ]
    run = playbooks.run([play(tasks, defaults=defaults(api_url))], variables=CREDENTIALS)

    assert run.code == 0, run.output
    for version in ("v1", "v2", "v3"):
        result = run.result(version)
        assert result["campaign"] == facts(version)
        assert result["campaigns"] == [result["campaign"]]
        assert result["changed"] is False
    several = run.result("several")
    changed = facts("v2", id=other, campaign_name=None, extra={"note": "new"})
    assert several["campaigns"] == [changed, facts("v2")]
    assert "campaign" not in several
    assert run.result("check")["campaign"] == facts("v2")


def test_credentials_of_every_source(playbooks: Playbooks, control: Control, api_url: str) -> None:
    tokens = {"access_token": "ready-made-access-token", "session_token": "ready-made-session-token"}
    control.scenario({"credentials": {**CREDENTIALS, **tokens}})
    playbooks.know_secrets(tokens)
    where = {"api_url": api_url}
    by_tokens = {name: f"{{{{ {name} }}}}" for name in tokens}
    user = {name: BY_VARIABLES[name] for name in ("username", "password")}
    everything = {"api_url": api_url, "account_name": ACCOUNT, **BY_VARIABLES}
    tasks = [
        info("options", {**where, **BY_VARIABLES}),
        info("tokens", {**where, **by_tokens}),
        info("tokens by environment", where, environment=as_environment(by_tokens)),
        info("environment", {"account_name": None}, environment=as_environment(everything)),
        info("half", {**where, "access_token": by_tokens["access_token"]}, environment=as_environment(user)),
    ]
    plays = [play(tasks), play([info("module defaults")], defaults=defaults(api_url))]
    run = playbooks.run(plays, variables={**CREDENTIALS, **tokens})

    assert run.code == 0, run.output
    logins = {event.task: event.result["logins"] for event in run.events}
    assert logins == {
        "options": 2,
        "tokens": 0,
        "tokens by environment": 0,
        # All tasks of the run with the same credentials use the tokens of the first task.
        "environment": 0,
        "half": 1,
        "module defaults": 0,
    }
    assert {event.result["campaign"]["id"] for event in run.events} == {V2_ID}


def test_the_controllers_environment_and_check_mode(playbooks: Playbooks, control: Control, api_url: str) -> None:
    run = playbooks.run(
        [play([info("read", {"account_name": None})])],
        environment=as_environment({"api_url": api_url, "account_name": ACCOUNT, "session_token": "", **CREDENTIALS}),
        arguments=["--check"],
    )

    assert run.code == 0, run.output
    assert run.result("read")["campaign"] == facts("v2")
    assert control.count("campaign_read") == 1
