# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reproducible random numbers."""

from __future__ import annotations

import os
import random

SEED = "FLEETOPS_SEED"


def chance() -> random.Random:
    """Return a random number generator. Its seed is printed, so that pytest shows it if the test fails.

    The environment variable FLEETOPS_SEED sets the seed.
    """
    seed = int(os.environ.get(SEED) or random.randrange(10**9))
    print(f"To repeat this: {SEED}={seed}")
    return random.Random(seed)
