# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database and the locks of one run, with real processes, and where they cannot be had."""

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import resource
import shutil
import sqlite3
import stat
import time
import typing as t
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RunFolderUnusable
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _run_store
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.run_processes import (
    FORK,
    SECONDS,
    in_processes,
    kill_within,
)

NAME: t.Final = ("login", "session_token", "the-user")
PLENTY: t.Final = 1e9


@pytest.fixture
def store(tmp_path: pathlib.Path) -> RunStore:
    """The store of a run."""
    return RunStore(tmp_path, Clock())


def add_one(store: RunStore) -> None:
    with store.transaction() as database:
        database.execute("INSERT INTO uses (task, turn, hosts, started) VALUES ('', 0, '', 0)")


def count(store: RunStore) -> int:
    with store.transaction() as database:
        return int(database.execute("SELECT count(*) FROM uses").fetchone()[0])


def test_nothing_is_lost_between_processes(store: RunStore) -> None:
    def work() -> None:
        for _time in range(20):
            add_one(store)

    in_processes([work] * 5)
    assert count(store) == 100


def test_all_processes_use_the_same_names(tmp_path: pathlib.Path) -> None:
    names = in_processes([lambda: RunStore(tmp_path, Clock()).digest("a", "b")] * 5)
    assert len(set(names)) == 1
    store = RunStore(tmp_path, Clock())
    assert len({store.digest(*parts) for parts in (("a", "b"), ("ab",), ("a b",), ("b", "a"), ("a", "b", ""))}) == 5
    assert store.digest("a", "b") == names[0] != RunStore(tmp_path / "another run", Clock()).digest("a", "b")


def test_one_process_at_a_time_has_a_lock(tmp_path: pathlib.Path, store: RunStore) -> None:
    tally = tmp_path / "tally"
    tally.write_text("0")

    def work() -> None:
        for _time in range(10):
            with RunStore(tmp_path, Clock()).locked(NAME, PLENTY):
                seen = int(tally.read_text())
                time.sleep(0.001)
                tally.write_text(str(seen + 1))

    in_processes([work] * 5)
    assert tally.read_text() == "50"


def held_by_another(store: RunStore, within: t.Callable[[], t.Any], name: tuple[str, ...] = NAME) -> t.Any:
    """What comes of this while another process holds a lock."""
    holding, done = FORK.Event(), FORK.Event()

    def hold() -> None:
        with store.locked(name, PLENTY):
            holding.set()
            done.wait(SECONDS)

    holder = FORK.Process(target=hold)
    holder.start()
    try:
        assert holding.wait(SECONDS)
        return within()
    finally:
        done.set()
        holder.join(SECONDS)


def take(store: RunStore, name: tuple[str, ...], seconds: float) -> bool:
    try:
        with store.locked(name, time.monotonic() + seconds):
            return True
    except LockTimeout:
        return False


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 0.2])
def test_a_lock_is_waited_for_until_a_moment(store: RunStore, seconds: float) -> None:
    began = time.monotonic()
    assert held_by_another(store, lambda: take(store, NAME, seconds)) is False
    assert time.monotonic() - began < 5
    assert take(store, NAME, seconds)


def test_locks_of_other_names_are_others(store: RunStore) -> None:
    for other in (NAME[1:], (*NAME, ""), ("poll", *NAME[1:])):
        assert held_by_another(store, lambda other=other: take(store, other, 0.0))  # type: ignore[misc]


def test_who_is_killed_gives_its_lock_back(store: RunStore) -> None:
    def work(die: Callable[[], None]) -> None:
        with store.locked(NAME, PLENTY):
            die()

    kill_within(work)
    assert take(store, NAME, 0.0)


def test_who_is_killed_within_a_transaction_has_changed_nothing(store: RunStore) -> None:
    add_one(store)

    def work(die: Callable[[], None]) -> None:
        with store.transaction() as database:
            database.execute("DELETE FROM uses")
            # More than the cache holds, so that it is in the file already.
            database.execute("CREATE TABLE large (content BLOB)")
            database.executemany("INSERT INTO large VALUES (?)", [(os.urandom(100_000),)] * 100)
            die()

    kill_within(work)
    assert count(store) == 1


def test_who_is_killed_while_it_makes_the_tables_leaves_none(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(die: Callable[[], None]) -> None:
        # The version is written last.
        monkeypatch.setattr(_run_store, "_VERSION", _Dying(die))
        add_one(store)

    kill_within(work)
    assert count(store) == 0


class _Dying:
    def __init__(self, die: Callable[[], None]) -> None:
        self._die = die

    def __format__(self, _spec: str) -> str:
        self._die()
        return ""


def test_an_exception_within_undoes_all(store: RunStore) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction() as database:
        database.execute("INSERT INTO uses (task, turn, hosts, started) VALUES ('', 0, '', 0)")
        raise KeyboardInterrupt
    assert count(store) == 0


def test_who_waits_for_the_database_stops_soon_after_its_time(store: RunStore) -> None:
    add_one(store)
    began = time.monotonic()
    store.give_up_at = began + 0.5
    blocker = sqlite3.connect(store.path / "run.sqlite3", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(RunFolderUnusable, match="database is locked"):
            add_one(store)
    finally:
        blocker.close()
    assert time.monotonic() - began < 5
    assert count(store) == 1


def test_a_process_opens_the_database_once(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    connect = sqlite3.connect

    def noted(file: pathlib.Path, isolation_level: None) -> sqlite3.Connection:
        opened.append(file)
        return connect(file, isolation_level=isolation_level)

    monkeypatch.setattr(sqlite3, "connect", noted)
    for _time in range(5):
        add_one(store)
    assert count(RunStore(store.path.parent, Clock())) == 5
    assert len(opened) == 1


def test_no_connection_is_used_on_the_other_side_of_a_fork(store: RunStore) -> None:
    with store.transaction() as before:
        pass

    def work() -> bool:
        add_one(store)
        with store.transaction() as database:
            return database is before

    assert in_processes([work] * 3) == [False] * 3
    with store.transaction() as after:
        assert after is before
    assert count(store) == 3


def test_a_fork_within_a_transaction_does_not_end_it(store: RunStore) -> None:
    add_one(store)

    def work() -> str:
        store.give_up_at = 0.0
        try:
            add_one(store)
        except RunFolderUnusable as error:
            return error.message
        return ""

    with store.transaction() as database:
        database.execute("INSERT INTO uses (task, turn, hosts, started) VALUES ('', 0, '', 0)")
        (said,) = in_processes([work])
        assert "database is locked" in said
    assert count(store) == 2


def test_each_thread_has_a_connection_of_its_own(store: RunStore) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda _number: add_one(store), range(40)))
    assert count(store) == 40


def test_an_interruption_at_any_moment_leaves_the_database_free(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_one(store)

    def interrupt(_database: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "_create_tables", staticmethod(interrupt))
        with pytest.raises(KeyboardInterrupt):
            add_one(store)
    assert in_processes([lambda: count(store)]) == [1]


def removed(folder: pathlib.Path) -> None:
    shutil.rmtree(folder)


def emptied(folder: pathlib.Path) -> None:
    (folder / "run.sqlite3").unlink()


def replaced(folder: pathlib.Path) -> None:
    shutil.copy(folder / "run.sqlite3", folder / "other")
    (folder / "other").replace(folder / "run.sqlite3")


@pytest.mark.parametrize("loss", [removed, emptied, replaced])
def test_what_the_run_knew_and_is_lost_is_not_begun_anew(store: RunStore, loss: Callable[[pathlib.Path], None]) -> None:
    add_one(store)
    loss(store.path)
    for _time in range(2):
        check_sentence(lambda: add_one(store), store.path.parent)
        check_sentence(lambda: add_one(RunStore(store.path.parent, Clock())), store.path.parent)

    def work() -> None:
        check_sentence(lambda: add_one(store), store.path.parent)

    in_processes([work])


def a_file(folder: pathlib.Path) -> None:
    (folder / "fleetops.thingspace").write_text("in the way")


def no_database(folder: pathlib.Path) -> None:
    (folder / "fleetops.thingspace").mkdir()
    (folder / "fleetops.thingspace" / "run.sqlite3").write_bytes(b"no database " * 1000)


def a_folder(folder: pathlib.Path) -> None:
    (folder / "fleetops.thingspace" / "run.sqlite3").mkdir(parents=True)


def other_tables(folder: pathlib.Path) -> None:
    (folder / "fleetops.thingspace").mkdir()
    with sqlite3.connect(folder / "fleetops.thingspace" / "run.sqlite3") as database:
        database.execute("PRAGMA user_version = 1")


def a_dangling_link(folder: pathlib.Path) -> None:
    (folder / "fleetops.thingspace").symlink_to(folder / "nowhere" / "at all")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (a_file, "(File exists)"),
        (no_database, "(file is not a database)"),
        (a_folder, "(unable to open database file)"),
        (other_tables, "(no such table: "),
        (a_dangling_link, "(File exists)"),
    ],
)
def test_a_folder_that_cannot_be_used_is_a_sentence(
    tmp_path: pathlib.Path, damage: Callable[[pathlib.Path], None], said: str
) -> None:
    damage(tmp_path)
    store = RunStore(tmp_path, Clock())
    assert said in check_sentence(lambda: add_one(store), tmp_path)
    if damage in (a_file, a_dangling_link):
        # Locks are files of their own.
        check_sentence(lambda: take(store, NAME, 0.0), tmp_path)


def check_sentence(work: Callable[[], t.Any], folder: pathlib.Path) -> str:
    """Return the message of an error, which must be a sentence about this directory."""
    with pytest.raises(RunFolderUnusable) as caught:
        work()
    message = caught.value.message
    assert message.startswith("The tasks of this run cannot share their login history in ")
    assert str(folder) in message
    assert "no request was sent" in message
    assert message.isprintable()
    return message


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EIO, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_a_sentence(
    tmp_path: pathlib.Path, store: RunStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    assert f"({os.strerror(number)})" in check_sentence(lambda: take(store, NAME, 5.0), tmp_path)


def test_a_disk_that_is_full_is_a_sentence_and_loses_nothing(tmp_path: pathlib.Path, store: RunStore) -> None:
    add_one(store)
    size = (store.path / "run.sqlite3").stat().st_size

    def fill() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            for _time in range(10_000):
                with store.transaction() as database:
                    database.execute("INSERT INTO notes VALUES (1, ?, ?)", (os.urandom(9).hex(), os.urandom(4000)))
        except RunFolderUnusable as error:
            return error.message
        return ""

    (said,) = in_processes([fill])
    assert said.startswith("The tasks of this run cannot share")
    assert count(store) == 1


def test_only_its_owner_can_look_into_the_folder(store: RunStore) -> None:
    add_one(store)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o700


def test_only_its_owner_can_look_into_a_folder_that_a_lock_has_made(store: RunStore) -> None:
    with store.locked(NAME, PLENTY):
        (lock,) = store.path.iterdir()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (store.path, lock)] == [0o700, 0o600]


def test_what_another_key_has_sealed_is_nothing(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypted = store.encrypt({"a": [1, None]})
    assert store.decrypt(encrypted) == {"a": [1, None]}
    monkeypatch.setattr(_run_store, "_CIPHER", Fernet(Fernet.generate_key()))
    assert store.decrypt(encrypted) is None
    assert store.decrypt(b"nonsense") is None


def test_all_processes_have_the_same_key(store: RunStore) -> None:
    (encrypted,) = in_processes([lambda: store.encrypt("text")])
    assert store.decrypt(encrypted) == "text"
