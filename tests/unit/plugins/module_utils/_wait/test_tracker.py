# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of one campaign."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker, iso

NOW: t.Final = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)


def facts(status: str = "CampaignScheduled", **more: t.Any) -> Facts:
    return campaign_facts({"id": "c1", "status": status, **more}, "v2", NOW.date())


def test_times_are_told_in_utc() -> None:
    east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    assert iso(datetime.datetime(2026, 3, 1, 2, 0, tzinfo=east)) == "2026-02-28T20:30:00Z"


def test_a_name_is_the_campaigns_own_and_its_id() -> None:
    tracker = Tracker("c1", 0.0)
    assert tracker.name == "c1"
    tracker.record_success(facts(campaignName="Spring\nupgrade"), NOW, 0.0)
    assert tracker.name == "Spring upgrade (c1)"


def test_errors_are_counted_in_total_and_in_a_row() -> None:
    tracker = Tracker("c1", 0.0)
    for number in range(3):
        tracker.record_error(ConnectionFailed("reset"), 10.0 + number)
    assert (tracker.errors, tracker.errors_in_a_row, tracker.first_error_at) == (3, 3, 10.0)
    tracker.record_success(facts(), NOW, 20.0)
    assert (tracker.errors, tracker.errors_in_a_row, tracker.first_error_at, tracker.last_error) == (3, 0, None, None)


def test_an_error_leaves_the_facts() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_success(facts(), NOW, 0.0)
    tracker.record_error(ConnectionFailed("reset"), 1.0)
    assert tracker.state == "scheduled"


@pytest.mark.parametrize("wrong_by", [-3 * 365 * 86_400, -3600, 3600, 86_400])
def test_a_clock_that_was_wrong_once_does_not_move_the_end_for_good(wrong_by: int) -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_success(facts(endDate="2026-03-01"), NOW + datetime.timedelta(seconds=wrong_by), 0.0)
    assert tracker.ends_at == 12 * 3600 - wrong_by
    tracker.record_success(facts(endDate="2026-03-01"), NOW + datetime.timedelta(seconds=300), 300.0)
    assert tracker.ends_at == 12 * 3600


def test_whole_seconds_and_slow_answers_do_not_move_the_end() -> None:
    tracker = Tracker("c1", 0.0)
    for now, late in ((0.0, 0), (300.0, 1), (600.0, -1), (900.0, 30)):
        tracker.record_success(facts(endDate="2026-03-01"), NOW + datetime.timedelta(seconds=now - late), now)
        assert tracker.ends_at == 12 * 3600


@pytest.mark.parametrize(
    ("hours", "status", "expected"),
    [(47, "CampaignScheduled", False), (49, "CampaignScheduled", True), (49, "CampaignEnded", False)],
)
def test_overdue_is_a_day_after_the_end_of_the_last_day(hours: int, status: str, expected: bool) -> None:
    tracker = Tracker("c1", 0.0)
    assert tracker.is_overdue(NOW) is False
    tracker.record_success(facts(status, endDate="2026-03-01"), NOW, 0.0)
    midnight = NOW.replace(hour=0)
    assert tracker.is_overdue(midnight + datetime.timedelta(hours=hours)) is expected


def test_the_same_state_under_another_word_is_a_row_of_its_own() -> None:
    tracker = Tracker("c1", 0.0)
    for word in ("CampaignQueued", "CampaignQueued", "CampaignRequestQueued"):
        tracker.record_success(facts(word), NOW, 0.0)
    assert [(row["status"], row["polls"]) for row in tracker.history] == [
        ("CampaignQueued", 2),
        ("CampaignRequestQueued", 1),
    ]
