# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the cost of our event source for many campaigns with that of a source that polls each one every minute.

Usage: ``python -m benchmark.event_source [NUMBER ...]``, with numbers of campaigns. Each contender runs in its own
process, against the simulator. Ours watches campaigns from begin to end, in a process whose sleep advances both clocks.
The naive source polls each campaign once, in one real minute, as it would do in every minute.
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.service import ACCESS_TOKEN, SESSION_TOKEN, campaign_ids
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

_TESTS = Path(__file__).resolve().parent.parent
_MINUTE = 60.0
_HOUR = 3600.0
_DAY = 86400.0
_THREADS = 8


@dataclass(frozen=True)
class Life:
    """The hour at which the watch begins (UTC), the days until the campaigns start, and their duration in days.

    The service ends them ``lag`` seconds later.
    """

    hour: int
    lead: int
    run: int
    lag: int = 300

    @property
    def begin(self) -> dt.datetime:
        """The beginning of the watch."""
        return dt.datetime(2026, 3, 1, self.hour, tzinfo=dt.timezone.utc)

    @property
    def end(self) -> float:
        """When the campaigns end, in seconds after the beginning."""
        return (self.lead + self.run) * _DAY - self.hour * _HOUR + self.lag


# For 10,000 campaigns, several days would take too long. The last hours have the most requests.
_LIVES = {1_000: Life(7, 1, 3), 10_000: Life(22, 0, 1)}


def _scenario(count: int, life: Life) -> dict[str, Any]:
    first = life.begin.date() + dt.timedelta(days=life.lead)
    last = first + dt.timedelta(days=life.run - 1)
    body = {"startDate": first.isoformat(), "endDate": last.isoformat(), "campaignName": "First wave of trackers"}
    timeline = [{"after": 0, "status": "CampaignScheduled"}, {"after": life.end, "status": "CampaignEnded"}]
    campaign = {"api_version": "v2", "account_name": ACCOUNT, "body": body, "timeline": timeline}
    return {
        "credentials": {**DEMO_CREDENTIALS, "access_token": ACCESS_TOKEN, "session_token": SESSION_TOKEN},
        "campaigns": [{**campaign, "id": name, "devices": {"count": 20}} for name in campaign_ids(count)],
    }


def _ours(parameters: dict[str, Any]) -> dict[str, Any]:
    """Watch all scheduled campaigns, from the begin to the end of the last one. Runs in its own process."""
    from benchmark.watched_life import watched_life

    return watched_life(parameters, dt.datetime.fromisoformat(parameters["begin"]))


def _naive(parameters: dict[str, Any]) -> dict[str, Any]:
    """Poll each campaign once. Runs in its own process."""
    import requests

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=_THREADS))
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}", "VZ-M2M-Token": SESSION_TOKEN}

    def read(name: str) -> str:
        answer = session.get(f"{parameters['url']}/fota/v2/campaigns/{ACCOUNT}/{name}", headers=headers, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["status"])

    names = campaign_ids(parameters["campaigns"])
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        states = dict(zip(names, pool.map(read, names)))
    return {"requests": len(states), "minutes": 1.0}


def _measured(contender: str, count: int, folder: Path) -> dict[str, Any]:
    life = _LIVES.get(count, Life(22, 0, 1))
    with SimulatorProcess(["--start", life.begin.isoformat()]) as simulator:
        Control(simulator.admin_url).scenario(_scenario(count, life))
        parameters = {"url": simulator.url, "admin_url": simulator.admin_url, "campaigns": count, "end": life.end}
        parameters["begin"] = life.begin.isoformat()
        parameters["state_file"] = str(folder / f"{count}.state")
        done = subprocess.run(
            [sys.executable, "-m", "benchmark.event_source", "--as", contender, json.dumps(parameters)],
            env={"PYTHONPATH": os.pathsep.join([str(_TESTS), *sys.path]), "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return {**json.loads(done.stdout), "hours": life.end / _HOUR}


def _run_as(contender: str, parameters: dict[str, Any]) -> dict[str, Any]:
    found = {"ours": _ours, "naive": _naive}[contender](parameters)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {**found, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}


def _row(name: str, count: int, found: dict[str, Any]) -> str:
    a_minute, cpu = found["requests"] / found["minutes"], found["cpu"] / found["minutes"]
    late = f"{found['latest'] / _MINUTE:.0f} min" if "latest" in found else "1 min"
    return f"| {count:,} | {name} | {found['memory']:.0f} | {cpu:.3f} | {a_minute:,.1f} | {late} |"


def main(arguments: list[str]) -> int:
    """Measure, and print the table."""
    if arguments[:1] == ["--as"]:
        print(json.dumps(_run_as(arguments[1], json.loads(arguments[2]))))
        return 0
    print("| campaigns | source | memory MB | CPU s a minute | requests a minute | an end is noticed after |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for count in [int(number) for number in arguments] or list(_LIVES):
            ours, naive = (_measured(contender, count, Path(folder)) for contender in ("ours", "naive"))
            print(_row(f"ours, the last {ours['hours']:.0f} hours", count, ours), flush=True)
            print(_row("naive", count, naive), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
