# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Secrets of a process that runs for months: only the latest tokens are kept."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets

# A token lives for an hour, and there are two kinds.
_MOST_KEPT: t.Final = 40


class LatestSecrets(Secrets):
    """After C(seal), masks only the latest of the values that are added, and all values from before."""

    def __init__(self) -> None:
        super().__init__()
        self._is_sealed = False
        self._latest: collections.deque[str] = collections.deque()

    def seal(self) -> None:
        """Keep the values added so far forever, and limit the number of later ones."""
        self._is_sealed = True

    def add(self, value: str | None) -> None:
        """Mask this value from now on. After C(seal), forget the oldest value if there are too many."""
        is_new = bool(value) and value not in self._values
        super().add(value)
        if not (self._is_sealed and is_new and value):
            return
        with self._lock:
            self._latest.append(value)
            if len(self._latest) > _MOST_KEPT:
                oldest = self._latest.popleft()
                self._values = self._values.difference([oldest, oldest.strip()])
                self._search = None
