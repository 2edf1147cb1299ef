# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for each worker, put back to its stock data before each test; the service's clock stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.background import Background
from simulator.control import Control, SimulatorProcess


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(["--speed", "0", "--start", "2026-03-01T00:00:00Z"]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    return control


@pytest.fixture
def background(simulator: SimulatorProcess, control: Control) -> Background:
    """Starts waits for the campaigns of the simulator."""
    return Background(simulator.url, control)
