# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reports of a run are to show, gathered from all hosts, batches and uses that name the same file."""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import HostDecision, Learned
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import FAIL
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import Use

Facts = Mapping[str, t.Any]
Devices = Mapping[str, Sequence[Facts]]

# Seconds until a process no longer waits for another one that writes the same report.
_LOCK_SECONDS: t.Final = 60.0
# What a report shows of a result, and of a campaign does not.
_SHOWN: t.Final = ("waits", "last_errors", "failed", "msg")
_NOT_SHOWN: t.Final = ("devices", "device_list", "extra")


class RunReports:
    """Raises RunFolderUnusable where it cannot be kept."""

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._store = RunStore(folder, self._clock)

    def want(self, path: str, use: Use, host: str) -> None:
        """A report in this file is to tell what is decided for this host."""
        with self._store.transaction() as database:
            query = "INSERT OR IGNORE INTO report_hosts VALUES (?, ?, ?, NULL)"
            database.execute(query, (_key(path), use.number, host))

    def refuse(self, path: str, use: Use, host: str, sentence: str) -> None:
        """A report in this file is to tell that this host fails, and why: its options are refused. Nothing secret."""
        with self._store.transaction() as database:
            query = "INSERT OR REPLACE INTO report_hosts VALUES (?, ?, ?, ?)"
            database.execute(query, (_key(path), use.number, host, sentence))
            database.execute("INSERT OR REPLACE INTO reports_due VALUES (?)", (_key(path),))

    def is_news(self, path: str, use: Use, result: Facts) -> bool:
        """Whether no host of this use has come with this result before. From now on the report is due."""
        name = self._store.digest(json.dumps(_essence(result), sort_keys=True, default=str))
        with self._store.transaction() as database:
            database.execute("INSERT OR REPLACE INTO reports_due VALUES (?)", (_key(path),))
            query = "INSERT OR IGNORE INTO report_results VALUES (?, ?, ?, ?)"
            return database.execute(query, (_key(path), use.number, name, b"")).rowcount == 1

    def learn(self, path: str, use: Use, result: Facts, devices: Devices) -> None:
        """What a host's task has learned, without anything secret; C(devices) by the IDs of their campaigns."""
        name = self._store.digest(json.dumps(_essence(result), sort_keys=True, default=str))
        sealed = self._store.sealed({**{key: result.get(key) for key in _SHOWN}, "campaigns": _shown(result)})
        with self._store.transaction() as database:
            query = "INSERT OR REPLACE INTO report_devices VALUES (?, ?, ?)"
            for campaign_id, each in devices.items():
                database.execute(query, (_key(path), campaign_id, self._store.sealed(list(each))))
            query = "UPDATE report_results SET result = ? WHERE report = ? AND use = ? AND name = ?"
            database.execute(query, (sealed, _key(path), use.number, name))

    def due(self) -> list[str]:
        """The files of the reports that do not tell yet what was learned since they were written."""
        with self._store.transaction() as database:
            return [path for (path,) in database.execute("SELECT report FROM reports_due ORDER BY report").fetchall()]

    def locked(self, path: str) -> AbstractContextManager[None]:
        """Be alone with this file. Raises LockTimeout."""
        return self._store.locked(("report", path), self._clock.monotonic() + _LOCK_SECONDS)

    def take(self, path: str) -> bool:
        """From now on the report is not due; false if it was not, because another process has written it."""
        with self._store.transaction() as database:
            return database.execute("DELETE FROM reports_due WHERE report = ?", (path,)).rowcount == 1

    def hosts(self, path: str) -> list[HostDecision]:
        """The hosts of a report, in the order in which they came, and what was decided for each."""
        query = (
            "SELECT host, decision, refusal FROM report_hosts LEFT JOIN decisions USING (use, host) WHERE report = ? "
            "ORDER BY report_hosts.rowid"
        )
        with self._store.transaction() as database:
            rows = database.execute(query, (path,)).fetchall()
        return [HostDecision(host, _decision_of(decision, refusal)) for host, decision, refusal in rows]

    def learned(self, path: str) -> list[Learned]:
        """What the hosts of a report have learned, in order; the devices are with the last of it."""
        with self._store.transaction() as database:
            query = "SELECT use, result FROM report_results WHERE report = ? ORDER BY rowid"
            rows = database.execute(query, (path,)).fetchall()
            query = "SELECT campaign, devices FROM report_devices WHERE report = ? ORDER BY rowid"
            sealed = database.execute(query, (path,)).fetchall()
        results = [(use, self._store.opened(result)) for use, result in rows]
        learned = [Learned(use, result, {}) for use, result in results if result is not None]
        devices = {campaign_id: self._store.opened(each) or [] for campaign_id, each in sealed}
        return [*learned[:-1], Learned(learned[-1].use, learned[-1].result, devices)] if learned else []


def _decision_of(decision: str | None, refusal: str | None) -> Facts | None:
    if refusal is not None:
        return {"decision": FAIL, "device": None, "reason": refusal}
    return t.cast(Facts, json.loads(decision)) if decision else None


def _key(path: str) -> str:
    """One file has one name, whatever the folder is called from which it is named."""
    return str(Path(path).absolute())


def _shown(result: Facts) -> list[dict[str, t.Any]]:
    campaigns = result.get("campaigns") or ()
    return [{key: value for key, value in facts.items() if key not in _NOT_SHOWN} for facts in campaigns]


def _essence(result: Facts) -> list[t.Any]:
    """What is the same for all hosts that were told the same."""
    keys = ("campaign_id", "state", "verdict", "polls", "errors")
    waits = [[wait[key] for key in keys] for wait in result.get("waits") or ()]
    campaigns = [[facts[key] for key in ("id", "status", "device_summary")] for facts in result.get("campaigns") or ()]
    return [waits, campaigns, None if waits else result.get("msg")]
