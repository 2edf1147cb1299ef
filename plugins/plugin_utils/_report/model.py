# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: converts the results and decisions of a run to everything that a report shows.

The texts are untrusted. Only the templates put them into a file, escaped.
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

# For a host without a decision. It does not continue.
UNDECIDED: t.Final = "undecided"
# Hosts that need attention come first.
_ORDER: t.Final = (FAIL, UNDECIDED, SKIP, CONTINUE)
# Further devices are only counted, because the page becomes slow, and too large for a mail. All hosts are listed.
MAX_ROWS: t.Final = 10_000
_MAX_TEXT: t.Final = 300
_MAX_SENTENCE: t.Final = 1000
_WINDOWS: t.Final = {
    "download_time_window_list": "Download",
    "install_time_window_list": "Install",
    "campaign_time_window_list": "Campaign",
}
_FIRMWARE: t.Final = (("software_from", "software_to"), ("firmware_from", "firmware_to"))


@dataclass(frozen=True)
class HostDecision:
    """The decision for one host. C(decision) is None if there is none."""

    host: str
    decision: Facts | None


@dataclass(frozen=True)
class StoredResult:
    """The result of a task for one host, or for all hosts with the same result.

    C(use) is the number of the use of a task. C(result) has the keys of a C(campaign_info) result. C(devices) are the
    devices by campaign ID, for campaigns whose device report was read.
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
    """C(count) of C(total) devices. C(percent) is rounded down, and null for a report without devices."""

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
    """A state in the history of a campaign, with its first and last poll in UTC."""

    state: str
    status: str
    first_seen: str
    last_seen: str
    polls: int


@dataclass(frozen=True)
class Error:
    """A failed poll, or a campaign that could not be read. C(at) is in UTC, or empty if it is unknown."""

    at: str
    message: str


@dataclass(frozen=True)
class Campaign:
    """One campaign. C(properties) are labels with texts, C(states) and C(reasons) are counts of devices."""

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
    """A whole report. C(decisions) counts hosts by decision, without counts of zero."""

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
        """The number of devices in all campaigns."""
        return sum(share.count for campaign in self.campaigns for share in campaign.states)

    @property
    def upgraded(self) -> int:
        """The number of upgraded devices in all campaigns."""
        return sum(share.count for campaign in self.campaigns for share in campaign.states if share.state == SUCCEEDED)

    @property
    def failed_polls(self) -> int:
        """The number of failed polls of all campaigns."""
        return sum(campaign.failed_polls for campaign in self.campaigns)


def report_of(hosts: Sequence[HostDecision], results: Sequence[StoredResult], written_at: str, version: str) -> Report:
    """Build the report. C(results) are in order of arrival, C(written_at) is in UTC."""
    rows = sorted((_host_row(one) for one in hosts), key=lambda row: _ORDER.index(row.decision))
    decisions = {word: sum(row.decision == word for row in rows) for word in (CONTINUE, SKIP, FAIL, UNDECIDED)}
    campaigns = [_campaign(group, written_at) for group in _grouped(results)]
    named = {row.device for row in rows}
    devices = [row for row in _device_rows(results) if row.device not in named]
    most = max(MAX_ROWS - len(rows), MAX_ROWS // 10)
    return Report(
        written_at,
        version,
        campaigns,
        rows,
        {word: count for word, count in decisions.items() if count},
        devices[:most],
        len(devices[most:]),
        _general_errors(results),
    )


def text_of(value: t.Any, longest: int = _MAX_TEXT) -> str:
    """Return an untrusted value as one line of text. Empty for null."""
    return "" if value is None else printable(value, longest)


def _sentence(value: t.Any) -> str:
    return text_of(value, _MAX_SENTENCE)


def _host_row(one: HostDecision) -> HostRow:
    if one.decision is None:
        return HostRow(text_of(one.host), "", UNDECIDED, "Nothing was decided for this host.")
    decision = str(one.decision["decision"])
    known = decision if decision in _ORDER else UNDECIDED
    return HostRow(text_of(one.host), text_of(one.decision["device"]), known, _sentence(one.decision["reason"]))


@dataclass(frozen=True)
class _CampaignResult:
    """The part of one result that is about one campaign."""

    use: int
    campaign_id: str
    facts: Facts | None
    wait: Facts
    last_errors: Sequence[Facts]


def _grouped(results: Iterable[StoredResult]) -> list[list[_CampaignResult]]:
    """Group the results by campaign, in order of arrival."""
    groups: dict[str, list[_CampaignResult]] = {}
    for one in results:
        for campaign_result in _campaign_results(one):
            groups.setdefault(campaign_result.campaign_id.casefold(), []).append(campaign_result)
    return list(groups.values())


def _campaign_results(one: StoredResult) -> list[_CampaignResult]:
    facts = {str(campaign["id"]).casefold(): campaign for campaign in one.result.get("campaigns") or ()}
    waits = {str(wait["campaign_id"]).casefold(): wait for wait in one.result.get("waits") or ()}
    errors = one.result.get("last_errors") or ()
    return [
        _CampaignResult(
            one.use,
            str(facts[name]["id"] if name in facts else waits[name]["campaign_id"]),
            facts.get(name),
            waits.get(name, {}),
            [error for error in errors if str(error["campaign_id"]).casefold() == name],
        )
        for name in dict.fromkeys([*waits, *facts])
    ]


def _campaign(campaign_results: Sequence[_CampaignResult], written_at: str) -> Campaign:
    facts: Facts = next((one.facts for one in reversed(campaign_results) if one.facts is not None), {})
    history = _history(campaign_results)
    errors = {(error["at"], error["message"]): None for one in campaign_results for error in one.last_errors}
    shown_errors = [Error(text_of(at), _sentence(message)) for at, message in sorted(errors)]
    summary = facts.get("device_summary")
    name = facts.get("campaign_name") or facts.get("firmware_name")
    return Campaign(
        id=text_of(campaign_results[0].campaign_id),
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
            [error.at for error in shown_errors],
            facts,
            written_at,
        ),
        polls=_total(campaign_results, "polls"),
        failed_polls=_total(campaign_results, "errors"),
        errors=shown_errors,
    )


def _total(campaign_results: Sequence[_CampaignResult], count: str) -> int:
    """Add up polls: the hosts of one use share their polls, but another use has its own."""
    by_use: dict[int, int] = {}
    for one in campaign_results:
        by_use[one.use] = max(by_use.get(one.use, 0), one.wait.get(count) or 0)
    return sum(by_use.values())


def _history(campaign_results: Sequence[_CampaignResult]) -> list[HistoryRow]:
    """Merge the histories. Of two entries with the same status and start, keep the longer one."""
    entries: dict[tuple[str, str], HistoryRow] = {}
    for entry in (entry for one in campaign_results for entry in one.wait.get("history") or ()):
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
    """Return the known properties of a campaign, with their labels."""
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


def _device_rows(results: Iterable[StoredResult]) -> list[DeviceRow]:
    """Return the devices in the last device report of each campaign, sorted so that upgraded ones come last."""
    last: dict[str, tuple[str, Sequence[Facts]]] = {}
    for one in results:
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


def _general_errors(results: Iterable[StoredResult]) -> list[Error]:
    """Return the errors of failed results without a wait."""
    failed = [one.result for one in results if one.result.get("failed") and not one.result.get("waits")]
    return [Error("", message) for message in dict.fromkeys(_sentence(result.get("msg")) for result in failed)]
