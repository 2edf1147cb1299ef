# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When a wait reports progress: on a change, and as a heartbeat."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker


class ProgressReporter:
    """Receives progress. This one discards it: a module cannot print while it runs."""

    def progress(self, text: str, key: str = "") -> None:
        """Report one line of progress.

        If several waits report a line with the same C(key), one of them is enough. A line without a key is always
        reported.
        """

    def warning(self, text: str) -> None:
        """Report something that the user should know, once."""


class Heartbeat:
    """Decides when a progress line is due. C(interval) is in seconds; 0 means never."""

    def __init__(self, interval: float, now: float) -> None:
        self._interval = interval
        self._reported: dict[str, object] = {}
        self.due_at = now if interval else float("inf")

    def due(self, trackers: Sequence[Tracker], now: float) -> tuple[list[Tracker], bool]:
        """The campaigns that have changed since they were last reported, and whether the last line is too old."""
        if not self._interval:
            return [], False
        new = [tracker for tracker in trackers if self._reported.get(tracker.campaign_id) != progress_state(tracker)]
        is_old = now >= self.due_at
        self._reported.update({tracker.campaign_id: progress_state(tracker) for tracker in new})
        if new or is_old:
            self.due_at = now + self._interval
        return new, is_old


def progress_state(tracker: Tracker) -> tuple[str | None, bool]:
    """The part of a campaign's state whose change is reported."""
    return tracker.state, tracker.last_error is not None
