# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for all contract tests, put back to its stock data before each."""

from __future__ import annotations

import pytest

from contract.raw import RawClient
from simulator.fixtures import api_url, control, simulator

__all__ = ["api_url", "control", "simulator"]


@pytest.fixture
def client(api_url: str) -> RawClient:
    """A plain client that has logged in."""
    raw = RawClient(api_url)
    raw.log_in()
    return raw
