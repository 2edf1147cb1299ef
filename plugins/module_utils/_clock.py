# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The clock. It is injected everywhere, so that tests of month-long waits take no time."""

from __future__ import annotations

import datetime
import time


class Clock:
    """A monotonic clock for durations, and a wall clock in UTC for dates, of the controller."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start. Never goes back."""
        return time.monotonic()

    def now(self) -> datetime.datetime:
        """The local wall clock in UTC. It may be wrong, and may jump."""
        return datetime.datetime.now(datetime.timezone.utc)

    def sleep(self, seconds: float) -> None:
        """Sleep for this many seconds."""
        time.sleep(seconds)
