# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Limits how often hints, such as callbacks, cause an immediate round of polls."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass

# The minimum seconds between two rounds of polls caused by hints, and the maximum campaigns in a round.
MIN_ROUND_INTERVAL: t.Final = 60.0
MAX_CAMPAIGNS_PER_ROUND: t.Final = 50
# Further hints are dropped: the scheduled polls find the same changes later.
_MOST_KEPT: t.Final = 1000


@dataclass(frozen=True)
class PollRequest:
    """What to poll now: these campaigns, and the lists of campaigns if C(lists) is true."""

    campaign_ids: tuple[str, ...] = ()
    lists: bool = False


class Hints:
    """Queue of hints. Any thread can add hints; only the polling thread calls C(take). Times are monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, None] = {}
        self._lists = False
        self._next_at = float("-inf")

    def add(self, campaign_id: str | None) -> bool:
        """Add a hint about a campaign, or about the lists if the ID is None. Return False if there are too many."""
        with self._lock:
            if campaign_id is None:
                self._lists = True
            elif campaign_id in self._ids or len(self._ids) < _MOST_KEPT:
                self._ids[campaign_id] = None
            else:
                return False
            return True

    def due_at(self) -> float:
        """Return when C(take) will have something to return, or infinity if there are no hints."""
        with self._lock:
            return self._next_at if self._ids or self._lists else float("inf")

    def take(self, now: float) -> PollRequest:
        """Remove and return what to poll now. Empty if the last round was too recent."""
        with self._lock:
            if now < self._next_at or not (self._ids or self._lists):
                return PollRequest()
            names = tuple(self._ids)[:MAX_CAMPAIGNS_PER_ROUND]
            for name in names:
                del self._ids[name]
            request = PollRequest(names, self._lists)
            self._lists = False
            self._next_at = now + MIN_ROUND_INTERVAL
            return request
