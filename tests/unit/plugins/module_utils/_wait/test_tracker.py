# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of one campaign."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import CampaignNotFound, ConnectionFailed
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker, iso
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import GIVEN_UP, REACHED, WAITING
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome

NOW: t.Final = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)


OUTCOME: t.Final = WaitOutcome("not_found", "It is gone.")


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


def test_a_brief_name_is_for_a_line() -> None:
    tracker = Tracker("60b5d639-ccdc-4db8-8824-069bd94c95bf", 0.0)
    assert tracker.brief_name == "60b5d639-ccdc-4db8-8824-069bd94c95bf"
    tracker.record_success(facts(campaignName="Spring"), NOW, 0.0)
    assert tracker.brief_name == "Spring (60b5d639)"


def test_at_first_nothing_is_known_and_a_poll_is_due() -> None:
    tracker = Tracker("c1", 7.0)
    assert (tracker.due_at, tracker.last_polled_at, tracker.polls, tracker.errors) == (7.0, 7.0, 0, 0)
    assert (tracker.state, tracker.verdict, tracker.done, tracker.confirmed) == (None, WAITING, False, False)
    assert (tracker.errors_in_a_row, tracker.missing_in_a_row, tracker.is_over) == (0, 0, False)


def test_errors_are_counted_in_total_and_in_a_row() -> None:
    tracker = Tracker("c1", 0.0)
    for number in range(3):
        tracker.record_error(ConnectionFailed("reset"), 10.0 + number)
    assert (tracker.errors, tracker.errors_in_a_row, tracker.first_error_at) == (3, 3, 10.0)
    tracker.record_success(facts(), NOW, 20.0)
    assert (tracker.errors, tracker.errors_in_a_row, tracker.first_error_at, tracker.last_error) == (3, 0, None, None)


def test_only_a_campaign_that_is_missing_again_is_missing_in_a_row() -> None:
    tracker, counts = Tracker("c1", 0.0), []
    for error in (
        CampaignNotFound("gone"),
        CampaignNotFound("gone"),
        ConnectionFailed("reset"),
        CampaignNotFound("gone"),
    ):
        tracker.record_error(error, 0.0)
        counts.append(tracker.missing_in_a_row)
    assert counts == [1, 2, 0, 1]
    tracker.record_success(facts(), NOW, 0.0)
    assert tracker.missing_in_a_row == 0


def test_a_good_poll_in_doubt_leaves_the_error_budget() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_error(CampaignNotFound("gone"), 10.0)
    tracker.record_success(facts(), NOW, 20.0, is_unconfirmed=True)
    assert (tracker.errors_in_a_row, tracker.missing_in_a_row, tracker.first_error_at) == (1, 1, 10.0)
    assert tracker.last_error is None


def test_a_poll_of_somebody_else_counts_there() -> None:
    tracker = Tracker("c1", 0.0)
    for _poll in range(2):
        tracker.record_success(facts(), NOW, 20.0, polled_at=15.0)
    assert (tracker.polls, tracker.history[0]["polls"], tracker.polled_at) == (0, 1, 15.0)
    tracker.plan(20.0, 300.0)
    assert (tracker.last_polled_at, tracker.due_at) == (15.0, 315.0)
    tracker.record_success(facts(), NOW, 20.0)
    tracker.plan(20.0, 300.0)
    assert (tracker.polls, tracker.history[0]["polls"], tracker.due_at) == (1, 2, 320.0)


@pytest.mark.parametrize("how", ["error", "skipped"])
def test_what_failed_was_polled_by_nobody_else(how: str) -> None:
    tracker, error = Tracker("c1", 0.0), ConnectionFailed("reset")
    tracker.record_success(facts(), NOW, 20.0, polled_at=15.0)
    if how == "error":
        tracker.record_error(error, 20.0)
    else:
        tracker.record_skipped(error)
    tracker.plan(20.0, 300.0)
    assert (tracker.due_at, tracker.last_error) == (320.0, error)
    assert (tracker.polls, tracker.errors) == ((1, 1) if how == "error" else (0, 0))


def test_the_facts_of_an_error_are_better_than_none() -> None:
    tracker = Tracker("c1", 0.0)
    for status in ("CampaignScheduled", "CampaignQueued"):
        tracker.record_error(ConnectionFailed("reset"), 0.0, facts(status))
    assert tracker.state == "scheduled"


def test_the_last_device_report_stays_until_there_is_another_one() -> None:
    tracker = Tracker("c1", 0.0)
    reports = [{"total": 1}, None, {"total": 2}]
    seen: list[t.Any] = []
    for report in reports:
        read = t.cast(Facts, {**facts(), "device_summary": report, "devices": None if report is None else [report]})
        tracker.record_success(read, NOW, 0.0)
        assert tracker.facts is not None
        seen.append((tracker.facts["device_summary"], tracker.facts["devices"]))
    assert seen == [({"total": 1}, [{"total": 1}]), ({"total": 1}, [{"total": 1}]), ({"total": 2}, [{"total": 2}])]
    tracker.record_report(facts("CampaignEnded"))
    assert (tracker.state, tracker.facts and tracker.facts["device_summary"]) == ("ended", None)


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


def test_an_end_day_that_is_taken_away_is_forgotten() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_success(facts(endDate="2026-03-01"), NOW, 0.0)
    tracker.record_success(facts(), NOW, 0.0)
    assert tracker.ends_at is None


def test_a_clock_that_is_wrong_by_more_than_90_seconds_moves_the_end() -> None:
    tracker, ends = Tracker("c1", 0.0), []
    for late in (0, 90, 91):
        tracker.record_success(facts(endDate="2026-03-01"), NOW - datetime.timedelta(seconds=late), 0.0)
        ends.append(tracker.ends_at)
    assert ends == [12 * 3600, 12 * 3600, 12 * 3600 + 91]


def test_a_jump_of_the_clock_brings_the_end_and_the_next_poll_nearer() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.apply_clock_jump(60.0, 5.0)
    assert (tracker.ends_at, tracker.due_at) == (None, 0.0)
    tracker.record_success(facts(endDate="2026-03-01"), NOW, 0.0)
    tracker.plan(0.0, 300.0)
    tracker.apply_clock_jump(60.0, 5.0)
    assert (tracker.ends_at, tracker.due_at) == (12 * 3600 - 60, 5.0)
    # The next good poll tells for sure, also of a jump as small as that.
    tracker.record_success(facts(endDate="2026-03-01"), NOW + datetime.timedelta(seconds=5), 5.0)
    assert tracker.ends_at == 12 * 3600


def test_a_jump_of_the_clock_leaves_the_time_after_an_error() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_error(ConnectionFailed("reset"), 0.0)
    tracker.plan(0.0, 300.0)
    tracker.apply_clock_jump(60.0, 5.0)
    assert tracker.due_at == 300.0


def test_a_terminal_state_is_done_when_it_is_confirmed() -> None:
    tracker = Tracker("c1", 0.0)
    for status, is_over in (("CampaignScheduled", False), ("CampaignEnded", True)):
        tracker.record_success(facts(status), NOW, 0.0)
        tracker.confirm()
        assert (tracker.is_over, tracker.done, tracker.confirmed) == (is_over, is_over, is_over)


def test_what_is_not_confirmed_goes_on_unless_it_was_given_up() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.judge(REACHED, "too many")
    assert (tracker.verdict, tracker.threshold_failure) == (REACHED, "too many")
    tracker.reject_terminal()
    assert tracker.verdict == WAITING
    tracker.give_up(OUTCOME)
    tracker.reject_terminal()
    assert (tracker.verdict, tracker.give_up_outcome, tracker.done) == (GIVEN_UP, OUTCOME, True)


def test_what_others_say_of_it_is_kept() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.set_error_outcome(OUTCOME)
    tracker.record_last_poll(9.0)
    tracker.finish()
    assert (tracker.error_outcome, tracker.last_poll_deadline, tracker.done) == (OUTCOME, 9.0, True)
    tracker.resume(3, 2, [])
    assert (tracker.polls, tracker.errors, tracker.history) == (3, 2, [])


def test_a_poll_an_error_and_an_outcome_count_as_changes() -> None:
    tracker = Tracker("c1", 0.0)
    changed = [tracker.has_changed(None), tracker.has_changed(None)]
    tracker.record_success(facts(), NOW, 0.0)
    changed += [tracker.has_changed(None), tracker.has_changed(None)]
    # Both at once, as if it were another wait's.
    tracker.resume(1, 1, [])
    changed += [
        tracker.has_changed(None),
        tracker.has_changed(None),
        tracker.has_changed(OUTCOME),
        tracker.has_changed(OUTCOME),
    ]
    assert changed == [True, False, True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("hours", "status", "expected"),
    [
        (47, "CampaignScheduled", False),
        (48, "CampaignScheduled", False),
        (49, "CampaignScheduled", True),
        (49, "CampaignEnded", False),
    ],
)
def test_overdue_is_a_day_after_the_end_of_the_last_day(hours: int, status: str, expected: bool) -> None:
    tracker = Tracker("c1", 0.0)
    assert tracker.is_overdue(NOW) is False
    tracker.record_success(facts(status, endDate="2026-03-01"), NOW, 0.0)
    midnight = NOW.replace(hour=0)
    assert tracker.is_overdue(midnight + datetime.timedelta(hours=hours)) is expected


def test_without_an_end_day_nothing_is_overdue() -> None:
    tracker = Tracker("c1", 0.0)
    tracker.record_success(facts(), NOW, 0.0)
    assert tracker.is_overdue(NOW + datetime.timedelta(days=999)) is False


def test_the_same_state_under_another_word_is_a_row_of_its_own() -> None:
    tracker = Tracker("c1", 0.0)
    for word in (*["CampaignQueued"] * 2, *["CampaignRequestQueued"] * 3):
        tracker.record_success(facts(word), NOW, 0.0)
    assert [(row["status"], row["polls"]) for row in tracker.history] == [
        ("CampaignQueued", 2),
        ("CampaignRequestQueued", 3),
    ]


def test_a_row_is_from_the_first_to_the_last_sight() -> None:
    tracker = Tracker("c1", 0.0)
    for minutes in (5, 9, 7):
        tracker.record_success(facts(), NOW + datetime.timedelta(minutes=minutes), 0.0)
    assert tracker.history == [
        {
            "campaign_id": "c1",
            "state": "scheduled",
            "status": "CampaignScheduled",
            "first_seen": "2026-03-01T12:05:00Z",
            "last_seen": "2026-03-01T12:09:00Z",
            "polls": 3,
        }
    ]


def test_of_a_long_history_the_middle_is_forgotten() -> None:
    tracker = Tracker("c1", 0.0)
    words = [f"Mystery{number}" for number in range(103)]
    for word in words:
        tracker.record_success(facts(word), NOW, 0.0)
    assert [row["status"] for row in tracker.history] == [*words[:50], *words[53:]]
