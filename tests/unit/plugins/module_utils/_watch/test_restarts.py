# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that are killed at any moment: no change is missed, and none is sent twice unless marked as repeated."""

from __future__ import annotations

import pathlib
import tempfile
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.tests.unit.wait_world import DAY, MINUTE, Campaign, status
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import Process, WatchWorld, short

# The changes are far enough apart that a running watch polls each of them. Restarts happen at any time.
_WORDS: t.Final = ("CampaignQueued", "CampaignScheduled", "CampaignPaused", "CampaignScheduled", "CampaignEnded")
_LAST: t.Final = 12 * DAY

_deaths = st.lists(
    st.tuples(
        # When the process is stopped, and at which step of the delivery of events it is killed before that.
        st.floats(0.01, 3.0),
        st.integers(0, 9) | st.just(10_000),
        # The seconds without a process after that.
        st.sampled_from([0.0, 5.0, 20 * MINUTE, DAY]),
    ),
    max_size=7,
)


def _campaign(days: t.Sequence[int]) -> Campaign:
    return Campaign([(day * DAY, status(word)) for day, word in zip(sorted(days), _WORDS)], "2026-03-02", "2026-03-13")


_campaigns = st.lists(
    st.lists(st.integers(0, 11), min_size=5, max_size=5, unique=True).map(_campaign), min_size=1, max_size=3
)


def _lives(world: WatchWorld, options: dict[str, t.Any], deaths: t.Sequence[tuple[float, int, float]]) -> list[Process]:
    """Run one process after the other. The last one is not killed."""
    processes = []
    for number, (days, steps, pause) in enumerate(deaths):
        process = Process(world, options, seed=number, lives=steps)
        process.run(world.clock.seconds + days * DAY)
        processes.append(process)
        world.clock.pass_time(pause)
    last = Process(world, options, seed=99)
    last.run(max(world.clock.seconds, _LAST) + 30 * DAY)
    return [*processes, last]


def _check(processes: t.Sequence[Process], names: t.Iterable[str]) -> None:
    told = [event for process in processes for event in process.events if event["campaign"] is not None]
    for name in names:
        fresh = [event for event in told if event["campaign"]["id"] == name and not event["repeated"]]
        # Each change follows from the one before: none is missing in between, none is sent twice.
        standing = None
        seen: list[t.Any] = []
        for event in told:
            if event["campaign"]["id"] != name:
                continue
            now = {**{key: event["campaign"][key] for key in ("state", "outcome")}, "threshold": "not_set"}
            if event["repeated"]:
                # It can be the first delivery, because the previous process can have died before its own.
                key = (event["id"], event["at"])
                if key in seen:
                    continue
            if event["type"] == "changed":
                assert event["previous"] == standing
            else:
                assert standing is None
            standing = now
            seen.append((event["id"], event["at"]))
        assert standing is not None and (standing["state"], standing["outcome"]) == ("ended", "succeeded")
        moments = [(event["id"], event["at"]) for event in fresh]
        assert len(moments) == len(set(moments))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True)
@given(_campaigns, _deaths)
def test_named_campaigns(campaigns: list[Campaign], deaths: list[tuple[float, int, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"c{number}" for number in range(len(campaigns))]
        world = WatchWorld(dict(zip(names, campaigns)))
        options = {
            "campaign_id": names,
            "state_file": str(pathlib.Path(folder) / "state"),
            "wait_interval": "1h",
            "wait_max_interval": "6h",
        }
        processes = _lives(world, options, deaths)
        _check(processes, names)
        assert processes[-1].outcome is not None and processes[-1].outcome.is_reached


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(_campaigns, _deaths)
def test_found_campaigns(campaigns: list[Campaign], deaths: list[tuple[float, int, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"c{number}" for number in range(len(campaigns))]
        # They exist from the beginning, because no watch sees a campaign that exists only during a pause.
        world = WatchWorld(
            {name: Campaign([(0, status("CampaignScheduled")), *one.steps]) for name, one in zip(names, campaigns)}
        )
        options = {
            "campaign_state": ["queued", "scheduled"],
            "state_file": str(pathlib.Path(folder) / "state"),
            "wait_interval": "1h",
            "wait_max_interval": "6h",
            "list_interval": "6h",
        }
        first = Process(world, options)
        first.run(world.clock.seconds + 60)
        _check([first, *_lives(world, options, deaths)], names)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(_campaigns, _deaths)
def test_without_a_memory_the_present_says_that_it_may_be_told_again(
    campaigns: list[Campaign], deaths: list[tuple[float, int, float]]
) -> None:
    names = [f"c{number}" for number in range(len(campaigns))]
    world = WatchWorld(dict(zip(names, campaigns)))
    for process in _lives(world, {"campaign_id": names, "wait_interval": "1h", "wait_max_interval": "6h"}, deaths):
        for event in process.events:
            assert event["repeated"] == (event["type"] == "present")
    ends = [event["id"] for event in process.events if (event["campaign"] or {}).get("terminal")]
    assert len(ends) == len(set(ends)) == len(names)


def test_an_end_that_was_told_just_before_the_process_died_is_told_again_days_later(tmp_path: pathlib.Path) -> None:
    """It is unknown whether a rule has acted on it, and no later event reports it, because the campaign is over."""
    world = WatchWorld({"c1": Campaign([(0, status("CampaignScheduled")), (DAY, status("CampaignEnded"))])})
    options = {"campaign_id": ["c1"], "state_file": str(tmp_path / "state"), "wait_interval": "1h"}
    # Two events, each stored and sent; the process dies when the second one was delivered.
    first = Process(world, options, lives=7)
    first.run()
    assert [short(event) for event in first.events] == ["present c1 scheduled", "changed c1 ended succeeded"]
    world.clock.pass_time(5 * DAY)
    second = Process(world, options)
    assert "changed c1 ended succeeded again" in [short(event) for event in second.run()]
    assert second.events[0]["id"] in {event["id"] for event in first.events}


def test_what_nobody_has_taken_is_told_again_however_long_the_process_lived(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rulebook can be busy for hours, and the event can wait for it all that time."""
    world = WatchWorld({"c1": Campaign([(0, status("CampaignScheduled"))])})
    options = {"campaign_id": ["c1"], "state_file": str(tmp_path / "state")}
    busy = Process(world, options)
    monkeypatch.setattr(busy.watch, "mark_delivered", lambda stored: None)
    assert [short(event) for event in busy.run(DAY)] == ["present c1 scheduled"]
    assert [short(event) for event in Process(world, options).run(2 * DAY)] == ["present c1 scheduled again"]
    assert Process(world, options).run(3 * DAY) == []
