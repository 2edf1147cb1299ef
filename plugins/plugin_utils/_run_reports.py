# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of the reports of a run, collected from all hosts, batches and uses with the same file."""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import HostDecision, StoredResult
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._role_options import FAIL
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_uses import Use

Facts = Mapping[str, t.Any]
Devices = Mapping[str, Sequence[Facts]]

# Seconds to wait for another process that writes the same report.
_LOCK_SECONDS: t.Final = 60.0
# The keys of a result that a report needs, and the keys of a campaign that it does not need.
_SHOWN: t.Final = ("waits", "last_errors", "failed", "msg")
_NOT_SHOWN: t.Final = ("devices", "device_list", "extra")


class RunReports:
    """The reports of a run. Methods raise RunFolderUnusable."""

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._store = RunStore(folder, self._clock)

    def add_host(self, path: str, use: Use, host: str) -> None:
        """Add a host to the report in this file."""
        with self._store.transaction() as database:
            query = "INSERT OR IGNORE INTO report_hosts VALUES (?, ?, ?, NULL)"
            database.execute(query, (_key(path), use.number, host))

    def add_refusal(self, path: str, use: Use, host: str, sentence: str) -> None:
        """Add a host whose options are invalid, with the error message. The message must not contain secrets."""
        with self._store.transaction() as database:
            query = "INSERT OR REPLACE INTO report_hosts VALUES (?, ?, ?, ?)"
            database.execute(query, (_key(path), use.number, host, sentence))
            database.execute("INSERT OR REPLACE INTO reports_due VALUES (?)", (_key(path),))

    def is_new_result(self, path: str, use: Use, result: Facts) -> bool:
        """Mark the report as due. Return whether this result is the first of its kind in this use."""
        name = self._store.digest(json.dumps(_key_of_result(result), sort_keys=True, default=str))
        with self._store.transaction() as database:
            database.execute("INSERT OR REPLACE INTO reports_due VALUES (?)", (_key(path),))
            query = "INSERT OR IGNORE INTO report_results VALUES (?, ?, ?, ?)"
            return database.execute(query, (_key(path), use.number, name, b"")).rowcount == 1

    def add_result(self, path: str, use: Use, result: Facts, devices: Devices) -> None:
        """Store the result of a host, without secrets. C(devices) are by campaign ID."""
        name = self._store.digest(json.dumps(_key_of_result(result), sort_keys=True, default=str))
        encrypted = self._store.encrypt({**{key: result.get(key) for key in _SHOWN}, "campaigns": _shown(result)})
        with self._store.transaction() as database:
            query = "INSERT OR REPLACE INTO report_devices VALUES (?, ?, ?)"
            for campaign_id, each in devices.items():
                database.execute(query, (_key(path), campaign_id, self._store.encrypt(list(each))))
            query = "UPDATE report_results SET result = ? WHERE report = ? AND use = ? AND name = ?"
            database.execute(query, (encrypted, _key(path), use.number, name))

    def due(self) -> list[str]:
        """Return the files of reports that are not up to date."""
        with self._store.transaction() as database:
            return [path for (path,) in database.execute("SELECT report FROM reports_due ORDER BY report").fetchall()]

    def locked(self, path: str) -> AbstractContextManager[None]:
        """Lock this file for other processes of the run. Raises LockTimeout."""
        return self._store.locked(("report", path), self._clock.monotonic() + _LOCK_SECONDS)

    def claim(self, path: str) -> bool:
        """Mark the report as up to date. Return false if another process has already done so."""
        with self._store.transaction() as database:
            return database.execute("DELETE FROM reports_due WHERE report = ?", (path,)).rowcount == 1

    def hosts(self, path: str) -> list[HostDecision]:
        """Return the hosts of a report in order of arrival, with their decisions."""
        query = (
            "SELECT host, decision, refusal FROM report_hosts LEFT JOIN decisions USING (use, host) WHERE report = ? "
            "ORDER BY report_hosts.rowid"
        )
        with self._store.transaction() as database:
            rows = database.execute(query, (path,)).fetchall()
        return [HostDecision(host, _decision_of(decision, refusal)) for host, decision, refusal in rows]

    def results(self, path: str) -> list[StoredResult]:
        """Return the results of a report in order of arrival. The last one has the devices of all."""
        with self._store.transaction() as database:
            query = "SELECT use, result FROM report_results WHERE report = ? ORDER BY rowid"
            rows = database.execute(query, (path,)).fetchall()
            query = "SELECT campaign, devices FROM report_devices WHERE report = ? ORDER BY rowid"
            encrypted = database.execute(query, (path,)).fetchall()
        results = [(use, self._store.decrypt(result)) for use, result in rows]
        stored = [StoredResult(use, result, {}) for use, result in results if result is not None]
        devices = {campaign_id: self._store.decrypt(each) or [] for campaign_id, each in encrypted}
        return [*stored[:-1], StoredResult(stored[-1].use, stored[-1].result, devices)] if stored else []


def _decision_of(decision: str | None, refusal: str | None) -> Facts | None:
    if refusal is not None:
        return {"decision": FAIL, "device": None, "reason": refusal}
    return t.cast(Facts, json.loads(decision)) if decision else None


def _key(path: str) -> str:
    """Return the absolute path, which identifies a report in any working directory."""
    return str(Path(path).absolute())


def _shown(result: Facts) -> list[dict[str, t.Any]]:
    campaigns = result.get("campaigns") or ()
    return [{key: value for key, value in facts.items() if key not in _NOT_SHOWN} for facts in campaigns]


def _key_of_result(result: Facts) -> list[t.Any]:
    """Return the part of a result that is the same for all hosts with the same polls."""
    keys = ("campaign_id", "state", "verdict", "polls", "errors")
    waits = [[wait[key] for key in keys] for wait in result.get("waits") or ()]
    campaigns = [[facts[key] for key in ("id", "status", "device_summary")] for facts in result.get("campaigns") or ()]
    return [waits, campaigns, None if waits else result.get("msg")]
