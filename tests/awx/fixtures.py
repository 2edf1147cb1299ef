# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests with a controller share: how workers are kept busy, and a simulator at the real time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.control import Control, SimulatorProcess

__all__ = ["control", "pytest_configure", "simulator"]


def pytest_configure(config: pytest.Config) -> None:
    """A worker without a test takes some from another: tests here take from nothing to minutes."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "worksteal"


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    """At the real time, because AWX plans by that; it stands still unless a test advances it."""
    with SimulatorProcess(["--speed", "0"]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    return control
