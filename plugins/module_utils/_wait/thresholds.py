# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: does the device report still allow, or confirm, that enough devices are upgraded?"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    CANCELLED,
    FAILED,
    REJECTED,
    SUCCEEDED,
    UNKNOWN,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names


@dataclass(frozen=True)
class Thresholds:
    """The thresholds that the user has set; None means no threshold.

    A percentage can end a wait early only once C(min_devices) devices are decided.
    """

    min_success_percent: float | None = None
    max_failure_percent: float | None = None
    max_failure_count: int | None = None
    min_devices: int = 1
    names: Names = field(default=str, compare=False, repr=False)

    @property
    def are_set(self) -> bool:
        """True if there is any threshold."""
        return (self.min_success_percent, self.max_failure_percent, self.max_failure_count) != (None, None, None)


def threshold_failure(summary: DeviceSummary | None, thresholds: Thresholds, is_over: bool) -> str | None:
    """Why a threshold is not met, or can no longer be met, as part of a sentence; None if all are or still can be.

    C(is_over) means that the campaign is over, so the current state of every device is final. Failed and rejected
    devices are failures at any time. Devices with an unknown status count as failures once the campaign is over. An
    incomplete or inconsistent report meets no threshold then.
    """
    if summary is None or not summary["total"]:
        return "the device report lists no device" if is_over else None
    if is_over and not summary["complete"]:
        return f"the device report {summary['doubt']}"
    by_state = summary["by_state"]
    failures = by_state[FAILED] + by_state[REJECTED]
    # A device with an unknown status may have failed.
    bad = failures + (by_state[UNKNOWN] if is_over else 0)
    limit = thresholds.max_failure_count
    if limit is not None and bad > limit:
        return f"{_bad_text(bad, failures)} ({thresholds.names('max_failure_count')} is {limit})"
    decided = by_state[SUCCEEDED] + failures + by_state[CANCELLED]
    if not is_over and decided < thresholds.min_devices:
        return None
    return _percentages(summary, thresholds, failures, is_over)


def _percentages(summary: DeviceSummary, thresholds: Thresholds, failures: int, is_over: bool) -> str | None:
    by_state = summary["by_state"]
    size = max(summary["total"], summary["reported_total"] or 0)
    most = thresholds.max_failure_percent
    bad = failures + (by_state[UNKNOWN] if is_over else 0)
    if most is not None and bad * 100 > _exact(most) * size:
        return f"{_bad_text(bad, failures, size)} ({thresholds.names('max_failure_percent')} is {most:g})"
    least = thresholds.min_success_percent
    good = by_state[SUCCEEDED] if is_over else size - failures - by_state[CANCELLED]
    if least is not None and good * 100 < _exact(least) * size:
        how = "were upgraded" if is_over else "can still be upgraded"
        return f"only {good} of {size} devices {how} ({thresholds.names('min_success_percent')} is {least:g})"
    return None


def _bad_text(bad: int, failures: int, size: int | None = None) -> str:
    of_all = "" if size is None else f" of {size}"
    unknown = f" or have an unknown status ({bad - failures})" if bad > failures else ""
    noun, verb = ("device", "has") if (size or bad) == 1 else ("devices", "have")
    return f"{bad}{of_all} {noun} {verb} failed{unknown}"


def _exact(percentage: float) -> Fraction:
    """The percentage as the user wrote it: 7 of 10,000 devices are 0.07 percent, which a float cannot represent."""
    return Fraction(str(percentage))
