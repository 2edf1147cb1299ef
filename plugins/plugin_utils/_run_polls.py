# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The campaigns and device reports that all processes of a run of Ansible share.

A campaign that is over and its device report are read only once in a run. The result of a single device is found
without loading the whole report for each host.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
import typing as t
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import TaskSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Device, DeviceSummary
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import (
    KnownPoll,
    KnownReport,
    PollMemory,
    WaitSnapshot,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_store import RunStore


class RunPolls(PollMemory):
    """The polls of one account with one set of credentials. Methods raise RunFolderUnusable.

    Data of the service is encrypted, because it could contain a token. Device IDs are not, so that they can be looked
    up.
    """

    def __init__(self, folder: str | os.PathLike[str], task_settings: TaskSettings, clock: Clock | None = None) -> None:
        self._store = RunStore(folder, clock or Clock())
        campaigns, secret = task_settings.campaigns, vars(task_settings.credentials)
        self._scope = (
            task_settings.connection.api_url,
            # A task that validates certificates must not use data that was read without validation.
            str(task_settings.connection.verify),
            campaigns.account_name,
            campaigns.api_version,
            *(str(secret[name]) for name in sorted(secret)),
        )

    def give_up_at(self, moment: float) -> None:
        """Do not wait for other processes after this monotonic time."""
        self._store.give_up_at = moment

    def locked(self, give_up_at: float) -> AbstractContextManager[None]:  # type: ignore[override]
        """Lock out all other processes of the run that poll this account."""
        return self._store.locked(("poll", *self._scope), give_up_at)

    def polls(self, campaign_ids: Iterable[str]) -> dict[str, KnownPoll]:
        """Return the last polls of all processes."""
        names = {campaign_id: self._name(campaign_id) for campaign_id in campaign_ids}
        with self._store.transaction() as database:
            rows = {campaign_id: self._poll(database, name) for campaign_id, name in names.items()}
        return {campaign_id: poll for campaign_id, poll in rows.items() if poll is not None}

    def keep_polls(self, polls: Mapping[str, KnownPoll]) -> None:
        """Share polls with the other processes. A confirmed or later poll is never replaced.

        A terminal state is confirmed if the next poll of any process shows the same state.
        """
        rows = {self._name(campaign_id): poll for campaign_id, poll in polls.items()}
        with self._store.transaction() as database:
            for name, poll in rows.items():
                stored = self._poll(database, name)
                if stored is None or not (stored.is_confirmed or stored.polled_at > poll.polled_at):
                    facts = self._store.encrypt(poll.facts)
                    is_confirmed = poll.is_confirmed or _agrees(stored, poll)
                    values = (facts, poll.service_time.isoformat(), poll.polled_at, is_confirmed)
                    database.execute("INSERT OR REPLACE INTO polls VALUES (?, ?, ?, ?, ?)", (name, *values))

    def report(self, campaign_id: str) -> KnownReport | None:
        """Return the last device report that a process has read."""
        name = self._name(campaign_id)
        with self._store.transaction() as database:
            query = "SELECT read_at, is_final, summary FROM reports WHERE campaign = ?"
            row = database.execute(query, (name,)).fetchone()
            summary = self._store.decrypt(row[2]) if row is not None else None
        if summary is None:
            return None
        return KnownReport(_StoredReport(self._store, name, summary), row[0], bool(row[1]))

    def keep_report(self, campaign_id: str, report: Report, read_at: float, is_final: bool) -> None:
        """Share a device report with the other processes."""
        name = self._name(campaign_id)
        # Thousands of devices share a few different pairs, so each pair is encrypted once.
        encrypted: dict[tuple[t.Any, ...], bytes] = {}
        rows = []
        for position, device in enumerate(report.devices()):
            words = (device["status"], device["reason"])
            if words not in encrypted:
                encrypted[words] = self._store.encrypt(words)
            rows.append((name, position, device["device_id"], device["state"], encrypted[words]))
        with self._store.transaction() as database:
            database.execute("DELETE FROM devices WHERE campaign = ?", (name,))
            database.executemany("INSERT INTO devices VALUES (?, ?, ?, ?, ?)", rows)
            database.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)",
                (name, read_at, is_final, self._store.encrypt(report.summary())),
            )

    def snapshot(self, campaign_id: str, started: float, budget: str) -> WaitSnapshot | None:
        """Return the result of another process that waits with the same start and budget."""
        name = self._name(campaign_id, repr(started), budget)
        with self._store.transaction() as database:
            row = database.execute("SELECT story FROM stories WHERE wait = ?", (name,)).fetchone()
            content = self._store.decrypt(row[0]) if row is not None else None
        if content is None:
            return None
        return WaitSnapshot(**{**content, "outcome": tuple(content["outcome"]) if content["outcome"] else None})

    def keep_snapshot(self, campaign_id: str, started: float, budget: str, snapshot: WaitSnapshot) -> None:
        """Share the result of a wait with the processes that wait with the same start and budget."""
        name = self._name(campaign_id, repr(started), budget)
        with self._store.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO stories VALUES (?, ?)", (name, self._store.encrypt(asdict(snapshot)))
            )

    def _name(self, campaign_id: str, *more: str) -> str:
        return self._store.digest(*self._scope, campaign_id, *more)

    def _poll(self, database: sqlite3.Connection, name: str) -> KnownPoll | None:
        query = "SELECT facts, service_time, polled_at, is_confirmed FROM polls WHERE campaign = ?"
        row = database.execute(query, (name,)).fetchone()
        facts = self._store.decrypt(row[0]) if row is not None else None
        if facts is None:
            return None
        return KnownPoll(facts, datetime.datetime.fromisoformat(row[1]), float(row[2]), bool(row[3]))


def _agrees(stored: KnownPoll | None, poll: KnownPoll) -> bool:
    """Return whether both polls show the same terminal state."""
    return stored is not None and bool(poll.facts["terminal"]) and stored.facts["state"] == poll.facts["state"]


class _StoredReport:
    """A device report that loads devices only on request."""

    def __init__(self, store: RunStore, name: str, summary: DeviceSummary) -> None:
        self._store = store
        self._name = name
        self._summary = summary

    def summary(self) -> DeviceSummary:
        return self._summary

    def devices(self, states: Collection[str] = DEVICE_STATES) -> list[Device]:
        marks = ", ".join("?" for _state in states)
        return self._rows(f"state IN ({marks}) ORDER BY position", *states)

    def device(self, device_id: str) -> Device | None:
        return next(iter(self._rows("device_id = ?", device_id)), None)

    def _rows(self, condition: str, *values: str) -> list[Device]:
        query = f"SELECT device_id, state, words FROM devices WHERE campaign = ? AND {condition}"
        with self._store.transaction() as database:
            rows = database.execute(query, (self._name, *values)).fetchall()
            decrypted = {encrypted: self._store.decrypt(encrypted) for encrypted in {row[2] for row in rows}}
            return [_device(device_id, state, decrypted[encrypted]) for device_id, state, encrypted in rows]


def _device(device_id: str | None, state: str, words: t.Sequence[str | None]) -> Device:
    status, reason = words
    return {"device_id": device_id, "state": state, "status": status, "reason": reason}
