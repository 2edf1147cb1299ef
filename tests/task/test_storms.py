# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""200 random scenarios: no crash, no hang, no second refused login, no visible secret, no false success.

The number in a test's name is the seed of its scenario. To run others: ``STORMS=200-5000 pytest tests/task -k storm``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from integration.leaks import basic_pair, leaks_in
from integration.listener import Listener, listening

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds, threshold_failure
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import SATISFIED, verdict_on
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import deviations
from simulator.campaigns import Campaign
from simulator.clock import SimulatedClock
from simulator.scenario import Scenario
from simulator.thread import SimulatorThread
from simulator.world import World
from task.storms import Storm, storm
from task.weather import Outcome, run_in

# The accepted seconds after the timeout of a wait: for polls in progress, with their logins and reports.
LATE = 30.0
# A deadline after the last day is less than an hour away, but a wrong clock can move it during some polls.
LONGEST = 20_000.0
# The maximum real seconds of a scenario.
PATIENCE = 30.0
_FIRST, _END = (int(number) for number in os.environ.get("STORMS", "0-200").split("-"))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Listener]:
    """Another host, the target of redirects."""
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def service() -> Iterator[SimulatorThread]:
    with SimulatorThread(World(SimulatedClock(speed=0), Scenario())) as simulator:
        yield simulator


@pytest.mark.parametrize("seed", range(_FIRST, _END))
def test_a_storm(seed: int, service: SimulatorThread, elsewhere: Listener) -> None:
    one = storm(seed, elsewhere.url)
    began = time.monotonic()

    outcome = run_in(one, service)

    context = f"seed {seed}\n{json.dumps([one.scenario, one.options], indent=1)}\n{outcome.output}"
    assert time.monotonic() - began < PATIENCE, context
    assert deviations(outcome.result, one.options) == [], context
    assert outcome.result.get("elapsed", 0.0) <= longest(one.options), context
    assert refused_logins(service.world) <= most_refusals(one), context
    assert not any(user.locked for user in service.world.sessions.users()), context
    assert leaks_in(outcome.output, secrets(one, service.world)) == [], context
    assert elsewhere.seen == [], context
    check_what_is_claimed(one, outcome, service.world, context)


def longest(options: dict[str, Any]) -> float:
    """Return the maximum simulated seconds of the wait."""
    if options.get("wait_until_end_plus") is not None and options.get("wait_timeout") is None:
        return LONGEST
    return float(options.get("wait_timeout") or 0.0) + LATE


def most_refusals(one: Storm) -> int:
    """Return 1, or more if the body of a 401 is lost, so that it could also refer to the access token."""
    is_cut = any(fault["action"] in ("slow", "truncated") or fault.get("midway") for fault in one.scenario["faults"])
    return 3 if is_cut and one.scenario["behaviour"].get("refused_login_form") == "401" else 1


def refused_logins(world: World) -> int:
    """Return the number of the user's logins that were refused, by the service or by a similar fault."""
    faked = [
        entry
        for entry in world.counters.as_data()["log"]
        if entry["kind"] == "session_login" and entry["fault"] in ("status", "echo_secrets")
    ]
    return world.counters.logins_refused + sum(entry["status"] in (400, 401, 403, 404, 418) for entry in faked)


def secrets(one: Storm, world: World) -> set[str]:
    """Return all secrets."""
    names = ("api_key", "api_secret", "username", "password", "access_token", "session_token")
    given = {name: str(one.options[name]) for name in names if name in one.options}
    pair = [basic_pair(given["api_key"], given["api_secret"])] if "api_key" in given else []
    return {*given.values(), *pair, *world.tokens.issued, *world.sessions.issued}


def check_what_is_claimed(one: Storm, outcome: Outcome, world: World, context: str) -> None:
    """Check that targets and upgrades in the result are true."""
    result = outcome.result
    truth = {campaign.id: campaign for campaign in world.campaigns.all()}
    for facts in result.get("campaigns", ()):
        if facts["outcome"] == "succeeded":
            report = true_report(truth[facts["id"]], world).summary()
            assert report["total"] == report["by_state"]["succeeded"] > 0, context
    if not result.get("reached"):
        return
    target_states = [state_of(word) for word in one.options["wait_state"]]
    thresholds = Thresholds(
        one.options.get("min_success_percent"),
        one.options.get("max_failure_percent"),
        one.options.get("max_failure_count"),
    )
    good = 0
    for campaign in truth.values():
        state = state_of(campaign.current_body(world.clock.seconds())["status"])
        is_there = verdict_on(state, target_states) in SATISFIED
        is_met = not thresholds.are_set or not threshold_failure(
            true_report(campaign, world).summary(), thresholds, True
        )
        good += is_there and is_met
    needed = 1 if one.options["wait_match"] == "any" else len(one.options["campaign_id"])
    assert good >= needed, context


def true_report(campaign: Campaign, world: World) -> DeviceReport:
    """Return the campaign's device report without faults."""
    shown = campaign.shown_devices(campaign.roster.ids, campaign.snapshot(world.clock.seconds()))
    report = DeviceReport()
    report.add([{"deviceId": name, "status": one.outcome.status} for name, one in shown.items()])
    return report
