# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: how long to wait after an error before the next attempt."""

from __future__ import annotations

import random
import typing as t

_JITTER: t.Final = 0.1
_FIRST_RETRY: t.Final = 5.0
_LAST_RETRY: t.Final = 30.0


def backoff_delay(
    errors: int, retry_after: float | None, floor: float, ceiling: float, randomness: random.Random
) -> float:
    """Seconds until the next attempt after C(errors) consecutive failures: the floor plus full jitter.

    C(retry_after), the number of seconds that the service asked for, is a minimum, even above the ceiling.
    """
    spread = min(floor * 2.0 ** min(errors - 1, 30), max(ceiling - floor, 0.0))
    return max(floor + randomness.uniform(0, spread), retry_after or 0.0)


def first_answer_delay(errors: int, patience: float, left: float, randomness: random.Random) -> float:
    """Seconds until the next attempt while no request has reached the service yet, after C(errors) attempts.

    The cause is usually a wrong setting, or a network path that is about to open. C(patience) is how many seconds the
    wait tries in total, C(left) how many of them remain.
    """
    delay = min(_FIRST_RETRY * 2.0 ** min(errors - 1, 30), max(_LAST_RETRY, patience / 10))
    return max(min(delay * randomness.uniform(1 - _JITTER, 1 + _JITTER), left), 1.0)
