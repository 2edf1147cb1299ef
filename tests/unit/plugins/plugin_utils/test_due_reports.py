# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Due reports are written, and an error in a report does not hold any host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _due_reports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report import place
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    result,
    wait,
)
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.report_run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_nothing_new_is_not_written_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    assert run.write() is False
    run.decide(path, run.note(path, "task", "a"), "a")
    assert run.write()
    path.unlink()
    assert run.write() is False
    assert not path.exists()


def test_check_mode_writes_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    assert run.write(is_check=True) is False
    assert not path.exists()
    assert run.said == [f"In check mode no report is written to {path}."]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device."), "No space left on device (OSError)."),
        (PermissionError(13, "x" * 201), f"{'x' * 199}\u2026 (PermissionError)."),
        (OSError("odd"), "An unexpected error: OSError"),
        (ValueError("odd\nvalue"), "An unexpected error: ValueError"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_what_goes_wrong_is_a_warning_and_the_others_are_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    broken, good = tmp_path / "broken.md", tmp_path / "good.md"
    for path in (broken, good):
        run.decide(path, run.note(path, "task", path.stem), path.stem)

    def fail_once(path: str, text: str) -> bool:
        if path == str(broken):
            raise error
        return place.write(path, text)

    monkeypatch.setattr(_due_reports, "write", fail_once)
    assert run.write()
    assert good.exists()
    (warning,) = run.warned
    assert warning.startswith(f"The report {broken} could not be written: ")
    assert said in warning and warning.isprintable()


def test_a_memory_that_is_gone_is_a_warning(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    os.unlink(tmp_path / "memory" / "fleetops.thingspace" / "run.sqlite3")
    assert run.write() is False
    assert len(run.warned) == 1


def test_another_process_that_writes_is_waited_for_and_not_for_ever(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    other = RunReports(tmp_path / "memory", run.clock)
    started = run.clock.monotonic()
    with other.locked(str(path)):
        assert other.claim(str(path))
        run.reports.is_new_result(str(path), run.uses.join("task", "b", ["b"]), result(waits=[wait(polls=9)]))
        assert run.write() is False
    assert run.clock.monotonic() - started == pytest.approx(60.0, abs=1.0)
    assert "for too long" in run.warned[0]
