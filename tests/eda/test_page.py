# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/events.md: its command runs, and its tables are complete."""

from __future__ import annotations

import re

import yaml
from integration.tasks import CREDENTIALS, as_environment

from eda.rulebooks import Rulebooks
from simulator.control import Control, SimulatorProcess
from simulator.stock import V2_ID
from tools.paths import ROOT

PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")


def test_the_rulebook_that_is_typed_runs(rulebooks: Rulebooks, simulator: SimulatorProcess, control: Control) -> None:
    (name,) = re.findall(r"\$ ansible-rulebook --rulebook fleetops\.thingspace\.(\w+) --vars campaigns\.yml", PAGE)
    (variables,) = re.findall(r'```yaml title="campaigns.yml"\n(.*?)```', PAGE, re.DOTALL)
    more = as_environment({"api_url": simulator.url, **CREDENTIALS})
    with rulebooks.of(name, yaml.safe_load(variables), more) as rulebook:
        assert rulebook.wait() == 0, rulebook.output
    assert V2_ID in rulebook.output
    assert "'type': 'present'" in rulebook.output
    assert "'type': 'done'" in rulebook.output


def test_the_table_of_what_is_launched_is_right() -> None:
    for path in (ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml"):
        launched = set(re.findall(r"thingspace_launch: (.+)", path.read_text(encoding="utf-8")))
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{path.stem}` |")]
        assert set(re.findall(r"\*\*(.+?)\*\*", row)) == launched
        assert all(f"once for each {per}" in row for per in _how_often(path.read_text()))


def _how_often(text: str) -> set[str]:
    return set(re.findall(r"thingspace_once_per: (\w+)", text))
