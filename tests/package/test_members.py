# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball contains what users need, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tools.environments import DEV
from tools.paths import ROOT, VENVS

# Patterns for all files that are allowed in the tarball.
ALLOWED = (
    r"(MANIFEST|FILES)\.json",
    r"(README\.md|CHANGELOG\.rst|LICENSE)",
    r"LICENSES/[\w.-]+\.txt",
    r"changelogs/changelog\.yaml",
    r"docs/[\w/-]+\.(md|rst|yml|svg|png)",
    r"extensions/[\w/-]+\.(cfg|conf|py|yml|json|md)",
    r"meta/(runtime\.yml|execution-environment\.yml|ee-requirements\.txt)",
    r"playbooks/[\w/-]+\.(yml|md)",
    r"plugins/\w+/(\w+/)?\w+\.(py|yml)",
    r"plugins/plugin_utils/_report/templates/report\.(html\.j2|md\.j2|css|js)",
    r"roles/\w+/(README\.md|[\w/-]+\.(yml|j2))",
)
REQUIRED = (
    "CHANGELOG.rst",
    "LICENSE",
    "LICENSES/GPL-3.0-or-later.txt",
    "MANIFEST.json",
    "README.md",
    "changelogs/changelog.yaml",
    "extensions/awx/credential_types.yml",
    "extensions/awx/project/collections/requirements.yml",
    "extensions/eda/activation.yml",
    "extensions/eda/decision-environment.yml",
    "extensions/eda/plugins/event_filter/callback_hint.py",
    "extensions/eda/plugins/event_source/campaign.py",
    "extensions/eda/rulebooks/continue.yml",
    "extensions/eda/schemas/campaign_event.json",
    "extensions/eda/plugins/event_source/callback.py",
    "extensions/eda/schemas/callback_hint.json",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "playbooks/campaign_wait.yml",
    "plugins/action/campaign_info.py",
    "plugins/modules/campaign_info.py",
    "plugins/plugin_utils/_report/templates/report.html.j2",
    "roles/campaign_wait/meta/argument_specs.yml",
)


def members(path: Path) -> set[str]:
    """Return the names of the files in a tarball."""
    with tarfile.open(path) as archive:
        return {member.name for member in archive if not member.isdir()}


def metadata() -> dict[str, object]:
    """Return galaxy.yml."""
    loaded = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_member_is_of_an_allowed_kind(tarball: Path) -> None:
    strangers = [name for name in members(tarball) if not any(re.fullmatch(rule, name) for rule in ALLOWED)]
    assert not strangers


@pytest.mark.parametrize("name", REQUIRED)
def test_the_tarball_has(tarball: Path, name: str) -> None:
    assert name in members(tarball)


def test_every_plugin_role_and_playbook_of_the_checkout_is_in(tarball: Path) -> None:
    here = {
        str(path.relative_to(ROOT))
        for folder in ("plugins", "roles", "playbooks", "extensions")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert here
    assert here <= members(tarball)


def test_a_build_straight_from_the_checkout_is_the_same(tarball: Path, tmp_path: Path) -> None:
    """Users who install from git build in a checkout that has environments and logs."""
    assert VENVS.is_dir()
    command = [
        str(DEV.folder / "bin" / "ansible-galaxy"),
        "collection",
        "build",
        str(ROOT),
        "--output-path",
        str(tmp_path),
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.tar.gz")
    assert members(built) == members(tarball)


def test_the_manifest_says_what_galaxy_yml_says(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        info = json.load(manifest)["collection_info"]
    wanted = metadata()
    assert {name: info[name] for name in ("namespace", "name", "version", "license")} == {
        name: wanted[name] for name in ("namespace", "name", "version", "license")
    }


def test_the_version_in_the_code_is_that_of_galaxy_yml() -> None:
    code = (ROOT / "plugins" / "module_utils" / "_version.py").read_text(encoding="utf-8")
    assert f'VERSION = "{metadata()["version"]}"\n' in code
