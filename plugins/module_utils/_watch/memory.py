# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What a watch remembers of its campaigns, and of what it has told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Event
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Standing


@dataclass(frozen=True)
class Known:
    """What was last told, or noted, of a campaign.

    C(standing) is None before the first good poll. C(is_over) if its end was read twice. C(trouble) is the reason of
    the trouble that was told and has not ended, None if there is none.
    """

    standing: Standing | None = None
    is_over: bool = False
    trouble: str | None = None


@dataclass(frozen=True)
class Kept:
    """An event, and the number under which it is remembered until it was told; None if it is not remembered."""

    event: Event
    number: int | None = None


class WatchMemory:
    """This one forgets everything with its process."""

    # Whether a later process will know what was told.
    outlives_the_process = False
    # Whether the lists were read as a whole before: a campaign that is new in them is new.
    has_listed = False

    def known(self) -> dict[str, Known]:
        """What an earlier process has known of each campaign, by its ID."""
        return {}

    def to_repeat(self) -> list[Kept]:
        """The events that may be lost: an earlier process has told them shortly before its end, or was about to."""
        return []

    def keep(self, changes: Mapping[str, Known], events: Sequence[Event]) -> list[Kept]:
        """Remember what is known, and the events that are about to be told for it: all of it, or nothing."""
        return [Kept(event) for event in events]

    def told(self, numbers: Sequence[int]) -> None:
        """Remember that these events were handed over just now."""

    def alive(self) -> None:
        """This process is still there, and so is whoever acts on its events. To be called about once a minute."""

    def listed(self) -> None:
        """Remember that the lists were read as a whole."""
        self.has_listed = True

    def close(self) -> None:
        """Let go of what is open."""
