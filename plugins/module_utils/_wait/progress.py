# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When a wait says something: on a change, and as a heartbeat."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker


class ProgressReporter:
    """Where progress goes. This one is silent: a module cannot print while it runs."""

    def progress(self, text: str, key: str = "") -> None:
        """One line that tells how the wait stands.

        Of those who could say the same, by C(key), one is enough; without a key everybody says it.
        """

    def warning(self, text: str) -> None:
        """Something that the user should know, said once."""


class Heartbeat:
    """Decides of what a line is due; C(interval) in seconds, 0 for never."""

    def __init__(self, interval: float, now: float) -> None:
        self._interval = interval
        self._told: dict[str, object] = {}
        self.due_at = now if interval else float("inf")

    def due(self, trackers: Sequence[Tracker], now: float) -> tuple[list[Tracker], bool]:
        """The campaigns about which something is new, each told once; and whether the last line is too old."""
        if not self._interval:
            return [], False
        new = [tracker for tracker in trackers if self._told.get(tracker.campaign_id) != situation(tracker)]
        is_old = now >= self.due_at
        self._told.update({tracker.campaign_id: situation(tracker) for tracker in new})
        if new or is_old:
            self.due_at = now + self._interval
        return new, is_old


def situation(tracker: Tracker) -> tuple[str | None, bool]:
    """What of a campaign is worth a line when it changes."""
    return tracker.state, tracker.last_error is not None
