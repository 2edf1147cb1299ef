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
    """What the user demands of the devices; None is no demand.

    C(min_devices) is how many devices must be decided before a percentage may end a campaign's wait early.
    """

    min_success_percent: float | None = None
    max_failure_percent: float | None = None
    max_failure_count: int | None = None
    min_devices: int = 1
    names: Names = field(default=str, compare=False, repr=False)

    @property
    def are_set(self) -> bool:
        """True if there is any demand."""
        return (self.min_success_percent, self.max_failure_percent, self.max_failure_count) != (None, None, None)


def threshold_failure(summary: DeviceSummary | None, thresholds: Thresholds, is_over: bool) -> str | None:
    """Why the demands are not or can no longer be met, as a part of a sentence; None if they are or still can be.

    C(is_over) tells that the campaign is over, so that every device is counted as what it is now. Failed and rejected
    devices are failures, and final; those of an unknown status count as failures when the campaign is over. A report
    that does not add up meets no demand then.
    """
    if summary is None or not summary["total"]:
        return "the device report lists no device" if is_over else None
    if is_over and not summary["complete"]:
        return f"the device report {summary['doubt']}"
    by_state = summary["by_state"]
    failures = by_state[FAILED] + by_state[REJECTED]
    # Nobody knows that a device of unknown status has not failed.
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
    """What the user wrote: 7 of 10,000 devices are 0.07 percent, which a float is not."""
    return Fraction(str(percentage))
