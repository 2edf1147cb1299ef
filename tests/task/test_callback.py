# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of callback and callback_info: which requests are sent, how often, and how answers are verified."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    CALLBACK_OPTIONS,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import (
    Mode,
    run_callback,
    run_callback_info,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

URL = "https://listener.example:9001/a-long-secret-in-the-path"
OTHER = "https://other.example/another-secret-in-the-path"
PAIR: dict[str, Any] = {"callback_username": "body-user-4711", "callback_password": "body-word-0815"}


class Impatient(Clock):
    """A clock whose sleep does nothing."""

    def sleep(self, seconds: float) -> None:
        """Do nothing."""


class Warnings(ProgressReporter):
    """Records warnings."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warning(self, text: str) -> None:
        """Record a warning."""
        self.said.append(text)


@pytest.fixture
def warnings() -> Warnings:
    return Warnings()


def run(api_url: str, warnings: Warnings, mode: Mode | None = None, **options: Any) -> dict[str, Any]:
    given = {"account_name": ACCOUNT, "api_url": api_url, **DEMO_CREDENTIALS, **options}
    runtime = Runtime(clock=Impatient(), reporter=warnings)
    result = run_callback(checked(given, CALLBACK_OPTIONS), mode or Mode(), runtime, Secrets())
    text = str(result) + str(warnings.said)
    for secret in ("a-long-secret", "another-secret", *PAIR.values(), *map(str, DEMO_CREDENTIALS.values())):
        assert secret not in text
    return result


def sent(control: Control) -> list[str]:
    """Return the methods of all requests about callbacks, in order."""
    return [entry["method"] for entry in control.counters()["log"] if entry["kind"] == "callback"]


@pytest.mark.parametrize("action", ["status", "close", "reset"])
def test_a_registration_is_sent_once(control: Control, api_url: str, warnings: Warnings, action: str) -> None:
    """This holds for any fault instead of its answer."""
    control.fault(action, kind="callback", skip=1, times=1, **({"status": 503} if action == "status" else {}))
    result = run(api_url, warnings, url=URL)

    assert (result["failed"], result["reason"], result["changed"]) == (True, "not_confirmed", False)
    assert "but the service does not show it" in result["msg"] and "It got no clear response" in result["msg"]
    assert result["callback"]["registered"] is False
    assert sent(control) == ["GET", "POST", "GET", "GET", "GET"]


@pytest.mark.parametrize("action", ["truncated", "empty", "html", "not_json"])
def test_a_registration_whose_answer_is_lost(control: Control, api_url: str, warnings: Warnings, action: str) -> None:
    """The result of the task matches the service, whether the registration succeeded or not."""
    control.fault(action, kind="callback", skip=1, times=1)
    result = run(api_url, warnings, url=URL)
    assert sent(control)[:2] == ["GET", "POST"] and sent(control).count("POST") == 1

    is_made = not run(api_url, warnings, Mode(check=True), url=URL)["changed"]
    assert result["changed"] is result["callback"]["registered"] is is_made
    if is_made:
        assert "got no clear response, but the service shows it" in " ".join(warnings.said)
    else:
        assert result["reason"] == "not_confirmed"
    assert is_made or action != "truncated"


def test_a_refused_registration_is_no_change(control: Control, api_url: str, warnings: Warnings) -> None:
    said = {"errorCode": "INVALID_PARAMETER", "errorMessage": f"Invalid callback url {URL}"}
    control.fault("status", kind="callback", skip=1, times=1, status=400, json=said)
    result = run(api_url, warnings, url=URL)

    assert (result["reason"], result["changed"]) == ("request_refused", False)
    assert "Invalid callback url ********" in result["msg"]
    assert sent(control) == ["GET", "POST"]


def test_a_deletion_that_gets_no_answer(control: Control, api_url: str, warnings: Warnings) -> None:
    assert run(api_url, warnings, url=URL)["changed"]
    control.reset_counters()
    control.fault("truncated", kind="callback", skip=1, times=1)
    result = run(api_url, warnings, state="absent")

    assert (result["changed"], result["callback"]["registered"]) == (True, False)
    assert sent(control) == ["GET", "DELETE", "GET"]


def test_a_deletion_that_does_nothing(control: Control, api_url: str, warnings: Warnings) -> None:
    assert run(api_url, warnings, url=URL)["changed"]
    control.fault("status", kind="callback", skip=1, times=1, status=200, json={"success": True})
    result = run(api_url, warnings, state="absent")

    assert (result["reason"], result["changed"]) == ("not_confirmed", False)
    assert "but the service still shows one" in result["msg"]


def test_a_dead_session_at_the_registration_is_renewed(control: Control, api_url: str, warnings: Warnings) -> None:
    """A request that was refused because of a token was not processed. It is repeated after another login."""
    gone = {"errorCode": "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired", "errorMessage": "It has expired."}
    control.fault("status", kind="callback", skip=1, times=1, status=400, json=gone)
    result = run(api_url, warnings, url=URL)

    assert (result["changed"], result["logins"]) == (True, 3)
    assert sent(control) == ["GET", "POST", "POST", "GET"]


def test_a_refused_login_is_not_repeated(control: Control, api_url: str, warnings: Warnings) -> None:
    result = run(api_url, warnings, url=URL, password="wrong-password-9999")

    assert (result["reason"], result["changed"]) == ("login_refused", False)
    assert (control.count("session_login"), sent(control)) == (1, [])


def test_another_address_is_not_what_was_requested(control: Control, api_url: str, warnings: Warnings) -> None:
    """Another client registers an address at the same time."""
    control.fault("status", kind="callback", skip=2, status=200, json={"url": OTHER})
    result = run(api_url, warnings, url=URL)

    assert (result["reason"], result["changed"]) == ("not_confirmed", True)
    assert result["callback"]["url"] == "https://other.example/********"


def test_it_may_take_a_moment_to_show(control: Control, api_url: str, warnings: Warnings) -> None:
    control.fault("status", kind="callback", skip=2, times=2, status=200, json={})
    result = run(api_url, warnings, url=URL)

    assert (result["changed"], result.get("failed")) == (True, None)
    assert sent(control) == ["GET", "POST", "GET", "GET", "GET"]


def test_credentials_that_are_not_shown_are_no_success(control: Control, api_url: str, warnings: Warnings) -> None:
    shown = [{"aname": ACCOUNT, "name": "Fota", "url": URL}]
    control.fault("status", kind="callback", skip=2, status=200, json=shown)
    result = run(api_url, warnings, url=URL, api_version="v1", **PAIR)

    assert result["reason"] == "not_confirmed"
    assert "does not show callback_username and callback_password as given" in result["msg"]


@pytest.mark.parametrize("form", ["object", "empty"])
def test_both_forms_of_none(control: Control, api_url: str, warnings: Warnings, form: str) -> None:
    control.behaviour(no_callback_form=form)
    result = run(api_url, warnings, state="absent")
    assert (result["changed"], result.get("failed")) == (False, None)


@pytest.mark.parametrize(
    ("status", "body", "registered"),
    [(403, {"errorCode": "CALLBACK_NOT_REGISTERED"}, False), (404, {"errorMessage": "Not found"}, None)],
)
def test_refusals_of_a_read(
    control: Control, api_url: str, warnings: Warnings, status: int, body: dict[str, Any], registered: bool | None
) -> None:
    """A sister service reports in this way that there is no address. A 404 is not clear."""
    control.fault("status", kind="callback", status=status, json=body)
    result = run(api_url, warnings, state="absent")
    if registered is None:
        assert result["reason"] == "request_refused" and "Check account_name and api_version" in result["msg"]
    else:
        assert (result["callback"]["registered"], result.get("failed")) == (registered, None)


def test_check_mode_sends_nothing_but_reads(control: Control, api_url: str, warnings: Warnings) -> None:
    result = run(api_url, warnings, Mode(check=True, diff=True), url=URL)

    assert (result["changed"], result["callback"]["registered"]) == (True, True)
    assert result["diff"]["before"]["url"] == "none"
    assert sent(control) == ["GET"]


def test_info_keeps_what_it_could_read(control: Control, api_url: str) -> None:
    control.fault("status", kind="callback", path="/v3/", status=400, json={"errorMessage": "no"})
    given = {"account_name": ACCOUNT, "api_url": api_url, **DEMO_CREDENTIALS}
    result = run_callback_info(checked(given, CALLBACK_INFO_OPTIONS), Runtime(), Secrets())

    assert (result["failed"], result["reason"]) == (True, "request_refused")
    assert [each["api_version"] for each in result["callbacks"]] == ["v1", "v2"]


def test_plain_http_is_warned_of(control: Control, api_url: str, warnings: Warnings) -> None:
    result = run(api_url, warnings, api_version="v1", url="http://listener.example/a-long-secret-in-the-path")
    assert result["changed"]
    assert [text for text in warnings.said if text.startswith("url is not https")]
