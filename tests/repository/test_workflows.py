# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows of the forge run the same checks as ``make test``, each once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from repository.sessions import sessions
from tools import release
from tools.environments import ALL
from tools.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow. Its key ``on`` becomes True in YAML 1.1."""
    loaded = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


CHECKS = workflow("ci.yml")["jobs"]["checks"]


def test_the_matrix_runs_each_session_once() -> None:
    tested = [name for name, tags in sessions().items() if "test" in tags]
    selected = [select.split() for select in CHECKS["strategy"]["matrix"]["select"]]
    ran = [value for kind, value in selected if kind == "--session"]
    marks = {value for kind, value in selected if kind == "--tags"}
    ran += [name for name, tags in sessions().items() if marks & set(tags)]
    assert sorted(ran) == sorted(tested)


def test_every_environment_finds_the_python_that_it_likes_best() -> None:
    (setup,) = (step for step in CHECKS["steps"] if "setup-python" in step.get("uses", ""))
    offered = setup["with"]["python-version"].split()
    assert {environment.pythons[0] for environment in ALL} <= set(offered)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_hash_and_says_its_version(path: Path) -> None:
    used = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if "uses: " in line]
    assert used
    assert not [line for line in used if not PINNED.fullmatch(line) and not line.startswith("uses: $/")]


def test_one_action_has_one_version() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    pins = {pin for text in texts for pin in re.findall(r"uses: (\S+@\S+ # \S+)", text)}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    for name in (*release.versions(ROOT), "changelogs/changelog.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_a_tag_that_is_the_version_of_the_last_release_may_be_released(checkout: Path) -> None:
    (version,) = set(release.versions(ROOT).values())
    assert release.faults(checkout, version) == []


@pytest.mark.parametrize("name", release.versions(ROOT))
def test_a_file_with_another_version_is_named(checkout: Path, name: str) -> None:
    (version,) = set(release.versions(ROOT).values())
    text = (checkout / name).read_text(encoding="utf-8")
    (checkout / name).write_text(text.replace(version, "9.8.7"), encoding="utf-8")
    assert f"{name} says 9.8.7, the tag {version}." in release.faults(checkout, version)


def test_a_tag_without_a_release_in_the_changelog_is_refused(checkout: Path) -> None:
    assert "changelogs/changelog.yaml has no release 9.8.7" in "".join(release.faults(checkout, "9.8.7"))


def test_a_fragment_that_is_in_no_release_is_named(checkout: Path) -> None:
    (checkout / "changelogs/fragments").mkdir()
    (checkout / "changelogs/fragments/late.yml").write_text("---\n", encoding="utf-8")
    assert "These fragments are in no release: late.yml." in release.faults(checkout, "9.8.7")
