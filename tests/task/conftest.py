# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for each worker, reset to its stock data before each test. The service's clock is stopped."""

from __future__ import annotations

import pytest

from simulator.control import Control, SimulatorProcess
from simulator.fixtures import api_url, control, simulator
from task.background import Background

__all__ = ["api_url", "control", "simulator"]


@pytest.fixture
def background(simulator: SimulatorProcess, control: Control) -> Background:
    """Starts waits for the campaigns of the simulator."""
    return Background(simulator.url, control)
