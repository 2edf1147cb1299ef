# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that answers any JSON: every result matches RETURN, and every failure is a ThingSpaceError."""

from __future__ import annotations

from typing import Any

import pytest
from docs.tasks import result_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.tests.unit import any_json
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import deviations
from simulator.control import Control
from simulator.stock import STOCK_CAMPAIGNS

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
JSON = {"Content-Type": "application/json"}
VERSIONS = [str(campaign["api_version"]) for campaign in STOCK_CAMPAIGNS[:3]]
# The first line of answers() resets the fixtures for each example.
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
WAITS: list[dict[str, Any]] = [
    {},
    {"wait": True, "wait_timeout": 600, "max_consecutive_errors": 1},
    {"wait": True, "wait_timeout": 0, "wait_on_timeout": "return", "wait_state": ["cancelled", "failed"]},
    {
        "wait": True,
        "wait_timeout": 600,
        "max_failure_count": 1,
        "min_success_percent": 50,
        "wait_unknown_state": "fail",
    },
]
options = st.sampled_from(WAITS)
depths = st.sampled_from(["none", "summary", "failed", "all"])


def answers(control: Control, api_version: str, **texts: str) -> None:
    """Make the service answer requests of these kinds with these texts."""
    control.reset()
    control.add_campaign(ID, api_version=api_version)
    for kind, text in texts.items():
        control.fault("status", status=200, kind=kind, text=text, headers=JSON)


def check(api_url: str, given_options: dict[str, Any]) -> dict[str, Any]:
    """Run a task, and compare its result with the documentation."""
    wanted = {"campaign_id": [ID], **given_options}
    result = result_of(api_url, **wanted)
    assert deviations(result, wanted) == []
    if result["failed"]:
        assert result["reason"] != "error"
        assert result["msg"].isprintable()
        assert 10 < len(result["msg"]) < 1000
    return result


@pytest.mark.parametrize("api_version", VERSIONS)
@FEW
@given(data=st.data(), wait=options, devices=depths)
def test_any_campaign_and_report(
    api_url: str, control: Control, api_version: str, data: st.DataObject, wait: dict[str, Any], devices: str
) -> None:
    campaign = data.draw(any_json.campaigns(api_version, ID) | any_json.campaigns(api_version))
    answers(control, api_version, campaign_read=campaign, device_report=data.draw(any_json.reports))

    result = check(api_url, {"api_version": api_version, "devices": devices, **wait})

    # If nothing could be read, the wait ended by its timeout, which does not fail this task.
    assert result["failed"] or result["campaign"] is not None or result["timed_out"]


@FEW
@given(text=any_json.access_tokens, wait=options)
@example(text='{"access_token":"a","expires_in":' + "9" * 400 + "}", wait=WAITS[0])
@example(text='{"access_token":"a","expires_in":1e308}', wait=WAITS[0])
def test_any_answer_to_the_login_with_a_key(api_url: str, control: Control, text: str, wait: dict[str, Any]) -> None:
    answers(control, "v2", oauth_token=text)

    check(api_url, wait)

    # The session service decides whether a token is valid, and gets each token once.
    assert control.counters()["logins_refused"] == 0


@FEW
@given(text=any_json.session_tokens, wait=options)
def test_any_answer_to_the_login_of_a_user(api_url: str, control: Control, text: str, wait: dict[str, Any]) -> None:
    answers(control, "v2", session_login=text)

    check(api_url, wait)

    # It is not known whether the service counts such logins as refused.
    assert control.count("session_login") <= 4


@FEW
@given(
    text=any_json.errors,
    status=st.sampled_from([400, 401, 403, 404, 429, 503]),
    kind=st.sampled_from(["oauth_token", "session_login", "campaign_read", "device_report"]),
    wait=options,
)
def test_any_refusal(api_url: str, control: Control, text: str, status: int, kind: str, wait: dict[str, Any]) -> None:
    answers(control, "v2")
    control.fault("status", status=status, kind=kind, text=text, headers=JSON)

    check(api_url, {"devices": "summary", **wait})

    if status in (400, 401, 403, 404):
        assert control.count(kind) <= 4
