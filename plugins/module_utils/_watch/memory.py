# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What a watch remembers about its campaigns, and about the events that it has sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Event
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Standing


@dataclass(frozen=True)
class Known:
    """The values of a campaign that were last sent in an event, or stored without one.

    C(standing) is None before the first successful poll. C(is_over) is true if a second read confirmed the end.
    C(trouble) is the reason of a V(trouble) event without a V(recovered) event, or None.
    """

    standing: Standing | None = None
    is_over: bool = False
    trouble: str | None = None


@dataclass(frozen=True)
class StoredEvent:
    """An event, and its number in the memory. The number is None if the event is not stored."""

    event: Event
    number: int | None = None


class WatchMemory:
    """Memory that is lost at the end of the process."""

    # Whether the next process knows which events were sent.
    is_persistent = False
    # Whether the lists were read completely before. If so, a campaign that appears in them is new.
    has_listed = False

    def known(self) -> dict[str, Known]:
        """Return what an earlier process knew about each campaign, by its ID."""
        return {}

    def to_repeat(self) -> list[StoredEvent]:
        """Return events that may be lost: an earlier process sent them shortly before its end, or did not send them."""
        return []

    def store(self, changes: Mapping[str, Known], events: Sequence[Event]) -> list[StoredEvent]:
        """Store what is known, and the events to send about it, in one transaction."""
        return [StoredEvent(event) for event in events]

    def mark_delivered(self, numbers: Sequence[int]) -> None:
        """Store that these events were delivered just now."""

    def prune(self) -> None:
        """Delete events that were delivered long ago. Call it about once a minute while the process runs."""

    def mark_listed(self) -> None:
        """Store that the lists were read completely."""
        self.has_listed = True

    def close(self) -> None:
        """Close the file, if there is one."""
