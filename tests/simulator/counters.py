# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the requests to the simulator, and keeps a bounded log of them without secrets."""

from __future__ import annotations

import collections
import dataclasses
import time
from typing import Any, Literal, get_args

from simulator.clock import SimulatedClock

Kind = Literal[
    "oauth_token",
    "oauth_revoke",
    "session_login",
    "session_logout",
    "campaign_read",
    "campaign_list",
    "campaign_schedule",
    "campaign_dates",
    "campaign_devices",
    "campaign_cancel",
    "device_report",
    "device_history",
    "subscription",
    "callback",
    "other",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOG_LIMIT = 10_000


@dataclasses.dataclass
class LogEntry:
    """A request. ``t`` and ``date`` are simulated; ``status`` is null as long as there is no answer.

    ``path`` is as it was sent: percent-encoded, without the query. Each TCP connection has its own ``client_port``.
    ``real`` is the real monotonic time in seconds, which can be compared between processes on the same machine.
    """

    t: float
    date: str
    real: float
    method: str
    path: str
    kind: Kind
    client_port: int | None
    user_agent: str | None
    header_names: list[str]
    status: int | None = None
    fault: str | None = None


class Counters:
    """Counts requests when they arrive, and statuses when they are answered."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Set all counters to zero, and clear the log."""
        self._kinds: collections.Counter[str] = collections.Counter()
        self._reads: collections.Counter[str] = collections.Counter()
        self._reports: collections.Counter[str] = collections.Counter()
        self._statuses: collections.Counter[str] = collections.Counter()
        self._log: collections.deque[LogEntry] = collections.deque(maxlen=LOG_LIMIT)
        self.tokens_accepted = self.tokens_refused = 0
        self.logins_accepted = self.logins_refused = 0
        self.faults = 0

    def arrived(
        self,
        *,
        method: str,
        path: str,
        kind: Kind,
        client_port: int | None,
        user_agent: str | None,
        header_names: list[str],
        campaign_id: str,
    ) -> LogEntry:
        """Count a request; its log entry is completed by :meth:`answered`."""
        self._kinds[kind] += 1
        if kind == "campaign_read":
            self._reads[campaign_id.lower()] += 1
        if kind == "device_report":
            self._reports[campaign_id.lower()] += 1
        entry = LogEntry(
            t=self._clock.seconds(),
            date=self._clock.now().isoformat(),
            real=time.monotonic(),
            method=method,
            path=path,
            kind=kind,
            client_port=client_port,
            user_agent=user_agent,
            header_names=header_names,
        )
        self._log.append(entry)
        return entry

    def answered(self, entry: LogEntry, status: int | None, fault: str | None) -> None:
        """Count the answer to a request. ``status`` is None if there is no answer."""
        entry.status, entry.fault = status, fault
        self._statuses["none" if status is None else str(status)] += 1
        self.faults += fault is not None

    def as_data(self) -> dict[str, Any]:
        """Return all counters and the log as JSON types."""
        return {
            "total": sum(self._kinds.values()),
            "by_kind": {kind: self._kinds[kind] for kind in KINDS},
            "by_status": dict(self._statuses),
            "reads_by_campaign": dict(self._reads),
            # Pages, not whole reports.
            "reports_by_campaign": dict(self._reports),
            "tokens_accepted": self.tokens_accepted,
            "tokens_refused": self.tokens_refused,
            "logins_accepted": self.logins_accepted,
            "logins_refused": self.logins_refused,
            "faults": self.faults,
            "log": [dataclasses.asdict(entry) for entry in self._log],
        }
