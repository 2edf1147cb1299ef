# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wait of ten days in a second: the real client and the simulator, in a process whose sleep advances both clocks.

Usage: ``python -m benchmark.long_campaign``, with the options as JSON in BENCHMARK_LONG: ``url``, ``admin_url``,
``campaign_id``, ``now`` (the simulated time). It prints the result of the wait as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from benchmark.results import Figures
from benchmark.runner import RunError, Runner
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID

_DAY = dt.timedelta(days=1)
_LEAD, _RUN = 3, 7
# The time of day at the start, in hours, and the seconds after midnight when the service ends the campaign.
_CASES = ((0, 0), (7, 60), (13.5, 300), (20, 600), (23.9, 900))
_TOKEN_SECONDS, _SESSION_SECONDS = 3600, 1200


def measure_wait(runner: Runner, number: int) -> Figures:
    """Return the figures of one wait. Each run starts at a different time of day."""
    hour, lag = _CASES[number % len(_CASES)]
    now = dt.datetime(2026, 3, 1, tzinfo=dt.timezone.utc) + dt.timedelta(hours=hour)
    start = dt.datetime(2026, 3, 1, tzinfo=dt.timezone.utc) + (_LEAD + (hour > 0)) * _DAY
    end = start + _RUN * _DAY
    begins, ends = ((day - now).total_seconds() for day in (start, end))
    body = {"startDate": f"{start:%Y-%m-%d}", "endDate": f"{end - _DAY:%Y-%m-%d}"}
    timeline = [
        {"after": 0, "status": "CampaignRequestPending"},
        {"after": 1800, "status": "CampaignQueued"},
        {"after": begins, "status": "CampaignScheduled"},
        {"after": ends + lag, "status": "CampaignEnded"},
    ]
    with SimulatorProcess(["--speed", "0", "--start", now.isoformat()]) as simulator:
        control = Control(simulator.admin_url)
        control.add_campaign(V2_ID, body=body, timeline=timeline)
        parameters = {
            "url": simulator.url,
            "admin_url": simulator.admin_url,
            "campaign_id": V2_ID,
            "now": now.isoformat(),
        }
        result = _run(runner, parameters)
        log = control.counters()["log"]
    if not result.get("reached"):
        raise RunError(f"the wait of ten days came to {result.get('message')}")
    return {
        "reads": sum(1 for entry in log if entry["kind"] == "campaign_read"),
        "late": result["elapsed"] - ends - lag,
        "requests": len(log),
        "logins": sum(1 for entry in log if entry["kind"] in ("oauth_token", "session_login")),
        "logins_too_many": _needless(log, "oauth_token", _TOKEN_SECONDS) + _needless_sessions(log),
        "refused": sum(1 for entry in log if entry["status"] != 200),
    }


def _run(runner: Runner, parameters: dict[str, Any]) -> dict[str, Any]:
    paths = [str(Path(__file__).resolve().parent.parent), str(runner.collections)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.long_campaign"],
        env={
            "PYTHONPATH": os.pathsep.join(paths),
            "BENCHMARK_LONG": json.dumps(parameters),
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RunError(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _needless(log: Sequence[dict[str, Any]], kind: str, lifetime: float) -> int:
    """Return the number of logins while the previous token was still valid."""
    times = [entry["t"] for entry in log if entry["kind"] == kind]
    return sum(1 for earlier, later in zip(times, times[1:]) if later - earlier < lifetime)


def _needless_sessions(log: Sequence[dict[str, Any]]) -> int:
    """Return the same for sessions, which stay valid for some time after each use."""
    used = [(entry["t"], entry["kind"]) for entry in log if entry["kind"] in ("session_login", "campaign_read")]
    pairs = zip(used, used[1:])
    return sum(1 for old, new in pairs if new[1] == "session_login" and new[0] - old[0] < _SESSION_SECONDS)


def _wait(parameters: dict[str, Any]) -> dict[str, Any]:
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
    from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
    from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
    from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Transport
    from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets

    class SimulatedClock(Clock):
        """Starts with the simulator's time. Its sleep advances both clocks, the simulator's at the next request."""

        def __init__(self) -> None:
            self._control = Control(parameters["admin_url"])
            self._start = dt.datetime.fromisoformat(parameters["now"])
            self._seconds = 0.0
            self._pending = 0.0
            # The transport compares moments of this clock with the time of the system.
            self._began = time.monotonic()

        def monotonic(self) -> float:
            return self._began + self._seconds

        def now(self) -> dt.datetime:
            return self._start + dt.timedelta(seconds=self._seconds)

        def sleep(self, seconds: float) -> None:
            # Adds a microsecond, because the simulator rounds to binary fractions of a second.
            self._seconds += seconds + 1e-6
            self._pending += seconds + 1e-6

        def sync(self) -> None:
            """Advance the simulator to the same time."""
            self._control.advance(self._pending)
            self._pending = 0.0

    clock = SimulatedClock()
    send = Transport.send

    def send_now(self: Transport, *args: Any, **options: Any) -> Any:
        clock.sync()
        return send(self, *args, **options)

    options = {
        **DEMO_CREDENTIALS,
        "api_url": parameters["url"],
        "account_name": ACCOUNT,
        "campaign_id": [parameters["campaign_id"]],
        "wait": True,
        "wait_until_end_plus": 86400,
    }
    params = ArgumentSpecValidator(argument_spec()).validate(options).validated_parameters
    with mock.patch.object(Transport, "send", send_now):
        return dict(run(params, Runtime(clock=clock), Secrets()))


if __name__ == "__main__":
    print(json.dumps(_wait(json.loads(os.environ["BENCHMARK_LONG"]))))
