# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service for all contenders: one simulator, which can also be reached through a delay."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT

LATENCY = 0.05
# Tokens that are valid from the start, for contenders without logins.
ACCESS_TOKEN = "00000000-0000-4000-8000-000000000001"
SESSION_TOKEN = "00000000-0000-4000-8000-000000000002"
_TESTS = Path(__file__).resolve().parent.parent
# Far from now, so that no milestone affects the schedule of polls.
_DATES = {"startDate": "2020-01-01", "endDate": "2040-01-01"}


def campaign_ids(count: int) -> list[str]:
    """Return IDs of campaigns, which are always the same."""
    return [str(uuid.uuid5(uuid.NAMESPACE_URL, f"campaign-{number}")) for number in range(count)]


@dataclass(frozen=True)
class Service:
    """The running service. ``url`` answers at once, ``slow_url`` LATENCY seconds later."""

    url: str
    slow_url: str
    control: Control

    def load(
        self, ids: Sequence[str], timeline: Sequence[Mapping[str, Any]], devices: Mapping[str, Any] | None = None
    ) -> None:
        """Reset everything, including counters, and load v2 campaigns with this timeline and these devices."""
        campaign = {"api_version": "v2", "account_name": ACCOUNT, "body": _DATES, "timeline": list(timeline)}
        more = {} if devices is None else {"devices": dict(devices)}
        self.control.scenario(
            {
                "credentials": {"access_token": ACCESS_TOKEN, "session_token": SESSION_TOKEN},
                "campaigns": [{**campaign, "id": campaign_id, **more} for campaign_id in ids],
            }
        )
        self.control.reset_counters()


@contextlib.contextmanager
def running_service() -> Iterator[Service]:
    """Run a simulator in real time, and a proxy with a delay."""
    with SimulatorProcess() as simulator, _delayed(simulator.url) as slow_url:
        yield Service(simulator.url, slow_url, Control(simulator.admin_url))


@contextlib.contextmanager
def _delayed(url: str) -> Iterator[str]:
    port = url.rsplit(":", 1)[1].split("/", 1)[0]
    command = [sys.executable, "-m", "benchmark.delay_proxy", port, str(LATENCY * 1000)]
    with subprocess.Popen(command, cwd=_TESTS, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        try:
            yield url.replace(f":{port}/", f":{proxy.stdout.readline().strip()}/")
        finally:
            proxy.terminate()
