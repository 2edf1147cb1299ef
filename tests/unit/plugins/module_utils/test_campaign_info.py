# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task from its parameters to its result or its error, without any secret in either."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _campaign_info
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    Runtime,
    empty_result,
    run,
    warn_of_plain_http,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    LoginRefused,
    ThingSpaceError,
    WaitFailed,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import deviations
from ansible_collections.fleetops.thingspace.tests.unit.run_world import GIVEN, params_of
from ansible_collections.fleetops.thingspace.tests.unit.scripted_service import Answer, ScriptedService, answer
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock, Interrupted

SECRETS: t.Final = ("key-2222", "secret-3333", "user-1111", "password-4444", "access-token-1", "session-token-1")


class Said(ProgressReporter):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def campaign(status: str = "CampaignEnded", **more: t.Any) -> Answer:
    """A campaign as the service sends it."""
    return answer(200, {"id": "c1", "accountName": GIVEN["account_name"], "status": status, **more})


def report(*words: str) -> Answer:
    """A device report of one page; the devices are d0, d1..."""
    devices = [{"deviceId": f"d{number}", "status": word} for number, word in enumerate(words)]
    return answer(200, {"deviceList": devices, "totalDevice": len(words), "hasMoreData": False})


class Task:
    """What a task meets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *reads: Answer, **scripts: t.Sequence[Answer]) -> None:
        self.service = ScriptedService(read=reads, **scripts)
        self.closed = 0
        monkeypatch.setattr(self.service, "close", self._close)
        monkeypatch.setattr(_campaign_info, "Transport", lambda _connection, _pool_size: self.service)
        self.said = Said()

    def _close(self) -> None:
        self.closed += 1

    def result(self, **params: t.Any) -> Mapping[str, t.Any]:
        """Its result."""
        runtime = Runtime(clock=FakeClock(), reporter=self.said, interruptions=(Interrupted,))
        try:
            return run(params_of("c1", **{"wait": False, **params}), runtime, Secrets())
        finally:
            assert self.closed == 1

    def error(self, **params: t.Any) -> ThingSpaceError:
        """The error with which it fails."""
        with pytest.raises(ThingSpaceError) as caught:
            self.result(**params)
        # Whoever prints a traceback finds no error that is not masked.
        assert caught.value.__cause__ is None and caught.value.__context__ is None
        return caught.value


def test_a_read(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(monkeypatch, campaign(campaignName="Spring"))
    result = task.result(devices="none")
    assert deviations(result, params_of("c1", wait=False, devices="none")) == []
    assert (result["changed"], result["requests"], result["logins"]) == (False, 3, 2)
    assert result["campaign"] == result["campaigns"][0] and result["campaign"]["campaign_name"] == "Spring"
    assert "reached" not in result


def test_what_the_service_repeats_of_a_secret_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    said = " ".join(SECRETS)
    result = Task(monkeypatch, campaign(campaignName=said)).result(devices="none")
    assert result["campaign"]["campaign_name"] == " ".join(["********"] * len(SECRETS))
    error = Task(monkeypatch, answer(400, {"errorMessage": said})).error()
    assert not [secret for secret in SECRETS if secret in f"{error.message} {error.facts}"]


def test_an_error_carries_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    error = Task(monkeypatch, answer(400, {})).error()
    assert error.facts == {
        "changed": False,
        "reason": "request_refused",
        "campaigns": [],
        "campaign": None,
        "device": None,
        "requests": 3,
        "logins": 2,
    }
    error = Task(monkeypatch, login=[answer(400, {})]).error()
    assert isinstance(error, LoginRefused) and (error.facts["requests"], error.facts["logins"]) == (2, 2)


@pytest.mark.parametrize(("words", "is_good"), [(("UpgradeSuccess",), True), (("UpgradeFailed",), False)])
def test_a_wait_for_a_device(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], is_good: bool) -> None:
    task = Task(monkeypatch, campaign(), campaign(), report(*words))
    params: dict[str, t.Any] = {"wait": True, "device_id": "d0"}
    if is_good:
        result = task.result(**params)
        assert deviations(result, params_of("c1", **params)) == [] and result["device"]["state"] == "succeeded"
        return
    error = task.error(**params)
    assert isinstance(error, WaitFailed)
    assert (error.facts["reason"], error.facts["reached"]) == ("device_not_upgraded", True)
    assert error.of_campaigns["reason"] == "reached"


def test_a_report_that_cannot_be_read_after_the_end_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(monkeypatch, *[campaign("CampaignScheduled"), answer(500, {})] * 2)
    result = task.result(wait=True, wait_timeout=0, wait_on_timeout="return", devices="summary")
    assert (result["reason"], result["campaign"]["device_summary"]) == ("timed_out", None)
    assert "The device report of campaign c1 could not be read: host:443 returned" in task.said.warnings[0]


def test_a_report_that_is_interrupted_after_the_end_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(monkeypatch, campaign("CampaignScheduled"), Interrupted(), campaign("CampaignScheduled"))
    params: dict[str, t.Any] = {"wait": True, "wait_state": ["scheduled"], "devices": "summary"}
    result = task.result(**params)
    assert (result["reason"], result["campaign"]["device_summary"]) == ("reached", None)
    assert deviations(result, params_of("c1", **params)) == []
    assert task.said.warnings == ["The device report of campaign c1 could not be read in time."]


def test_the_reports_after_an_interrupted_one_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [campaign("CampaignScheduled", id=name) for name in ("c1", "c2")]
    task = Task(monkeypatch, *listed, Interrupted())
    result = task.result(wait=True, campaign_id=["c1", "c2"], wait_state=["scheduled"], devices="summary")
    assert [facts["state"] for facts in result["campaigns"]] == ["scheduled", "scheduled"]
    assert task.service.kinds.count("read") == 3
    assert len(task.said.warnings) == 2


def test_a_device_whose_report_was_interrupted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(monkeypatch, campaign("CampaignScheduled"), campaign("CampaignScheduled"), Interrupted())
    error = task.error(wait=True, wait_timeout=0, wait_on_timeout="return", device_id="d0")
    assert (error.facts["reason"], error.facts["campaign"]["state"]) == ("device_not_upgraded", "scheduled")


@pytest.mark.parametrize("wait", [False, True])
def test_a_task_that_could_not_begin_has_the_keys_of_its_result(wait: bool) -> None:
    settings = task_settings_of(params_of("c1", "c2", wait=wait, device_id="d0"))
    result = empty_result(settings, LoginRefused("No."), 1, 1, FakeClock())
    assert (result["campaigns"], result["requests"], result["logins"]) == ([], 1, 1)
    assert result["device"] is not None and result["device"]["state"] == "not_listed"
    assert "campaign" not in result
    assert ("waits" in result) is wait
    if wait:
        assert result["reason"] == "login_refused" and len(result["waits"]) == 2  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("api_url", "is_warned"),
    [
        ("http://thingspace.example/api", True),
        ("http://127.0.0.1:8080/api", False),
        ("http://localhost/api", False),
        ("https://thingspace.example/api", False),
    ],
)
def test_plain_http_is_warned_of(api_url: str, is_warned: bool) -> None:
    said = Said()
    warn_of_plain_http(task_settings_of(params_of("c1", api_url=api_url), "my_{}".format).connection, said)
    assert said.warnings == (
        ["my_api_url is not https: credentials and tokens travel unencrypted to another host."] if is_warned else []
    )
