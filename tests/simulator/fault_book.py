# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules that disturb the service, and the choice of the one that hits a request."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable

from simulator.counters import Kind
from simulator.faults import FaultRule


class FaultBook:
    """All rules; the first one that matches and allows it wins. ``now`` is always in simulated seconds."""

    def __init__(self, rules: Collection[FaultRule], now: float, can_misname: bool) -> None:
        self.rules: list[FaultRule] = []
        self._can_misname = can_misname
        self.add(rules, now)

    def add(self, rules: Collection[FaultRule], now: float) -> None:
        """Put rules behind those that are there; their time begins. Raises ValueError for wrong_name without TLS."""
        if not self._can_misname and any(rule.action == "wrong_name" for rule in rules):
            raise ValueError("the action 'wrong_name' needs a simulator that was started with --tls")
        for rule in rules:
            rule.added_at = now
            self.rules.append(rule)

    def take(self, kind: Kind, path: str, cursor: int, now: float) -> FaultRule | None:
        """The rule for a request, if any; counts it as used."""
        return self._first((rule for rule in self.rules if rule.matches(kind, path, cursor)), now)

    def take_for_connection(self, now: float) -> FaultRule | None:
        """The rule for a new TLS connection, if any; counts it as used."""
        return self._first((rule for rule in self.rules if rule.action == "wrong_name"), now)

    def _first(self, matching: Iterable[FaultRule], now: float) -> FaultRule | None:
        return next((rule for rule in matching if _hits(rule, now)), None)


def _hits(rule: FaultRule, now: float) -> bool:
    begins = rule.added_at + rule.after
    if now < begins or (rule.lasts is not None and now >= begins + rule.lasts):
        return False
    rule.seen += 1
    if rule.seen <= rule.skip or (rule.times is not None and rule.used >= rule.times):
        return False
    # A number of its own for each request: what other rules draw, and in which order, changes nothing.
    if rule.share is not None and random.Random(f"{rule.seed}/{rule.seen}").random() >= rule.share:
        return False
    rule.used += 1
    return True
