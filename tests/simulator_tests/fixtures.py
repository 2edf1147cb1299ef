# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain client, for tests of the simulator's exact answers."""

from __future__ import annotations

import pytest

from simulator_tests.raw import RawClient


@pytest.fixture
def client(api_url: str) -> RawClient:
    """A plain client that is logged in."""
    raw = RawClient(api_url)
    raw.log_in()
    return raw
