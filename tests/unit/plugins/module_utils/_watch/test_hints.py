# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hints cause an immediate poll, and many hints do not overload the service."""

from __future__ import annotations

import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ServiceTrouble
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.hints import (
    MAX_CAMPAIGNS_PER_ROUND,
    MIN_ROUND_INTERVAL,
    Hints,
    PollRequest,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import DAY, HOUR, MINUTE, Campaign, status
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import Process, WatchWorld

UUID: t.Final = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
FAR: t.Final = Campaign([(DAY + 1000, status("CampaignEnded"))], "2026-06-01", "2026-06-30")


def hint(process: Process, *names: str | None) -> t.Callable[[], None]:
    """A watch that gets hints about these campaigns; None is a hint without a campaign."""

    def happen() -> None:
        for name in names:
            process.watch.poll_now(name)

    return happen


def test_the_first_hint_is_served_at_once_and_the_next_ones_later() -> None:
    hints = Hints()
    assert (hints.due_at(), hints.take(0.0)) == (float("inf"), PollRequest())
    assert hints.add("c1") and hints.due_at() <= 100.0
    assert hints.take(100.0) == PollRequest(("c1",))
    assert hints.add("c2") and hints.add(None)
    assert (hints.due_at(), hints.take(101.0)) == (100.0 + MIN_ROUND_INTERVAL, PollRequest())
    assert hints.take(100.0 + MIN_ROUND_INTERVAL) == PollRequest(("c2",), True)
    assert hints.due_at() == float("inf")


def test_who_asks_when_there_is_nothing_delays_no_hint() -> None:
    hints = Hints()
    hints.take(0.0)
    hints.add("c1")
    assert hints.take(1.0) == PollRequest(("c1",))


def test_a_hint_at_the_lists_alone_is_due() -> None:
    hints = Hints()
    hints.add(None)
    assert hints.due_at() < 0.0
    assert hints.take(0.0) == PollRequest((), True)


def test_a_flood_is_cut_off() -> None:
    hints = Hints()
    assert [hints.add(str(number)) for number in range(5000)].count(True) == 1000
    assert hints.add("7") and len(hints.take(0.0).campaign_ids) == MAX_CAMPAIGNS_PER_ROUND


def test_a_hint_is_noticed_at_once() -> None:
    process = Process(WatchWorld({UUID: FAR}), {"campaign_id": [UUID], "present": False})
    world = process.world
    world.clock.plan(DAY + 1030, hint(process, UUID.upper()))
    process.run()
    assert process.moments[0] - DAY - 1030 <= 60
    assert Process(world, {"campaign_id": [UUID]}).watch.poll_now("somebody-else") is False


def test_a_hint_at_what_is_over_is_none() -> None:
    process = Process(WatchWorld({UUID: FAR}), {"campaign_id": [UUID]})
    process.run()
    assert process.watch.poll_now(UUID) is False


def test_hints_all_the_time_cost_one_poll_a_minute() -> None:
    names = [f"c{number}" for number in range(200)]
    quiet, noisy = (
        Process(
            WatchWorld(dict.fromkeys(names, Campaign(start="2026-09-01", end="2026-09-02"))), {"campaign_id": names}
        )
        for _one in "ab"
    )
    for second in range(0, int(2 * HOUR), 20):
        noisy.world.clock.plan(HOUR + second, hint(noisy, *names))
    quiet.run(3 * HOUR)
    noisy.run(3 * HOUR)
    assert len(noisy.world.log) - len(quiet.world.log) <= (2 * HOUR / MIN_ROUND_INTERVAL + 1) * MAX_CAMPAIGNS_PER_ROUND


def test_hints_at_unknown_campaigns_read_the_lists_no_more_often_than_the_shortest_interval() -> None:
    process = Process(WatchWorld({}), {"campaign_state": ["scheduled"], "list_interval": "1d"})
    for second in range(0, int(HOUR), 5):
        process.world.clock.plan(second, hint(process, "unknown"))
    process.run(2 * HOUR)
    assert 12 <= process.world.list_reads <= 14


def test_a_new_campaign_is_seen_by_a_hint() -> None:
    soon = Campaign([(0, status("CampaignDraft")), (HOUR, status("CampaignScheduled"))])
    process = Process(WatchWorld({"c1": soon}), {"campaign_state": ["scheduled"], "list_interval": "1d"})
    process.world.clock.plan(HOUR + MINUTE, hint(process, "c1"))
    process.run(2 * HOUR)
    assert process.moments[0] - HOUR - MINUTE <= 60


def test_a_hint_without_a_campaign_polls_all_that_are_named() -> None:
    names = [f"c{number}" for number in range(MAX_CAMPAIGNS_PER_ROUND + 5)]
    process = Process(WatchWorld(dict.fromkeys(names, FAR)), {"campaign_id": names})
    world = process.world
    world.clock.plan(HOUR + 100, hint(process, None))
    process.run(HOUR + 200)
    polled = [seen.campaign_id for seen in world.log if seen.moment >= HOUR + 100]
    assert polled == names[:MAX_CAMPAIGNS_PER_ROUND]


def test_a_hint_without_a_campaign_reads_the_lists_and_no_campaign() -> None:
    options = {"campaign_state": ["scheduled"], "list_interval": "1d"}
    process = Process(WatchWorld({"c1": FAR}), options)
    world = process.world
    world.clock.plan(HOUR + 100, hint(process, None))
    process.run(HOUR + 200)
    assert world.list_reads == 2
    assert [seen for seen in world.log if seen.moment >= HOUR + 100] == []


def test_a_hint_at_a_found_campaign_that_is_over_is_none() -> None:
    over = Campaign([(HOUR, status("CampaignEnded"))])
    process = Process(WatchWorld({"c1": over, "c2": FAR}), {"campaign_state": ["scheduled"], "list_interval": "10m"})
    process.run(3 * HOUR)
    assert process.watch.poll_now("C1") is False
    assert process.watch.poll_now("c2") is True
    assert process.watch.poll_now("new") is True


def test_a_hint_of_an_outage_waits_for_its_end() -> None:
    process = Process(WatchWorld({"c1": FAR}), {"campaign_id": ["c1"], "present": False})
    world = process.world
    world.fault = lambda asked: ServiceTrouble("Busy.", 429, 4 * HOUR) if asked.times == 2 else None
    for minute in range(0, 360, 10):
        world.clock.plan(HOUR + minute * MINUTE, hint(process, "c1"))
    process.run(DAY)
    (failed,) = [seen.moment for seen in world.log if seen.error is not None]
    assert [seen.moment for seen in world.log if failed < seen.moment < failed + 4 * HOUR] == []
