# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""How a wait can end, apart from the verdicts on the campaigns."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

TIMED_OUT: t.Final = "timed_out"
INTERRUPTED: t.Final = "interrupted"
TOO_MANY_ERRORS: t.Final = "too_many_errors"


@dataclass(frozen=True)
class WaitOutcome:
    """Why a wait is over: a reason, a message, and whether its target is reached."""

    reason: str
    message: str
    is_reached: bool = False
