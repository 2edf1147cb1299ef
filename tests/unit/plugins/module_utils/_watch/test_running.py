# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hint reaches every watch that runs in the process, and none that has ended."""

from __future__ import annotations

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.running import RunningWatches


class Watched:
    """A watch of some campaigns."""

    def __init__(self, *campaign_ids: str) -> None:
        self._campaign_ids = campaign_ids
        self.hinted: list[str | None] = []

    def poll_now(self, campaign_id: str | None) -> bool:
        self.hinted.append(campaign_id)
        return campaign_id is None or campaign_id in self._campaign_ids


def test_every_watch_learns_of_a_hint() -> None:
    running, first, second = RunningWatches(), Watched("a"), Watched("a", "b")
    with running.registered(first.poll_now), running.registered(second.poll_now):
        assert [running.poll_now(one) for one in ("a", "b", "c", None)] == [2, 1, 0, 2]
    assert first.hinted == second.hinted == ["a", "b", "c", None]


def test_a_watch_that_has_ended_learns_of_none() -> None:
    running, watch = RunningWatches(), Watched("a")
    with pytest.raises(RuntimeError), running.registered(watch.poll_now):
        raise RuntimeError
    assert running.poll_now("a") == 0
    assert watch.hinted == []
