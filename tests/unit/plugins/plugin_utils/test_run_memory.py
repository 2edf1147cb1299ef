# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login memory that the worker processes of one run share, with real processes."""

from __future__ import annotations

import multiprocessing
import pathlib
import stat
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_memory import RunMemory

IDENTITY: t.Final = ("https://host/api", "the-key", "the-secret", "the-user", "the-password")
SENTENCE: t.Final = "The login of the user was refused."
SECONDS: t.Final = 20.0
CHANCE: t.Final = 0.5

# As Ansible makes its workers.
FORK: t.Final = multiprocessing.get_context("fork")


def log_in(folder: pathlib.Path, identity: tuple[str, ...], start: t.Any, another: t.Any) -> None:
    """A worker: leaves a file in the folder that tells whether it would have sent a login, and what it was told."""
    memory = RunMemory(folder / "run")
    start.wait(SECONDS)
    with memory.alone(identity) as refusal:
        if refusal is None:
            _leave(folder, "sent", "")
            # Gives the others every chance to come in before the refusal is known; none must.
            with another:
                another.notify_all()
                another.wait(CHANCE)
            memory.remember_refusal(identity, SENTENCE)
        else:
            _leave(folder, "told", refusal)


def hold(folder: pathlib.Path, identity: tuple[str, ...], holding: t.Any) -> None:
    """A worker that takes its turn and never gives it back."""
    with RunMemory(folder / "run").alone(identity):
        holding.set()
        FORK.Event().wait()


def _leave(folder: pathlib.Path, kind: str, text: str) -> None:
    (folder / f"{kind}-{multiprocessing.current_process().pid}").write_text(text, encoding="utf-8")


def run_workers(folder: pathlib.Path, identities: list[tuple[str, ...]]) -> tuple[int, list[str]]:
    """How many workers sent a login, and the refusals that the others were told."""
    start = FORK.Barrier(len(identities))
    another = FORK.Condition()
    workers = [FORK.Process(target=log_in, args=(folder, identity, start, another)) for identity in identities]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(SECONDS)
    assert [worker.exitcode for worker in workers] == [0] * len(workers)
    told = [path.read_text(encoding="utf-8") for path in folder.glob("told-*")]
    return len(list(folder.glob("sent-*"))), told


def test_of_five_with_the_same_credentials_only_one_logs_in(tmp_path: pathlib.Path) -> None:
    assert run_workers(tmp_path, [IDENTITY] * 5) == (1, [SENTENCE] * 4)


def test_other_credentials_have_a_memory_of_their_own(tmp_path: pathlib.Path) -> None:
    others = [(*IDENTITY[:place], "another", *IDENTITY[place + 1 :]) for place in range(len(IDENTITY))]

    assert run_workers(tmp_path, [IDENTITY, *others[:3]]) == (4, [])
    memory = RunMemory(tmp_path / "run")
    for identity in others[3:]:
        with memory.alone(identity) as refusal:
            assert refusal is None


def test_a_worker_that_dies_gives_its_turn_back(tmp_path: pathlib.Path) -> None:
    holding = FORK.Event()
    worker = FORK.Process(target=hold, args=(tmp_path, IDENTITY, holding))
    worker.start()
    assert holding.wait(SECONDS)
    worker.kill()
    worker.join(SECONDS)

    assert run_workers(tmp_path, [IDENTITY]) == (1, [])


@pytest.mark.parametrize("texts", [IDENTITY, ("https://host/api", "a/b", "../..", "\u20ac\n", "")])
def test_the_files_hold_no_secret_and_are_the_owners_alone(tmp_path: pathlib.Path, texts: tuple[str, ...]) -> None:
    memory = RunMemory(tmp_path)
    with memory.alone(texts):
        memory.remember_refusal(texts, SENTENCE)
    memory.remember_acceptance(texts)

    (folder,) = tmp_path.iterdir()
    files = sorted(folder.iterdir())
    content = " ".join(f"{path.name} {path.read_text(encoding='utf-8')}" for path in files)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(files) == 3
    assert SENTENCE in content
    assert not [text for text in texts if text and text in content]
    with memory.alone(texts) as refusal:
        assert refusal == SENTENCE


def test_an_acceptance_is_remembered_for_these_credentials(tmp_path: pathlib.Path) -> None:
    memory = RunMemory(tmp_path)
    with memory.alone(IDENTITY) as refusal:
        assert refusal is None
        assert not memory.was_accepted(IDENTITY)
        memory.remember_acceptance(IDENTITY)

    assert RunMemory(tmp_path).was_accepted(IDENTITY)
    assert not memory.was_accepted((*IDENTITY[:4], "another"))
    with memory.alone(IDENTITY) as refusal:
        assert refusal is None


def test_the_same_credentials_in_another_run_are_another_file(tmp_path: pathlib.Path) -> None:
    for run in ("one", "two"):
        with RunMemory(tmp_path / run).alone(IDENTITY):
            pass

    names = [{path.name for path in (tmp_path / run).rglob("*.lock")} for run in ("one", "two")]

    assert all(names)
    assert not names[0] & names[1]
