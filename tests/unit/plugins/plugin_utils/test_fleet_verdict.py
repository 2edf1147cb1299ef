# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of the verdict, row by row, and how a device is found in several reports."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import (
    DEVICE_STATES,
    SUCCEEDED,
    DeviceReport,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Member, Terms
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_verdict import (
    NOT_LISTED,
    Decision,
    decide,
    device_in,
    summary_sentence,
)

IMEI: t.Final = "990003425730535"
VERBS: t.Final = {"fail": "fail", "skip": "skip", "continue": "go"}
NOT_UPGRADED: t.Final = (*(state for state in DEVICE_STATES if state != SUCCEEDED), NOT_LISTED)
REACHED: t.Final = ("reached", "past_target")
# All endings but the reached ones and the time-out.
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
)


def outcome(reason: str, device: str | None, on_device_failure: str = "fail", on_timeout: str = "fail") -> Decision:
    """The decision after this ending, on a host whose device is in this state (None: it has no device)."""
    member = Member(
        "host", Goal(("c1",), 1), None if device is None else IMEI, Terms(on_device_failure, on_timeout, "", False)
    )
    facts = {"device_id": IMEI, "state": device, "status": "Word", "reason": "Why", "campaign_id": "c1"}
    ending = Ending(reason, "A sentence.", reason in REACHED)
    return decide(member, ending, None if device is None else facts)


@pytest.mark.parametrize("terms", list(itertools.product(VERBS, VERBS)), ids=str)
@pytest.mark.parametrize("device", [None, SUCCEEDED])
@pytest.mark.parametrize("reason", REACHED)
def test_target_reached_and_no_device_or_an_upgraded_one(
    reason: str, device: str | None, terms: tuple[str, str]
) -> None:
    assert outcome(reason, device, *terms) == Decision("go")


@pytest.mark.parametrize("on_timeout", VERBS)
@pytest.mark.parametrize("device", NOT_UPGRADED)
@pytest.mark.parametrize("on_device_failure", VERBS)
@pytest.mark.parametrize("reason", REACHED)
def test_target_reached_and_a_device_that_was_not_upgraded(
    reason: str, on_device_failure: str, device: str, on_timeout: str
) -> None:
    decision = outcome(reason, device, on_device_failure, on_timeout)
    assert (decision.verb, decision.reason) == (VERBS[on_device_failure], "device_not_upgraded")
    assert decision.message is not None and decision.message.startswith(f"Device {IMEI} was not upgraded")


@pytest.mark.parametrize("on_device_failure", VERBS)
@pytest.mark.parametrize("device", [None, SUCCEEDED])
def test_time_over_and_it_may_go_on(device: str | None, on_device_failure: str) -> None:
    assert outcome("timed_out", device, on_device_failure, "continue") == Decision("go")


@pytest.mark.parametrize("device", NOT_UPGRADED)
@pytest.mark.parametrize("on_device_failure", VERBS)
def test_time_over_and_it_may_go_on_but_its_device_was_not_upgraded(on_device_failure: str, device: str) -> None:
    after_time = outcome("timed_out", device, on_device_failure, "continue")
    assert after_time == outcome("reached", device, on_device_failure)
    assert after_time.verb == VERBS[on_device_failure]


@pytest.mark.parametrize("on_timeout", ["fail", "skip"])
@pytest.mark.parametrize("on_device_failure", VERBS)
@pytest.mark.parametrize("device", [None, *DEVICE_STATES, NOT_LISTED])
def test_time_over_and_it_may_not_go_on(device: str | None, on_device_failure: str, on_timeout: str) -> None:
    assert outcome("timed_out", device, on_device_failure, on_timeout) == Decision(on_timeout)


@pytest.mark.parametrize("reason", OTHERS)
def test_any_other_ending_fails_the_host_whatever_it_has_and_says(reason: str) -> None:
    for device, on_device, on_timeout in itertools.product([None, *DEVICE_STATES, NOT_LISTED], VERBS, VERBS):
        assert outcome(reason, device, on_device, on_timeout) == Decision("fail")


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (
            {"state": "failed", "status": "UpgradeFailed", "reason": "No battery."},
            "failed [UpgradeFailed]: No battery.",
        ),
        ({"state": "unknown", "status": None, "reason": None}, "unknown."),
        ({"state": "pending", "status": "UpgradePending", "reason": ""}, "pending [UpgradePending]."),
    ],
)
def test_the_sentence_about_a_device(device: dict[str, t.Any], says: str) -> None:
    member = Member("host", Goal(("c1",), 1), IMEI, Terms("skip", "fail", "", False))
    message = decide(member, Ending("reached", "Yes.", True), {"device_id": IMEI, **device}).message
    assert message == f"Device {IMEI} was not upgraded: it is {says}"


def test_the_sentence_about_a_device_in_no_report() -> None:
    message = outcome("reached", NOT_LISTED).message
    assert message == f"Device {IMEI} was not upgraded, as far as is known: it is in no device report of its campaigns."


WORDS: t.Final = {
    "succeeded": "UpgradeSuccess",
    "pending": "UpgradePending",
    "cancelled": "CampaignCancelled",
    "rejected": "DeviceRejected",
    "failed": "UpgradeFailed",
    "unknown": "UpgradeLooksGood",
}


def report_of(**devices: str) -> DeviceReport:
    """A report with the states of devices, by their IDs behind a letter."""
    report = DeviceReport()
    report.add(
        [{"deviceId": name[1:], "status": WORDS[state], "resultReason": "why"} for name, state in devices.items()]
    )
    return report


def test_a_device_as_its_report_says() -> None:
    reports = {"c1": report_of(d2="failed"), "c2": report_of(d1="succeeded", d2="succeeded")}
    assert device_in(reports, "1") == {
        "device_id": "1",
        "state": "succeeded",
        "status": "UpgradeSuccess",
        "reason": "why",
        "campaign_id": "c2",
    }


@pytest.mark.parametrize("states", list(itertools.permutations(DEVICE_STATES, 2)), ids=str)
def test_of_several_reports_the_worst_counts(states: tuple[str, str]) -> None:
    reports = {f"c{number}": report_of(d1=state) for number, state in enumerate(states)}
    worst = max(states, key=DEVICE_STATES.index)
    device = device_in(reports, "1")
    assert (device["state"], device["campaign_id"]) == (worst, f"c{states.index(worst)}")


@pytest.mark.parametrize("reports", [{}, {"c1": report_of()}, {"c1": report_of(d11="succeeded", d="succeeded")}])
def test_a_device_that_no_report_lists_is_never_upgraded(reports: dict[str, DeviceReport]) -> None:
    nowhere = {"device_id": "1", "state": NOT_LISTED, "status": None, "reason": None, "campaign_id": None}
    assert device_in(reports, "1") == nowhere
    assert NOT_LISTED not in DEVICE_STATES


@pytest.mark.parametrize(
    ("verbs", "says"),
    [
        (["go"] * 3, "3 of 3 hosts go on."),
        (["go", "fail", "fail"], "1 of 3 hosts go on, 2 fail."),
        (["go", "skip"], "1 of 2 hosts go on, 1 are left out."),
        (["fail", "skip"], "0 of 2 hosts go on, 1 fail, 1 are left out."),
        ([], "0 of 0 hosts go on."),
    ],
)
def test_how_many_go_on(verbs: list[str], says: str) -> None:
    assert summary_sentence(verbs) == says


def test_a_report_that_was_not_read_says_nothing_of_the_device() -> None:
    member = Member("host", Goal(("c1",), 1), "d1", Terms("fail", "continue", "", False))
    unread = decide(member, Ending("timed_out", ""), device_in({}, "d1"), all_were_read=False)
    unlisted = decide(member, Ending("timed_out", ""), device_in({}, "d1"), all_were_read=True)
    assert (unread.verb, unlisted.verb) == ("fail", "fail")
    assert unread.message == (
        "Nobody knows whether device d1 was upgraded: the device report of its campaign could not be read."
    )
    assert "in no device report" in str(unlisted.message)
