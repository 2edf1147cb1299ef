# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment has its own Java for ansible-rulebook, so no test is skipped because Java is missing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from integration.lane import Lane

from eda import rulebooks
from tools.environments import EDA


def test_ansible_rulebook_finds_the_java_of_its_environment(tmp_path: Path) -> None:
    lane = Lane(EDA.folder, tmp_path)
    found = subprocess.run(
        [*lane.program("ansible-rulebook"), "--version"],
        env=rulebooks.environment(lane, tmp_path),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "ansible-rulebook [1.3.2]" in found
    home, version = (re.search(rf"Java {what} = (.+)", found) for what in ("home", "version"))
    assert home and version, found
    assert Path(home[1]).is_relative_to(EDA.folder)
    assert int(version[1].split(".")[0]) >= 17
