# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/README.md names every folder of the tests."""

from __future__ import annotations

import re

from tools.paths import ROOT


def test_each_folder_of_the_tests_is_named() -> None:
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    others = set(re.findall(r"`(\w+)`", text.split("These directories contain no tests:")[1].split("|")[0]))
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rows | others == there
