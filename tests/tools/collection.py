# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's tarball from the files that git knows, and install it. Usage: ``python3 -m tools.collection``.

The command builds the tarball for Galaxy, which also contains the guides in the format of docs.ansible.com.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import worktree
from tools.paths import NAME, NAMESPACE, ROOT, VENVS

DIST = ROOT / "dist"


class BuildError(Exception):
    """ansible-galaxy failed. The message is its output."""


def _galaxy(venv: Path, arguments: list[str]) -> str:
    environment = {**os.environ, "ANSIBLE_HOME": str(VENVS / "ansible-home"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        [str(venv / "bin" / "ansible-galaxy"), "collection", *arguments],
        cwd=VENVS,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(done.stdout)
    return done.stdout


def build(output: Path, venv: Path = VENVS / "dev", site: Path | None = None) -> Path:
    """Build the tarball into a folder, with the ansible-galaxy of this environment, and return its path.

    With the environment ``site``, it also contains the guides as reStructuredText.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=VENVS) as folder:
        worktree.copy_to(Path(folder))
        if site is not None:
            _write_guides(Path(folder) / "docs" / "docsite" / "rst", site)
        _galaxy(venv, ["build", folder, "--force", "--output-path", folder])
        (built,) = Path(folder).glob(f"{NAMESPACE}-{NAME}-*.tar.gz")
        return built.replace(output / built.name)


def _write_guides(folder: Path, site: Path) -> None:
    done = subprocess.run(
        [str(site / "bin" / "python"), "-m", "tools.site_pages", str(folder)],
        cwd=ROOT / "tests",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(done.stdout)


def install(tarball: Path, collections: Path, venv: Path) -> Path:
    """Install a tarball below a collections folder, offline, with the ansible-galaxy of this environment."""
    _galaxy(venv, ["install", str(tarball), "--collections-path", str(collections), "--offline", "--force"])
    return collections / "ansible_collections" / NAMESPACE / NAME


def main() -> int:
    """Build the tarball into dist."""
    try:
        print(build(DIST, site=VENVS / "site").relative_to(ROOT))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
