# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator of the ThingSpace service: the part that firmware campaigns need, over real HTTP.

Run ``PYTHONPATH=tests python -m simulator --help``. For tests use :mod:`simulator.control`.
"""

from __future__ import annotations
