# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random answers with random pauses: a request always ends in time, with little memory, and with the expected errors.

To repeat the answers of a seed, run ``python -m client.fuzz SEED COUNT`` in the folder of the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Only a few seeds, to save time. More can be tried manually.
SEEDS = (1, 2, 3)
COUNT = 24
TESTS = Path(__file__).parents[1]
PATHS = [str(TESTS.parent / ".venv" / "shape"), str(TESTS)]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_answers(seed: int) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-m", "client.fuzz", str(seed), str(COUNT)],
        env={**variables, "PYTHONPATH": os.pathsep.join(PATHS)},
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)

    assert seen["count"] == COUNT
    assert seen["late"] == []
    assert seen["strange"] == []
    assert seen["mebibytes"] < 100
    assert {"Response", "ConnectionFailed"} <= set(seen["outcomes"])
