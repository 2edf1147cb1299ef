# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When a hint from outside, such as a callback, makes a watch poll now, however many hints there are."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass

# Seconds between two rounds of polls that hints have caused, and how many campaigns are polled in one.
LEAST_DISTANCE: t.Final = 60.0
MOST_IN_A_ROUND: t.Final = 50
# More are not kept: the polls that come by themselves find what they hint at.
_MOST_KEPT: t.Final = 1000


@dataclass(frozen=True)
class Hinted:
    """What is to be polled now: these campaigns, and with C(lists) the lists of all."""

    campaign_ids: tuple[str, ...] = ()
    lists: bool = False


class Hints:
    """Takes hints from any thread; C(take) is for the thread that polls. Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, None] = {}
        self._lists = False
        self._next_at = float("-inf")

    def add(self, campaign_id: str | None) -> bool:
        """Take a hint at a campaign, or at the lists. False if there are too many already."""
        with self._lock:
            if campaign_id is None:
                self._lists = True
            elif campaign_id in self._ids or len(self._ids) < _MOST_KEPT:
                self._ids[campaign_id] = None
            else:
                return False
            return True

    def due_at(self) -> float:
        """When there is something to take, infinity if there is nothing."""
        with self._lock:
            return self._next_at if self._ids or self._lists else float("inf")

    def take(self, now: float) -> Hinted:
        """What is to be polled now. Nothing, if that was asked shortly before."""
        with self._lock:
            if now < self._next_at or not (self._ids or self._lists):
                return Hinted()
            names = tuple(self._ids)[:MOST_IN_A_ROUND]
            for name in names:
                del self._ids[name]
            hinted = Hinted(names, self._lists)
            self._lists = False
            self._next_at = now + LEAST_DISTANCE
            return hinted
