# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts at one task share: its start, notes, decisions, and printed lines."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from cryptography.fernet import Fernet

from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _run_store
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import RunUses, Use
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.run_processes import (
    in_processes,
    kill_within,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock

NOTE: t.Final = {"params": {"password": "password-4444", "campaign_id": ["c1"]}, "environment": {}}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def uses(tmp_path: pathlib.Path, clock: FakeClock) -> RunUses:
    return RunUses(tmp_path, clock)


def test_hosts_of_a_batch_share_the_start(uses: RunUses, clock: FakeClock) -> None:
    first = uses.join("task", "a", ["a", "b", "c"])
    assert first.started == clock.monotonic()
    clock.pass_time(48 * 3600.0)
    assert [uses.join("task", host, ["b", "c"]) for host in ("b", "c")] == [first, first]
    assert uses.joined("task", "b") == first


def test_each_batch_and_each_task_has_its_own(uses: RunUses, clock: FakeClock) -> None:
    first = uses.join("task", "a", ["a", "b"])
    clock.pass_time(100.0)
    second = uses.join("task", "c", ["c", "d"])
    other = uses.join("another task", "b", ["a", "b"])
    assert len({first.number, second.number, other.number}) == 3
    assert second.started == other.started == first.started + 100.0
    assert uses.join("task", "b", ["a", "b"]) == first
    assert uses.joined("another task", "a") is None


@pytest.mark.parametrize("order", ["aabb", "abab", "abba"])
def test_who_comes_again_starts_the_next_use_with_the_others(uses: RunUses, clock: FakeClock, order: str) -> None:
    seen: dict[str, list[Use]] = {"a": [], "b": []}
    for host in order:
        seen[host].append(uses.join("task", host, ["a", "b"]))
        clock.pass_time(1.0)
    assert seen["a"] == seen["b"]
    assert seen["a"][0].started < seen["a"][1].started
    assert uses.joined("task", "a") == seen["a"][1]


def test_a_host_that_nobody_knew_of_begins_its_own(uses: RunUses) -> None:
    first = uses.join("task", "a", ["a", "b"])
    assert uses.join("task", "added", ["a", "b"]) != first


@pytest.mark.parametrize("name", ["", "a b", "'", '"', "\u20ac", "[x]", "%", "a\nb"])
def test_any_name_of_a_host(uses: RunUses, name: str) -> None:
    use = uses.join("task", "first", ["first", name])
    assert uses.join("task", name, []) == use
    uses.note(use, name, NOTE)
    uses.decide(use, name, {"decision": "continue"})
    assert uses.notes(use) == {name: NOTE}
    assert uses.decisions(use) == {name: {"decision": "continue"}}


def test_of_many_processes_one_starts_and_one_tells(tmp_path: pathlib.Path) -> None:
    hosts = [f"h{number}" for number in range(6)]

    def work(host: str) -> t.Callable[[], tuple[int, bool, bool]]:
        def run() -> tuple[int, bool, bool]:
            uses = RunUses(tmp_path)
            use = uses.join("task", host, hosts)
            uses.note(use, host, {"host": host})
            return use.number, uses.is_new(use, "a line"), uses.is_new(use, host)

        return run

    done = in_processes([work(host) for host in hosts])
    assert len({number for number, _one, _own in done}) == 1
    assert [one for _number, one, _own in done].count(True) == 1
    assert all(own for _number, _one, own in done)
    uses = RunUses(tmp_path)
    use = uses.joined("task", "h0")
    assert use is not None
    assert uses.notes(use) == {host: {"host": host} for host in hosts}


def test_a_line_is_told_once_for_each_use(uses: RunUses) -> None:
    first, second = uses.join("task", "a", ["a"]), uses.join("task", "a", ["a"])
    assert [uses.is_new(use, "line") for use in (first, first, second)] == [True, False, True]


def test_who_is_killed_right_after_it_joined_keeps_its_place(uses: RunUses) -> None:
    def work(die: t.Callable[[], None]) -> None:
        uses.join("task", "a", ["a", "b"])
        die()

    kill_within(work)
    use = uses.join("task", "b", ["b"])
    assert use == uses.joined("task", "a")
    assert uses.notes(use) == {}


def test_a_note_is_sealed(uses: RunUses, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use = uses.join("task", "a", ["a"])
    uses.note(use, "a", NOTE)
    assert uses.notes(use) == {"a": NOTE}
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"password-4444" not in path.read_bytes()
    monkeypatch.setattr(_run_store, "_CIPHER", Fernet(Fernet.generate_key()))
    assert uses.notes(use) == {}


def test_the_options_of_a_host_are_open_until_its_decision(uses: RunUses) -> None:
    use = uses.join("task", "a", ["a", "b"])
    assert uses.open_note(use, "a") is None
    for host in ("a", "b"):
        uses.note(use, host, NOTE)
    assert uses.open_note(use, "a") == NOTE
    uses.decide(use, "a", {"decision": "continue"})
    assert (uses.open_note(use, "a"), uses.open_note(use, "b")) == (None, NOTE)
    assert uses.open_note(Use(use.number + 1, 0.0), "b") is None


def test_whether_a_host_was_decided_is_known_for_the_whole_run(uses: RunUses) -> None:
    use = uses.join("task", "a", ["a", "b"])
    assert uses.was_decided("a") is False
    uses.decide(use, "a", {"decision": "fail"})
    assert (uses.was_decided("a"), uses.was_decided("b")) == (True, False)


@pytest.mark.parametrize(("options", "is_shared"), [({}, True), ({"in_step": False}, True), ({"in_step": True}, False)])
def test_who_comes_after_the_first_decision_shares_its_use_unless_hosts_run_in_step(
    uses: RunUses, options: dict[str, bool], is_shared: bool
) -> None:
    use = uses.join("task", "a", ["a", "b"], **options)
    uses.decide(use, "a", {"decision": "continue"})
    assert (uses.join("task", "b", ["b"], **options) == use) is is_shared
