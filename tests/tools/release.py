# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that a tag may be released, and write its notes into dist. Usage: ``python -m tools.release TAG``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import tomllib
import yaml

from tools.collection import DIST
from tools.environments import DEV
from tools.paths import ROOT

NOTES = DIST / "release-notes.md"


def versions(root: Path) -> dict[str, str]:
    """Return the version that each file states."""
    code = (root / "plugins/module_utils/_version.py").read_text(encoding="utf-8")
    stated = re.search(r'^VERSION = "(.*)"$', code, re.MULTILINE)
    return {
        "galaxy.yml": str(yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]),
        "plugins/module_utils/_version.py": stated.group(1) if stated else "",
        "pyproject.toml": tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"],
    }


def faults(root: Path, tag: str) -> list[str]:
    """Return a sentence for each problem that prevents a release of this checkout with this tag."""
    found = [f"{name} says {stated}, the tag {tag}." for name, stated in versions(root).items() if stated != tag]
    changelog = yaml.safe_load((root / "changelogs/changelog.yaml").read_text(encoding="utf-8"))
    if tag not in changelog["releases"]:
        found.append(f"changelogs/changelog.yaml has no release {tag}: run antsibull-changelog release.")
    waiting = sorted(path.name for path in (root / "changelogs/fragments").glob("*.y*ml"))
    if waiting:
        found.append(f"These fragments are in no release: {', '.join(waiting)}.")
    return found


def main(arguments: list[str]) -> int:
    """Check the tag and write the notes. Returns 0 if the tag can be released."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    found = faults(ROOT, arguments[0])
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    DIST.mkdir(exist_ok=True)
    command = [str(DEV.folder / "bin" / "antsibull-changelog"), "generate", arguments[0], "--only-latest"]
    command += ["--output", str(NOTES), "--output-format", "md"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
