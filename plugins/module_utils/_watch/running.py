# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The watches of this process, for hints that arrive by another way than their own listener."""

from __future__ import annotations

import contextlib
import threading
import typing as t
from collections.abc import Callable, Iterator

PollNow = Callable[[t.Optional[str]], bool]


class RunningWatches:
    """Hands hints on to every watch that is known to it; all methods are for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: list[PollNow] = []

    @contextlib.contextmanager
    def with_watch(self, poll_now: PollNow) -> Iterator[None]:
        """Know this watch as long as the context lasts."""
        with self._lock:
            self._known.append(poll_now)
        try:
            yield
        finally:
            with self._lock:
                self._known.remove(poll_now)

    def poll_now(self, campaign_id: str | None) -> int:
        """Hint at a campaign, or without an ID at all of them; how many watches will poll because of it."""
        with self._lock:
            known = list(self._known)
        return sum(poll_now(campaign_id) for poll_now in known)


# ansible-rulebook runs all sources and filters of a rulebook in one process, each as a file of its own.
RUNNING: t.Final = RunningWatches()
