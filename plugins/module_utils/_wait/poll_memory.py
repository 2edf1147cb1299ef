# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What the waits of one Ansible run share about the campaigns of one account."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts, FailedPoll, HistoryEntry


@dataclass(frozen=True)
class KnownPoll:
    """The last poll of a campaign: its facts without a device report, and when they were read.

    C(polled_at) is a time of the monotonic clock. C(is_confirmed) marks a terminal state that was read twice. It stays
    valid for the rest of the run.
    """

    facts: Facts
    service_time: datetime.datetime
    polled_at: float
    is_confirmed: bool = False


@dataclass(frozen=True)
class KnownReport:
    """The last device report of a campaign; C(is_final) if the campaign was over when it was read."""

    report: Report
    read_at: float
    is_final: bool


@dataclass(frozen=True)
class WaitSnapshot:
    """What a wait has recorded about one campaign, shared with waits that have the same start and retry budget.

    C(outcome) is the reason and the message if the wait gave up on the campaign, else None.
    """

    polls: int = 0
    errors: int = 0
    history: list[HistoryEntry] = field(default_factory=list)
    last_errors: list[FailedPoll] = field(default_factory=list)
    outcome: tuple[str, str] | None = None


class PollMemory:
    """The interface, and an implementation for a single process: it stores nothing."""

    def give_up_at(self, moment: float) -> None:
        """Do not wait for a lock after this time of the monotonic clock, except for a second or two."""

    @contextmanager
    def locked(self, give_up_at: float) -> Iterator[None]:
        """Keep other waits from polling this account. Raises LockTimeout at C(give_up_at)."""
        yield

    def polls(self, campaign_ids: Iterable[str]) -> dict[str, KnownPoll]:
        """The last polls of these campaigns. A campaign that was not polled is left out."""
        return {}

    def keep_polls(self, polls: Mapping[str, KnownPoll]) -> None:
        """Share these polls."""

    def report(self, campaign_id: str) -> KnownReport | None:
        """The last device report of a campaign, None if there is none."""
        return None

    def keep_report(self, campaign_id: str, report: Report, read_at: float, is_final: bool) -> None:
        """Share this device report."""

    def snapshot(self, campaign_id: str, started: float, budget: str) -> WaitSnapshot | None:
        """The snapshot of a wait with the same start and retry budget, None if there is none."""
        return None

    def keep_snapshot(self, campaign_id: str, started: float, budget: str, snapshot: WaitSnapshot) -> None:
        """Share a snapshot with the waits that have the same start and retry budget."""


@dataclass(frozen=True)
class Sharing:
    """What a poller shares with other waits: their polls count as fresh for C(interval) seconds by C(clock)."""

    memory: PollMemory = field(default_factory=PollMemory)
    interval: float = 0.0
    clock: Clock = field(default_factory=Clock)

    def is_fresh(self, read_at: float, deadline: float) -> bool:
        """True if something read at C(read_at) is recent enough for a wait with this deadline.

        After its deadline, a wait needs one last read. Another wait may have made it at any time since then.
        """
        now = self.clock.monotonic()
        # The same arithmetic as for the next poll of a wait, so that rounding never makes a poll both due and fresh.
        return read_at >= deadline or (now < deadline and now < read_at + self.interval)
