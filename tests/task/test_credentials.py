# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that become invalid during a wait: one renewal of the right token, and never a second refused login."""

from __future__ import annotations

import uuid

import pytest

from simulator.control import Control
from simulator.stock import DEMO_CREDENTIALS, V2_ID
from task.background import Background
from task.test_outages import ENDED, RUNNING, finish, logins, start_running

FORMS = ["uws", "m2m", "account_401"]
MANY = [str(uuid.UUID(int=number)) for number in range(1, 9)]


@pytest.mark.parametrize("form", FORMS)
def test_the_session_expires(background: Background, control: Control, form: str) -> None:
    control.behaviour(session_expired_form=form)
    run = start_running(background, control)
    control.expire_sessions()
    run.until_read(4)
    result = finish(run, control)
    assert logins(control) == (1, 2)
    assert (result["logins"], result["errors"]) == (3, 0)


@pytest.mark.parametrize("how", ["expire_tokens", "revoke_tokens"])
def test_the_access_token_dies(background: Background, control: Control, how: str) -> None:
    run = start_running(background, control)
    getattr(control, how)()
    run.until_read(4)
    result = finish(run, control)
    assert logins(control) == (2, 1)
    assert (result["logins"], result["errors"]) == (3, 0)


@pytest.mark.parametrize("form", FORMS)
def test_both_die_at_once(background: Background, control: Control, form: str) -> None:
    control.behaviour(session_expired_form=form)
    run = start_running(background, control)
    control.expire_sessions()
    control.revoke_tokens()
    run.until_read(5)
    result = finish(run, control)
    assert logins(control) == (2, 2)
    assert (result["logins"], result["errors"]) == (4, 0)


@pytest.mark.parametrize("form", FORMS)
def test_many_campaigns_at_once_renew_a_session_once(background: Background, control: Control, form: str) -> None:
    control.behaviour(session_expired_form=form)
    for campaign_id in MANY:
        control.add_campaign(campaign_id, body={"status": RUNNING})
    run = background.start(*MANY, max_concurrency=8)
    run.until_read(16)
    for times in (1, 2, 3):
        control.expire_sessions()
        run.until_read(24)
        assert logins(control) == (1, 1 + times)
    for campaign_id in MANY:
        control.set_status(campaign_id, ENDED)
    result = run.result()
    assert result["reached"] is True
    assert (result["logins"], result["errors"]) == (5, 0)


def test_a_password_that_was_changed_meanwhile_is_refused_once(background: Background, control: Control) -> None:
    run = start_running(background, control)
    control.reset_counters()
    # The new scenario has neither the old tokens nor the old password.
    control.scenario({"credentials": {"password": "changed-meanwhile-6666"}})
    result = run.result()
    assert (result["failed"], result["reason"]) == (True, "login_refused")
    counters = control.counters()
    assert counters["by_kind"]["session_login"] == 1
    assert counters["logins_refused"] == 1
    assert control.state()["users"][0]["locked"] is False
    assert result["campaign"]["state"] == "scheduled"
    assert DEMO_CREDENTIALS["password"] not in str(result)


def test_many_campaigns_at_once_try_a_changed_password_once(background: Background, control: Control) -> None:
    for campaign_id in MANY:
        control.add_campaign(campaign_id, body={"status": RUNNING})
    run = background.start(*MANY, max_concurrency=8)
    run.until_read(16)
    control.reset_counters()
    control.scenario({"credentials": {"password": "changed-meanwhile-6666"}})
    result = run.result()
    assert result["reason"] == "login_refused"
    assert control.counters()["by_kind"]["session_login"] == 1
    assert [campaign["state"] for campaign in result["campaigns"]] == ["scheduled"] * len(MANY)


def test_a_session_that_is_refused_right_after_its_renewal_ends_the_wait(
    background: Background, control: Control
) -> None:
    run = start_running(background, control)
    control.reset_counters()
    text = '{"errorCode": "REQUEST_FAILED.SessionToken.Expired", "errorMessage": "The Session has expired."}'
    control.fault("status", kind="campaign_read", status=400, text=text)
    result = run.result()
    assert (result["failed"], result["reason"]) == (True, "access_refused")
    assert control.counters()["by_kind"]["session_login"] == 1
    assert control.counters()["by_kind"]["campaign_read"] == 2


def test_a_login_that_meets_an_outage_is_made_good_later(background: Background, control: Control) -> None:
    run = start_running(background, control)
    control.fault("status", kind="session_login", status=503, text="busy", times=1)
    control.expire_sessions()
    run.until(lambda: control.counters()["faults"] == 1)
    run.until_read(3)
    result = finish(run, control)
    assert result["errors"] == 1
    assert logins(control) == (1, 3)
    assert control.counters()["logins_refused"] == 0


def test_given_tokens_that_die_end_the_wait_without_a_login(background: Background, control: Control) -> None:
    tokens = {"access_token": "demo-access", "session_token": "demo-session"}
    control.scenario({"credentials": {**DEMO_CREDENTIALS, **tokens}})
    control.set_status(V2_ID, RUNNING)
    none = {name: None for name in DEMO_CREDENTIALS}
    run = background.start(**none, **tokens)
    run.until_read(3)
    control.expire_sessions()
    result = run.result()
    assert (result["failed"], result["reason"]) == (True, "access_refused")
    assert logins(control) == (0, 0)
