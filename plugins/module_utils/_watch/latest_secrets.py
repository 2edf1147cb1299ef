# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Secrets of a process that runs for months: of the tokens that it gets on the way, only the last ones."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets

# A token lives for an hour, and there are two kinds.
_MOST_KEPT: t.Final = 40


class LatestSecrets(Secrets):
    """As its parent, and after C(seal) only the last ones of what is added are masked, beside all from before."""

    def __init__(self) -> None:
        super().__init__()
        self._is_sealed = False
        self._latest: collections.deque[str] = collections.deque()

    def seal(self) -> None:
        """What is known so far is masked for ever."""
        self._is_sealed = True

    def add(self, value: str | None) -> None:
        """As the parent says."""
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
