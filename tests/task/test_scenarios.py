# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example scenarios of the simulator: a real wait runs with each of them, and has the described result.

The wait and the service share a clock that skips every sleep, so that days take no time.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

import simulator
from simulator.clock import SimulatedClock
from simulator.scenario import Scenario, parse_scenario, read_scenario
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS
from simulator.thread import SimulatorThread
from simulator.world import World
from task.weather import run_with

FOLDER = Path(simulator.__file__).parent / "scenarios"
ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def service() -> Iterator[SimulatorThread]:
    with SimulatorThread(World(SimulatedClock(speed=0), Scenario())) as simulator:
        yield simulator


def rehearse(name: str, service: SimulatorThread, **options: Any) -> dict[str, Any]:
    """Return the result of a wait for the scenario's campaign, with the default intervals between polls."""
    scenario = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    # Only the sleeps of the wait advance the clock.
    scenario["clock"]["speed"] = 0
    service.world.load(parse_scenario(scenario))
    service.world.counters.reset()
    version = "v3" if name == "unknown_state" else "v2"
    given = {"account_name": ACCOUNT, "campaign_id": [ID], "api_version": version, "wait": True, **DEMO_CREDENTIALS}
    return run_with({**given, "wait_timeout": 10 * DAY, **options}, service).result


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


def test_happy_path(service: SimulatorThread) -> None:
    result = rehearse("happy_path", service, devices="summary", min_success_percent=100)
    assert result["failed"] is False, result
    assert states(result) == ["request_pending", "queued", "scheduled", "ended"]
    assert result["campaign"]["outcome"] == "succeeded"
    assert result["campaign"]["device_summary"]["by_state"]["succeeded"] == 200


def test_cancelled(service: SimulatorThread) -> None:
    result = rehearse("cancelled", service)
    assert (result["failed"], result["reason"]) == (True, "not_reachable")
    assert states(result) == ["request_pending", "queued", "cancelled"]
    assert result["campaign"]["outcome"] == "cancelled"


def test_request_failed(service: SimulatorThread) -> None:
    result = rehearse("request_failed", service)
    assert (result["failed"], result["reason"]) == (True, "not_reachable")
    assert states(result) == ["request_pending", "request_failed"]
    assert result["campaign"]["outcome"] == "failed"


def test_three_percent_of_the_devices_fail(service: SimulatorThread) -> None:
    good_enough = rehearse("device_failures", service, devices="failed", min_success_percent=95)
    assert good_enough["failed"] is False, good_enough
    assert good_enough["campaign"]["outcome"] == "partial"
    assert good_enough["campaign"]["device_summary"]["success_percent"] == 97.0
    assert len(good_enough["campaign"]["devices"]) == 60

    too_few = rehearse("device_failures", service, min_success_percent=98)
    assert (too_few["failed"], too_few["reason"]) == (True, "too_many_failures")
    # Early, before the campaign has ended.
    assert too_few["campaign"]["state"] == "scheduled"


def test_the_end_day_is_moved(service: SimulatorThread) -> None:
    result = rehearse("end_day_moved", service, wait_timeout=None, wait_until_end_plus=HOUR)
    assert result["failed"] is False, result
    assert states(result) == ["scheduled", "ended"]
    assert result["campaign"]["end_date"] == "2026-03-05"
    # Past the old end date, and the hour after it.
    assert result["elapsed"] > 2 * DAY


@pytest.mark.parametrize("choice", ["wait", "fail"])
def test_unknown_state(service: SimulatorThread, choice: str) -> None:
    result = rehearse("unknown_state", service, wait_unknown_state=choice)
    if choice == "fail":
        assert (result["failed"], result["reason"]) == (True, "unknown_state")
        assert states(result) == ["queued", "unknown"]
    else:
        assert result["failed"] is False, result
        assert states(result) == ["queued", "unknown", "scheduled", "ended"]


def test_maintenance_night(service: SimulatorThread) -> None:
    result = rehearse(
        "maintenance_night", service, devices="summary", min_success_percent=100, max_error_seconds=str(4 * HOUR)
    )
    assert result["failed"] is False, result
    assert states(result)[-2:] == ["scheduled", "ended"]
    assert result["campaign"]["outcome"] == "succeeded"
    assert result["errors"] >= 5
    counters = service.world.counters
    assert {entry["fault"] for entry in counters.as_data()["log"]} == {None, "close", "html"}
    assert counters.logins_refused == 0


def test_a_maintenance_night_is_longer_than_the_default_retry_budget(service: SimulatorThread) -> None:
    result = rehearse("maintenance_night", service)
    assert (result["failed"], result["reason"]) == (True, "too_many_errors")
    assert result["campaign"]["state"] == "scheduled"
