# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source as ansible-rulebook runs it: a file, a coroutine and a queue, against the simulator."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS
from task.background import PATIENCE, QUICK
from tools.paths import ROOT, SHAPED_CHECKOUT

SOURCE = SHAPED_CHECKOUT / "extensions" / "eda" / "plugins" / "event_source" / "campaign.py"
SCHEMA = json.loads((ROOT / "extensions" / "eda" / "schemas" / "campaign_event.json").read_text(encoding="utf-8"))
ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
BODY = {"campaignName": "Trackers", "startDate": "2026-03-01", "endDate": "2026-03-09"}
DEVICES = {"count": 10}
PACE = {name: QUICK[name] for name in ("wait_interval", "wait_max_interval", "max_consecutive_errors")}


class Rulebook:
    """The environment of a source: its queue, and its event loop."""

    def __init__(self, **args: Any) -> None:
        self.args: dict[str, Any] = {"account_name": ACCOUNT, **DEMO_CREDENTIALS, **PACE, **args}
        self.events: list[dict[str, Any]] = []

    async def put(self, event: dict[str, Any]) -> None:
        """Receive an event."""
        self.events.append(event)

    def run(self, *script: Callable[[], Awaitable[None]]) -> None:
        """Run the source. With a script, it is cancelled when the script has ended. Without one, it ends by itself."""
        asyncio.run(asyncio.wait_for(self._run(script), PATIENCE))

    async def _run(self, script: tuple[Callable[[], Awaitable[None]], ...]) -> None:
        main = asyncio.ensure_future(runpy.run_path(str(SOURCE))["main"](self, self.args))
        if script:
            for part in script:
                scene = asyncio.ensure_future(part())
                await asyncio.wait([scene, main], return_when=asyncio.FIRST_COMPLETED)
                assert scene.done(), f"the source has ended: {main}, {self.events}"
                await scene
            main.cancel()
        try:
            await main
        except asyncio.CancelledError:
            assert script

    def until(self, condition: Callable[[], bool]) -> Callable[[], Awaitable[None]]:
        """Return a part of a script that waits for a condition."""

        async def wait() -> None:
            while not condition():
                await asyncio.sleep(0.02)

        return wait

    @property
    def shorts(self) -> list[str]:
        """Return the short forms of the events. Checks that all of them match the schema."""
        found = []
        for event in self.events:
            jsonschema.validate(event, SCHEMA)
            campaign = event["campaign"] or {}
            words = [event["type"], campaign.get("state"), event["reason"], "again" if event["repeated"] else None]
            found.append(" ".join(word for word in words if word))
        return found


def do(action: Callable[[], object]) -> Callable[[], Awaitable[None]]:
    """Return a part of a script that runs an action."""

    async def act() -> None:
        await asyncio.get_running_loop().run_in_executor(None, action)

    return act


@pytest.fixture(autouse=True)
def campaign(control: Control) -> None:
    """A campaign that runs until a test changes it."""
    control.add_campaign(ID, body={**BODY, "status": "CampaignScheduled"}, devices=DEVICES)


def watch_threads() -> list[str]:
    """Return the threads of watches and their requests."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("thingspace-")]


def test_a_campaign_from_its_schedule_to_its_end(api_url: str, control: Control) -> None:
    rulebook = Rulebook(api_url=api_url, campaign_id=ID, min_success_percent=95, report_every=1)
    asyncio.run(asyncio.wait_for(_until_the_end(rulebook, control), PATIENCE))
    assert rulebook.shorts[0] == "present scheduled again"
    assert rulebook.shorts[-2:] == ["changed ended", "done ended"]
    ended = rulebook.events[-2]
    assert ended["campaign"]["name"] == "Trackers" and ended["campaign"]["devices"] is None
    # The event has no individual devices. Their results are only in the device report.
    assert ended["campaign"]["device_summary"]["total"] == 10
    assert ended["threshold"]["verdict"] in ("met", "failed")
    assert [control.count(kind) for kind in ("oauth_token", "session_login")] == [1, 1]
    text = json.dumps(rulebook.events)
    issued = json.dumps(control.state()["issued"])
    secrets = [*DEMO_CREDENTIALS.values(), *[word for word in issued.split('"') if len(word) > 20]]
    assert len(secrets) > 5 and not [secret for secret in secrets if secret in text]
    assert not [device["id"] for device in control.devices(ID) if device["id"] in text]


async def _until_the_end(rulebook: Rulebook, control: Control) -> None:
    main = asyncio.ensure_future(runpy.run_path(str(SOURCE))["main"](rulebook, rulebook.args))
    await rulebook.until(lambda: bool(rulebook.events) or main.done())()
    await do(lambda: control.set_status(ID, "CampaignEnded"))()
    await main


def test_the_devices_are_reported_if_they_are_requested(api_url: str, control: Control) -> None:
    control.set_status(ID, "CampaignEnded")
    rulebook = Rulebook(api_url=api_url, campaign_id=ID, devices="all")
    rulebook.run()
    devices = rulebook.events[0]["campaign"]["devices"]
    assert {device["device_id"] for device in devices} == {device["id"] for device in control.devices(ID)}


def test_campaigns_are_found_and_new_ones_are_seen(api_url: str, control: Control) -> None:
    rulebook = Rulebook(api_url=api_url, campaign_state=["scheduled"], list_interval=0.1)
    new = "60b5d639-ccdc-4db8-8824-069bd94c95b0"

    def names(kind: str) -> set[str]:
        return {event["campaign"]["id"] for event in rulebook.events if event["type"] == kind}

    rulebook.run(
        rulebook.until(lambda: ID in names("present")),
        do(lambda: control.add_campaign(new, body={**BODY, "status": "CampaignScheduled"})),
        rulebook.until(lambda: new in names("changed")),
        do(lambda: control.set_status(ID, "CampaignCancelled")),
        rulebook.until(lambda: ID in names("changed")),
    )
    assert rulebook.shorts[-1] == "changed cancelled"


def test_a_refused_login_is_sent_once_and_the_source_stays(
    api_url: str, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    rulebook = Rulebook(api_url=api_url, campaign_id=ID, password="wrong-password-9999")
    rulebook.run(rulebook.until(lambda: "The source stays" in caplog.text))
    assert rulebook.shorts == ["done login_refused"]
    assert control.count("session_login") == 1
    assert "wrong-password-9999" not in caplog.text + json.dumps(rulebook.events)


def test_an_error_of_the_collection_is_no_normal_end(
    api_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A rulebook must not take it for the end of all campaigns, and its text can contain anything."""

    def read(*_args: Any) -> None:
        raise KeyError(DEMO_CREDENTIALS["password"])

    monkeypatch.setattr(HttpPoller, "__call__", read)
    with pytest.raises(Exception, match="An unexpected error: KeyError, at test_event_source.py:") as caught:
        Rulebook(api_url=api_url, campaign_id=ID).run()
    assert type(caught.value).__name__ == "CampaignSourceError"
    printed = capfd.readouterr()
    assert DEMO_CREDENTIALS["password"] not in caplog.text + str(caught.value) + printed.out + printed.err


def test_a_source_stays_after_a_refused_login_although_a_filter_fails(
    api_url: str, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    """Filters of a rulebook run in its queue. The last event has no campaign, so that they can fail on it."""

    class Filtered(Rulebook):
        async def put(self, event: dict[str, Any]) -> None:
            await super().put({"campaign": event["campaign"]["id"]})

    rulebook = Filtered(api_url=api_url, campaign_id=ID, password="wrong-password-9999")
    rulebook.run(rulebook.until(lambda: "The source stays" in caplog.text))
    assert "An unexpected error: TypeError, at test_event_source.py:" in caplog.text
    assert control.count("session_login") == 1


def test_a_refused_login_is_remembered_in_a_file(api_url: str, control: Control, tmp_path: Path) -> None:
    given = {"api_url": api_url, "campaign_id": ID, "state_file": str(tmp_path / "state")}
    for _process in range(3):
        rulebook = Rulebook(**given, password="wrong-password-9999")
        with pytest.raises(Exception, match="The login of the user was refused") as caught:
            rulebook.run()
        assert type(caught.value).__name__ == "CampaignSourceError"
        assert "wrong-password-9999" not in str(caught.value)
    assert control.count("session_login") == 1
    rulebook = Rulebook(**given)
    rulebook.run(rulebook.until(lambda: bool(rulebook.events)))
    assert rulebook.shorts == ["present scheduled"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"wait_interval": "soon"}, "wait_interval must be a time"),
        ({"campaign_ids": ID}, "There is no option campaign_ids: did you mean campaign_id?"),
        ({"api_secret": None}, "api_key is set without api_secret"),
        ({"password": ["a-list-with-a-secret"]}, "password was read as a value that is not a string"),
        ({"ca_path": "/nowhere/at-all.pem", "api_url": "https://127.0.0.1:1/api"}, "ca_path"),
        ({"state_file": "/nowhere/at-all"}, "state_file /nowhere/at-all cannot be opened"),
    ],
)
def test_a_bad_option_is_one_sentence(api_url: str, control: Control, more: dict[str, Any], sentence: str) -> None:
    rulebook = Rulebook(**{"api_url": api_url, "campaign_id": ID, **more})
    with pytest.raises(Exception, match=sentence) as caught:
        rulebook.run()
    assert type(caught.value).__name__ == "CampaignSourceError"
    assert "\n" not in str(caught.value)
    assert not [one for one in (*DEMO_CREDENTIALS.values(), "a-list-with-a-secret") if str(one) in str(caught.value)]
    assert control.counters()["total"] == 0


def test_options_come_from_the_environment(api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rulebook = Rulebook(campaign_id=ID)
    for name in ("account_name", *DEMO_CREDENTIALS):
        monkeypatch.setenv(f"THINGSPACE_{name.upper()}", str(rulebook.args.pop(name)))
    monkeypatch.setenv("THINGSPACE_API_URL", api_url)
    rulebook.run(rulebook.until(lambda: bool(rulebook.events)))
    assert rulebook.shorts == ["present scheduled again"]


def test_it_ends_at_once_and_never_blocks_the_loop_while_the_service_hangs(api_url: str, control: Control) -> None:
    control.fault("hang", kind="campaign_read", seconds=PATIENCE)
    rulebook = Rulebook(api_url=api_url, campaign_id=ID, request_timeout=PATIENCE)
    turns = 0

    async def go_on() -> None:
        nonlocal turns
        while turns < 50:
            turns += 1
            await asyncio.sleep(0)

    # Both would wait as long as the request, unless it is cancelled.
    rulebook.run(rulebook.until(lambda: "thingspace-request" in watch_threads()), go_on)
    assert turns == 50
    asyncio.run(asyncio.wait_for(rulebook.until(lambda: not watch_threads())(), PATIENCE / 2))
    control.clear_faults()


def test_no_more_requests_than_allowed_run_side_by_side(api_url: str, control: Control) -> None:
    names = [f"60b5d639-ccdc-4db8-8824-0000000000{number:02}" for number in range(20)]
    for name in names:
        control.add_campaign(name, body={**BODY, "status": "CampaignScheduled"})
    control.fault("slow", kind="campaign_read", seconds=0.00005)
    # With a threshold, each campaign is read individually.
    rulebook = Rulebook(api_url=api_url, campaign_id=names, max_concurrency=3, max_failure_count=0)
    most = 0

    def count() -> bool:
        nonlocal most
        most = max(most, watch_threads().count("thingspace-request"))
        return len(rulebook.events) >= len(names)

    rulebook.run(rulebook.until(count))
    assert 1 <= most <= 3


def test_sessions_that_die_are_renewed_once_each(api_url: str, control: Control) -> None:
    rulebook = Rulebook(api_url=api_url, campaign_id=ID)

    def reads(more: int) -> Callable[[], Awaitable[None]]:
        wanted: list[int] = []

        def enough() -> bool:
            now = control.count("campaign_read")
            wanted.append(now + more)
            return now >= wanted[0]

        return rulebook.until(enough)

    rulebook.run(
        reads(2),
        do(control.expire_sessions),
        reads(4),
        do(control.expire_tokens),
        reads(4),
        do(control.expire_sessions),
        reads(4),
    )
    assert [control.count(kind) for kind in ("oauth_token", "session_login")] == [2, 3]
    assert rulebook.shorts == ["present scheduled again"]


def test_the_next_process_continues_where_the_last_one_was(api_url: str, control: Control, tmp_path: Path) -> None:
    given = {"api_url": api_url, "campaign_id": ID, "state_file": str(tmp_path / "state")}
    first = Rulebook(**given)
    first.run(first.until(lambda: bool(first.events)))
    control.set_status(ID, "CampaignEnded")
    second = Rulebook(**given)
    second.run()
    assert (first.shorts, second.shorts) == (
        ["present scheduled"],
        ["present scheduled again", "changed ended", "done ended"],
    )
    assert second.events[0]["id"] == first.events[0]["id"]


def test_a_slow_rulebook_holds_the_watch_and_loses_nothing(api_url: str, control: Control, tmp_path: Path) -> None:
    control.set_status(ID, "CampaignEnded")
    rulebook = Rulebook(api_url=api_url, campaign_id=ID, state_file=str(tmp_path / "state"))
    taken = rulebook.put

    async def put(event: dict[str, Any]) -> None:
        # Wait for other work first.
        await asyncio.to_thread(control.state)
        await taken(event)

    rulebook.put = put  # type: ignore[method-assign]
    rulebook.run()
    assert rulebook.shorts == ["present ended", "done ended"]


def test_what_a_rulebook_has_not_taken_is_reported_again(api_url: str, tmp_path: Path) -> None:
    """The interval for repeated events is zero, so no other events are repeated."""
    given = {"api_url": api_url, "campaign_id": ID, "state_file": str(tmp_path / "state"), "repeat_within": 0}
    busy, offered = Rulebook(**given), asyncio.Event()

    async def put(event: dict[str, Any]) -> None:
        offered.set()
        await asyncio.Event().wait()

    busy.put = put  # type: ignore[method-assign]

    async def until_offered() -> None:
        await offered.wait()

    busy.run(until_offered)
    second = Rulebook(**given)
    second.run(second.until(lambda: bool(second.events)))
    assert second.shorts == ["present scheduled again"]


def python(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the source in a Python process that cannot find the collection."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [
        sys.executable,
        "-c",
        "import runpy, sys; print(runpy.run_path(sys.argv[1])['main'].__name__)",
        str(path),
    ]
    return subprocess.run(
        command, env={**environment, **variables}, cwd="/", capture_output=True, text=True, check=False
    )


def test_it_finds_its_collection_by_its_own_place() -> None:
    done = python(SOURCE)
    assert (done.stdout, done.returncode) == ("main\n", 0), done.stderr


def test_a_checkout_of_another_shape_needs_a_word() -> None:
    plain = ROOT / SOURCE.relative_to(SHAPED_CHECKOUT)
    done = python(plain)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "ImportError: fleetops.thingspace cannot be imported (No module named 'ansible_collections')"
    )
    assert "PYTHONPATH" in last
    assert python(plain, PYTHONPATH=str(SHAPED_CHECKOUT.parents[2])).stdout == "main\n"
