# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thresholds: when they fail, early and at the end, and that a failure is final."""

from __future__ import annotations

import fractions
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, percent
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds, threshold_failure

FINAL: t.Final = ("succeeded", "failed", "rejected", "cancelled")

percents = st.one_of(st.none(), st.integers(0, 1000).map(lambda tenths: tenths / 10))
counts = st.one_of(st.none(), st.integers(0, 20))
demands = st.builds(Thresholds, percents, percents, counts, st.integers(1, 30))


def summary_of(reported_total: int | None = None, **by_state: int) -> DeviceSummary:
    total = sum(by_state.values())
    complete = reported_total is None or total >= reported_total
    return {
        "total": total,
        "reported_total": reported_total,
        "complete": complete,
        "doubt": None if complete else f"lists only {total} of {reported_total} devices",
        "by_state": {**dict.fromkeys(DEVICE_STATES, 0), **by_state},
        "success_percent": percent(by_state.get("succeeded", 0), total),
        "failure_percent": percent(by_state.get("failed", 0) + by_state.get("rejected", 0), total),
        "top_reasons": [],
    }


def test_what_counts_as_a_demand() -> None:
    assert not Thresholds().are_set
    assert not Thresholds(min_devices=5).are_set
    assert Thresholds(min_success_percent=0.0).are_set
    assert Thresholds(max_failure_percent=0.0).are_set
    assert Thresholds(max_failure_count=0).are_set


@pytest.mark.parametrize("summary", [None, summary_of(), summary_of(reported_total=5)])
@pytest.mark.parametrize("thresholds", [Thresholds(0.0), Thresholds(None, 100.0), Thresholds(None, None, 99)])
def test_a_report_without_devices_counts_against_the_end_only(
    summary: DeviceSummary | None, thresholds: Thresholds
) -> None:
    assert threshold_failure(summary, thresholds, is_over=False) is None
    assert threshold_failure(summary, thresholds, is_over=True) == "the device report lists no device"


@pytest.mark.parametrize(
    ("thresholds", "devices", "early", "at_the_end"),
    [
        (Thresholds(95.0), {"pending": 94, "failed": 5, "rejected": 1}, True, True),
        (Thresholds(95.0), {"pending": 95, "failed": 5}, False, True),
        (Thresholds(95.0), {"succeeded": 95, "failed": 5}, False, False),
        (Thresholds(95.0), {"succeeded": 94, "pending": 6}, False, True),
        (Thresholds(95.0), {"succeeded": 94, "unknown": 6}, False, True),
        (Thresholds(95.0), {"succeeded": 94, "cancelled": 6}, True, True),
        (Thresholds(100.0), {"succeeded": 9_999, "pending": 1}, False, True),
        (Thresholds(100.0), {"succeeded": 9_999, "failed": 1}, True, True),
        (Thresholds(None, 5.0), {"pending": 94, "failed": 5, "rejected": 1}, True, True),
        (Thresholds(None, 5.0), {"pending": 95, "failed": 5}, False, False),
        (Thresholds(None, 0.0), {"pending": 99, "rejected": 1}, True, True),
        (Thresholds(None, None, 5), {"pending": 94, "failed": 5, "rejected": 1}, True, True),
        (Thresholds(None, None, 5), {"pending": 94, "failed": 5, "cancelled": 1}, False, False),
        (Thresholds(None, None, 0), {"pending": 1}, False, False),
        # There are too few devices for a percentage, but not for a count.
        (Thresholds(95.0, None, None, 7), {"pending": 94, "failed": 6}, False, True),
        (Thresholds(None, 5.0, None, 7), {"pending": 94, "failed": 6}, False, True),
        (Thresholds(95.0, None, None, 7), {"pending": 93, "failed": 6, "succeeded": 1}, True, True),
        (Thresholds(95.0, None, None, 7), {"pending": 93, "failed": 6, "unknown": 1}, False, True),
        (Thresholds(None, None, 5, 99), {"pending": 94, "failed": 6}, True, True),
        # A device of unknown status can have failed, which is neither a reason to end early nor to continue.
        (Thresholds(None, None, 5), {"succeeded": 94, "failed": 5, "unknown": 1}, False, True),
        (Thresholds(None, 5.0), {"succeeded": 94, "failed": 5, "unknown": 1}, False, True),
        (Thresholds(None, None, 0), {"succeeded": 9, "unknown": 1}, False, True),
        (Thresholds(None, None, 1), {"succeeded": 9, "unknown": 1}, False, False),
    ],
)
def test_early_and_at_the_end(thresholds: Thresholds, devices: dict[str, int], early: bool, at_the_end: bool) -> None:
    summary = summary_of(**devices)

    assert (threshold_failure(summary, thresholds, is_over=False) is not None) is early
    assert (threshold_failure(summary, thresholds, is_over=True) is not None) is at_the_end


@pytest.mark.parametrize("thresholds", [Thresholds(95.0), Thresholds(None, 5.0), Thresholds(None, None, 0)])
def test_a_list_that_lacks_devices_meets_no_demand_at_the_end(thresholds: Thresholds) -> None:
    summary = summary_of(reported_total=100, succeeded=94)

    assert threshold_failure(summary, thresholds, is_over=False) is None
    assert threshold_failure(summary, thresholds, is_over=True) == "the device report lists only 94 of 100 devices"


def test_a_list_that_is_longer_than_the_service_says_is_believed() -> None:
    assert threshold_failure(summary_of(reported_total=94, succeeded=94, failed=6), Thresholds(95.0), is_over=True)


@pytest.mark.parametrize(
    ("thresholds", "is_over", "sentence"),
    [
        (Thresholds(None, None, 2), False, "3 devices have failed (max_failure_count is 2)"),
        (Thresholds(None, 20.5), False, "3 of 10 devices have failed (max_failure_percent is 20.5)"),
        (Thresholds(80.0), False, "only 7 of 10 devices can still be upgraded (min_success_percent is 80)"),
        (Thresholds(80.0), True, "only 5 of 10 devices were upgraded (min_success_percent is 80)"),
    ],
)
def test_the_sentences(thresholds: Thresholds, is_over: bool, sentence: str) -> None:
    assert threshold_failure(summary_of(succeeded=5, pending=2, failed=2, rejected=1), thresholds, is_over) == sentence


@pytest.mark.parametrize(
    ("thresholds", "devices", "sentence"),
    [
        (Thresholds(None, None, 0), {"failed": 1}, "1 device has failed (max_failure_count is 0)"),
        (
            Thresholds(None, None, 1),
            {"failed": 1, "unknown": 2},
            "3 devices have failed or have an unknown status (2) (max_failure_count is 1)",
        ),
    ],
)
def test_the_sentences_in_few_and_unknown_cases(thresholds: Thresholds, devices: dict[str, int], sentence: str) -> None:
    assert threshold_failure(summary_of(succeeded=5, **devices), thresholds, is_over=True) == sentence


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.data())
def test_a_percentage_is_compared_exactly(tenths: int, size: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, size))
    least = fractions.Fraction(tenths % 1001, 10)

    said = threshold_failure(summary_of(succeeded=good, pending=size - good), Thresholds(float(least)), is_over=True)

    assert (said is not None) is (fractions.Fraction(good * 100, size) < least)


@pytest.mark.parametrize(
    ("thresholds", "good"),
    [
        (Thresholds(0.07), 7),
        (Thresholds(0.29), 29),
        (Thresholds(99.71), 9_971),
        (Thresholds(None, 0.57), 10_000 - 57),
        (Thresholds(None, 0.69), 10_000 - 69),
    ],
)
def test_exactly_the_demanded_share_is_enough(thresholds: Thresholds, good: int) -> None:
    """None of these numbers has an exact binary representation."""
    bad = 10_000 - good

    assert threshold_failure(summary_of(succeeded=good, failed=bad), thresholds, is_over=True) is None
    assert threshold_failure(summary_of(succeeded=good - 1, failed=bad + 1), thresholds, is_over=True) is not None


@st.composite
def courses(draw: st.DrawFn) -> list[DeviceSummary]:
    """Generate consecutive reports of a fleet. Final states of devices never change, others can change to anything."""
    devices = draw(st.lists(st.sampled_from(DEVICE_STATES), min_size=1, max_size=25))
    course = []
    for _poll in range(draw(st.integers(1, 6))):
        course.append(summary_of(**{state: devices.count(state) for state in DEVICE_STATES}))
        devices = [
            state if state in FINAL else draw(st.sampled_from((state, state, *DEVICE_STATES))) for state in devices
        ]
    return course


@given(courses(), demands)
def test_an_early_objection_is_never_withdrawn(course: list[DeviceSummary], thresholds: Thresholds) -> None:
    said = [threshold_failure(summary, thresholds, is_over=False) is not None for summary in course]
    ends = [threshold_failure(summary, thresholds, is_over=True) is not None for summary in course]

    assert said == sorted(said)
    for number, is_said in enumerate(said):
        assert not is_said or all(ends[number:])


@given(courses(), demands)
def test_it_objects_as_soon_as_no_end_is_good_any_more(course: list[DeviceSummary], thresholds: Thresholds) -> None:
    """Thresholds fail early, given enough devices, if and only if the success of all open devices would not help."""
    now = course[-1]["by_state"]
    best = {state: now[state] for state in FINAL}
    best["succeeded"] += now["pending"] + now["unknown"]
    decided = sum(now[state] for state in FINAL)

    hopeless = threshold_failure(summary_of(**best), thresholds, is_over=True) is not None
    early = threshold_failure(course[-1], thresholds, is_over=False) is not None

    assert early <= hopeless
    assert early == hopeless or decided < thresholds.min_devices


def test_while_it_runs_the_devices_that_a_report_lacks_count() -> None:
    summary = summary_of(reported_total=100, succeeded=10, failed=10)
    assert threshold_failure(summary, Thresholds(max_failure_percent=10.0), is_over=False) is None
    said = threshold_failure(summary, Thresholds(max_failure_percent=9.0), is_over=False)
    assert said == "10 of 100 devices have failed (max_failure_percent is 9)"


def test_one_device_decides_unless_more_are_wanted() -> None:
    assert threshold_failure(summary_of(failed=1), Thresholds(None, 5.0), False) == (
        "1 of 1 device has failed (max_failure_percent is 5)"
    )


def test_a_cancelled_device_is_decided() -> None:
    summary = summary_of(failed=1, cancelled=1, pending=8)
    assert threshold_failure(summary, Thresholds(None, 5.0, min_devices=3), False) is None
    assert threshold_failure(summary, Thresholds(None, 5.0, min_devices=2), False) == (
        "1 of 10 devices have failed (max_failure_percent is 5)"
    )


@pytest.mark.parametrize(("most", "is_more"), [(6.99, True), (7.0, False)])
def test_a_share_of_failures_just_above_the_demand(most: float, is_more: bool) -> None:
    failure = threshold_failure(summary_of(failed=7, succeeded=93), Thresholds(None, most), True)
    assert (failure is not None) is is_more
