# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a run has learned of its campaigns, and decided for its hosts -> everything that a report shows.

The texts in it are foreign: nothing but the templates may put them into a file, escaped.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    DEVICE_STATES,
    SUCCEEDED,
    percent,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.timeline import Timeline, timeline_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import CONTINUE, FAIL, SKIP

Facts = Mapping[str, t.Any]

# A host for which nothing was decided does not continue.
UNDECIDED: t.Final = "undecided"
# Who needs a look comes first.
_ORDER: t.Final = (FAIL, UNDECIDED, SKIP, CONTINUE)
# More devices are counted, not listed: a browser gets slow, and a mail does not get through. Hosts are all listed.
MOST_ROWS: t.Final = 10_000
_LONGEST: t.Final = 300
_LONGEST_SENTENCE: t.Final = 1000
_WINDOWS: t.Final = {
    "download_time_window_list": "Download",
    "install_time_window_list": "Install",
    "campaign_time_window_list": "Campaign",
}
_FIRMWARE: t.Final = (("software_from", "software_to"), ("firmware_from", "firmware_to"))


@dataclass(frozen=True)
class HostDecision:
    """What was decided for one host; C(decision) is None as long as nothing was."""

    host: str
    decision: Facts | None


@dataclass(frozen=True)
class Learned:
    """What one host's task has learned of its campaigns, or all hosts with the same result.

    C(use) is the number of the use of a task; C(result) has the keys of a C(campaign_info) result; C(devices) the
    devices of campaigns by ID, as far as their device report was read.
    """

    use: int
    result: Facts
    devices: Mapping[str, Sequence[Facts]]


@dataclass(frozen=True)
class HostRow:
    """A row of the table of hosts."""

    host: str
    device: str
    decision: str
    reason: str


@dataclass(frozen=True)
class DeviceRow:
    """A row of the table of devices."""

    device: str
    state: str
    status: str
    reason: str
    campaign: str


@dataclass(frozen=True)
class Share:
    """So many devices of so many; C(percent) is rounded down, and null for a report without devices."""

    state: str
    status: str
    reason: str
    count: int
    total: int

    @property
    def percent(self) -> float | None:
        """The share of all devices."""
        return percent(self.count, self.total)


@dataclass(frozen=True)
class HistoryRow:
    """A state that was seen, from when to when, in UTC."""

    state: str
    status: str
    first_seen: str
    last_seen: str
    polls: int


@dataclass(frozen=True)
class Error:
    """A failed poll, or a campaign that could not be read at all; C(at) in UTC, empty if it is not known."""

    at: str
    message: str


@dataclass(frozen=True)
class Campaign:
    """One campaign: C(properties) are named texts, C(states) and C(reasons) the devices in figures."""

    id: str
    name: str
    state: str
    status: str
    outcome: str
    properties: Sequence[tuple[str, str]]
    states: Sequence[Share]
    reasons: Sequence[Share]
    doubt: str
    has_devices: bool
    history: Sequence[HistoryRow]
    timeline: Timeline | None
    polls: int
    failed_polls: int
    errors: Sequence[Error]


@dataclass(frozen=True)
class Report:
    """A whole report; C(decisions) counts hosts by what was decided for them, without those that do not occur."""

    written_at: str
    version: str
    campaigns: Sequence[Campaign]
    hosts: Sequence[HostRow]
    decisions: Mapping[str, int]
    devices: Sequence[DeviceRow]
    unlisted_devices: int
    errors: Sequence[Error]

    @property
    def device_total(self) -> int:
        """The devices of all campaigns."""
        return sum(share.count for campaign in self.campaigns for share in campaign.states)

    @property
    def upgraded(self) -> int:
        """The devices of all campaigns that were upgraded."""
        return sum(share.count for campaign in self.campaigns for share in campaign.states if share.state == SUCCEEDED)

    @property
    def failed_polls(self) -> int:
        """The failed polls of all campaigns."""
        return sum(campaign.failed_polls for campaign in self.campaigns)


def report_of(hosts: Sequence[HostDecision], learned: Sequence[Learned], written_at: str, version: str) -> Report:
    """The report; C(learned) in the order in which it was learned, C(written_at) in UTC."""
    rows = sorted((_host_row(one) for one in hosts), key=lambda row: _ORDER.index(row.decision))
    decisions = {word: sum(row.decision == word for row in rows) for word in (CONTINUE, SKIP, FAIL, UNDECIDED)}
    campaigns = [_campaign(group, written_at) for group in _grouped(learned)]
    named = {row.device for row in rows}
    devices = [row for row in _device_rows(learned) if row.device not in named]
    most = max(MOST_ROWS - len(rows), MOST_ROWS // 10)
    return Report(
        written_at,
        version,
        campaigns,
        rows,
        {word: count for word, count in decisions.items() if count},
        devices[:most],
        len(devices[most:]),
        _general_errors(learned),
    )


def text_of(value: t.Any, longest: int = _LONGEST) -> str:
    """A foreign value as one line of text, nothing for null."""
    return "" if value is None else printable(value, longest)


def _sentence(value: t.Any) -> str:
    return text_of(value, _LONGEST_SENTENCE)


def _host_row(one: HostDecision) -> HostRow:
    if one.decision is None:
        return HostRow(text_of(one.host), "", UNDECIDED, "Nothing was decided for this host.")
    decision = str(one.decision["decision"])
    known = decision if decision in _ORDER else UNDECIDED
    return HostRow(text_of(one.host), text_of(one.decision["device"]), known, _sentence(one.decision["reason"]))


@dataclass(frozen=True)
class _Glimpse:
    """What one result says of one campaign."""

    use: int
    campaign_id: str
    facts: Facts | None
    wait: Facts
    last_errors: Sequence[Facts]


def _grouped(learned: Iterable[Learned]) -> list[list[_Glimpse]]:
    """All that is known of each campaign, in the order in which they were met."""
    groups: dict[str, list[_Glimpse]] = {}
    for one in learned:
        for glimpse in _glimpses(one):
            groups.setdefault(glimpse.campaign_id.casefold(), []).append(glimpse)
    return list(groups.values())


def _glimpses(one: Learned) -> list[_Glimpse]:
    facts = {str(campaign["id"]).casefold(): campaign for campaign in one.result.get("campaigns") or ()}
    waits = {str(wait["campaign_id"]).casefold(): wait for wait in one.result.get("waits") or ()}
    errors = one.result.get("last_errors") or ()
    return [
        _Glimpse(
            one.use,
            str(facts[name]["id"] if name in facts else waits[name]["campaign_id"]),
            facts.get(name),
            waits.get(name, {}),
            [error for error in errors if str(error["campaign_id"]).casefold() == name],
        )
        for name in dict.fromkeys([*waits, *facts])
    ]


def _campaign(glimpses: Sequence[_Glimpse], written_at: str) -> Campaign:
    facts: Facts = next((one.facts for one in reversed(glimpses) if one.facts is not None), {})
    history = _history(glimpses)
    errors = {(error["at"], error["message"]): None for one in glimpses for error in one.last_errors}
    told = [Error(text_of(at), _sentence(message)) for at, message in sorted(errors)]
    summary = facts.get("device_summary")
    name = facts.get("campaign_name") or facts.get("firmware_name")
    return Campaign(
        id=text_of(glimpses[0].campaign_id),
        name=text_of(name) or "Campaign",
        state=text_of(facts.get("state")) or "not read",
        status=text_of(facts.get("status")),
        outcome=text_of(facts.get("outcome")),
        properties=_properties(facts),
        states=_states(summary),
        reasons=_reasons(summary),
        doubt=text_of((summary or {}).get("doubt")),
        has_devices=summary is not None,
        history=history,
        timeline=timeline_of(
            [(row.state, row.status, row.first_seen, row.last_seen, row.polls) for row in history],
            [error.at for error in told],
            facts,
            written_at,
        ),
        polls=_total(glimpses, "polls"),
        failed_polls=_total(glimpses, "errors"),
        errors=told,
    )


def _total(glimpses: Sequence[_Glimpse], count: str) -> int:
    """The hosts of one use share their polls; those of another use have polled again."""
    by_use: dict[int, int] = {}
    for one in glimpses:
        by_use[one.use] = max(by_use.get(one.use, 0), one.wait.get(count) or 0)
    return sum(by_use.values())


def _history(glimpses: Sequence[_Glimpse]) -> list[HistoryRow]:
    """Each state that was seen, once: of two entries that begin at the same moment the one that goes on longer."""
    entries: dict[tuple[str, str], HistoryRow] = {}
    for entry in (entry for one in glimpses for entry in one.wait.get("history") or ()):
        row = HistoryRow(
            text_of(entry["state"]),
            text_of(entry["status"]),
            text_of(entry["first_seen"]),
            text_of(entry["last_seen"]),
            int(entry["polls"]),
        )
        before = entries.get((row.first_seen, row.status))
        if before is None or (before.last_seen, before.polls) < (row.last_seen, row.polls):
            entries[(row.first_seen, row.status)] = row
    return sorted(entries.values(), key=lambda row: (row.first_seen, row.last_seen))


def _properties(facts: Facts) -> list[tuple[str, str]]:
    """What a campaign is, as far as the service has said it."""
    firmware = [" → ".join(text_of(facts[name]) or "?" for name in pair) for pair in _FIRMWARE if facts.get(pair[1])]
    model = " ".join(text_of(facts[name]) for name in ("make", "model") if facts.get(name))
    days = [text_of(facts[name]) for name in ("start_date", "end_date") if facts.get(name)]
    properties = [
        ("Account", text_of(facts.get("account_name"))),
        ("Firmware", firmware[0] if firmware else text_of(facts.get("software_name"))),
        ("Devices of", model),
        ("Days (UTC)", " to ".join(days)),
        *((f"{word} hours", _hours(facts.get(name))) for name, word in _WINDOWS.items()),
    ]
    return [(name, value) for name, value in properties if value]


def _hours(windows: Iterable[Facts] | None) -> str:
    hours = [(window["start_time"], window["end_time"]) for window in windows or ()]
    return ", ".join(f"{_hour(start)} to {_hour(end)}" for start, end in hours)


def _hour(hour: int | None) -> str:
    return "?" if hour is None else f"{hour:02d}:00"


def _states(summary: Facts | None) -> list[Share]:
    if summary is None:
        return []
    counts, total = summary["by_state"], summary["total"]
    return [Share(state, "", "", counts[state], total) for state in DEVICE_STATES if counts.get(state)]


def _reasons(summary: Facts | None) -> list[Share]:
    if summary is None:
        return []
    return [_reason(kind, summary["total"]) for kind in summary["top_reasons"]]


def _reason(kind: Facts, total: int) -> Share:
    return Share(text_of(kind["state"]), text_of(kind["status"]), text_of(kind["reason"]), int(kind["count"]), total)


def _device_rows(learned: Iterable[Learned]) -> list[DeviceRow]:
    """The devices of the last device report of each campaign, those that were not upgraded first."""
    last: dict[str, tuple[str, Sequence[Facts]]] = {}
    for one in learned:
        names = {str(facts["id"]): facts.get("campaign_name") for facts in one.result.get("campaigns") or ()}
        for campaign_id, devices in one.devices.items():
            if devices:
                last[campaign_id.casefold()] = (text_of(names.get(campaign_id) or campaign_id), devices)
    rows = [
        DeviceRow(
            text_of(device["device_id"]),
            text_of(device["state"]),
            text_of(device["status"]),
            text_of(device["reason"]),
            name,
        )
        for name, devices in last.values()
        for device in devices
    ]
    return sorted(rows, key=lambda row: row.state == SUCCEEDED)


def _general_errors(learned: Iterable[Learned]) -> list[Error]:
    """Why something could not be read at all, where no wait has told it."""
    failed = [one.result for one in learned if one.result.get("failed") and not one.result.get("waits")]
    return [Error("", message) for message in dict.fromkeys(_sentence(result.get("msg")) for result in failed)]
