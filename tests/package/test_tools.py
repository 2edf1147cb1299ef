# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tools behind the Makefile: they must not call a thing green that was not tested."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tools import chromium, environments, indexes, installer, pythons, scheduler, steps, summary, worktree
from tools.environments import BROWSER, CORE_LANES, DEV, Made
from tools.paths import ROOT
from tools.scheduler import Outcome
from tools.steps import Step

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def script(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_shim_that_cannot_run_its_python_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "shims" / f"python{HERE}", "echo 'command not found' >&2; exit 127")
    real = script(tmp_path / "real" / f"python{HERE}", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    assert pythons.find([HERE]) is None
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}{os.pathsep}{real.parent}")
    found = pythons.find([HERE])
    assert found is not None
    assert found[0] == HERE


def test_a_python_of_another_version_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "python3.99", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.find(["3.99"]) is None


def test_pip_settings_reach_uv() -> None:
    listing = "\n".join(
        (
            ":env:.find-links='/a /b'",
            "global.find-links='/c'",
            "global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'",
            "install.index-url='https://three.example/simple'",
            "global.index-url='https://four.example/simple'",
        )
    )
    assert indexes.uv_settings(indexes.parse_pip_config(listing), {}) == {
        "UV_FIND_LINKS": "/a,/b",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://three.example/simple",
    }


def test_what_the_user_set_for_uv_wins() -> None:
    set_by_user = {"UV_INDEX_URL": "https://five.example/simple"}
    assert indexes.uv_settings({"index-url": "https://three.example/simple"}, set_by_user) == {}


def run(step: Step, python: str | None = sys.executable) -> Outcome:
    """Run one step whose environment is there, or is not."""
    step.log.parent.mkdir(exist_ok=True)
    return scheduler.run_one(step, {DEV.name: Made(DEV, python, "" if python else DEV.missing)})


def shell(name: str, text: str, reports: str = "", counted: str = "") -> Step:
    """Make a step of a line of shell."""
    return Step(f"self-test-{name}", "self-test", ("/bin/sh", "-c", text), reports=reports, counted=counted)


@pytest.mark.parametrize(
    ("step", "counted", "word"),
    [
        (shell("good", "true"), summary.Count(1, 0, 0), "passed"),
        (shell("bad", "exit 3"), summary.Count(0, 1, 0), "FAILED"),
        (shell("lines", "echo T1; echo T2", counted="^T"), summary.Count(2, 0, 0), "passed"),
        (shell("lines-bad", "echo T1; echo T2; exit 1", counted="^T"), summary.Count(1, 1, 0), "FAILED"),
        (shell("no-lines", "true", counted="^T"), summary.Count(0, 0, 0), "FAILED"),
        (shell("no-report", "true", reports=".logs/self-test-no-report.xml"), summary.Count(0, 0, 0), "FAILED"),
    ],
    ids=lambda value: value.name if isinstance(value, Step) else "",
)
def test_only_what_ran_and_ended_well_is_green(step: Step, counted: summary.Count, word: str) -> None:
    outcome = run(step)
    assert (summary.count(outcome), summary.word(outcome)) == (counted, word)


def test_the_table_names_a_lane_that_is_skipped_and_ends_with_the_sum() -> None:
    lines = summary.table([run(shell("good", "true")), run(shell("none", "true"), python=None)]).split("\n")
    assert f"SKIPPED lane -: {DEV.missing}" in lines
    assert lines[-1] == "1 passed, 0 failed, 1 skipped"


def test_a_failed_run_that_counted_no_test_is_in_the_sum() -> None:
    assert summary.table([run(shell("no-lines", "true", counted="^T"))]).endswith("\n0 passed, 1 failed, 0 skipped")


def test_the_environment_of_a_step_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_PASSWORD", "not-for-tests")
    monkeypatch.setenv("ANSIBLE_CONFIG", "/etc/ansible/ansible.cfg")
    environment = scheduler.environment_of(shell("environment", "true"))
    assert not {"THINGSPACE_PASSWORD", "ANSIBLE_CONFIG"} & set(environment)


def test_make_has_a_target_for_every_group_of_steps() -> None:
    targets = set(re.findall(r"\.checks ([a-z_-]+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {step.group for step in steps.all_steps()} == set(steps.GROUPS) == targets - {steps.QUICK}
    assert steps.QUICK in targets


def test_the_inner_loop_needs_one_environment_and_leaves_no_report_of_another_step() -> None:
    quick = steps.quick_steps()
    assert {step.name for step in quick} == {"ruff", "ruff-format", "mypy", "unit-quick"}
    assert {needed for step in quick for needed in step.needs} == {DEV}
    assert not {step.reports for step in quick if step.reports} & {step.reports for step in steps.all_steps()}


def test_every_lane_has_integration_and_sanity() -> None:
    pairs = {(step.name, step.lane) for step in steps.all_steps()}
    assert pairs >= {(name, lane.name) for lane in CORE_LANES for name in ("integration", "sanity")}


def test_ignored_files_are_not_known() -> None:
    known = worktree.known_files()
    assert Path("galaxy.yml") in known
    assert not [path for path in known if path.parts[0] in (".venv", ".logs", ".git")]


def _chromium(folder: Path, says: str) -> Path:
    return script(folder / "chromium", says)


def test_a_stand_in_for_chromium_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEETOPS_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.found_or_installed() is None
    snap = _chromium(tmp_path / "snap", "echo 'requires the chromium snap to be installed'; exit 1")
    monkeypatch.setenv("PATH", str(snap.parent))
    assert chromium.found() is None
    real = _chromium(tmp_path / "real", "echo Chromium 150.0")
    monkeypatch.setenv("PATH", f"{snap.parent}{os.pathsep}{real.parent}")
    monkeypatch.setenv("FLEETOPS_CHROMIUM", str(real))
    assert chromium.found() == str(real)


def test_without_chromium_its_step_is_skipped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "found_or_installed", lambda: None)
    monkeypatch.setattr(installer, "make", lambda *_arguments: False)
    made = environments.ensure([BROWSER])
    assert made[BROWSER.name].python is None
    (step,) = (step for step in steps.all_steps() if BROWSER in step.needs)
    outcome = scheduler.run_one(step, made)
    assert (summary.word(outcome), outcome.reason) == ("SKIPPED", chromium.MISSING)
    assert chromium.MISSING in summary.table([outcome])
