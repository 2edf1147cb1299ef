# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on one device from the reports of several campaigns."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import (
    NOT_LISTED,
    device_in,
    is_upgraded,
    not_upgraded,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    DEVICE_STATES,
    SUCCEEDED,
    DeviceReport,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceOfCampaign

IMEI: t.Final = "990003425730535"
WORDS: t.Final = {
    "succeeded": "UpgradeSuccess",
    "pending": "UpgradePending",
    "cancelled": "CampaignCancelled",
    "rejected": "DeviceRejected",
    "failed": "UpgradeFailed",
    "unknown": "UpgradeLooksGood",
}


def report_of(**devices: str) -> DeviceReport:
    """Return a report with the states of devices, whose IDs follow a letter."""
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
    assert not is_upgraded(device)


def device(state: str) -> DeviceOfCampaign:
    return {"device_id": IMEI, "state": state, "status": None, "reason": None, "campaign_id": None}


@pytest.mark.parametrize("state", [*DEVICE_STATES, NOT_LISTED])
def test_only_one_state_is_upgraded(state: str) -> None:
    assert is_upgraded(device(state)) is (state == SUCCEEDED)


@pytest.mark.parametrize("reports", [{}, {"c1": report_of()}, {"c1": report_of(d11="succeeded", d="succeeded")}])
def test_a_device_that_no_report_lists_is_never_upgraded(reports: dict[str, DeviceReport]) -> None:
    nowhere = {"device_id": "1", "state": NOT_LISTED, "status": None, "reason": None, "campaign_id": None}
    assert device_in(reports, "1") == nowhere
    assert NOT_LISTED not in DEVICE_STATES
    assert not is_upgraded(nowhere)


@pytest.mark.parametrize(
    ("facts", "all_were_read", "says"),
    [
        (
            {"state": "failed", "status": "UpgradeFailed", "reason": "No battery."},
            True,
            f"Device {IMEI} was not upgraded: it is failed [UpgradeFailed]: No battery.",
        ),
        (
            {"state": "pending", "status": "UpgradePending", "reason": None},
            True,
            f"Device {IMEI} was not upgraded: it is pending [UpgradePending].",
        ),
        ({"state": "unknown", "status": None, "reason": None}, True, f"Device {IMEI} was not upgraded: it is unknown."),
        (
            {"state": "failed", "status": "Odd\nword", "reason": "Two\nlines\x1b[2J"},
            False,
            f"Device {IMEI} was not upgraded: it is failed [",
        ),
        (
            {"state": NOT_LISTED, "status": None, "reason": None},
            True,
            f"Device {IMEI} is not known to be upgraded: no device report of its campaigns lists it.",
        ),
        (
            {"state": NOT_LISTED, "status": None, "reason": None},
            False,
            f"It is unknown whether device {IMEI} was upgraded: the device report of its campaign could not be read.",
        ),
    ],
)
def test_the_sentence(facts: dict[str, t.Any], all_were_read: bool, says: str) -> None:
    sentence = not_upgraded(t.cast(DeviceOfCampaign, {**device(NOT_LISTED), **facts}), all_were_read)
    assert sentence.startswith(says)
    assert sentence.isprintable()
