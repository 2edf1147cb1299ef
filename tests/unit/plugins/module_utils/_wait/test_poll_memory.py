# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a wait can use a poll of another wait."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import Sharing
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock


@pytest.mark.parametrize(
    ("age", "until_deadline", "is_fresh"),
    [
        (0.0, 1.0, True),
        (299.9, 1.0, True),
        (300.0, 1.0, False),
        (0.1, 0.0, False),
        (0.0, 0.0, True),
        (1e6, -1e6, True),
        (1e6, -1e6 + 1.0, False),
        (1.0, -0.5, False),
    ],
)
def test_what_can_be_believed(age: float, until_deadline: float, is_fresh: bool) -> None:
    clock = FakeClock()
    now = clock.monotonic()
    assert Sharing(interval=300.0, clock=clock).is_fresh(now - age, now + until_deadline) is is_fresh
