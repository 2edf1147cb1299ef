# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a timeline, of campaigns and of devices."""

from __future__ import annotations

import dataclasses
from typing import Any


def is_reached(after: float | None, after_looks: int | None, age: float, looks: int) -> bool:
    """Whether a campaign of this age (simulated seconds) and number of reads has reached this point.

    ``after`` is in simulated seconds since the campaign was added; ``after_looks`` n means the n-th read of the
    campaign. One of the two is given.
    """
    return age >= after if after is not None else looks >= (after_looks or 0)


def check_moment(after: float | None, after_looks: int | None) -> None:
    """Raise ValueError for a point before the start."""
    if (after or 0) < 0 or (after_looks or 0) < 0:
        raise ValueError("'after' and 'after_looks' must be 0 or more")


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of a timeline: the campaign has this status from a time on, or from the n-th read on.

    ``after`` is in simulated seconds since the campaign was added; ``after_looks`` n means that the n-th read
    is the first one to show the step. ``body`` changes more fields of the campaign.
    """

    status: str
    after: float | None = None
    after_looks: int | None = None
    body: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.after is None) == (self.after_looks is None):
            raise ValueError("needs either 'after' or 'after_looks'")
        check_moment(self.after, self.after_looks)

    def passed(self, age: float, looks: int) -> bool:
        """Whether a campaign of this age (simulated seconds) and number of reads has reached the step."""
        return is_reached(self.after, self.after_looks, age, looks)
