# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Close a run of nox with its sessions and tests. Usage: ``python -m tools.summary [--no-skipped] REPORT.json``.

The tests of a session are counted in its JUnit files, ``SESSION.xml`` or ``SESSION/*.xml`` beside nox's report; a
session without one counts as one test.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from junitparser import JUnitXml

from tools.environments import BY_NAME


@dataclass(frozen=True)
class Count:
    """Numbers of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass(frozen=True)
class Session:
    """The result of a session, as nox calls it, and its tests."""

    name: str
    result: str
    seconds: float
    count: Count
    reason: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it failed, or did not run because another session failed."""
        return self.result not in ("success", "skipped")

    @property
    def word(self) -> str:
        """passed, FAILED or SKIPPED."""
        return "FAILED" if self.has_failed else {"success": "passed", "skipped": "SKIPPED"}[self.result]


def count_of(result: str, files: Iterable[Path]) -> Count:
    """Return the number of tests in these JUnit files. A failed session has at least one failed test."""
    if result == "skipped":
        return Count(skipped=1)
    total, found = Count(), False
    for path in files:
        found = True
        read = JUnitXml.fromfile(str(path))
        for suite in read if isinstance(read, JUnitXml) else [read]:
            failed = suite.failures + suite.errors
            total += Count(suite.tests - failed - suite.skipped, failed, suite.skipped)
    if not found and result == "success":
        return Count(passed=1)
    if result != "success" and not total.failed:
        return Count(max(total.passed - 1, 0), 1, total.skipped)
    return total


def sessions_of(report: Path) -> list[Session]:
    """Return the sessions in nox's report, except for successful ones that only create an environment."""
    found = []
    for entry in json.loads(report.read_text(encoding="utf-8"))["sessions"]:
        name, result = entry["signatures"][0] if entry["signatures"] else entry["name"], entry["result"]
        files = sorted([*report.parent.glob(f"{name}.xml"), *report.parent.glob(f"{name}/*.xml")])
        session = Session(name, result, entry["duration"], count_of(result, files), entry["reason"] or "")
        if name not in BY_NAME or session.has_failed:
            found.append(session)
    return found


def table(sessions: list[Session]) -> str:
    """Return the table. Its last line is ``N passed, N failed, N skipped``."""
    lines = [f"{'session':<26}{'result':<10}{'tests':>6}{'skipped':>9}{'seconds':>9}  remark"]
    for one in sessions:
        ran = one.count.passed + one.count.failed
        lines.append(
            f"{one.name:<26}{one.word:<10}{ran:>6}{one.count.skipped:>9}{one.seconds:>9.0f}  {one.reason}".rstrip()
        )
    total = sum((one.count for one in sessions), Count())
    return "\n".join([*lines, "", f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped"])


def main(arguments: list[str]) -> int:
    """Print the table. Returns 0 if no session failed and, with ``--no-skipped``, none was skipped."""
    parser = argparse.ArgumentParser(prog="summary", description=__doc__)
    parser.add_argument("--no-skipped", action="store_true", help="fail if a session was skipped")
    parser.add_argument("report", type=Path)
    options = parser.parse_args(arguments)
    sessions = sessions_of(options.report)
    print(f"\n{table(sessions)}", flush=True)
    bad = [one for one in sessions if one.has_failed or options.no_skipped and one.result == "skipped"]
    return int(bool(bad) or not sessions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
