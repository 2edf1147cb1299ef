# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's clock: simulated UTC time that runs faster than real time, and can be moved forward."""

from __future__ import annotations

import datetime as dt
import email.utils
import math
import time
from collections.abc import Callable

UTC = dt.timezone.utc
# Seconds are multiples of 2**-20, so that sums and differences are exact: a campaign is exactly 60 seconds old after
# the clock was advanced by 60, whenever it was added.
_TICKS = 2**20


class SimulatedClock:
    """Simulated seconds since the start of the simulator, and the corresponding date and time.

    :param start: simulated time at the start, with a time zone; by default the real time.
    :param speed: simulated seconds in a real second; 0 stops the clock.
    :param monotonic: source of real seconds.
    """

    def __init__(
        self,
        start: dt.datetime | None = None,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._start = (start or dt.datetime.now(UTC)).astimezone(UTC)
        self._speed = checked_speed(speed)
        self._base_seconds = 0.0
        self._base_real = monotonic()
        self._is_held = False

    @property
    def speed(self) -> float:
        """Simulated seconds in a real second."""
        return self._speed

    @property
    def is_held(self) -> bool:
        """Whether the clock is stopped until the first request."""
        return self._is_held

    def seconds(self) -> float:
        """Simulated seconds since the start."""
        passed = 0.0 if self._is_held else (self._monotonic() - self._base_real) * self._speed
        seconds = self._base_seconds + passed
        return math.floor(seconds * _TICKS) / _TICKS

    def now(self) -> dt.datetime:
        """Simulated date and time, in UTC."""
        return self.at(self.seconds())

    def at(self, seconds: float) -> dt.datetime:
        """Return the date and time, in UTC, at this number of simulated seconds after the start."""
        return self._start + dt.timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises ValueError for negative seconds: timelines only run forward."""
        if seconds < 0:
            raise ValueError("the clock cannot be moved back")
        self._base_seconds += seconds

    def set_now(self, instant: dt.datetime) -> None:
        """Set the date and time, earlier or later. The seconds do not change, and therefore no age does."""
        self._start = instant.astimezone(UTC) - dt.timedelta(seconds=self.seconds())

    def set_speed(self, speed: float) -> None:
        """Change the speed. The current time stays the same."""
        checked = checked_speed(speed)
        self._base_seconds = self.seconds()
        self._base_real = self._monotonic()
        self._speed = checked

    def hold(self) -> None:
        """Stop the clock until it is released, regardless of its speed."""
        self._base_seconds = self.seconds()
        self._is_held = True

    def release(self) -> None:
        """Start the clock, if it was held."""
        if self._is_held:
            self._base_real = self._monotonic()
            self._is_held = False


def checked_speed(speed: float) -> float:
    """Return a valid speed. Raises ValueError for any other."""
    if not 0 <= speed < float("inf"):
        raise ValueError("the speed of the clock must be 0 or more")
    return float(speed)


def parse_instant(text: str) -> dt.datetime:
    """Parse ``2026-03-01T00:00:00Z`` or ``2026-03-01`` (UTC by default). Raises ValueError."""
    instant = dt.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def http_date(instant: dt.datetime) -> str:
    """Format an instant as the value of a ``Date`` header."""
    return email.utils.format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)
