# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""When a wait says something: on a change, and as a heartbeat."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch


class Reporter:
    """Where progress goes. This one is silent: a module cannot print while it runs."""

    def progress(self, text: str) -> None:
        """One line that tells how the wait stands."""

    def warning(self, text: str) -> None:
        """Something that the user should know, said once."""


class Heartbeat:
    """Decides when a line is due; C(interval) in seconds, 0 for never."""

    def __init__(self, interval: float, now: float) -> None:
        self._interval = interval
        self._told: object = None
        self.due_at = now if interval else float("inf")

    def is_due(self, watches: Sequence[Watch], now: float) -> bool:
        """True, once, when something is new or the last line is too old."""
        if not self._interval:
            return False
        situation = [(watch.state, watch.last_error is not None) for watch in watches]
        if situation == self._told and now < self.due_at:
            return False
        self._told = situation
        self.due_at = now + self._interval
        return True
