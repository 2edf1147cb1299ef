# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stored content of the reports of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils._report.samples import (
    CAMPAIGN_ID,
    facts,
    result,
)
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.report_run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_one_host_tells_for_all_with_the_same_result(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b")
    assert [run.decide(path, use, host) for host in ("a", "b")] == [True, False]
    other = result(facts(status="CampaignScheduled"))
    assert run.decide(path, use, "b", other)
    assert len(run.reports.results(str(path))) == 2


def test_a_report_tells_of_all_batches_and_tasks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    for task, host in (("task", "a"), ("other", "a"), ("task", "b")):
        run.decide(path, run.note(path, task, host), host)
        assert run.write()
    assert [one.host for one in run.reports.hosts(str(path))] == ["a", "a", "b"]
    text = path.read_text(encoding="utf-8")
    assert "**3** hosts continue" in text
    assert run.said == [f"The report is in {path}."] * 3


def test_a_host_without_a_decision_is_undecided(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b")
    run.decide(path, use, "a")
    assert run.write()
    assert "| `b` | – | undecided |" in path.read_text(encoding="utf-8")


def test_a_host_with_unusable_options_fails_with_the_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.uses.join("task", "a", ["a", "b"])
    run.reports.add_refusal(str(path), use, "a", "campaign_wait_timeout is 'soon'.")
    assert run.write()
    assert "| `a` | – | fail | `campaign_wait_timeout is 'soon'.` |" in path.read_text(encoding="utf-8")
    run.decide(path, run.note(path, "task", "b"), "b")
    assert run.write()
    assert [one.host for one in run.reports.hosts(str(path))] == ["a", "b"]


def test_each_report_has_its_own_hosts(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.md", "b.md")]
    for path in paths:
        run.decide(path, run.note(path, "task", path.stem), path.stem)
    assert run.reports.due() == [str(path) for path in paths]
    assert run.write()
    assert [[one.host for one in run.reports.hosts(str(path))] for path in paths] == [["a"], ["b"]]
    assert all(path.exists() for path in paths)


def test_one_file_has_one_report_whatever_it_is_called(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    use = run.note(Path("r.md"), "task", "a")
    run.decide(tmp_path / "r.md", use, "a")
    assert run.reports.due() == [str(tmp_path / "r.md")]
    assert len(run.reports.hosts(str(tmp_path / "r.md"))) == 1


def test_the_memory_holds_no_result_in_clear(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a", result(facts(campaign_name="A very special name")))
    stored = (tmp_path / "memory" / "fleetops.thingspace" / "run.sqlite3").read_bytes()
    assert b"very special" not in stored
    assert b"UpgradeSuccess" not in stored


def test_another_key_reads_nothing_and_harms_nobody(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.md"
    run.decide(path, run.note(path, "task", "a"), "a")
    monkeypatch.setattr(run.reports._store, "decrypt", lambda _sealed: None)
    assert run.reports.results(str(path)) == []
    assert run.write()
    assert "| `a` |" in path.read_text(encoding="utf-8")


def test_a_result_is_stored_with_what_a_report_shows(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a")
    campaign = facts(devices=["d"], device_list=["d"], extra={"more": 1})
    told = {**result(campaign), "last_errors": ["It broke."], "failed": True, "msg": "No.", "secret": "hidden"}
    run.decide(path, use, "a", told)
    (stored,) = run.reports.results(str(path))
    assert set(stored.result) == {"waits", "last_errors", "failed", "msg", "campaigns"}
    assert (stored.result["last_errors"], stored.result["failed"], stored.result["msg"]) == (["It broke."], True, "No.")
    assert stored.result["waits"] == told["waits"]
    (shown,) = stored.result["campaigns"]
    assert set(campaign) - set(shown) == {"devices", "device_list", "extra"}


def test_the_last_result_has_the_devices_of_all(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b")
    run.decide(path, use, "a")
    run.decide(path, use, "b", result(facts(status="CampaignScheduled")))
    first, last = run.reports.results(str(path))
    assert first.devices == {}
    assert {name: [one["device_id"] for one in each] for name, each in last.devices.items()} == {CAMPAIGN_ID: ["1"]}
    assert run.reports.results(str(tmp_path / "other.md")) == []


def test_failures_without_a_wait_differ_by_their_messages(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    use = run.note(path, "task", "a", "b", "c")
    refused = [{"failed": True, "msg": message} for message in ("No.", "No.", "Never.")]
    assert [run.decide(path, use, host, told) for host, told in zip("abc", refused)] == [True, False, True]
    # With a wait, the message is about the host, and the wait about the campaigns.
    waited = [{**result(), "msg": message} for message in ("No.", "Never.")]
    assert [run.decide(path, use, host, told) for host, told in zip("ab", waited)] == [True, False]


def test_a_report_waits_for_another_process_for_a_minute(run: Run, tmp_path: Path) -> None:
    other = Run(tmp_path)
    with run.reports.locked("r.md"):
        before = other.clock.monotonic()
        with pytest.raises(LockTimeout), other.reports.locked("r.md"):
            pass
        assert 60.0 <= other.clock.monotonic() - before < 62.0
