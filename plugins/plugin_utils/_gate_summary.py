# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the lines that a gate prints at its end: the campaigns, and the hosts that do not continue."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import (
    DEVICE_NOT_UPGRADED,
    brief_verdict,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import brief_name, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import device_figures
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, FAIL, SKIP

Decision = Mapping[str, t.Any]

# The maximum number of hosts to list.
_MAX_NAMED: t.Final = 20
_LONGEST_REASON: t.Final = 160
_HEADINGS: t.Final = ("host", "device", "decision", "reason")
_VERBS: t.Final = {CONTINUE: "continue", FAIL: "fail", SKIP: "left out"}


def decision_of(result: Mapping[str, t.Any], decision: str, device_id: str | None) -> dict[str, t.Any]:
    """Return what the summary needs from the result of one host."""
    return {
        "decision": decision,
        "device": device_id,
        "reason": _brief_reason(result),
        "campaigns": {wait["campaign_id"]: _campaign_line(wait, result) for wait in result.get("waits", ())},
    }


def _brief_reason(result: Mapping[str, t.Any]) -> str:
    """Return why a host does not continue, without what the other columns contain."""
    device = result.get("device")
    if result.get("reason") == DEVICE_NOT_UPGRADED and device:
        return brief_verdict(device)
    return str(result.get("message") or result.get("msg") or "")


def _campaign_line(wait: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> str:
    wanted = str(wait["campaign_id"]).casefold()
    campaign = next((one for one in result["campaigns"] if str(one["id"]).casefold() == wanted), None)
    if campaign is None:
        return f"Campaign {wait['campaign_id']}: could not be read."
    state = campaign["state"]
    if state == UNKNOWN:
        state = f"{state} [{printable(campaign['status'])}]"
    parts = [part for part in (state, device_figures([campaign])) if part]
    return f"Campaign {brief_name(campaign.get('campaign_name'), wait['campaign_id'])}: {', '.join(parts)}."


def summary_lines(decisions: Mapping[str, Decision], is_new: Callable[[str], bool]) -> list[str]:
    """Return the lines for hosts with these decisions. C(is_new) returns false for a line that was printed before."""
    campaigns: dict[str, str] = {}
    for decision in decisions.values():
        campaigns.update(decision["campaigns"])
    lines = [line for line in campaigns.values() if is_new(line)]
    if len(decisions) > 1:
        lines.append(_count_line([str(decision["decision"]) for decision in decisions.values()]))
    held = [(host, decision) for host, decision in decisions.items() if decision["decision"] != CONTINUE]
    return [*lines, *_table(held)]


def _count_line(verbs: Sequence[str]) -> str:
    counts = {verb: verbs.count(verb) for verb in _VERBS}
    others = [f"{counts[verb]} {word}" for verb, word in _VERBS.items() if verb != CONTINUE and counts[verb]]
    return ", ".join([f"{counts[CONTINUE]} of {len(verbs)} hosts continue", *others]) + "."


def _table(held: Sequence[tuple[str, Decision]]) -> list[str]:
    if not held:
        return []
    rows = [_HEADINGS, *(_row(host, decision) for host, decision in held[:_MAX_NAMED])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    lines = ["  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows]
    more = len(held) - _MAX_NAMED
    return [*lines, f"  and {more} more"] if more > 0 else lines


def _row(host: str, decision: Decision) -> tuple[str, str, str, str]:
    device = "-" if decision["device"] is None else printable(decision["device"])
    return (host, device, str(decision["decision"]), printable(decision["reason"], _LONGEST_REASON))
