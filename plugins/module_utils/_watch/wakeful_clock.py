# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A clock whose sleep another thread can end."""

from __future__ import annotations

import threading

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock


class WakefulClock(Clock):
    """A clock with C(wake), which ends the current sleep, or else the next one."""

    def __init__(self) -> None:
        self._is_woken = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Sleep for this many seconds, or until C(wake) is called."""
        self._is_woken.wait(min(seconds, threading.TIMEOUT_MAX))
        self._is_woken.clear()

    def wake(self) -> None:
        """End the sleep. Called from another thread."""
        self._is_woken.set()
