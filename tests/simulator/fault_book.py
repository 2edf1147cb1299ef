# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All fault rules, and the selection of the rule for a request."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable

from simulator.counters import Kind
from simulator.faults import FaultRule


class FaultBook:
    """All fault rules. The first rule that matches a request and hits it wins. ``now`` is in simulated seconds."""

    def __init__(self, rules: Collection[FaultRule], now: float, can_misname: bool) -> None:
        self.rules: list[FaultRule] = []
        self._can_misname = can_misname
        self.add(rules, now)

    def add(self, rules: Collection[FaultRule], now: float) -> None:
        """Append rules. Their time starts now. Raises ValueError for wrong_name without TLS."""
        if not self._can_misname and any(rule.action == "wrong_name" for rule in rules):
            raise ValueError("the action 'wrong_name' needs a simulator that was started with --tls")
        for rule in rules:
            rule.added_at = now
            self.rules.append(rule)

    def take(self, kind: Kind, path: str, cursor: int, now: float) -> FaultRule | None:
        """Return the rule for a request, if any, and count its use."""
        return self._first((rule for rule in self.rules if rule.matches(kind, path, cursor)), now)

    def take_for_connection(self, now: float) -> FaultRule | None:
        """Return the rule for a new TLS connection, if any, and count its use."""
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
    # A separate generator for each request, so that the choice does not depend on other rules.
    if rule.share is not None and random.Random(f"{rule.seed}/{rule.seen}").random() >= rule.share:
        return False
    rule.used += 1
    return True
