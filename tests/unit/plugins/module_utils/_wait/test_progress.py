# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress of a wait: one short line for every change, and heartbeats."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ConnectionFailed,
    ServiceTrouble,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import (
    DAY,
    HOUR,
    Campaign,
    FakeClock,
    Spared,
    World,
    one,
    run_wait,
    status,
)

FIXED: t.Final = Pace(60.0, 60.0)
ENDED: t.Final = status("CampaignEnded")
# A callback plugin adds the host's name in front. AWX shows 1024 bytes of an event.
LONGEST: t.Final = 1024 - 64


def moments(world: World) -> list[float]:
    return [moment for moment, _line in world.lines]


def test_a_heartbeat_comes_at_least_once_an_interval() -> None:
    world = one(Campaign([(DAY, ENDED)]))
    run_wait(world, progress_interval=240.0, pace=Pace(300.0, 5400.0))
    gaps = [after - before for before, after in zip(moments(world), moments(world)[1:])]
    assert moments(world)[0] == 0.0
    assert max(gaps) <= 240.0
    assert len(world.lines) <= DAY / 240 + 2


@pytest.mark.parametrize("interval", [1.0, 7.5, 59.0, 61.0, 1000.0])
def test_heartbeats_are_as_far_apart_as_the_user_wants(interval: float) -> None:
    world = one(Campaign())
    run_wait(world, progress_interval=interval, timeout=HOUR, pace=Pace(3600.0, 3600.0))
    assert moments(world) == pytest.approx([interval * number for number in range(len(world.lines))])
    assert len(world.lines) == pytest.approx(HOUR / interval, abs=1.01)


def test_a_change_is_reported_at_once() -> None:
    world = one(Campaign([(0, status("CampaignQueued")), (1800, status("CampaignScheduled")), (7200, ENDED)]))
    world.fault = lambda asked: ConnectionFailed("The connection broke.") if asked.moment in (3600, 3660) else None
    run_wait(world, progress_interval=100_000.0, pace=FIXED)
    assert moments(world) == [0.0, 1800.0, 3600.0, 3600.0, 3720.0]
    assert "queued" in world.lines[0][1]
    assert "scheduled" in world.lines[1][1]
    assert world.lines[3][1] == "  1 failed poll of c1: The connection broke."
    assert "failed" not in world.lines[4][1]


def test_a_line_has_name_state_time_waited_whole_time_and_next_poll() -> None:
    world = one(Campaign(name="Spring upgrade"))
    run_wait(world, progress_interval=1740.0, timeout=2 * HOUR, pace=Pace(3600.0, 3600.0))
    assert [line for _moment, line in world.lines] == [
        "Spring upgrade (c1): scheduled; after 0s of 2h, next poll in 1h",
        "Spring upgrade (c1): scheduled; after 29m of 2h, next poll in 31m",
        "Spring upgrade (c1): scheduled; after 58m of 2h, next poll in 2m",
        "Spring upgrade (c1): scheduled; after 1h27m of 2h, next poll in 33m",
        "Spring upgrade (c1): scheduled; after 1h56m of 2h, next poll in 4m",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3, 4, 500])
def test_any_number_of_campaigns_is_one_short_line(count: int) -> None:
    words = itertools.cycle(["CampaignQueued", "CampaignScheduled", "CampaignRequestPending", "CampaignHesitating"])
    campaigns = {f"c{number}": Campaign([(0, status(next(words)))], name="Upgrade") for number in range(count)}
    world = World(campaigns)
    world.fault = lambda asked: ConnectionFailed("broke") if asked.times % 3 == 2 else None
    run_wait(world, progress_interval=240.0, timeout=HOUR, pace=Pace(400.0, 400.0))
    lines = [line for _moment, line in world.lines]
    assert len(lines) >= 15
    assert all("\n" not in line and len(line.encode()) < 400 for line in lines)
    if count == 500:
        assert lines[0].startswith("500 campaigns: 125 queued, 125 scheduled, 125 request_pending, 125 unknown;")
        assert any("(500 with errors)" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3, 500])
def test_long_foreign_texts_do_not_make_a_line_long_or_two(count: int) -> None:
    names = ["\U0001f680" * 300, "one\ntwo\r\nthree\x1b[2J" * 50, "\u4e2d" * 300]
    campaigns = {
        f"60b5d639-ccdc-4db8-8824-0000000{number:05}": Campaign(
            [(0, status("Campaign\n" + "\u00e9" * 500))], name=names[number % 3]
        )
        for number in range(count)
    }
    world = World(campaigns)
    world.fault = lambda asked: BadResponse("A long\nstory " + "\u00e9" * 5000) if asked.times % 3 else None
    run_wait(world, progress_interval=240.0, timeout=HOUR, pace=Pace(400.0, 400.0))
    for _moment, line in world.lines:
        assert line.isprintable()
        assert len(line.encode()) < LONGEST
        assert line.startswith("  ") or "; after " in line


def test_nothing_is_reported_where_the_user_wants_nothing() -> None:
    world = one(Campaign([(0, status("CampaignQueued")), (HOUR, status("CampaignScheduled")), (DAY, ENDED)]))
    run_wait(world, progress_interval=0.0)
    assert world.lines == []


def test_the_end_of_a_wait_is_no_progress() -> None:
    world = World({"c1": Campaign([(HOUR, ENDED)]), "c2": Campaign()})
    assert run_wait(world, needed=1, progress_interval=DAY, pace=Pace(300.0, 300.0)).outcome.is_reached
    assert moments(world) == [0.0, 0.0]


def test_a_line_counts_the_campaigns_past_their_end_day() -> None:
    old = Campaign(end="2026-01-01")
    world = World({"c1": old, "c2": old, "c3": Campaign()})
    run_wait(world, progress_interval=600.0, timeout=HOUR)
    assert [line for _moment, line in world.lines if "2 past their end day" in line]


def test_a_heartbeat_needs_no_poll() -> None:
    world = one(Campaign())
    with_heartbeat = run_wait(world, progress_interval=10.0, timeout=DAY)
    without = run_wait(one(Campaign()), progress_interval=0.0, timeout=DAY)
    assert with_heartbeat.polls == without.polls


def test_the_whole_time_is_that_until_the_end_day_too() -> None:
    world = one(Campaign(end="2026-03-05"), FakeClock(skew=5 * HOUR))
    run_wait(world, progress_interval=DAY, timeout=None, until_end_plus=HOUR)
    assert world.lines[0][1].partition(", ")[0].endswith(" of 4d13h")


def test_a_spared_campaign_has_no_failed_polls() -> None:
    world = World({"c1": Campaign(), "c2": Campaign()})
    error = ServiceTrouble("The service is busy.", 503)
    world.fault = lambda asked: (error if asked.campaign_id == "c1" else Spared(error)) if asked.moment > 0 else None
    run_wait(world, progress_interval=10_000.0, timeout=100.0, pace=FIXED)
    lines = [line for _moment, line in world.lines]
    assert [line for line in lines if "1 failed poll of c1: " in line]
    assert not [line for line in lines if "0 failed" in line]
