# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The standing of a campaign, and which part of it has changed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import (
    Standing,
    assess,
    changed_fields,
)

NONE: t.Final = Thresholds()
FEW: t.Final = Thresholds(max_failure_percent=5.0)


def facts(failed: int | None, terminal: bool) -> Facts:
    """Facts of a campaign of 100 devices, of which C(failed) have failed; without a report if it is None."""
    report = DeviceReport()
    words = ["UpgradeFailed"] * (failed or 0) + ["UpgradeSuccess"] * (100 - (failed or 0))
    devices = [{"deviceId": str(number), "status": word} for number, word in enumerate(words)]
    report.add_page({"deviceList": devices, "totalDevice": 100, "hasMoreData": False})
    summary = None if failed is None else report.summary()
    known = {"state": "ended" if terminal else "scheduled", "outcome": "pending", "terminal": terminal}
    return t.cast(Facts, {**known, "device_summary": summary})


@pytest.mark.parametrize(
    ("failed", "terminal", "thresholds", "verdict"),
    [
        (50, True, NONE, "not_set"),
        (5, False, FEW, "open"),
        (5, True, FEW, "met"),
        (6, False, FEW, "failed"),
        (6, True, FEW, "failed"),
        (None, False, FEW, "open"),
        # Unknown, which is not a success.
        (None, True, FEW, "failed"),
    ],
)
def test_what_becomes_of_the_demands(failed: int | None, terminal: bool, thresholds: Thresholds, verdict: str) -> None:
    now = assess(facts(failed, terminal), thresholds)
    assert now.standing == Standing("ended" if terminal else "scheduled", "pending", verdict)
    assert (now.failure is not None) is (verdict == "failed")


BEFORE: t.Final = Standing("scheduled", "pending", "open")


@pytest.mark.parametrize(
    ("before", "now", "what"),
    [
        (BEFORE, BEFORE, ()),
        (BEFORE, Standing("ended", "succeeded", "met"), ("state", "outcome", "threshold")),
        (BEFORE, Standing("scheduled", "pending", "failed"), ("threshold",)),
        (Standing("ended", "unverified", "failed"), Standing("ended", "partial", "failed"), ("outcome",)),
        # A threshold that was set or removed is not a change.
        (BEFORE, Standing("scheduled", "pending", "not_set"), ()),
        (Standing("scheduled", "pending", "not_set"), BEFORE, ()),
        (Standing("ended", "partial", "failed"), Standing("ended", "partial", "not_set"), ("threshold",)),
        # At the first time, a pending outcome and an open threshold are not changes.
        (None, BEFORE, ("state",)),
        (None, Standing("queued", "pending", "not_set"), ("state",)),
        (None, Standing("ended", "succeeded", "met"), ("state", "outcome", "threshold")),
    ],
)
def test_what_is_new(before: Standing | None, now: Standing, what: tuple[str, ...]) -> None:
    assert changed_fields(before, now) == what
