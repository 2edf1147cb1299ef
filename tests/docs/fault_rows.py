# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of docs/faults.md, and their real results: of tasks against the simulator with the rule of the row."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from docs.pages import page
from docs.tasks import result_of
from docs.troubles import SERVICE
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

HEAD = ("Fault", "Rule", "Message of a task", "A wait, at its first poll", "A wait, later")
# The timeouts in real seconds: a short one for faults without an answer, the default, which is on the page, and a long
# one for all other faults, so that a busy machine changes nothing.
TIMEOUT, DEFAULT_TIMEOUT, PATIENCE = 0.3, 30, 20
# How often a fault without a limit occurs in a wait that can survive it.
_SOME = 2
_POLLS_BEFORE = 2
_TIMELINE = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 6, "status": "CampaignEnded"}]
_CAMPAIGN = {
    "api_version": "v2",
    "account_name": ACCOUNT,
    "id": V2_ID,
    "timeline": _TIMELINE,
    "devices": {"count": 3},
}
_WAIT: dict[str, Any] = {"wait": True, "wait_interval": 60, "wait_max_interval": 60, "wait_timeout": 7200}
# Options with which a task reads device reports.
_REPORT: dict[str, Any] = {"devices": "summary"}
_REPORTING: dict[str, Any] = {"min_success_percent": 50, "report_every": 1}
_ONE_READ: dict[str, Any] = {"kind": "campaign_read", "skip": _POLLS_BEFORE, "times": 1}
# The faults that require a second login of each kind.
_NEW_LOGIN: dict[str, dict[str, Any]] = {
    "oauth_token": {"action": "gateway", "name": "900901"},
    "session_login": {"action": "status", "status": 401, "json": {"errorCode": "UNAUTHORIZED"}},
}


@dataclass(frozen=True)
class Row:
    """A row: the rule as data, and the three cells with its results."""

    rule: dict[str, Any]
    says: str
    first: str
    later: str

    @property
    def name(self) -> str:
        """The rule in short form, for the name of a test."""
        return " ".join(str(value) for value in self.rule.values())


def rows() -> list[Row]:
    """Return all rows of the page."""
    found = []
    for table in page("docs/faults.md").tables:
        assert tuple(table.head) == HEAD
        found += [Row(json.loads(rule.strip("`")), says, *waits) for _fault, rule, says, *waits in table.rows]
    return found


def happens(row: Row, address: str, control: Control, **connection: Any) -> Row:
    """Return the row with its real results."""
    kind = row.rule.get("kind", "campaign_read" if row.rule["action"] != "wrong_name" else None)
    rule = {**row.rule, **({"kind": kind} if kind else {})}
    is_without_end = row.rule["action"] in ("hang", "slow")
    options = {"api_url": address, "request_timeout": TIMEOUT if is_without_end else PATIENCE, **connection}
    is_report = kind == "device_report"

    def result(faults: list[dict[str, Any]], more: dict[str, Any]) -> dict[str, Any]:
        control.scenario({"campaigns": [_CAMPAIGN], "behaviour": {"device_page_size": 2}, "faults": faults})
        outcome = result_of(**options, **more)
        assert control.state()["faults"][-1]["used"], "the fault did not come to pass"
        return outcome

    some = {**rule, "times": rule.get("times", _SOME)}
    waiting = {**_WAIT, **(_REPORTING if is_report else {})}
    read = result([rule], _REPORT if is_report else {})
    first, later = result([some], waiting), result(_later(some), waiting)
    return Row(row.rule, _said(read), _word(first), _word(later))


def _later(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rules with which the fault occurs after some successful polls."""
    if rule["action"] == "wrong_name":
        # The fault affects only new connections, so the open one has to be closed. The logins use the first two.
        return [{"action": "close", **_ONE_READ}, {**rule, "skip": 2}]
    if rule.get("kind") in _NEW_LOGIN:
        return [{**_NEW_LOGIN[rule["kind"]], **_ONE_READ}, {**rule, "skip": 1}]
    return [{**rule, "skip": _POLLS_BEFORE}]


def _said(result: dict[str, Any]) -> str:
    text = re.sub(r"127\.0\.0\.1:[0-9]+", SERVICE, str(result["msg"])) if result["failed"] else "nothing"
    return text.replace(f"{TIMEOUT:g} seconds", f"{DEFAULT_TIMEOUT} seconds")


def _word(result: dict[str, Any]) -> str:
    if result["failed"]:
        return f"ends, `{result['reason']}`"
    if not result["errors"]:
        return "not affected"
    rested = int(result["elapsed"]) // 600 * 600
    return f"continues after {rested} s" if rested else "continues"
