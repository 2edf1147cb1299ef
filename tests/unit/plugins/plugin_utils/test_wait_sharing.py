# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits that share their start, their polls and their stories through the folder of a run."""

from __future__ import annotations

import math
import pathlib
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import add_late_reports
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    CampaignNotFound,
    ConnectionFailed,
    RunFolderUnusable,
    ServiceTrouble,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import run_waits
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.tests.unit.run_world import Host, Sent, Service
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import HOUR, Campaign, status

OVER: t.Final = Campaign([(0.0, status("CampaignEnded"))])
RUNNING: t.Final = Campaign([(0.0, status("CampaignScheduled"))])
FIXED: t.Final = Pace(300.0, 300.0)


def test_a_campaign_that_is_over_is_read_twice_for_all_hosts(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": OVER})
    started = service.clock.monotonic()
    for number in range(20):
        service.clock.pass_time(HOUR)
        result = Host(service, tmp_path, ["c1"], started=started if number % 2 else None).result()
        assert (result["reason"], result["waits"][0]["state"]) == ("reached", "ended")
    assert service.count() == 2


def test_a_state_that_was_seen_once_is_read_again(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(0.0, status("CampaignEnded")), (1.0, status("CampaignScheduled"))])})

    def fault(_sent: Sent) -> ConnectionFailed | None:
        # Between the two reads, of which the second is lost, the service changes its mind.
        return ConnectionFailed("It broke.") if service.count() == 2 else None

    service.fault = fault
    assert Host(service, tmp_path, ["c1"], timeout=0.0).result()["reason"] == "timed_out"
    (poll,) = Host(service, tmp_path, ["c1"]).memory.polls(["c1"]).values()
    assert (poll.facts["state"], poll.is_confirmed) == ("ended", False)
    service.clock.pass_time(5.0)
    result = Host(service, tmp_path, ["c1"], timeout=0.0).result()
    assert (result["reason"], result["waits"][0]["state"]) == ("timed_out", "scheduled")


def test_the_next_poll_of_another_host_confirms_a_terminal_state(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": OVER})
    service.fault = lambda _sent: ConnectionFailed("It broke.") if service.count() == 2 else None
    assert Host(service, tmp_path, ["c1"], timeout=0.0).result()["reason"] == "timed_out"
    service.clock.pass_time(HOUR)
    for _host in range(3):
        assert Host(service, tmp_path, ["c1"]).result()["reason"] == "reached"
    # One, one that is lost, and one that agrees with the first.
    assert service.count() == 3


def test_who_waits_side_by_side_polls_as_often_as_one(tmp_path: pathlib.Path) -> None:
    ends = Campaign([(2 * HOUR, status("CampaignEnded"))])
    alone = Service({"c1": ends})
    Host(alone, tmp_path / "alone", ["c1"], pace=FIXED).result()
    service = Service({"c1": ends})
    hosts = [Host(service, tmp_path / "run", ["c1"], pace=FIXED) for _number in range(5)]
    outcomes = run_waits([host.wait for host in hosts], service.clock)
    assert [outcome.reason for outcome in outcomes] == ["reached"] * 5
    assert service.count() == alone.count()


def test_a_host_that_comes_late_polls_no_more_than_once(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING})
    started = service.clock.monotonic()
    first = Host(service, tmp_path, ["c1"], started=started, timeout=HOUR, pace=FIXED).result()
    polls = service.count()
    assert (first["reason"], first["polls"]) == ("timed_out", polls)
    # The last poll was made at the deadline, so nobody has to ask again, however late.
    for _number in range(10):
        service.clock.pass_time(48 * HOUR)
        late = Host(service, tmp_path, ["c1"], started=started, timeout=HOUR, pace=FIXED).result()
        assert (late["reason"], late["waits"][0]["state"], late["polls"]) == ("timed_out", "scheduled", polls)
        # The time of the service is that of the old poll plus its age.
        assert (late["history"], late["deadline"]) == (first["history"], first["deadline"])
    assert service.count() == polls


def test_what_was_read_before_the_deadline_does_not_replace_the_last_poll(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(0.0, status("CampaignScheduled")), (50.0, status("CampaignEnded"))])})
    # The deadline comes before the next poll is due.
    result = Host(service, tmp_path, ["c1"], timeout=60.0, pace=FIXED).result()
    assert result["reason"] == "reached"
    started = service.sent[0].at
    assert [one.at - started for one in service.sent] == [0.0, 60.0, 60.0]
    # Requests at the deadline have their whole time.
    assert service.limits == [started + 60.0, math.inf, math.inf]


def test_another_deadline_wants_another_last_poll(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING})
    started = service.clock.monotonic()
    for timeout in (0.0, 60.0, 120.0):
        Host(service, tmp_path, ["c1"], started=started, timeout=timeout, pace=FIXED).result()
    assert [one.at - started for one in service.sent] == [0.0, 60.0, 120.0]


def test_a_new_wait_believes_no_poll_that_is_older_than_its_interval(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING})
    Host(service, tmp_path, ["c1"], timeout=0.0, pace=FIXED).result()
    first = service.sent[0].at
    service.clock.pass_time(299.0)
    host = Host(service, tmp_path, ["c1"], timeout=HOUR, pace=FIXED)
    host.wait.step()
    assert service.count() == 1
    # And its next one comes when that of the first would have come.
    assert host.wait.next_poll_at() == first + 300.0
    service.clock.pass_time(1.0)
    Host(service, tmp_path, ["c1"], timeout=HOUR, pace=FIXED).wait.step()
    assert service.count() == 2


def test_a_poll_that_is_under_way_when_the_time_is_over_is_the_last(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING, "c2": RUNNING})
    service.seconds = 20.0
    result = Host(service, tmp_path, ["c1", "c2"], timeout=310.0, pace=FIXED).result()
    assert result["reason"] == "timed_out"
    # The second round begins 300 seconds after the first one ended, and ends behind the deadline.
    assert service.count() == 4
    assert result["elapsed"] <= 310.0 + 2 * 20.0


def test_what_is_seen_in_the_last_poll_is_confirmed(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(0.0, status("CampaignScheduled")), (300.0, status("CampaignEnded"))])})
    service.seconds = 20.0
    result = Host(service, tmp_path, ["c1"], timeout=330.0, pace=FIXED).result()
    assert result["reason"] == "reached"
    started = service.sent[0].at
    # Each request ends at the deadline, but for those of the last poll.
    assert service.limits == [started + 330.0] * 2 + [math.inf]


@pytest.mark.parametrize("many", [False, True])
def test_a_campaign_that_is_not_there_is_asked_for_once(tmp_path: pathlib.Path, many: bool) -> None:
    service = Service({"c1": RUNNING})
    service.fault = lambda _sent: CampaignNotFound("There is none.")
    started = service.clock.monotonic()
    targets = [Target(("c1",), 1), Target(("c1", "c1"), 2)] if many else None
    assert Host(service, tmp_path, ["c1"], started, targets).result()["reason"] == "not_found"
    for _number in range(5):
        result = Host(service, tmp_path, ["c1"], started=started).result()
        assert (result["reason"], result["message"]) == ("not_found", "There is none.")
        assert (result["polls"], result["errors"]) == (1, 1)
    assert service.count() == 1
    # With another start, or another budget, it is another wait.
    service.clock.pass_time(1.0)
    assert Host(service, tmp_path, ["c1"]).result()["reason"] == "not_found"
    assert Host(service, tmp_path, ["c1"], started=started, max_consecutive_errors=3).result()["errors"] == 1
    assert service.count() == 3


def test_a_trouble_budget_is_used_up_once(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING})
    service.fault = lambda _sent: ServiceTrouble("Busy.", 500)
    started = service.clock.monotonic()
    first = Host(service, tmp_path, ["c1"], started=started, max_consecutive_errors=3).result()
    second = Host(service, tmp_path, ["c1"], started=started, max_consecutive_errors=3).result()
    assert first["reason"] == second["reason"] == "too_many_errors"
    assert second["last_errors"] == first["last_errors"]
    assert service.count() == 4


def test_errors_of_other_campaigns_are_not_in_the_result(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING, "c2": RUNNING})
    service.fault = lambda sent: ServiceTrouble(f"{sent.campaign_id} is busy.", 500)
    started = service.clock.monotonic()
    targets = [Target(("c1",), 1), Target(("c2",), 1)]
    Host(service, tmp_path, ["c1", "c2"], started, targets, max_consecutive_errors=2).result()
    result = Host(service, tmp_path, ["c2"], started=started, max_consecutive_errors=2).result()
    assert result["reason"] == "too_many_errors"
    assert [error["campaign_id"] for error in result["last_errors"]] == ["c2"] * 3
    assert service.count() == 6


def test_refused_credentials_end_all_waits_with_the_same_start(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING, "c2": RUNNING})
    service.fault = lambda sent: AccessRefused("No.") if sent.campaign_id == "c1" else None
    started = service.clock.monotonic()
    assert Host(service, tmp_path, ["c1", "c2"], started=started).result()["reason"] == "access_refused"
    for name in ("c1", "c2"):
        assert Host(service, tmp_path, [name], started=started).result()["reason"] == "access_refused"
    assert service.count() == 2


def test_a_service_that_was_never_reached_is_not_tried_again_by_waits_with_the_same_start(
    tmp_path: pathlib.Path,
) -> None:
    service = Service({"c1": RUNNING})
    service.fault = lambda _sent: ConnectionFailed("Refused.", maybe_processed=False)
    started = service.clock.monotonic()
    first = Host(service, tmp_path, ["c1"], started=started, first_answer=120.0).result()
    polls = service.count()
    second = Host(service, tmp_path, ["c1"], started=started, first_answer=120.0).result()
    assert (first["reason"], second["message"]) == ("too_many_errors", first["message"])
    assert service.count() == polls


def test_waits_side_by_side_end_at_their_own_deadlines(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": RUNNING, "c2": RUNNING})
    hosts = [
        Host(service, tmp_path, [name], timeout=timeout, pace=FIXED) for name, timeout in (("c1", 10.0), ("c2", HOUR))
    ]
    run_waits([host.wait for host in hosts], service.clock)
    started = service.sent[0].at
    assert [sent.at - started for sent in service.sent if sent.campaign_id == "c1"] == [0.0, 10.0]


def test_an_end_whose_report_cannot_be_read_is_no_end(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": OVER})
    service.devices["c1"] = {"d1": "UpgradeSuccess"}
    service.fault = lambda sent: (
        ConnectionFailed("It broke.") if sent.what == "report" and service.count("report") == 1 else None
    )
    strict: dict[str, t.Any] = {"thresholds": Thresholds(max_failure_count=0)}
    result = Host(service, tmp_path, ["c1"], pace=FIXED, **strict).result()
    assert (result["reason"], result["errors"], service.count("report")) == ("reached", 1, 2)


def test_a_queue_is_no_error(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_self: object, _give_up_at: float) -> t.NoReturn:
        raise LockTimeout

    service = Service({"c1": OVER})
    monkeypatch.setattr(RunPolls, "locked", busy)
    host = Host(service, tmp_path, ["c1"], timeout=50 * HOUR, max_consecutive_errors=0, max_error_seconds=1.0)
    for _number in range(10):
        assert host.wait.step() is None
        service.clock.sleep(max(0.0, host.wait.next_poll_at() - service.clock.monotonic()))
    monkeypatch.undo()
    result = host.result()
    assert (result["reason"], result["errors"]) == ("reached", 0)


@pytest.mark.parametrize("method", ["polls", "keep_polls", "locked", "keep_snapshot"])
def test_a_folder_that_cannot_be_used_any_more_loses_nothing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def fail(*_arguments: object, **_more: object) -> t.NoReturn:
        raise RunFolderUnusable("No space left.")

    service = Service({"c1": RUNNING})
    host = Host(service, tmp_path, ["c1"], timeout=HOUR, pace=FIXED)
    assert host.wait.step() is None
    service.clock.pass_time(HOUR / 2)
    monkeypatch.setattr(RunPolls, method, fail)
    result = host.result()
    assert result["reason"] == ("timed_out" if method == "keep_snapshot" else "run_folder_unusable")
    assert result["waits"][0]["state"] == "scheduled"


WORDS: t.Final = [(0.0, "CampaignEnded"), (100.0, "CampaignScheduled"), (500.0, "CampaignEnded")]


def test_a_report_that_was_read_before_the_end_was_sure_is_not_the_last(tmp_path: pathlib.Path) -> None:
    # The end is seen once, then it is gone, and then it is there for good.
    service = Service({"c1": Campaign([(moment, status(word)) for moment, word in WORDS])})
    service.devices["c1"] = {"d1": "UpgradePending"}
    host = Host(service, tmp_path, ["c1"], reports=True, pace=FIXED)
    polls = host.poller(["c1"], PollKind.SECOND)
    assert count_of(polls["c1"].facts, "pending") == 1
    service.clock.pass_time(600.0)
    # It is confirmed by a host that wants no report.
    assert Host(service, tmp_path, ["c1"], pace=FIXED).result()["reason"] == "reached"
    assert upgraded_by_now(service, tmp_path)


def upgraded_by_now(service: Service, folder: pathlib.Path) -> bool:
    """Whether a host that comes now sees its device upgraded, as it is now."""
    service.devices["c1"] = {"d1": "UpgradeSuccess"}
    other = Host(service, folder, ["c1"], reports=True, pace=FIXED)
    assert other.result()["reason"] == "reached"
    (tracker,) = other.wait.trackers
    return count_of(tracker.facts, "succeeded") == 1


def count_of(facts: Facts | None, state: str) -> int:
    """How many devices of the campaign are in this state by its device report."""
    assert facts is not None and facts["device_summary"] is not None
    return facts["device_summary"]["by_state"][state]


def test_a_report_of_a_campaign_that_nobody_needs_any_more_is_not_the_last(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(500.0, status("CampaignEnded"))]), "c2": RUNNING})
    service.devices["c1"] = {"d1": "UpgradePending"}
    service.fault = lambda sent: CampaignNotFound("There is none.") if sent.campaign_id == "c2" else None
    targets = [Target(("c1", "c2"), 2), Target(("c2",), 1)]
    host = Host(service, tmp_path, ["c1", "c2"], targets=targets, reports=True, pace=FIXED)
    outcome = host.wait.run()
    assert (outcome.reason, host.wait.trackers[0].done) == ("not_found", True)
    # Its report is read all the same, for the result.
    assert add_late_reports(host.parts, host.wait, outcome)
    assert service.count("report", "c1") == 1
    service.clock.pass_time(600.0)
    assert Host(service, tmp_path, ["c1"], pace=FIXED).result()["reason"] == "reached"
    assert upgraded_by_now(service, tmp_path)


def test_two_ends_that_differ_confirm_nothing(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(0.0, status("CampaignEnded")), (10.0, status("CampaignCancelled"))])})
    service.seconds = 8.0
    host = Host(service, tmp_path, ["c1"], pace=FIXED)
    assert host.wait.step() is None
    assert service.count() == 2
    assert not host.memory.polls(["c1"])["c1"].is_confirmed


def test_a_report_is_read_once_by_the_host_that_confirms(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": OVER})
    service.devices["c1"] = {f"d{number}": "UpgradeSuccess" for number in range(9)}
    for _number in range(5):
        host = Host(service, tmp_path, ["c1"], reports=True)
        assert host.result()["reason"] == "reached"
        assert host.device_reports is not None
        device = host.device_reports.reports["c1"].device("d3")
        assert device is not None and device["state"] == "succeeded"
        service.clock.pass_time(HOUR)
    assert (service.count("campaign"), service.count("report")) == (2, 1)


def test_who_wants_no_report_confirms_and_who_wants_one_reads_it(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": OVER})
    service.devices["c1"] = {"d1": "UpgradeFailed"}
    assert Host(service, tmp_path, ["c1"]).result()["reason"] == "reached"
    for _number in range(3):
        strict: dict[str, t.Any] = {"thresholds": Thresholds(max_failure_count=0)}
        assert Host(service, tmp_path, ["c1"], **strict).result()["reason"] == "too_many_failures"
    assert (service.count("campaign"), service.count("report")) == (2, 1)


def test_thresholds_of_several_hosts_share_the_reports_that_they_read(tmp_path: pathlib.Path) -> None:
    service = Service({"c1": Campaign([(0.0, status("CampaignScheduled")), (4000.0, status("CampaignEnded"))])})
    service.devices["c1"] = {"d1": "UpgradeSuccess"}
    strict: dict[str, t.Any] = {"thresholds": Thresholds(max_failure_count=0), "report_every": 2, "pace": FIXED}
    alone = Service(service.campaigns)
    alone.devices = service.devices
    Host(alone, tmp_path / "alone", ["c1"], **strict).result()
    hosts = [Host(service, tmp_path / "run", ["c1"], seed=number, **strict) for number in range(4)]
    outcomes = run_waits([host.wait for host in hosts], service.clock)
    assert [outcome.reason for outcome in outcomes] == ["reached"] * 4
    assert service.count("campaign") == alone.count("campaign")
    assert service.count("report") == alone.count("report")


@pytest.mark.parametrize(
    "other",
    [
        {"username": "another-user", "password": "another-password"},
        {"api_key": "another-key", "api_secret": "another-secret"},
        {"password": "another-password"},
        {"session_token": "another-token"},
        {"account_name": "0642233522-00001"},
        {"api_url": "https://another.host/api"},
        {"validate_certs": False},
        {"ca_path": "/another/file"},
        {"api_version": "v3"},
    ],
    ids=str,
)
def test_who_might_see_something_else_asks_for_himself(tmp_path: pathlib.Path, other: dict[str, t.Any]) -> None:
    service = Service({"c1": OVER})
    Host(service, tmp_path, ["c1"]).result()
    Host(service, tmp_path, ["c1"], options=other).result()
    assert service.count() == 4
