# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chance that can be repeated."""

from __future__ import annotations

import os
import random

SEED = "FLEETOPS_SEED"


def chance() -> random.Random:
    """A source of random numbers whose seed is printed, and pytest shows it with a failure.

    With the environment variable FLEETOPS_SEED the seed is that one.
    """
    seed = int(os.environ.get(SEED) or random.randrange(10**9))
    print(f"To repeat this: {SEED}={seed}")
    return random.Random(seed)
