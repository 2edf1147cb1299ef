# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The running watches of this process, for hints that do not arrive through their own listener."""

from __future__ import annotations

import contextlib
import threading
import typing as t
from collections.abc import Callable, Iterator

PollNow = Callable[[t.Optional[str]], bool]


class RunningWatches:
    """Passes hints to every registered watch. All methods are thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: list[PollNow] = []

    @contextlib.contextmanager
    def registered(self, poll_now: PollNow) -> Iterator[None]:
        """Register this watch for the duration of the context."""
        with self._lock:
            self._known.append(poll_now)
        try:
            yield
        finally:
            with self._lock:
                self._known.remove(poll_now)

    def poll_now(self, campaign_id: str | None) -> int:
        """Pass on a hint about a campaign, or about all if the ID is None. Return how many watches will poll."""
        with self._lock:
            known = list(self._known)
        return sum(poll_now(campaign_id) for poll_now in known)


# ansible-rulebook runs all sources and filters of a rulebook as separate files, but in one process.
RUNNING: t.Final = RunningWatches()
