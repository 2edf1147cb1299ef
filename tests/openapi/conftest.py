# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator, reset to its stock data before each test, and its description."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_tests.raw import RawClient

from openapi.closed import closed
from simulator.control import Control
from simulator.description import description
from simulator.fixtures import api_url, control, simulator

__all__ = ["api_url", "control", "simulator"]


@pytest.fixture
def client(api_url: str) -> RawClient:
    """A plain client that is logged in."""
    raw = RawClient(api_url)
    raw.log_in()
    return raw


@pytest.fixture
def described(control: Control, api_url: str) -> dict[str, Any]:
    """The description as served, but strict."""
    served = control.description()
    assert served == description(api_url)
    return closed(served)
