# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events of a watch during an outage, and how few requests it sends meanwhile."""

from __future__ import annotations

import pathlib
import typing as t
from unittest import mock

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    LoginRefused,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import span
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.outage import Outage
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    MINUTE,
    Asked,
    Campaign,
    status,
    wait_settings,
)
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import Process, WatchWorld, short

FOREVER: t.Final = Campaign(end="2099-12-31")
NAMES: t.Final = tuple(f"c{number}" for number in range(30))
LISTS: t.Final = {"campaign_state": ["scheduled"]}


def ids(*names: str, **more: t.Any) -> dict[str, t.Any]:
    """Options that name campaigns, without an event about their present state."""
    return {"campaign_id": list(names), "present": False, **more}


def between(begin: float, end: float, error: ThingSpaceError, *names: str) -> t.Callable[[Asked], t.Any]:
    """A fault that lasts from one moment to another, for some campaigns or for all."""
    return lambda asked: error if begin <= asked.moment < end and (not names or asked.campaign_id in names) else None


def test_an_outage_is_one_event_for_all_and_so_is_its_end() -> None:
    world = WatchWorld(dict.fromkeys(NAMES, FOREVER))
    world.fault = between(DAY, 2 * DAY, ConnectionFailed("No way."))
    trouble, recovered = Process(world, ids(*NAMES)).run(4 * DAY)
    assert (short(trouble), short(recovered)) == ("trouble too_many_errors", "recovered too_many_errors")
    assert trouble["campaign"] is None and trouble["watch"]["campaigns"] == len(NAMES)
    # Reported only after max_error_seconds, an hour.
    assert "2026-03-02T13:00:00Z" <= trouble["at"] <= "2026-03-02T15:00:00Z"


def test_an_outage_is_found_out_about_by_one_request_after_the_other() -> None:
    world = WatchWorld(dict.fromkeys(NAMES, FOREVER))
    world.fault = lambda asked: _spared_after_the_first(world, asked)
    Process(world, ids(*NAMES)).run(4 * DAY)
    failed = [seen.at for seen in world.log if seen.error is not None]
    assert min(after - before for before, after in zip(failed, failed[1:])) >= 300.0
    assert len(failed) <= DAY / 300


def _spared_after_the_first(world: WatchWorld, asked: Asked) -> t.Any:
    """Like the real poller: after the error of one campaign, the others of the round are skipped."""
    from ansible_collections.fleetops.thingspace.tests.unit.wait_world import Spared

    if not DAY <= asked.moment < 2 * DAY:
        return None
    error = ConnectionFailed("No way.")
    is_first = not world.log or world.log[-1].round != world._rounds
    return error if is_first else Spared(error)


def test_a_login_that_fails_is_an_outage_of_the_whole_service() -> None:
    world = WatchWorld({"c1": FOREVER, "c2": FOREVER})
    world.fault = between(DAY, 2 * DAY, ServiceTrouble("Broken.", 500).with_changes(during_login=True))
    events = Process(world, ids("c1", "c2")).run(4 * DAY)
    assert [(event["type"], event["campaign"]) for event in events] == [("trouble", None), ("recovered", None)]


def test_retry_after_of_a_list_is_obeyed() -> None:
    world = WatchWorld({})
    world.list_trouble = (1.0, ServiceTrouble("Broken.", 500, 7 * HOUR))
    Process(world, {**LISTS, "list_interval": "1d"}).run(7 * HOUR - 1)
    assert world.list_reads == 1
    Process(world, {**LISTS, "list_interval": "1d"}).run(8 * HOUR)
    assert world.list_reads == 2


def test_a_short_outage_is_no_trouble() -> None:
    world = WatchWorld(dict.fromkeys(NAMES, FOREVER))
    world.fault = between(DAY, DAY + 20 * MINUTE, ServiceTrouble("Busy.", 503, 60.0))
    assert Process(world, ids(*NAMES)).run(3 * DAY) == []


def test_retry_after_is_obeyed() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = lambda asked: ServiceTrouble("Busy.", 429, 4 * HOUR) if asked.times == 3 else None
    Process(world, ids("c1")).run(3 * DAY)
    after = [seen for seen in world.log if seen.error is None][3]
    assert after.at - world.log[3].at >= 4 * HOUR


def test_trouble_with_one_campaign_is_its_own() -> None:
    world = WatchWorld({"c1": FOREVER, "c2": FOREVER})
    world.fault = between(DAY, 2 * DAY, ServiceTrouble("Broken.", 500), "c2")
    events = Process(world, ids("c1", "c2")).run(4 * DAY)
    assert [short(event) for event in events] == [
        "trouble c2 scheduled too_many_errors",
        "recovered c2 scheduled too_many_errors",
    ]
    assert "Polling continues. Broken." in events[0]["message"]


@pytest.mark.parametrize(
    ("error", "reason"), [(CampaignNotFound("Not there."), "not_found"), (RequestRefused("No."), "request_refused")]
)
def test_a_campaign_that_cannot_be_read_is_told_at_once_and_the_others_go_on(
    error: ThingSpaceError, reason: str
) -> None:
    world = WatchWorld({"c1": FOREVER, "c2": Campaign([(DAY, status("CampaignEnded"))])})
    world.fault = between(0, 3 * DAY, error, "c1")
    process = Process(world, ids("c1", "c2"))
    events = process.run(5 * DAY)
    assert [short(event) for event in events] == [
        f"trouble c1 {reason}",
        "changed c2 ended succeeded",
        f"recovered c1 scheduled {reason}",
    ]
    assert events[0]["campaign"]["terminal"] is False and events[0]["campaign"]["state"] is None
    # A missing campaign is polled at most at the maximum interval.
    assert len([seen for seen in world.log if seen.error is not None]) <= 3 * DAY / 5000


def test_a_campaign_that_is_new_to_the_service_has_its_time_to_come() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, HOUR, CampaignNotFound("Not there."))
    assert Process(world, ids("c1", wait_not_found="2h")).run(DAY) == []


def test_a_campaign_that_was_there_is_missing_only_when_it_is_missing_twice() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = lambda asked: CampaignNotFound("Not there.") if asked.times == 5 else None
    assert Process(world, ids("c1")).run(3 * DAY) == []


def test_a_found_campaign_that_is_gone_is_left() -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignDraft"))], end="2099-12-31")})
    world.fault = between(DAY, 99 * DAY, CampaignNotFound("Not there."))
    events = Process(world, {**LISTS, "present": False}).run(9 * DAY)
    assert [short(event) for event in events] == ["trouble c1 scheduled not_found"]
    assert len([seen for seen in world.log if seen.error is not None]) == 2


@pytest.mark.parametrize("error", [LoginRefused("Refused."), AccessRefused("Refused again.")])
@pytest.mark.parametrize("options", [ids(*NAMES), LISTS])
def test_refused_credentials_end_the_watch_at_once(error: ThingSpaceError, options: dict[str, t.Any]) -> None:
    world = WatchWorld(dict.fromkeys(NAMES, FOREVER))
    world.fault, world.list_trouble = between(0, 99 * DAY, error), (99 * DAY, error)
    process = Process(world, options)
    (done,) = process.run(DAY)
    assert (done["type"], done["reason"], done["message"]) == ("done", error.reason, error.message)
    assert process.outcome is not None and not process.outcome.is_reached
    assert world.clock.seconds == 0


@pytest.mark.parametrize("options", [ids("c1"), {**LISTS, "present": False}])
def test_a_wrong_address_ends_a_watch_at_its_beginning_only(options: dict[str, t.Any]) -> None:
    error = WrongAddress("That is not ThingSpace.")
    world = WatchWorld({"c1": FOREVER})
    world.fault, world.list_trouble = between(0, DAY, error), (DAY, error)
    assert [short(event) for event in Process(world, options).run(2 * DAY)] == ["done wrong_address"]
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(DAY, 2 * DAY, error)
    kinds = [event["type"] for event in Process(world, options).run(3 * DAY)]
    assert kinds == ["trouble", "recovered"]


def test_a_wrong_address_ends_no_watch_whose_lists_have_worked() -> None:
    """The list has no usable data about the campaign, so the campaign itself is polled, which goes wrong."""
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, DAY, WrongAddress("That is not ThingSpace."))
    unusable = Poll(None, BadResponse("No status."), None, is_listed=True)
    with mock.patch.object(WatchWorld, "lists", return_value={"c1": unusable}):
        kinds = [event["type"] for event in Process(world, {**LISTS, "present": False}).run(2 * DAY)]
    assert "trouble" in kinds and "done" not in kinds


def test_campaigns_that_are_not_found_do_not_end_an_outage() -> None:
    world = WatchWorld({"c1": FOREVER})
    down, missing = (
        between(DAY, 2 * DAY, ConnectionFailed("No way.")),
        between(2 * DAY, 3 * DAY, CampaignNotFound("No.")),
    )
    world.fault = lambda asked: down(asked) or missing(asked)
    process = Process(world, ids("c1"))
    events = [(event["type"], moment) for event, moment in zip(process.run(4 * DAY), process.moments)]
    of_service = [one for one, event in zip(events, process.events) if event["campaign"] is None]
    assert [kind for kind, _moment in of_service] == ["trouble", "recovered"]
    assert of_service[1][1] >= 3 * DAY


def test_nobody_answers_from_the_beginning() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, HOUR, ConnectionFailed("Refused.", maybe_processed=False))
    trouble, recovered = Process(world, ids("c1")).run(DAY)
    assert "2026-03-01T12:02:00Z" <= trouble["at"] <= "2026-03-01T12:04:00Z"
    assert "Check api_url" in trouble["message"]
    assert recovered["type"] == "recovered"


def test_a_service_that_has_answered_may_be_out_of_reach_for_an_hour() -> None:
    """C(wait_first_answer) is for the beginning."""
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(DAY, DAY + 4 * HOUR, ConnectionFailed("Refused.", maybe_processed=False))
    trouble, _recovered = Process(world, ids("c1")).run(3 * DAY)
    assert trouble["at"] >= "2026-03-02T13:00:00Z"
    assert "Check api_url" not in trouble["message"]


@pytest.mark.parametrize("error", [ServiceTrouble("Busy.", 503), ServiceTrouble("Broken.", 500), RequestRefused("No.")])
def test_a_service_that_answers_with_an_error_is_within_reach(error: ThingSpaceError) -> None:
    first = between(0, 1, error)
    refused = between(1, HOUR / 2, ConnectionFailed("Refused.", maybe_processed=False))
    world = WatchWorld({"c1": FOREVER})
    world.fault = lambda asked: first(asked) or refused(asked)
    events = Process(world, ids("c1")).run(DAY)
    assert [event for event in events if "Check api_url" in event["message"]] == []


def test_a_service_out_of_reach_at_the_beginning_is_tried_often() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, 100, ConnectionFailed("Refused.", maybe_processed=False))
    assert Process(world, ids("c1")).run(DAY) == []
    good = [seen.moment for seen in world.log if seen.error is None]
    assert 100 <= good[0] <= 130
    assert len(world.log) - len(good) <= 100 / 5 + 1


def test_without_a_time_for_the_first_answer_the_usual_budget_counts() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, 3 * HOUR, ConnectionFailed("Refused.", maybe_processed=False))
    trouble, _recovered = Process(world, ids("c1", wait_first_answer=0)).run(DAY)
    assert trouble["at"] >= "2026-03-01T13:00:00Z"


@pytest.mark.parametrize("error", [ServiceTrouble("Broken.", 500), BadResponse("HTML")])
def test_lists_that_fail_once_at_the_beginning_are_read_again(error: ThingSpaceError) -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))])})
    world.list_trouble = (60.0, error)
    events = Process(world, {**LISTS, "present": False}).run(3 * DAY)
    assert [short(event) for event in events] == ["changed c1 ended succeeded"]


def test_lists_that_are_refused_after_they_have_worked_are_a_trouble() -> None:
    world = WatchWorld({"c1": FOREVER})
    process = Process(world, {**LISTS, "present": False})
    world.clock.plan(DAY, lambda: setattr(world, "list_trouble", (2 * DAY, RequestRefused("No."))))
    events = process.run(4 * DAY)
    assert [short(event) for event in events] == ["trouble too_many_errors", "recovered too_many_errors"]
    assert events[0]["message"].endswith(" No.")
    assert events[0]["watch"] == {"campaigns": 1, "over": 0, "in_trouble": 0}


def test_refused_lists_at_the_beginning_end_the_watch() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.list_trouble = (DAY, RequestRefused("No."))
    assert [short(event) for event in Process(world, LISTS).run(2 * DAY)] == ["done request_refused"]


def test_the_message_tells_for_how_long_a_campaign_could_not_be_read() -> None:
    world = WatchWorld({"c1": FOREVER, "c2": FOREVER})
    world.fault = between(DAY, 2 * DAY, BadResponse("HTML."), "c2")
    trouble, _recovered = Process(world, ids("c1", "c2", max_consecutive_errors=2, max_error_seconds="10h")).run(
        3 * DAY
    )
    failed = [seen.at for seen in world.log if seen.error is not None][:3]
    assert trouble["message"] == (
        f"Campaign c2 could not be read for {span(failed[2] - failed[0])}, in 3 polls (max_consecutive_errors, "
        "max_error_seconds). Polling continues. HTML."
    )
    assert trouble["watch"] is None


def test_a_campaign_that_does_not_exist_is_told_without_a_time() -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(0, DAY, CampaignNotFound("No such campaign."))
    trouble = Process(world, ids("c1")).run(DAY / 2)[0]
    assert trouble["message"] == "Campaign c1 cannot be read. No such campaign."


def test_a_heartbeat_names_what_cannot_be_read() -> None:
    world = WatchWorld({"c1": FOREVER, "c2": Campaign([(HOUR, status("CampaignEnded"))]), "c3": FOREVER})
    missing = between(0, 99 * DAY, CampaignNotFound("No such campaign."), "c3")
    down = between(DAY, 2 * DAY, ServiceTrouble("Busy.", 503))
    world.fault = lambda asked: down(asked) or missing(asked)
    events = Process(world, ids("c1", "c2", "c3", heartbeat_interval="6h")).run(3 * DAY)
    beats = [event["message"] for event in events if event["type"] == "heartbeat"]
    assert beats[:2] == ["3 campaigns, 0 of them over.", "3 campaigns, 1 of them over, 1 cannot be read."]
    assert "3 campaigns, 1 of them over, 1 cannot be read, and the service is in trouble." in beats
    assert beats[-1] == beats[1]


def test_an_outage_that_the_lists_show_is_one_for_the_campaigns_too() -> None:
    """No campaign is polled right after a list that the whole service has failed to return."""
    world = WatchWorld(dict.fromkeys(NAMES, FOREVER))
    process = Process(world, {**LISTS, "present": False, "list_interval": "10m", "wait_max_interval": "10m"})
    error = ServiceTrouble("Busy.", 503, HOUR)
    world.clock.plan(DAY, lambda: setattr(world, "list_trouble", (DAY + 3 * HOUR, error)))
    assert [event["type"] for event in process.run(DAY + 5 * HOUR)] == ["trouble", "recovered"]
    polled = [seen.moment for seen in world.log if DAY <= seen.moment <= DAY + 5 * HOUR]
    assert min(polled) >= DAY + 3 * HOUR


def test_lists_that_fail_alone_are_told_and_the_known_campaigns_go_on() -> None:
    world = WatchWorld({"c1": Campaign([(2 * DAY, status("CampaignEnded"))])})
    process = Process(world, {**LISTS, "present": False})
    world.clock.plan(DAY, lambda: setattr(world, "list_trouble", (3 * DAY, ServiceTrouble("Broken.", 500))))
    assert [short(event) for event in process.run(4 * DAY)] == [
        "trouble too_many_errors",
        "changed c1 ended succeeded",
        "recovered too_many_errors",
    ]
    assert "new campaigns are not seen" in process.events[0]["message"]


def test_trouble_that_was_told_is_not_told_again_by_the_next_process(tmp_path: pathlib.Path) -> None:
    world = WatchWorld({"c1": FOREVER, "c2": FOREVER})
    world.fault = between(DAY, 6 * DAY, ConnectionFailed("No way."))
    options = ids("c1", "c2", state_file=str(tmp_path / "state"))
    assert [event["type"] for event in Process(world, options).run(3 * DAY)] == ["trouble"]
    assert [event["type"] for event in Process(world, options).run(5 * DAY)] == []
    assert [event["type"] for event in Process(world, options).run(9 * DAY)] == ["recovered"]


def test_an_end_of_an_outage_is_not_told_again_by_the_next_process(tmp_path: pathlib.Path) -> None:
    world = WatchWorld({"c1": FOREVER})
    world.fault = between(DAY, 2 * DAY, ConnectionFailed("No way."))
    options = ids("c1", state_file=str(tmp_path / "state"))
    assert [event["type"] for event in Process(world, options).run(5 * DAY)] == ["trouble", "recovered"]
    assert Process(world, options).run(9 * DAY) == []


def test_an_end_without_a_device_report_is_told_and_unverified() -> None:
    world = WatchWorld({"c1": Campaign([(DAY, status("CampaignEnded"))])})
    world.report_fault = lambda: CampaignNotFound("It has no device report.")
    ended, _done = Process(world, ids("c1")).run(3 * DAY)
    assert short(ended) == "changed c1 ended unverified"


def test_a_heartbeat_tells_how_many_campaigns_there_are() -> None:
    world = WatchWorld({"c1": FOREVER, "c2": FOREVER})
    events = Process(world, ids("c1", "c2", heartbeat_interval="6h")).run(DAY)
    assert {event["type"] for event in events} == {"heartbeat"} and len(events) == 4
    assert len({event["id"] for event in events}) == 4
    assert events[-1]["watch"] == {"campaigns": 2, "over": 0, "in_trouble": 0}


@pytest.mark.parametrize(
    ("most_errors", "most_seconds", "polls", "told_at"),
    [
        # More errors than are allowed, in a row.
        (2, 0.0, [0.0, 10.0, 20.0], [20.0]),
        # Or as many seconds as are allowed, since the first of them; 0 seconds are no limit.
        (99, 30.0, [5.0, 34.0, 35.0, 36.0], [35.0, 36.0]),
        (99, 1.0, [5.0, 6.0], [6.0]),
        (99, 0.0, [5.0, 1000.0], []),
        # Whatever comes first.
        (1, 30.0, [0.0, 10.0], [10.0]),
        (1, 30.0, [0.0, 0.0, 29.0], [0.0, 29.0]),
    ],
)
def test_the_budget_of_an_outage(
    most_errors: int, most_seconds: float, polls: list[float], told_at: list[float]
) -> None:
    settings = wait_settings(max_consecutive_errors=most_errors, max_error_seconds=most_seconds)
    outage, told = Outage(), []
    for now in polls:
        outage = outage.after(now)
        outcome = outage.outcome(ServiceTrouble("Busy.", 503), settings, now, 0.0, is_answered=True)
        if outcome is not None:
            told.append(now)
            assert outcome.reason == "too_many_errors"
            assert f"in {outage.errors} polls" in outcome.message and outcome.message.endswith("Busy.")
    assert told == told_at
    assert (outage.errors, outage.since) == (len(polls), polls[0])
