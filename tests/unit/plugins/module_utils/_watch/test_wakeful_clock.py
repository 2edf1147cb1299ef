# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another thread ends the current sleep, or the next one."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.wakeful_clock import WakefulClock


@pytest.mark.parametrize("seconds", [1e5, threading.TIMEOUT_MAX * 2, float("inf")])
def test_a_wake_ends_the_next_sleep_and_only_that(seconds: float) -> None:
    clock = WakefulClock()
    clock.wake()
    clock.sleep(seconds)
    clock.wake()
    clock.wake()
    clock.sleep(seconds)
    assert not clock._is_woken.is_set()


def test_a_wake_ends_a_sleep_that_goes_on() -> None:
    clock = WakefulClock()
    sleeper = threading.Thread(target=clock.sleep, args=(1e5,), daemon=True)
    sleeper.start()
    clock.wake()
    sleeper.join(30)
    assert not sleeper.is_alive()
