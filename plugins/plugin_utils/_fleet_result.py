# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what the waits of a fleet came to, to the result of the gate: for each host whether it goes on, and why.

The result is meant for a thousand hosts: what hosts have in common stands in it once.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Fleet, Member, Terms
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_stats import campaign_stats
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_verdict import (
    FAIL,
    GO,
    NO_CAMPAIGN,
    SKIP,
    Decision,
    decide,
    device_in,
    summary_sentence,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd

Result = dict[str, t.Any]
Ends = Mapping[Goal, GoalEnd]

_WITHOUT_CAMPAIGN: t.Final[Mapping[str, t.Any]] = {
    "changed": False,
    "campaigns": [],
    "campaign": None,
    "reached": False,
    "timed_out": False,
    "reason": NO_CAMPAIGN,
    "message": "The host has no campaign_wait_campaign_id and passes, because campaign_wait_missing is pass.",
}


def gate_result(fleet: Fleet, ends: Sequence[Ends], is_report: bool = False) -> Result:
    """The gate's result.

    C(goals): results in the form of C(campaign_info), one for each set of campaigns; C(hosts): each host's C(goal)
    (an index), C(device), C(decision), and C(reason) and C(message) where those of the goal do not hold; C(held): the
    hosts that do not go on, with their decision; C(passing): the names of those that do, see C(names_of).

    With C(is_report) every host goes on whose campaigns could be read.
    """
    gate = _Gate(is_report)
    for party, its_ends in zip(fleet.parties, ends):
        for member in party.members:
            gate.add(member, its_ends[t.cast(Goal, member.goal)])
    for member in fleet.without_campaign:
        gate.add_without_campaign(member)
    return gate.result()


def names_of(hosts: Iterable[str]) -> str:
    """Names as one text, each between line breaks.

    In a condition that Ansible evaluates a thousand times, a thousand keys would be copied each time, a text is not.
    """
    return "\n" + "".join(f"{host}\n" for host in hosts)


def refusal(error: ThingSpaceError, hosts: Sequence[str]) -> Result:
    """The result when nothing was asked for, because of a wrong option or the like: the same for all hosts."""
    facts = {"changed": False, "reason": error.reason, "message": error.message, "reached": False, "timed_out": False}
    goal = {**facts, "campaigns": [], "campaign": None, **error.facts}
    return {
        "changed": False,
        "passing": "",
        "goals": [goal],
        "hosts": {host: {"goal": 0, "device": None, "decision": FAIL} for host in hosts},
        "held": dict.fromkeys(hosts, FAIL),
        "reason": error.reason,
        "message": error.message,
        **error.facts,
    }


def of_host(gate: Result, host: str) -> Result:
    """One host's part of a gate's result, in the form of C(campaign_wait_result)."""
    entry = gate["hosts"][host]
    return {**gate["goals"][entry["goal"]], **entry}


def only_for(gate: Result, host: str) -> Result:
    """What the role needs of a gate's result to know about one host; with the stats for the run, if there are any."""
    entry = gate["hosts"][host]
    part = {"goals": [gate["goals"][entry["goal"]]], "hosts": {host: {**entry, "goal": 0}}}
    return {**part, **{name: gate[name] for name in ("ansible_stats",) if name in gate}}


class _Gate:
    """A result in the making."""

    def __init__(self, is_report: bool) -> None:
        self._is_report = is_report
        self._goals: list[Result] = []
        self._indexes: dict[int, int] = {}
        self._hosts: dict[str, Result] = {}
        self._stats: dict[str, dict[str, t.Any]] = {}
        self._told: set[tuple[int, str, bool]] = set()

    def add(self, member: Member, end: GoalEnd) -> None:
        """A host with campaigns."""
        device = None if member.device_id is None else device_in(end.reports, member.device_id)
        if self._is_report:
            decision = Decision(GO if len(end.result["campaigns"]) == len(end.result["waits"]) else FAIL)
        else:
            decision = decide(member, end.ending, device, all_were_read=len(end.reports) == len(end.asked.ids))
        self._put(member, self._index_of(end.result), decision, device)
        self._add_stats(member.terms, end)

    def _add_stats(self, terms: Terms, end: GoalEnd) -> None:
        told = (id(end), terms.stats, terms.stats_devices)
        if not terms.stats or told in self._told:
            return
        self._told.add(told)
        kept = self._stats.setdefault(terms.stats, {})
        for campaign_id, stats in campaign_stats(end, terms.stats_devices).items():
            before = kept.get(campaign_id, stats)
            is_other = any(before[name] != stats[name] for name in ("account_name", "api_version"))
            name = f"{campaign_id} {stats['account_name']} {stats['api_version']}" if is_other else campaign_id
            kept[name] = {**before, **stats} if not is_other else stats

    def add_without_campaign(self, member: Member) -> None:
        """A host that passes without one."""
        self._put(member, self._index_of(_WITHOUT_CAMPAIGN), Decision(GO), None)

    def _index_of(self, result: Mapping[str, t.Any]) -> int:
        if id(result) not in self._indexes:
            self._indexes[id(result)] = len(self._goals)
            self._goals.append(dict(result))
        return self._indexes[id(result)]

    def _put(self, member: Member, goal: int, decision: Decision, device: Result | None) -> None:
        entry: Result = {"goal": goal, "device": device, "decision": decision.verb}
        if decision.reason is not None:
            entry.update(reason=decision.reason, message=decision.message)
        self._hosts[member.host] = entry

    def result(self) -> Result:
        """The whole of it."""
        held = {host: entry["decision"] for host, entry in self._hosts.items() if entry["decision"] in (FAIL, SKIP)}
        verbs = [entry["decision"] for entry in self._hosts.values()]
        result: Result = {
            "changed": False,
            "passing": names_of(host for host, entry in self._hosts.items() if entry["decision"] == GO),
            "goals": self._goals,
            "hosts": self._hosts,
            "held": held,
            "message": summary_sentence(verbs),
        }
        if self._stats:
            result["ansible_stats"] = {"data": self._stats, "per_host": False, "aggregate": True}
        return result
