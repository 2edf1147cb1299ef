# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A clock whose sleep somebody else may end."""

from __future__ import annotations

import threading

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock


class WakefulClock(Clock):
    """As its parent; C(wake) ends the sleep that goes on, or else the next one."""

    def __init__(self) -> None:
        self._is_woken = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Let this many seconds pass, or fewer."""
        self._is_woken.wait(min(seconds, threading.TIMEOUT_MAX))
        self._is_woken.clear()

    def wake(self) -> None:
        """From another thread."""
        self._is_woken.set()
