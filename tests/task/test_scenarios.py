# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example scenarios of the simulator: a real wait runs with each of them, and has the described result.

The test advances the clock by 15 minutes after every poll, so that hours take no time.
"""

from __future__ import annotations

import itertools
import time
import typing as t
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

import simulator
from simulator.clock import SimulatedClock
from simulator.control import Control
from simulator.scenario import read_scenario
from simulator.thread import SimulatorThread
from simulator.world import World
from task.background import PATIENCE, Background, Running

FOLDER = Path(simulator.__file__).parent / "scenarios"
ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
QUARTER = 900.0
HOUR = 3600.0


def load(name: str, control: Control) -> None:
    """Load the scenario with its own date, but with a stopped clock."""
    scenario = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    scenario["clock"]["speed"] = 0
    control.scenario(scenario)
    control.reset_counters()


def polls(control: Control) -> int:
    """Return the number of campaign reads and faults so far."""
    counters = control.counters()
    return int(counters["by_kind"]["campaign_read"] + counters["faults"])


def let_time_pass(run: Running, control: Control, step: float = QUARTER) -> dict[str, Any]:
    """Advance the clock after every poll and fault until the wait is over, and return its result."""
    give_up_at = time.monotonic() + PATIENCE
    seen = 0
    while not run.is_over:
        assert time.monotonic() < give_up_at, "the wait does not end"
        if polls(control) > seen:
            control.advance(step)
            # The next step waits for a poll that starts after this one, because sessions expire after two steps.
            seen = polls(control)
    return run.result()


def rehearse(
    name: str, background: Background, control: Control, step: float = QUARTER, **options: Any
) -> dict[str, Any]:
    """Return the result of a wait for the scenario's campaign, with this interval between polls."""
    load(name, control)
    version = "v3" if name == "unknown_state" else "v2"
    return let_time_pass(background.start(ID, api_version=version, **options), control, step)


def states(result: dict[str, Any]) -> list[str]:
    """Return the states that the wait has seen, in order."""
    return [row["state"] for row in result["history"]]


def test_every_scenario_has_a_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    names = {path.stem for path in FOLDER.glob("*.yml")}
    assert len(names) >= 7
    assert {name for name in names if f'"{name}"' not in text} == set()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_the_command_line_accepts_the_file(path: Path) -> None:
    scenario = read_scenario(path)
    assert [campaign.id for campaign in scenario.campaigns] == [ID]
    assert scenario.clock.speed


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_each_state_lasts_two_polls_at_the_speed_that_the_pages_show(path: Path) -> None:
    """With one poll per second at the documented speed, no state of a scenario is missed."""
    (campaign,) = World(SimulatedClock(speed=0), read_scenario(path)).campaigns.all()
    moments = [step.after for step in campaign.timeline]
    assert len(moments) >= 2
    assert all(later - earlier >= 2 * HOUR for earlier, later in itertools.pairwise(t.cast("list[float]", moments)))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_the_clock_of_a_scenario_starts_with_the_first_request(path: Path) -> None:
    real = [100.0]
    world = World(SimulatedClock(monotonic=lambda: real[0]), read_scenario(path))
    with SimulatorThread(world) as running:
        real[0] += 60
        requests.get(running.url.removesuffix("api"), timeout=30)
        assert world.clock.seconds() == 0
        requests.post(f"{running.url}/ts/v1/oauth2/token", timeout=30)
        real[0] += 2
        assert world.clock.seconds() == 2 * world.clock.speed


def test_happy_path(background: Background, control: Control) -> None:
    result = rehearse("happy_path", background, control, devices="summary", min_success_percent=100)
    assert result.get("failed") is None, result
    assert states(result) == ["request_pending", "queued", "scheduled", "ended"]
    assert result["campaign"]["outcome"] == "succeeded"
    assert result["campaign"]["device_summary"]["by_state"]["succeeded"] == 200


def test_cancelled(background: Background, control: Control) -> None:
    result = rehearse("cancelled", background, control)
    assert (result["failed"], result["reason"]) == (True, "not_reachable")
    assert states(result) == ["request_pending", "queued", "cancelled"]
    assert result["campaign"]["outcome"] == "cancelled"


def test_request_failed(background: Background, control: Control) -> None:
    result = rehearse("request_failed", background, control)
    assert (result["failed"], result["reason"]) == (True, "not_reachable")
    assert states(result) == ["request_pending", "request_failed"]
    assert result["campaign"]["outcome"] == "failed"


def test_three_percent_of_the_devices_fail(background: Background, control: Control) -> None:
    good_enough = rehearse("device_failures", background, control, HOUR, devices="failed", min_success_percent=95)
    assert good_enough.get("failed") is None, good_enough
    assert good_enough["campaign"]["outcome"] == "partial"
    assert good_enough["campaign"]["device_summary"]["success_percent"] == 97.0
    assert len(good_enough["campaign"]["devices"]) == 60

    too_few = rehearse("device_failures", background, control, HOUR, min_success_percent=98)
    assert (too_few["failed"], too_few["reason"]) == (True, "too_many_failures")
    # Early, before the campaign has ended.
    assert too_few["campaign"]["state"] == "scheduled"


def test_the_end_day_is_moved(background: Background, control: Control) -> None:
    load("end_day_moved", control)
    # The steps of this test are longer than the lifetimes of tokens.
    control.behaviour(token_lifetime_seconds=10**6, session_idle_seconds=10**6)
    run = background.start(ID, wait_until_end_plus=HOUR)
    run.until_read(3)
    # Past the old end date, the hour after it, and another hour.
    for _step in range(19):
        control.advance(2 * HOUR)
        run.until_read(2)
    result = let_time_pass(run, control, 2 * HOUR)
    assert result.get("failed") is None, result
    assert states(result) == ["scheduled", "ended"]
    assert result["campaign"]["end_date"] == "2026-03-05"


@pytest.mark.parametrize("choice", ["wait", "fail"])
def test_unknown_state(background: Background, control: Control, choice: str) -> None:
    result = rehearse("unknown_state", background, control, wait_unknown_state=choice)
    if choice == "fail":
        assert (result["failed"], result["reason"]) == (True, "unknown_state")
        assert states(result) == ["queued", "unknown"]
    else:
        assert result.get("failed") is None, result
        assert states(result) == ["queued", "unknown", "scheduled", "ended"]


def test_maintenance_night(background: Background, control: Control) -> None:
    result = rehearse("maintenance_night", background, control, devices="summary", min_success_percent=100)
    assert result.get("failed") is None, result
    assert states(result)[-2:] == ["scheduled", "ended"]
    assert result["campaign"]["outcome"] == "succeeded"
    assert result["errors"] >= 5
    counters = control.counters()
    assert {entry["fault"] for entry in counters["log"]} == {None, "close", "html"}
    assert counters["logins_refused"] == 0
