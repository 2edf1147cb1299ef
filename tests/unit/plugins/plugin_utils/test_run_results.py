# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results that the hosts of a play hand on to each other, with real processes."""

from __future__ import annotations

import multiprocessing
import pathlib
import stat
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_results import RunResults

SECONDS: t.Final = 20.0
CHANCE: t.Final = 0.3
RESULT: t.Final = {"passing": "\na\n", "goals": [{"message": "caf\u00e9 \u20ac"}], "hosts": {"a": {"decision": "go"}}}

# As Ansible makes its workers.
FORK: t.Final = multiprocessing.get_context("fork")


def ask(results: RunResults, host: str, wish: str, wishes: dict[str, str], result: t.Any = None) -> t.Any:
    """What a host gets; it does the work for all with these wishes if nobody has done it for this wish of its own."""
    with results.alone():
        found = results.take(host, wish)
        if found is None:
            results.put(host, wishes, result or {"by": host})
            return "done"
        return found


def test_the_first_host_does_the_work_and_each_other_gets_it_once(tmp_path: pathlib.Path) -> None:
    results = RunResults(tmp_path, "play")
    wishes = {"a": "w", "b": "w", "c": "w"}
    assert ask(results, "a", "w", wishes, RESULT) == "done"
    assert ask(results, "b", "w", wishes) == RESULT
    assert ask(results, "c", "w", wishes) == RESULT
    # Who asks again wants to know anew, and the others get that then.
    assert ask(results, "b", "w", wishes) == "done"
    assert ask(results, "a", "w", wishes) == {"by": "b"}
    assert ask(results, "a", "w", wishes) == "done"
    assert [ask(results, "c", "w", wishes) for _time in range(3)] == [{"by": "b"}, {"by": "a"}, "done"]


def test_another_wish_is_not_answered(tmp_path: pathlib.Path) -> None:
    results = RunResults(tmp_path, "play")
    assert ask(results, "a", "w", {"a": "w", "b": "w"}) == "done"
    assert ask(results, "b", "another", {"b": "another"}) == "done"
    # The older result still waits for the wish that it answers.
    assert ask(results, "b", "w", {"b": "w"}) == {"by": "a"}


def test_a_host_that_nobody_has_asked_for_does_its_own_work(tmp_path: pathlib.Path) -> None:
    results = RunResults(tmp_path, "play")
    assert ask(results, "a", "w", {"a": "w"}) == "done"
    assert ask(results, "b", "w", {"a": "w", "b": "w"}) == "done"
    # The result of the second was also for the first.
    assert ask(results, "a", "w", {"a": "w"}) == {"by": "b"}


def test_plays_and_runs_know_nothing_of_each_other(tmp_path: pathlib.Path) -> None:
    wishes = {"a": "w", "b": "w"}
    assert ask(RunResults(tmp_path / "run", "play"), "a", "w", wishes) == "done"
    assert ask(RunResults(tmp_path / "run", "another play"), "b", "w", wishes) == "done"
    assert ask(RunResults(tmp_path / "another run", "play"), "b", "w", wishes) == "done"
    assert ask(RunResults(tmp_path / "run", "play"), "b", "w", wishes) == {"by": "a"}


@pytest.mark.parametrize("name", ["a b", "a,b", 'quo"te', "../up", "\u00e9\u20ac", "[x]", ",", ""])
def test_any_name_of_a_host(tmp_path: pathlib.Path, name: str) -> None:
    results = RunResults(tmp_path, name)
    wishes = dict.fromkeys(["a", "b", name], "w")
    assert ask(results, "a", "w", wishes) == "done"
    assert ask(results, name, "w", wishes) == {"by": "a"}
    assert ask(results, "b", "w", wishes) == {"by": "a"}
    assert ask(results, name, "w", wishes) == "done"


def test_the_files_are_the_owners_alone(tmp_path: pathlib.Path) -> None:
    ask(RunResults(tmp_path, "play"), "a", "w", {"a": "w"})
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.suffix for path in folder.iterdir()) == [".gate", ".given", ".json"]


def test_a_result_that_was_not_written_whole_is_none(tmp_path: pathlib.Path) -> None:
    ask(RunResults(tmp_path, "play"), "a", "w", {"a": "w", "b": "w"})
    (given,) = tmp_path.rglob("*.given")
    # As if the worker had died before it had noted that the result is there.
    given.unlink()
    assert ask(RunResults(tmp_path, "play"), "b", "w", {"a": "w", "b": "w"}) == "done"
    assert ask(RunResults(tmp_path, "play"), "a", "w", {"a": "w"}) == {"by": "b"}


def work(folder: pathlib.Path, host: str, wishes: dict[str, str], start: t.Any, another: t.Any) -> None:
    """A worker: leaves a file that tells whether it did the work for all, or what it was given."""
    results = RunResults(folder / "run", "play")
    start.wait(SECONDS)
    with results.alone():
        found = results.take(host, wishes[host])
        if found is None:
            # Gives the others every chance to come in before the result is there; none must.
            with another:
                another.notify_all()
                another.wait(CHANCE)
            results.put(host, wishes, {"by": host})
    (folder / f"{'given' if found else 'done'}-{host}").write_text(str(found), encoding="utf-8")


def hold(folder: pathlib.Path, holding: t.Any) -> None:
    """A worker that takes its turn and never gives it back."""
    with RunResults(folder / "run", "play").alone():
        holding.set()
        FORK.Event().wait()


def run_workers(folder: pathlib.Path, wishes: dict[str, str]) -> tuple[list[str], list[str]]:
    """Who did the work, and what the others were given."""
    start, another = FORK.Barrier(len(wishes)), FORK.Condition()
    workers = [FORK.Process(target=work, args=(folder, host, wishes, start, another)) for host in wishes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(SECONDS)
    assert [worker.exitcode for worker in workers] == [0] * len(workers)
    done = [path.name.partition("-")[2] for path in folder.glob("done-*")]
    return done, [path.read_text(encoding="utf-8") for path in folder.glob("given-*")]


def test_of_five_processes_one_does_the_work(tmp_path: pathlib.Path) -> None:
    done, given = run_workers(tmp_path, {f"host-{number}": "w" for number in range(5)})
    (by,) = done
    assert given == [str({"by": by})] * 4


def test_processes_with_different_wishes_are_answered_by_one_that_knows_them_all(tmp_path: pathlib.Path) -> None:
    done, given = run_workers(tmp_path, {"a": "w", "b": "v", "c": "u"})
    assert len(done) == 1
    assert given == [str({"by": done[0]})] * 2


def test_a_worker_that_dies_gives_its_turn_back(tmp_path: pathlib.Path) -> None:
    holding = FORK.Event()
    worker = FORK.Process(target=hold, args=(tmp_path, holding))
    worker.start()
    assert holding.wait(SECONDS)
    worker.kill()
    worker.join(SECONDS)
    assert run_workers(tmp_path, {"a": "w"}) == (["a"], [])
