# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for all contract tests, put back to its stock data before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.raw import RawClient
from simulator.control import Control, SimulatorProcess


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    # Its clock stands still: time passes only where a test advances it.
    with SimulatorProcess(["--speed", "0", "--start", "2026-03-01T00:00:00Z"]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    return control


@pytest.fixture
def api_url(simulator: SimulatorProcess, control: Control) -> str:
    return simulator.url


@pytest.fixture
def client(api_url: str) -> RawClient:
    """A plain client that has logged in."""
    raw = RawClient(api_url)
    raw.log_in()
    return raw
