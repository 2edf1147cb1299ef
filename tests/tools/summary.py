# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count the tests of the steps and print the closing table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from tools.scheduler import Outcome


@dataclass(frozen=True)
class Count:
    """Numbers of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def _junit(text: str) -> Count:
    count = Count()
    for suite in ElementTree.fromstring(text).iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        count += Count(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return count


def count(outcome: Outcome) -> Count:
    """Return the tests of a step. One that ended badly has at least one failed test, one that ran at least one test."""
    step = outcome.step
    if outcome.code is None:
        return Count(skipped=1)
    found = Count()
    if step.reports:
        for report in step.written_reports():
            found += _junit(report.read_text(encoding="utf-8"))
    elif step.counted:
        found = Count(passed=len(re.findall(step.counted, step.log.read_text(errors="replace"), re.MULTILINE)))
    elif outcome.code == 0:
        found = Count(passed=1)
    if outcome.code != 0 and not found.failed:
        return Count(max(found.passed - 1, 0), 1, found.skipped)
    return found


def failed(outcome: Outcome) -> bool:
    """Tell whether a step failed: a bad exit code, or a test run that has run no test."""
    if outcome.code is None:
        return False
    numbers = count(outcome)
    return outcome.code != 0 or numbers.failed > 0 or numbers.passed == 0


def word(outcome: Outcome) -> str:
    """Return passed, FAILED or SKIPPED."""
    if outcome.code is None:
        return "SKIPPED"
    return "FAILED" if failed(outcome) else "passed"


def table(outcomes: list[Outcome]) -> str:
    """Return the closing table; its last line is ``N passed, N failed, N skipped``."""
    lines = [f"{'step':<16}{'lane':<12}{'result':<10}{'tests':>6}{'skipped':>9}{'seconds':>9}  remark"]
    total = Count()
    for outcome in outcomes:
        numbers = count(outcome)
        if failed(outcome) and not numbers.failed:
            numbers += Count(failed=1)
        total += numbers
        step = outcome.step
        ran = numbers.passed + numbers.failed
        remark = outcome.reason
        if failed(outcome):
            remark = f"{numbers.failed} failed, see .logs/{step.log.name}"
        lines.append(
            f"{step.name:<16}{step.lane:<12}{word(outcome):<10}{ran:>6}{numbers.skipped:>9}"
            f"{outcome.seconds:>9.0f}  {remark}".rstrip()
        )
    lanes = {outcome.step.lane: outcome.reason for outcome in outcomes if outcome.code is None}
    if lanes:
        lines.append("")
        lines += [f"SKIPPED lane {lane or '-'}: {reason}" for lane, reason in lanes.items()]
    lines += ["", f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped"]
    return "\n".join(lines)
