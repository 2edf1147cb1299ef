# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report shows."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import (
    MAX_ROWS,
    HostDecision,
    HostRow,
    StoredResult,
)
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    CAMPAIGN_ID,
    decided,
    device,
    facts,
    report,
    result,
    seen,
    summary,
    wait,
)


def test_who_does_not_continue_comes_first() -> None:
    shown = report(decided("a"), decided("b", "skip"), HostDecision("c", None), decided("d", "fail", "990", "Why."))
    assert shown.hosts == [
        HostRow("d", "990", "fail", "Why."),
        HostRow("c", "", "undecided", "Nothing was decided for this host."),
        HostRow("b", "", "skip", "So."),
        HostRow("a", "", "continue", "So."),
    ]
    assert shown.decisions == {"continue": 1, "skip": 1, "fail": 1, "undecided": 1}


def test_an_unknown_decision_is_none() -> None:
    assert report(decided("a", "perhaps")).decisions == {"undecided": 1}


def test_a_campaign_with_all_that_is_known_of_it() -> None:
    (campaign,) = report().campaigns
    assert (campaign.id, campaign.name, campaign.state, campaign.outcome) == (CAMPAIGN_ID, "Spring", "ended", "partial")
    assert campaign.properties == [
        ("Account", "0402196254-00001"),
        ("Firmware", "one → two"),
        ("Days (UTC)", "2026-03-01 to 2026-03-02"),
        ("Download hours", "20:00 to 21:00"),
    ]
    assert [(share.state, share.count, share.percent) for share in campaign.states] == [
        ("succeeded", 3, 75.0),
        ("failed", 1, 25.0),
    ]
    assert [(share.reason, share.count) for share in campaign.reasons] == [("RovaClientDownloadFailed", 1)]
    assert [row.state for row in campaign.history] == ["scheduled", "ended"]


@pytest.mark.parametrize(
    "odd",
    [
        {"campaign_name": None, "firmware_name": None, "software_to": None, "start_date": None, "device_summary": None},
        {"download_time_window_list": [{"start_time": None, "end_time": 3}], "outcome": None, "state": "unknown"},
        {"status": None, "end_date": "9999-12-31", "start_date": "0001-01-01"},
    ],
)
@pytest.mark.parametrize("waits", [None, []])
def test_what_the_service_has_not_said_is_left_out(odd: dict[str, t.Any], waits: t.Sequence[t.Any] | None) -> None:
    (campaign,) = report(results=[StoredResult(1, result(facts(**odd), waits=waits), {})]).campaigns
    assert campaign.id == CAMPAIGN_ID
    assert all(value for _name, value in campaign.properties)


def test_a_campaign_that_was_never_read() -> None:
    lost = {"campaigns": [], "waits": [wait(polls=3, errors=3)], "last_errors": [], "failed": True, "msg": "Lost."}
    shown = report(results=[StoredResult(1, lost, {})])
    (campaign,) = shown.campaigns
    assert (campaign.id, campaign.state, campaign.failed_polls) == (CAMPAIGN_ID, "not read", 3)
    assert not campaign.has_devices
    # The hosts tell it.
    assert shown.errors == []


def test_what_could_not_be_read_without_a_wait() -> None:
    lost = {"campaigns": [], "failed": True, "msg": "Refused."}
    shown = report(results=[StoredResult(1, lost, {}), StoredResult(1, lost, {})])
    assert [error.message for error in shown.errors] == ["Refused."]


def test_uses_of_the_role_are_added_up_and_hosts_of_one_use_are_not() -> None:
    first = result(facts(state="scheduled"), waits=[wait(seen("scheduled", "01T10:00", "01T12:00"), polls=5, errors=1)])
    again = result(facts(state="scheduled"), waits=[wait(seen("scheduled", "01T10:00", "01T13:00"), polls=6, errors=1)])
    later = result(facts(), waits=[wait(seen("ended", "02T10:00", "02T10:01"), polls=2)])
    shown = report(results=[StoredResult(1, first, {}), StoredResult(1, again, {}), StoredResult(2, later, {})])
    (campaign,) = shown.campaigns
    assert (campaign.state, campaign.polls, campaign.failed_polls, shown.failed_polls) == ("ended", 8, 1, 1)
    assert [(row.state, row.last_seen) for row in campaign.history] == [
        ("scheduled", "2026-03-01T13:00:00Z"),
        ("ended", "2026-03-02T10:01:00Z"),
    ]


def test_spellings_of_one_id_are_one_campaign() -> None:
    upper = [{**wait(), "campaign_id": CAMPAIGN_ID.upper()}]
    assert len(report(results=[StoredResult(1, result(waits=upper), {}), StoredResult(2, result(), {})]).campaigns) == 1


def test_failed_polls_are_told_once_and_in_order() -> None:
    errors = [
        {"campaign_id": CAMPAIGN_ID, "at": f"2026-03-01T1{hour}:00:00Z", "message": "HTTP 503."} for hour in (2, 1)
    ]
    stored = StoredResult(1, result(waits=[wait(errors=2)], last_errors=errors), {})
    (campaign,) = report(results=[stored, stored]).campaigns
    assert [error.at for error in campaign.errors] == ["2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z"]


def test_devices_that_hosts_name_are_not_listed_twice() -> None:
    devices = {CAMPAIGN_ID: [device("1"), device("2"), device(None), device("3", "failed")]}
    shown = report(decided("a", device="1"), results=[StoredResult(1, result(), devices)])
    assert [(row.device, row.state, row.campaign) for row in shown.devices] == [
        ("3", "failed", "Spring"),
        ("2", "succeeded", "Spring"),
        ("", "succeeded", "Spring"),
    ]


def test_a_great_fleet_is_listed_up_to_a_point() -> None:
    devices = {CAMPAIGN_ID: [device(str(number)) for number in range(MAX_ROWS + 5)]}
    shown = report(results=[StoredResult(1, result(), devices)])
    assert (len(shown.devices), shown.unlisted_devices) == (MAX_ROWS, 5)
    hosts = [decided(f"h{number}", device=f"other{number}") for number in range(MAX_ROWS)]
    shown = report(*hosts, results=[StoredResult(1, result(), devices)])
    assert len(shown.hosts) == MAX_ROWS
    assert len(shown.devices) + shown.unlisted_devices == MAX_ROWS + 5
    assert 0 < len(shown.devices) < MAX_ROWS


def test_foreign_texts_are_one_line_of_bounded_length() -> None:
    (campaign,) = report(
        results=[StoredResult(1, result(facts(campaign_name="a\r\n\x1b\u202eb" + "x" * 9999)), {})]
    ).campaigns
    assert campaign.name.startswith("a    bxx")
    assert len(campaign.name) == 300


def test_figures_of_all_campaigns() -> None:
    other = facts(id="another", device_summary=summary(10, 0))
    shown = report(results=[StoredResult(1, result(facts(), other, waits=[]), {})])
    assert (shown.upgraded, shown.device_total) == (13, 14)
