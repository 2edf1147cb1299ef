# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for all tests with the SDK, reset to its stock data before each test."""

from __future__ import annotations

from simulator_tests.fixtures import client

from simulator.fixtures import api_url, control, simulator

__all__ = ["api_url", "client", "control", "simulator"]
