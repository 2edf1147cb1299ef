# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a campaign, from its state and its device report."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.outcome import OUTCOMES, outcome_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary

WORDS: t.Final = dict(
    zip(
        ("succeeded", "pending", "cancelled", "rejected", "failed", "unknown"),
        ("UpgradeSuccess", "UpgradePending", "CampaignAborted", "DeviceRejected", "UpgradeFailed", "Mystery"),
    )
)
NOT_ENDED: t.Final[dict[str, str]] = {
    **dict.fromkeys(("request_pending", "queued", "pre_scheduled", "scheduled", "in_progress", "unknown"), "pending"),
    **dict.fromkeys(("cancelled", "aborted"), "cancelled"),
    **dict.fromkeys(("request_failed", "failed"), "failed"),
}
# The states of the devices, and the outcome of the ended campaign.
ENDED: t.Final[dict[tuple[str, ...], str]] = {
    (): "unverified",
    ("succeeded",): "succeeded",
    ("pending",): "failed",
    ("cancelled",): "failed",
    ("rejected",): "failed",
    ("failed",): "failed",
    ("unknown",): "unverified",
    ("failed", "unknown"): "unverified",
    ("failed", "pending", "rejected", "cancelled"): "failed",
    **{("succeeded", other): "partial" for other in DEVICE_STATES[1:]},
}


def summary_of(states: t.Iterable[str], reported_total: int | None = None) -> DeviceSummary:
    report = DeviceReport()
    report.add([{"deviceId": str(number), "status": WORDS[state]} for number, state in enumerate(states)])
    report.reported_total = reported_total
    return report.summary()


def test_each_state_of_a_campaign_is_reported() -> None:
    assert {*NOT_ENDED, "ended"} == set(STATES)
    assert {*NOT_ENDED.values(), *ENDED.values()} == set(OUTCOMES)


@pytest.mark.parametrize("state", NOT_ENDED)
@pytest.mark.parametrize("devices", [None, *ENDED])
def test_before_and_beside_the_end_devices_do_not_matter(state: str, devices: tuple[str, ...] | None) -> None:
    assert outcome_of(state, None if devices is None else summary_of(devices)) == NOT_ENDED[state]


@pytest.mark.parametrize("devices", ENDED)
def test_at_the_end_the_devices_tell(devices: tuple[str, ...]) -> None:
    assert outcome_of("ended", summary_of(devices)) == ENDED[devices]


def test_without_a_report_nothing_is_known() -> None:
    assert outcome_of("ended", None) == "unverified"


@pytest.mark.parametrize("devices", ENDED)
def test_with_devices_missing_nothing_is_known(devices: tuple[str, ...]) -> None:
    assert outcome_of("ended", summary_of(devices, reported_total=len(devices) + 1)) == "unverified"


def test_succeeded_means_every_device() -> None:
    for states in itertools.product(DEVICE_STATES, repeat=3):
        is_good = set(states) == {"succeeded"}
        assert (outcome_of("ended", summary_of(states)) == "succeeded") is is_good, states
