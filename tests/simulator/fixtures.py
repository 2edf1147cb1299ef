# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for a conftest.py: one simulator for each worker, reset to its stock data before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.control import Control, SimulatorProcess

__all__ = ["api_url", "control", "simulator"]

START = "2026-03-01T00:00:00Z"


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    """A running simulator. Its clock is stopped: time passes only when a test advances it."""
    with SimulatorProcess(["--speed", "0", "--start", START]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    """Its admin calls, after a reset."""
    control = Control(simulator.admin_url)
    control.reset()
    control.set_now(START)
    return control


@pytest.fixture
def api_url(simulator: SimulatorProcess, control: Control) -> str:
    """The ``api_url`` for clients."""
    return simulator.url
