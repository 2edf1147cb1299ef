# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are not what they should be are refused in one sentence, and left as they are."""

from __future__ import annotations

import pathlib
import sqlite3
import stat
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Known, WatchMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Standing
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file import (
    StateFile,
    StateFileUnusable,
    open_memory,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock

IDENTITY: t.Final = ("https://thingspace.verizon.com/api", "0402196254-00001", "v2")
EVENT: t.Final = {"id": "1", "repeated": False}


def opened(path: pathlib.Path, clock: Clock | None = None) -> StateFile:
    """The file of a watch."""
    return StateFile(str(path), IDENTITY, 600.0, clock or FakeClock())


def refusal(path: pathlib.Path, identity: t.Sequence[str] = IDENTITY) -> str:
    """The sentence with which a file is refused, which names the option and the file."""
    with pytest.raises(StateFileUnusable) as caught:
        StateFile(str(path), identity, 600.0, FakeClock())
    message = caught.value.message
    assert (caught.value.option, caught.value.reason) == ("state_file", "state_file_unusable")
    assert message.startswith(f"state_file {path} ")
    assert message.endswith(", so no event is sent: set another file, or none.")
    return message[len(f"state_file {path} ") :].partition(", so no event is sent")[0]


def filled(path: pathlib.Path) -> pathlib.Path:
    """A good file with something in it."""
    memory = opened(path)
    memory.store({f"c{number}": Known(Standing("scheduled", "pending", "open")) for number in range(2000)}, [EVENT])
    memory.close()
    return path


def test_what_was_kept_is_known_to_the_next_process(tmp_path: pathlib.Path) -> None:
    memory = opened(tmp_path / "state")
    known = {
        "c1": Known(Standing("ended", "succeeded", "met"), is_over=True),
        "c2": Known(None, trouble="not_found"),
    }
    memory.store(known, [])
    memory.mark_listed()
    memory.close()
    again = opened(tmp_path / "state")
    assert (again.known(), again.has_listed) == (known, True)


def test_it_is_for_its_owner_only(tmp_path: pathlib.Path) -> None:
    assert stat.S_IMODE(filled(tmp_path / "state").stat().st_mode) == 0o600


def repeated(path: pathlib.Path, clock: FakeClock) -> list[dict[str, t.Any]]:
    """Events that a process that starts now repeats; it ends at once."""
    memory = opened(path, clock)
    try:
        return [stored.event for stored in memory.to_repeat()]
    finally:
        memory.close()


def test_events_are_repeated_until_they_were_told_for_long(tmp_path: pathlib.Path) -> None:
    clock, path = FakeClock(), tmp_path / "state"
    memory = opened(path, clock)
    first, second = memory.store({}, [EVENT, {**EVENT, "id": "2"}])
    assert first.number is not None and second.number is not None
    memory.mark_delivered([first.number])
    clock.pass_time(600)
    memory.prune()
    memory.close()
    # The second one was never delivered.
    assert repeated(path, clock) == [{"id": "2", "repeated": True}]


@pytest.mark.parametrize("lives", [0, 599])
def test_time_in_which_nobody_runs_does_not_count(tmp_path: pathlib.Path, lives: float) -> None:
    """The process can die before a rule acts on the event, and restart only days later."""
    clock, path = FakeClock(), tmp_path / "state"
    memory = opened(path, clock)
    (stored,) = memory.store({}, [EVENT])
    assert stored.number is not None
    memory.mark_delivered([stored.number])
    clock.pass_time(lives)
    memory.prune()
    memory.close()
    clock.pass_time(5 * 86400)
    assert [event["id"] for event in repeated(path, clock)] == ["1"]


def test_what_is_repeated_has_its_whole_time_again(tmp_path: pathlib.Path) -> None:
    clock, path = FakeClock(), tmp_path / "state"
    memory = opened(path, clock)
    (stored,) = memory.store({}, [EVENT])
    assert stored.number is not None
    memory.mark_delivered([stored.number])
    memory.close()
    clock.pass_time(5000)
    memory = opened(path, clock)
    assert len(memory.to_repeat()) == 1
    # Sent again, but not delivered yet.
    memory.prune()
    clock.pass_time(5000)
    memory.mark_delivered([stored.number])
    clock.pass_time(599)
    memory.prune()
    memory.close()
    assert len(repeated(path, clock)) == 1


def test_what_is_repeated_and_not_delivered_yet_stays(tmp_path: pathlib.Path) -> None:
    clock, path = FakeClock(), tmp_path / "state"
    memory = opened(path, clock)
    numbers = [stored.number or 0 for stored in memory.store({}, [EVENT, {**EVENT, "id": "2"}])]
    memory.mark_delivered(numbers)
    memory.close()
    memory = opened(path, clock)
    assert [stored.number for stored in memory.to_repeat()] == numbers
    memory.mark_delivered(numbers[:1])
    clock.pass_time(600)
    memory.prune()
    memory.close()
    assert repeated(path, clock) == [{"id": "2", "repeated": True}]


def test_each_event_is_kept_for_its_own_time(tmp_path: pathlib.Path) -> None:
    clock, path = FakeClock(), tmp_path / "state"
    memory = opened(path, clock)
    for number in range(3):
        (stored,) = memory.store({}, [{**EVENT, "id": str(number)}])
        memory.mark_delivered([stored.number or 0])
        clock.pass_time(200)
    kept = []
    for _minute in range(4):
        memory.prune()
        kept.append(memory._database.execute("SELECT count(*) FROM events").fetchone()[0])
        clock.pass_time(200)
    assert kept == [2, 1, 0, 0]


def test_whether_the_lists_were_read_is_known_at_once_and_later(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state"
    for memory in (opened(path), WatchMemory()):
        assert memory.has_listed is False
        for _time in range(2):
            memory.mark_listed()
            assert memory.has_listed is True
        memory.close()
    changes = opened(path)
    changes.mark_listed()
    assert changes._database.total_changes == 0


def test_only_a_file_is_persistent(tmp_path: pathlib.Path) -> None:
    identity, clock = list(IDENTITY), FakeClock()
    in_file = open_memory(str(tmp_path / "state"), identity, 600.0, clock)
    assert (in_file.is_persistent, open_memory(None, identity, 600.0, clock).is_persistent) == (True, False)


def test_another_thread_may_close_it(tmp_path: pathlib.Path) -> None:
    """The event source opens the file, a thread of its own uses it."""
    memory = opened(tmp_path / "state")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(memory.known).result() == {}
        pool.submit(memory.close).result()


def test_nothing_is_written_while_nothing_is_told(tmp_path: pathlib.Path) -> None:
    clock = FakeClock()
    memory = opened(tmp_path / "state", clock)
    (stored,) = memory.store({}, [EVENT])
    assert stored.number is not None
    memory.mark_delivered([stored.number])
    changes = []
    for _minute in range(15):
        clock.pass_time(60)
        before = memory._database.total_changes
        memory.prune()
        changes.append(memory._database.total_changes - before)
    assert changes == [0] * 9 + [1] + [0] * 5


def test_all_or_nothing_is_kept(tmp_path: pathlib.Path) -> None:
    memory = opened(tmp_path / "state")
    with pytest.raises(StateFileUnusable, match="is damaged"):
        memory.store({"c1": Known(is_over=True)}, [EVENT, {"id": object()}])
    assert (memory.known(), memory.to_repeat()) == ({}, [])


def test_two_processes_do_not_share_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file._LOCK_TIMEOUT", 0.05
    )
    memory = opened(tmp_path / "state")
    assert refusal(tmp_path / "state") == "is in use by another process"
    memory.close()
    opened(tmp_path / "state").close()


@pytest.mark.parametrize("content", [b"Hello, this is something else.", b"\0" * 5000, b"SQLite"])
def test_a_foreign_file_is_left_as_it_is(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    assert refusal(path) == "is not a file that this source has written"
    assert path.read_bytes() == content


def test_a_foreign_database_is_left_as_it_is(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE events (number INTEGER)")
    database.commit()
    database.close()
    content = path.read_bytes()
    assert refusal(path) == "is not a file that this source has written"
    assert path.read_bytes() == content


@pytest.mark.parametrize("part", [slice(16, 24), slice(100, 400), slice(5000, 9000), slice(12000, 30000)])
def test_a_damaged_file_is_refused(tmp_path: pathlib.Path, part: slice) -> None:
    path = filled(tmp_path / "state")
    content = bytearray(path.read_bytes())
    assert len(content) > part.stop
    content[part] = b"\xaa" * (part.stop - part.start)
    path.write_bytes(content)
    assert refusal(path) in ("is damaged", "is not a file that this source has written")


def test_a_file_that_was_cut_off_is_refused(tmp_path: pathlib.Path) -> None:
    path = filled(tmp_path / "state")
    path.write_bytes(path.read_bytes()[:9000])
    assert refusal(path) == "is damaged"


def test_a_newer_file_is_refused(tmp_path: pathlib.Path) -> None:
    path = filled(tmp_path / "state")
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 2")
    database.close()
    assert refusal(path) == "was written by a newer version of this collection"


@pytest.mark.parametrize("place", range(3))
def test_a_file_of_another_watch_is_refused(tmp_path: pathlib.Path, place: int) -> None:
    identity = [*IDENTITY]
    identity[place] = "other"
    assert refusal(filled(tmp_path / "state"), identity) == "belongs to another account, api_version or api_url"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: pathlib.Path) -> None:
    assert refusal(tmp_path / "nowhere" / "state") == "cannot be opened (No such file or directory)"
    assert refusal(tmp_path) == "cannot be opened (Is a directory)"


def test_a_file_that_becomes_unusable_says_so(tmp_path: pathlib.Path) -> None:
    memory = opened(tmp_path / "state")
    memory._database.execute("DROP TABLE campaigns")
    with pytest.raises(StateFileUnusable, match="cannot be used"):
        memory.store({"c1": Known()}, [])
