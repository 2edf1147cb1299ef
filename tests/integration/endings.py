# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until processes end that are not child processes, without polling."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable, Sequence


def left_after(seconds: float, find: Callable[[], list[int]]) -> list[int]:
    """Return the processes that still run after this time. ``find`` is called again whenever one has ended."""
    deadline = time.monotonic() + seconds
    while (left := find()) and (rest := deadline - time.monotonic()) > 0:
        _wait_for_one(left, rest)
    return left


def _wait_for_one(numbers: Sequence[int], seconds: float) -> None:
    with contextlib.ExitStack() as opened:
        ends = select.poll()
        for number in numbers:
            try:
                descriptor = os.pidfd_open(number)
            except ProcessLookupError:
                return
            opened.callback(os.close, descriptor)
            ends.register(descriptor, select.POLLIN)
        ends.poll(seconds * 1000)
