# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of a wait."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import messages as sentences
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import START, Campaign, World, run_wait, status


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (59.6, "1m"),
        (60, "1m"),
        (725, "12m05s"),
        (3599.7, "1h"),
        (3600, "1h"),
        (12_000, "3h20m"),
        (86_399.9, "1d"),
        (187_200, "2d04h"),
        (365 * 86_400, "365d"),
    ],
)
def test_a_span_has_two_units_at_most(seconds: float, text: str) -> None:
    assert sentences.span(seconds) == text


def outcome_of(words: dict[str, str], **changes: t.Any) -> str:
    """Return the message of a wait with campaigns of these names and states."""
    world = World({f"c{name}": Campaign([(0, status(word))], name=name) for name, word in words.items()})
    return run_wait(world, **{"timeout": 0.0, **changes}).outcome.message


def test_reached() -> None:
    assert outcome_of({"A": "CampaignEnded"}) == "Campaign A (cA) has reached ended: it is ended [CampaignEnded]."


def test_gone_past() -> None:
    message = outcome_of({"A": "CampaignEnded"}, target_states=("queued", "scheduled"))
    assert message == "Campaign A (cA) has passed queued or scheduled: it is ended [CampaignEnded]."


def test_many_are_counted() -> None:
    message = outcome_of({name: "CampaignEnded" for name in "ABCDE"})
    assert message == "5 of 5 campaigns have reached ended."


def test_not_reachable_names_three_and_counts_the_rest() -> None:
    message = outcome_of({name: "CampaignFailed" for name in "ABCDE"})
    assert message.startswith("ended can no longer be reached: campaign A (cA) is failed [CampaignFailed], ")
    assert message.endswith(" and 2 more.")
    assert "cC" in message and "cD" not in message


def test_unknown() -> None:
    message = outcome_of({"A": "Pondering"}, unknown_fails=True)
    assert "'Pondering'" in message and "wait_unknown_state" in message


def test_timed_out() -> None:
    message = outcome_of({"A": "CampaignScheduled"}, timeout=90_000.0)
    assert message == (
        "ended was not reached within 1d01h: campaign A (cA) is scheduled [CampaignScheduled]. "
        "To wait longer, raise wait_timeout or wait_until_end_plus."
    )


@pytest.mark.parametrize(("next_poll", "said"), [(0, "now"), (0.4, "now"), (0.6, "in 1s"), (725, "in 12m05s")])
def test_a_poll_that_is_due_is_now(next_poll: float, said: str) -> None:
    assert sentences.progress([], 5, next_poll, 10.0)[0].endswith(f"; after 5s of 15s, next poll {said}")


def test_the_users_names_stand_in_the_sentences() -> None:
    said = sentences.timed_out([], ["ended"], 60.0, str.upper)
    assert said.endswith("To wait longer, raise WAIT_TIMEOUT or WAIT_UNTIL_END_PLUS.")


def watched(name: str, succeeded: int | None, failed: int = 0, rejected: int = 0, **facts: t.Any) -> Tracker:
    """Return a polled campaign with 10 devices. Its device report was read unless C(succeeded) is None."""
    by_state = {"succeeded": succeeded, "failed": failed, "rejected": rejected}
    summary = {"total": 10, "reported_total": 10, "by_state": {**dict.fromkeys(DEVICE_STATES, 0), **by_state}}
    tracker = Tracker(name, 0.0)
    tracker.record_success(
        t.cast(
            Facts,
            {
                **{"campaign_name": None, "state": "in_progress", "status": "CampaignInProgress", "terminal": False},
                **{"end_date": "2026-03-05", "devices": None, "device_summary": None if succeeded is None else summary},
                **facts,
            },
        ),
        START,
        0.0,
    )
    return tracker


def lines(*trackers: Tracker) -> list[str]:
    """Return the progress lines without times."""
    first, *others = sentences.progress(trackers, 0.0, 60.0, 60.0)
    return [first.partition("; after")[0], *others]


RUNS: t.Final = "c1: in_progress"


def test_progress_has_the_figures_of_the_devices_once_they_are_known() -> None:
    assert lines(watched("c1", None)) == [RUNS]
    assert lines(watched("c1", 7)) == [RUNS, "  7 of 10 devices upgraded, until 2026-03-05"]
    assert lines(watched("c1", 0, 1, 2)) == [RUNS, "  0 of 10 devices upgraded, 3 failed, until 2026-03-05"]


def test_progress_leaves_out_what_is_not_known_or_not_to_come() -> None:
    assert lines(watched("c1", 7, end_date=None)) == [RUNS, "  7 of 10 devices upgraded"]
    ended = watched("c1", 7, state="ended", status="CampaignEnded", terminal=True)
    assert lines(ended) == ["c1: ended", "  7 of 10 devices upgraded"]
    assert lines(Tracker("c1", 0.0)) == ["c1: not read yet"]


def test_a_poll_without_a_report_keeps_the_figures_of_the_last_one() -> None:
    tracker = watched("c1", 7)
    assert tracker.facts is not None
    tracker.record_success({**tracker.facts, "device_summary": None, "end_date": "2026-03-06"}, START, 60.0)
    assert lines(tracker) == [RUNS, "  7 of 10 devices upgraded, until 2026-03-06"]


def test_figures_come_before_the_trouble_of_the_last_poll() -> None:
    tracker = watched("c1", 7)
    tracker.record_error(ConnectionFailed("It broke."), 60.0)
    assert lines(tracker) == [RUNS, "  7 of 10 devices upgraded, until 2026-03-05", "  1 failed poll of c1: It broke."]


def test_many_campaigns_have_their_figures_together_if_all_are_known() -> None:
    trackers = [watched(f"c{number}", number, 1, end_date=f"2026-03-0{number}") for number in range(1, 5)]
    assert lines(*trackers) == [
        "4 campaigns: 4 in_progress",
        "  10 of 40 devices upgraded, 4 failed, until 2026-03-04",
    ]
    assert lines(*trackers[:3], watched("c4", None)) == ["4 campaigns: 4 in_progress"]
    assert lines(*trackers[:3], Tracker("c4", 0.0)) == ["4 campaigns: 3 in_progress, 1 not read"]
    assert "until" not in lines(*trackers[:3], watched("c4", 1, end_date=None))[1]


def test_lines_fit_a_terminal_of_100_columns() -> None:
    long_id = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
    tracker = watched(
        long_id, 7, 1, campaign_name="A campaign whose name is as long as names are", end_date="2026-03-05"
    )
    tracker.record_error(ConnectionFailed("It broke."), 60.0)
    shown = [
        f"[tracker-01 +2] {line}" for line in sentences.progress([tracker], 33_300.0, 1_860.0, 169_200.0, overdue=1)
    ]
    assert len(shown) == 4
    assert [len(line) for line in shown if len(line) > 100] == []
    assert "(60b5d639)" in shown[0]


def test_devices_that_a_report_lacks_are_counted_as_not_upgraded() -> None:
    summary = {"total": 9, "reported_total": 10, "by_state": {**dict.fromkeys(DEVICE_STATES, 0), "succeeded": 9}}
    facts = t.cast(Facts, {"device_summary": summary})
    assert sentences.device_figures([facts]) == "9 of 10 devices upgraded"
    assert sentences.device_figures([facts, None]) == ""
    assert sentences.device_figures([]) == ""


def ended(name: str, word: str = "CampaignEnded") -> Tracker:
    """Return a campaign that is over."""
    return watched(name, None, state="ended", status=word, terminal=True)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (3, ""), (4, " and 1 more"), (9, " and 6 more")])
def test_three_campaigns_are_named_and_the_others_are_counted(count: int, more: str) -> None:
    named = ", ".join(f"campaign c{number} is ended [CampaignEnded]" for number in range(min(count, 3)))
    campaigns = [ended(f"c{number}") for number in range(count)]
    said = sentences.interrupted(campaigns, ["scheduled"], 90.0)
    assert said == f"The wait for scheduled was interrupted after 1m30s: {named}{more}."


def test_campaigns_with_too_many_failures_have_their_figures() -> None:
    tracker = ended("c1")
    tracker.judge("rejected", "3 of 10 devices failed")
    assert sentences.too_many_failures([tracker], ["ended"]) == (
        "Too few devices were upgraded: in campaign c1 (ended [CampaignEnded]), 3 of 10 devices failed."
    )


def test_an_unknown_state_names_the_option_as_the_user_wrote_it() -> None:
    odd = [watched("c1", None, state="unknown", status="Pondering"), Tracker("c2", 0.0)]
    assert sentences.unknown_state(odd, ["ended"], str.upper) == (
        "ended was not reached: campaign c1 has the unknown status 'Pondering' (WAIT_UNKNOWN_STATE is fail)."
    )


def test_a_used_up_retry_budget_names_the_options_and_the_last_state() -> None:
    tracker = watched("c1", None)
    assert sentences.too_many_errors(tracker, 60.0).endswith(
        "Its last known state is in_progress [CampaignInProgress]. "
    )
    for _poll in range(2):
        tracker.record_error(ConnectionFailed("It broke."), 60.0)
    assert sentences.too_many_errors(tracker, 60.0, str.upper) == (
        "The retry budget of campaign c1 is used up: 2 polls in a row failed within 1m (MAX_CONSECUTIVE_ERRORS, "
        "MAX_ERROR_SECONDS). Its last known state is in_progress [CampaignInProgress]. It broke."
    )


def test_a_service_out_of_reach_names_the_options() -> None:
    said = sentences.never_answered(ConnectionFailed("Refused."), 120.0, str.upper)
    assert "(WAIT_FIRST_ANSWER). Refused. Check API_URL, and" in said


@pytest.mark.parametrize(("count", "said"), [(1, "past its end day"), (2, "2 past their end day")])
def test_campaigns_past_their_end_day_are_told(count: int, said: str) -> None:
    trackers = [watched(f"c{number}", None) for number in range(count)]
    assert sentences.progress(trackers, 0.0, 60.0, 60.0, overdue=count)[1:] == [f"  {said}"]


def test_more_than_three_campaigns_share_a_line() -> None:
    trackers = [watched(f"c{number}", 1) for number in range(4)]
    assert lines(*trackers[:3]) == [
        "c0: in_progress, c1: in_progress, c2: in_progress",
        *["  1 of 10 devices upgraded, until 2026-03-05"] * 3,
    ]
    for tracker in trackers[:2]:
        tracker.record_error(ConnectionFailed("It broke."), 60.0)
    assert lines(*trackers)[0] == "4 campaigns: 4 in_progress (2 with errors)"


def test_a_campaign_that_was_skipped_has_no_failed_poll_of_its_own() -> None:
    tracker = watched("c1", None)
    tracker.record_skipped(ConnectionFailed("It broke."))
    assert lines(tracker) == [RUNS]
    for _poll in range(2):
        tracker.record_error(ConnectionFailed("x" * 1000), 60.0)
    _first, trouble = lines(tracker)
    assert trouble.startswith("  2 failed polls of c1: xxx") and len(trouble) < 340


def test_only_the_campaigns_in_a_target_state_have_reached_it() -> None:
    campaigns = [ended("c1"), watched("c2", None)]
    campaigns[0].judge("reached", None)
    assert sentences.reached(campaigns, ["ended"]) == "Campaign c1 has reached ended: it is ended [CampaignEnded]."


def test_a_report_without_a_reported_total_counts_what_it_lists() -> None:
    summary = {"total": 9, "reported_total": None, "by_state": {**dict.fromkeys(DEVICE_STATES, 0), "succeeded": 9}}
    assert sentences.device_figures([t.cast(Facts, {"device_summary": summary})]) == "9 of 9 devices upgraded"
    assert sentences.device_figures([t.cast(Facts, {"device_summary": {**summary, "total": 0}})]).startswith("9 of 0 ")


@pytest.mark.parametrize(("count", "is_named"), [(3, True), (4, False)])
def test_three_campaigns_that_have_reached_the_target_are_named(count: int, is_named: bool) -> None:
    said = outcome_of({name: "CampaignEnded" for name in "ABCD"[:count]})
    assert said.startswith("Campaign A (cA) has reached ended: " if is_named else "4 of 4 campaigns have reached")
    assert said.count(" has reached ") == (3 if is_named else 0)


def test_a_timeout_names_the_error_of_the_last_poll() -> None:
    trackers = [watched("c1", None), watched("c2", None)]
    trackers[1].record_error(ConnectionFailed("It broke."), 60.0)
    said = sentences.timed_out(trackers, ["ended"], 60.0)
    assert "campaign c2 is in_progress [CampaignInProgress]. The last poll failed: It broke. To wait longer," in said
