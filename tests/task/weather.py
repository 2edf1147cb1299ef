# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a task in a scenario: the real code over real HTTP, with a common clock that skips every sleep."""

from __future__ import annotations

import datetime
import json
import time
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from simulator.clock import SimulatedClock
from simulator.scenario import parse_scenario
from simulator.thread import SimulatorThread
from task.background import Lines
from task.storms import Storm


class SharedClock(Clock):
    """A clock whose sleep only advances the service's clock. The wall clock is wrong by ``skew`` seconds."""

    def __init__(self, service: SimulatedClock, skew: float) -> None:
        self._service = service
        self._skew = datetime.timedelta(seconds=skew)
        self._slept = 0.0

    def monotonic(self) -> float:
        """Return the real seconds plus the skipped ones."""
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Skip these seconds on both clocks."""
        self._slept += seconds
        self._service.advance(seconds)

    def now(self) -> datetime.datetime:
        """Return the service's time plus the error of this clock."""
        return self._service.now() + self._skew


@dataclass(frozen=True)
class Outcome:
    """The result of a task, as Ansible would show it, and all its progress and warnings."""

    result: dict[str, Any]
    said: list[str]

    @property
    def output(self) -> str:
        """Return everything that a user could see."""
        return "\n".join([json.dumps(self.result, ensure_ascii=False, indent=1), *self.said])


def run_with(options: dict[str, Any], simulator: SimulatorThread, skew: float = 0.0) -> Outcome:
    """Run a task with these options. Errors other than ThingSpaceError are not caught.

    :param skew: the error of the task's wall clock, in seconds.
    """
    checked = ArgumentSpecValidator(argument_spec()).validate({"api_url": simulator.url, **options})
    assert not checked.error_messages, checked.error_messages
    reporter = Lines()
    runtime = Runtime(clock=SharedClock(simulator.world.clock, skew), reporter=reporter)
    try:
        result = {"failed": False, **run(checked.validated_parameters, runtime, Secrets())}
    except ThingSpaceError as error:
        result = {"reason": error.reason, **error.facts, "failed": True, "msg": error.message}
    return Outcome(result, reporter.lines + reporter.warnings)


def run_in(storm: Storm, simulator: SimulatorThread) -> Outcome:
    """Load a storm into the simulator, and run its task."""
    simulator.world.load(parse_scenario(storm.scenario))
    simulator.world.counters.reset()
    return run_with(storm.options, simulator, storm.skew)
