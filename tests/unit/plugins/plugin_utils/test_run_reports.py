# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reports of a run are to show, and how they are written."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _due_reports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._due_reports import write_due_reports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report import place
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import RunUses, Use
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    CAMPAIGN_ID,
    device,
    facts,
    result,
    wait,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock


class Run:
    """A run of Ansible, its memory and what it has printed."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.uses = RunUses(folder / "memory", self.clock)
        self.reports = RunReports(folder / "memory", self.clock)
        self.said: list[str] = []
        self.warned: list[str] = []

    def note(self, path: Path, task: str, *hosts: str) -> Use:
        """Hosts at a task that want a report."""
        for host in hosts:
            use = self.uses.join(task, host, hosts)
            self.reports.want(str(path), use, host)
        return use

    def decide(self, path: Path, use: Use, host: str, told: dict[str, t.Any] | None = None) -> bool:
        """What a host's own task does; true if it had something new to tell."""
        self.uses.decide(use, host, {"decision": "continue", "device": None, "reason": f"Of {host}.", "campaigns": {}})
        told = told or result()
        is_news = self.reports.is_news(str(path), use, told)
        if is_news:
            self.reports.learn(str(path), use, told, {CAMPAIGN_ID: [device("1")]})
        return is_news

    def write(self, is_check: bool = False) -> bool:
        return write_due_reports(self.reports, self.said.append, self.warned.append, is_check, self.clock)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_one_host_tells_for_all_with_the_same_result(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b")
    assert [run.decide(path, use, host) for host in ("a", "b")] == [True, False]
    other = result(facts(status="CampaignScheduled"))
    assert run.decide(path, use, "b", other)
    assert len(run.reports.learned(str(path))) == 2


def test_a_report_tells_of_all_batches_and_tasks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    for task, host in (("task", "a"), ("other", "a"), ("task", "b")):
        run.decide(path, run.note(path, task, host), host)
        assert run.write()
    assert [one.host for one in run.reports.hosts(str(path))] == ["a", "a", "b"]
    text = path.read_text(encoding="utf-8")
    assert "**3** hosts continue" in text
    assert run.said == [f"The report is in {path}."] * 3


def test_a_host_without_a_decision_is_undecided(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b")
    run.decide(path, use, "a")
    assert run.write()
    assert "| `b` | – | undecided |" in path.read_text(encoding="utf-8")


def test_a_host_with_unusable_options_fails_with_the_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.uses.join("task", "a", ["a", "b"])
    run.reports.refuse(str(path), use, "a", "campaign_wait_timeout is 'soon'.")
    assert run.write()
    assert "| `a` | – | fail | `campaign_wait_timeout is 'soon'.` |" in path.read_text(encoding="utf-8")
    run.decide(path, run.note(path, "task", "b"), "b")
    assert run.write()
    assert [one.host for one in run.reports.hosts(str(path))] == ["a", "b"]


def test_each_report_has_its_own_hosts(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.md", "b.md")]
    for path in paths:
        run.decide(path, run.note(path, "task", path.stem), path.stem)
    assert run.reports.due() == [str(path) for path in paths]
    assert run.write()
    assert [[one.host for one in run.reports.hosts(str(path))] for path in paths] == [["a"], ["b"]]
    assert all(path.exists() for path in paths)


def test_one_file_has_one_report_whatever_it_is_called(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    use = run.note(Path("r.md"), "task", "a")
    run.decide(tmp_path / "r.md", use, "a")
    assert run.reports.due() == [str(tmp_path / "r.md")]
    assert len(run.reports.hosts(str(tmp_path / "r.md"))) == 1


def test_nothing_new_is_not_written_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    assert not run.write()
    run.decide(path, run.note(path, "task", "a"), "a")
    assert run.write()
    path.unlink()
    assert not run.write()
    assert not path.exists()


def test_check_mode_writes_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    assert not run.write(is_check=True)
    assert not path.exists()
    assert run.said == [f"In check mode no report is written to {path}."]


def test_the_memory_holds_no_result_in_clear(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a", result(facts(campaign_name="A very special name")))
    stored = (tmp_path / "memory" / "fleetops.thingspace" / "run.sqlite3").read_bytes()
    assert b"very special" not in stored
    assert b"UpgradeSuccess" not in stored


def test_another_key_reads_nothing_and_harms_nobody(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    monkeypatch.setattr(run.reports._store, "opened", lambda _sealed: None)
    assert run.reports.learned(str(path)) == []
    assert run.write()
    assert "| `a` |" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd\nvalue"), MemoryError()])
def test_what_goes_wrong_is_a_warning_and_the_others_are_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
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
    assert warning.isprintable()


def test_a_memory_that_is_gone_is_a_warning(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    os.unlink(tmp_path / "memory" / "fleetops.thingspace" / "run.sqlite3")
    assert not run.write()
    assert len(run.warned) == 1


def test_another_process_that_writes_is_waited_for_and_not_for_ever(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    other = RunReports(tmp_path / "memory", run.clock)
    started = run.clock.monotonic()
    with other.locked(str(path)):
        assert other.take(str(path))
        run.reports.is_news(str(path), run.uses.join("task", "b", ["b"]), result(waits=[wait(polls=9)]))
        assert not run.write()
    assert run.clock.monotonic() - started == pytest.approx(60.0, abs=1.0)
    assert "for too long" in run.warned[0]
