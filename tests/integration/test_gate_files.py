# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a run share data in files, none of which contains a secret or a token in plain text."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from integration.fleets import gate, make_fleet, role_variables
from integration.leaks import basic_pair, leaks_in
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, FAST, Task, as_environment, info, play
from simulator.control import Control
from tools.environments import RUNS_ALL

Contents = dict[Path, set[bytes]]


@contextmanager
def _watching(folder: Path, contents: Contents) -> Iterator[None]:
    """Read all files below a folder repeatedly, and collect all contents that each file had."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.05):
            _read(folder, contents)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _read(folder: Path, contents: Contents) -> None:
    for path in folder.rglob("*"):
        # Files can disappear during the run.
        with suppress(OSError):
            if path.is_file():
                contents.setdefault(path, set()).add(path.read_bytes())


# The strategy decides which processes share data, and the source of the credentials decides who knows them. Neither
# depends on the other, so only the weekly run has all pairs.
_USUAL = ("environment-linear", "variables-linear", "variables-free", "environment-serial")
_PAIRS = {
    f"{by}-{name}": (by, keywords)
    for by in ("environment", "variables")
    for name, keywords in {"linear": {}, "free": {"strategy": "free"}, "serial": {"serial": 2}}.items()
}


@pytest.mark.parametrize(
    ("by", "keywords"),
    [pytest.param(*pair, id=name) for name, pair in _PAIRS.items() if RUNS_ALL or name in _USUAL],
)
def test_no_secret_in_any_file(
    playbooks: Playbooks, control: Control, api_url: str, by: str, keywords: dict[str, Any]
) -> None:
    temporary, snapshot = playbooks.folder / "temporary", playbooks.folder / "snapshot"
    temporary.mkdir()
    fleet = make_fleet(control, 4, campaigns=2, failed=0)
    given = {f"campaign_wait_{name}": f"{{{{ {name} }}}}" for name in CREDENTIALS} if by == "variables" else {}
    options = {**FAST, "campaign_id": "{{ campaign }}", "device_id": "{{ imei }}", "api_url": api_url}
    options |= {name: f"{{{{ {name} }}}}" for name in CREDENTIALS} if by == "variables" else {}
    # At this time all shared data exists, whatever the thread has seen.
    keep: Task = {
        "name": "keep",
        "ansible.builtin.command": {"argv": ["cp", "-r", str(temporary), str(snapshot)]},
        "run_once": True,
    }
    plays = [
        gate({**role_variables(api_url), **given}, **keywords),
        play([info("wait", options), keep], hosts="all"),
    ]
    contents: Contents = {}
    with _watching(temporary, contents):
        run = playbooks.run(
            plays,
            hosts=fleet.hosts,
            variables=CREDENTIALS if by == "variables" else None,
            environment={
                **(as_environment(CREDENTIALS) if by == "environment" else {}),
                "ANSIBLE_LOCAL_TEMP": str(temporary),
            },
            verbosity=0,
        )
    _read(snapshot, contents)

    assert run.code == 0, run.output
    issued = control.state()["issued"]
    tokens = {*issued["access_tokens"], *issued["session_tokens"]}
    assert len(tokens) == 2
    pairs = {
        basic_pair(CREDENTIALS["api_key"], CREDENTIALS["api_secret"]),
        basic_pair(CREDENTIALS["username"], CREDENTIALS["password"]),
    }
    secrets = {*CREDENTIALS.values(), *tokens, *pairs}
    texts = [(path, content.decode("utf-8", "replace")) for path, each in contents.items() for content in each]
    assert [str(path) for path, text in texts if leaks_in(text, secrets)] == []
    # Check that the test has really seen the shared data, which is in the folder of the run.
    assert sum(len(text) for path, text in texts if snapshot in path.parents) > 1000, sorted(contents)
    # No files remain after the run.
    assert [path for path in temporary.rglob("*") if path.is_file()] == []
