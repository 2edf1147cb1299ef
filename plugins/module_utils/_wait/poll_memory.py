# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What the waits of one run of Ansible have learned of the campaigns of one account."""

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

    C(polled_at) is a moment of the monotonic clock. C(is_confirmed) marks a terminal state that was read twice: it is
    true for the rest of the run.
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
class WaitStory:
    """What a wait has to tell of one campaign, for the hosts that wait for it with the same start and budget.

    C(outcome) is the reason and the sentence with which the wait gave the campaign up, None if it did not.
    """

    polls: int = 0
    errors: int = 0
    history: list[HistoryEntry] = field(default_factory=list)
    last_errors: list[FailedPoll] = field(default_factory=list)
    outcome: tuple[str, str] | None = None


class PollMemory:
    """This one knows nothing and keeps nothing: for a process that is alone."""

    def give_up_at(self, moment: float) -> None:
        """Wait for nobody after this moment of the monotonic clock, or for no longer than a second or two."""

    @contextmanager
    def locked(self, give_up_at: float) -> Iterator[None]:
        """Hold off every other wait that would poll this account. Raises LockTimeout at C(give_up_at)."""
        yield

    def polls(self, campaign_ids: Iterable[str]) -> dict[str, KnownPoll]:
        """The last polls of those campaigns that were polled."""
        return {}

    def keep_polls(self, polls: Mapping[str, KnownPoll]) -> None:
        """Let others know of these polls."""

    def report(self, campaign_id: str) -> KnownReport | None:
        """The last device report of a campaign."""
        return None

    def keep_report(self, campaign_id: str, report: Report, read_at: float, is_final: bool) -> None:
        """Let others know of this report."""

    def story(self, campaign_id: str, started: float, budget: str) -> WaitStory | None:
        """What a wait of the same start and budget has to tell."""
        return None

    def keep_story(self, campaign_id: str, started: float, budget: str, story: WaitStory) -> None:
        """Let the waits of the same start and budget know this."""


@dataclass(frozen=True)
class Sharing:
    """What a poller shares with others: their polls, which it believes for C(interval) seconds, by this clock."""

    memory: PollMemory = field(default_factory=PollMemory)
    interval: float = 0.0
    clock: Clock = field(default_factory=Clock)

    def is_fresh(self, read_at: float, deadline: float) -> bool:
        """Whether what was read at a moment can be believed by a wait with this deadline.

        When its time is over it wants a last read, which somebody else may have made, at any time since.
        """
        now = self.clock.monotonic()
        # Computed as a wait computes when its next poll is due, so that rounding lets no poll be due and fresh.
        return read_at >= deadline or (now < deadline and now < read_at + self.interval)
