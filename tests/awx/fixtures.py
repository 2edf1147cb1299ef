# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared by all tests with a controller: the distribution of tests to workers, and a simulator with the real time."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from simulator.control import Control, SimulatorProcess

__all__ = ["control", "pytest_configure", "simulator"]


def pytest_configure(config: pytest.Config) -> None:
    """Distribute tests with work stealing, because their durations differ a lot (up to minutes)."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "worksteal"


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    """A simulator that starts at the real time, because AWX schedules by that. Its clock is stopped."""
    with SimulatorProcess(["--speed", "0"]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    # A test before this one may have advanced the clock by weeks.
    control.set_now(datetime.datetime.now(datetime.timezone.utc).isoformat())
    return control
