# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Polls, device reports and stories that the processes of one run share."""

from __future__ import annotations

import datetime
import pathlib
import sqlite3
import typing as t
from functools import partial

import pytest
from cryptography.fernet import Fernet

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import RunFolderUnusable
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import (
    DeviceSummary,
    Facts,
    FailedPoll,
    HistoryEntry,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import KnownPoll, WaitSnapshot
from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _run_store
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.run_processes import (
    in_processes,
    kill_within,
)
from ansible_collections.fleetops.thingspace.tests.unit.run_world import GIVEN, params_of

MOMENT: t.Final = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone.utc)
ECHO: t.Final = "a-token-7777-that-the-service-repeats"
FAILED: t.Final[FailedPoll] = {"campaign_id": "c1", "at": "2026-03-01T12:00:00Z", "message": ECHO}
ENTRY: t.Final[HistoryEntry] = {
    "campaign_id": "c1",
    "state": "ended",
    "status": "CampaignEnded",
    "first_seen": "2026-03-01T12:00:00Z",
    "last_seen": "2026-03-01T12:00:00Z",
    "polls": 1,
}


def polls_of(folder: pathlib.Path, **more: t.Any) -> RunPolls:
    return RunPolls(folder, task_settings_of(params_of("c1", **more)))


@pytest.fixture
def polls(tmp_path: pathlib.Path) -> RunPolls:
    """What one process knows."""
    return polls_of(tmp_path)


def poll_at(moment: float, state: str = "scheduled", is_confirmed: bool = False) -> KnownPoll:
    facts = {"state": state, "terminal": state == "ended", "extra": {ECHO: [1, None, "\u20ac"]}}
    return KnownPoll(t.cast(Facts, facts), MOMENT, moment, is_confirmed)


def report() -> DeviceReport:
    made = DeviceReport()
    words = ("UpgradeSuccess", "UpgradeFailed", "UpgradePending", "Hm")
    made.add([{"deviceId": f"d{n}", "status": words[n % 4], "resultReason": ECHO} for n in range(40)])
    made.add([{"status": "UpgradeFailed"}, {"deviceId": "'; DROP TABLE devices; --", "status": "UpgradeSuccess"}])
    made.reported_total = 50
    return made


def test_the_last_poll_counts_and_a_confirmed_one_for_good(polls: RunPolls) -> None:
    assert polls.polls(["c1"]) == {}
    polls.keep_polls({"c1": poll_at(5.0), "c2": poll_at(6.0)})
    assert polls.polls(["c1", "c3", "c2"]) == {"c1": poll_at(5.0), "c2": poll_at(6.0)}
    polls.keep_polls({"c1": poll_at(4.0, "queued")})
    assert polls.polls(["c1"]) == {"c1": poll_at(5.0)}
    sure = poll_at(7.0, "ended", is_confirmed=True)
    polls.keep_polls({"c1": sure})
    polls.keep_polls({"c1": poll_at(8.0, "scheduled")})
    polls.keep_polls({"c1": poll_at(9.0, "cancelled", is_confirmed=True)})
    assert polls.polls(["c1"]) == {"c1": sure}


def test_of_many_processes_the_last_poll_stays(polls: RunPolls) -> None:
    def work(first: int) -> None:
        for moment in range(first, 25, 5):
            polls.keep_polls({"c1": poll_at(float(moment))})

    in_processes([partial(work, number) for number in range(5)])
    assert polls.polls(["c1"])["c1"].polled_at == 24.0


def test_a_report_is_the_same_for_another_process(polls: RunPolls, tmp_path: pathlib.Path) -> None:
    own = report()
    in_processes([lambda: polls.keep_report("c1", own, 5.0, is_final=True)])
    known = polls_of(tmp_path).report("c1")
    assert known is not None
    assert (known.read_at, known.is_final) == (5.0, True)
    assert known.report.summary() == own.summary()
    assert known.report.devices() == own.devices()
    for state in DEVICE_STATES:
        assert known.report.devices([state]) == own.devices([state])
    for device_id in ("d0", "d39", "d40", "", "D0", "'; DROP TABLE devices; --"):
        assert known.report.device(device_id) == own.device(device_id)
    assert polls.report("c2") is None


def test_a_new_report_replaces_the_old_one_whole(polls: RunPolls) -> None:
    polls.keep_report("c1", report(), 5.0, is_final=False)
    small = DeviceReport()
    small.add([{"deviceId": "d0", "status": "UpgradeFailed"}])
    polls.keep_report("c1", small, 6.0, is_final=False)
    known = polls.report("c1")
    assert known is not None and known.report.devices() == small.devices()
    assert known.report.device("d1") is None


def test_who_is_killed_while_it_keeps_a_report_leaves_the_one_before(polls: RunPolls) -> None:
    polls.keep_report("c1", report(), 5.0, is_final=False)

    def work(die: t.Callable[[], None]) -> None:
        class Dying(DeviceReport):
            def summary(self) -> DeviceSummary:
                return die()  # type: ignore[return-value, func-returns-value]

        polls.keep_report("c1", Dying(), 6.0, is_final=True)

    kill_within(work)
    known = polls.report("c1")
    assert known is not None and (known.read_at, known.is_final) == (5.0, False)
    assert known.report.devices() == report().devices()


def test_stories_are_those_of_a_start_and_a_budget(polls: RunPolls) -> None:
    snapshot = WaitSnapshot(3, 1, [ENTRY], [FAILED], ("not_found", "There is none."))
    polls.keep_snapshot("c1", 0.1 + 0.2, "20 3600", snapshot)
    assert polls.snapshot("c1", 0.1 + 0.2, "20 3600") == snapshot
    for other in (("c2", 0.1 + 0.2, "20 3600"), ("c1", 0.3, "20 3600"), ("c1", 0.1 + 0.2, "20")):
        assert polls.snapshot(*other) is None
    polls.keep_snapshot("c1", 1.0, "", WaitSnapshot())
    assert polls.snapshot("c1", 1.0, "") == WaitSnapshot()


def keep_all(polls: RunPolls) -> None:
    polls.keep_polls({"c1": poll_at(5.0)})
    polls.keep_report("c1", report(), 5.0, is_final=True)
    polls.keep_snapshot("c1", 1.0, "", WaitSnapshot(last_errors=[FAILED]))
    with polls.locked(1e9):
        pass


def test_no_file_has_what_the_service_says_or_a_credential(polls: RunPolls, tmp_path: pathlib.Path) -> None:
    keep_all(polls)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        content = path.read_bytes() + path.name.encode()
        assert not [text for text in (ECHO, *GIVEN.values()) if text.encode() in content and text != "v2"]


def test_with_another_key_nothing_is_known(polls: RunPolls, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_all(polls)
    monkeypatch.setattr(_run_store, "_CIPHER", Fernet(Fernet.generate_key()))
    assert polls.polls(["c1"]) == {}
    assert polls.report("c1") is None
    assert polls.snapshot("c1", 1.0, "") is None
    polls.keep_polls({"c1": poll_at(1.0)})
    assert polls.polls(["c1"]) == {"c1": poll_at(1.0)}


@pytest.mark.parametrize("column", ["service_time", "polled_at"])
def test_what_is_damaged_is_a_sentence(polls: RunPolls, tmp_path: pathlib.Path, column: str) -> None:
    polls.keep_polls({"c1": poll_at(5.0)})
    with sqlite3.connect(tmp_path / "fleetops.thingspace" / "run.sqlite3") as database:
        database.execute(f"UPDATE polls SET {column} = 'nonsense'")
    with pytest.raises(RunFolderUnusable, match="cannot share"):
        polls.polls(["c1"])
