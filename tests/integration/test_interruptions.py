# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""If a playbook is interrupted, its waits end, too: no process remains, and there are no more polls."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from integration.endings import left_after
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, FAST, as_environment, campaign_ids, info, local_hosts, play
from simulator.control import Control
from tools.environments import RUNS_ALL

_LIMIT_SECONDS = 20.0
# A small number, to save time. If the test fails, the seed is printed.
_MOMENTS = 4


class Waiting:
    """A playbook in its own session. Each of its hosts waits for several campaigns that never end."""

    def __init__(self, playbooks: Playbooks, control: Control, api_url: str, hosts: int) -> None:
        ids = campaign_ids(4)
        for campaign_id in ids:
            control.add_campaign(campaign_id, body={"status": "CampaignScheduled"})
        options: dict[str, Any] = {**FAST, "wait_interval": 0.01, "wait_max_interval": 0.01, "campaign_id": ids}
        tasks = [info("wait", {"api_url": api_url, **options})]
        names = [f"host{number}" for number in range(hosts)]
        playbook = playbooks._write("waiting.yml", [play(tasks, hosts="all")])
        inventory = playbooks._write("waiting-hosts.yml", {"all": {"hosts": local_hosts(names)}})
        self._control = control
        # An environment variable that identifies the processes of this run.
        self._mark = f"FLEETOPS_INTERRUPTED={os.getpid()}-{random.random()}"
        name, value = self._mark.split("=")
        self.process = subprocess.Popen(
            [*playbooks.lane.program("ansible-playbook"), "-i", str(inventory), str(playbook)],
            cwd=playbooks.folder,
            env={**playbooks.lane.environment(playbooks.home), **as_environment(CREDENTIALS), name: value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        _until(lambda: control.count("campaign_read") >= hosts, "nobody polls")

    def processes(self) -> list[int]:
        """Return the running processes of the run."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and self._mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def assert_over(self) -> None:
        """Check that all processes have ended, and that there are no more requests."""
        try:
            self.process.wait(_LIMIT_SECONDS)
            assert left_after(_LIMIT_SECONDS, self.processes) == []
        finally:
            for number in self.processes():
                os.kill(number, signal.SIGKILL)
            self.process.wait()


def _until(happens: Any, complaint: str) -> None:
    deadline = time.monotonic() + _LIMIT_SECONDS
    while not happens():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


# One host has one of the processes that three hosts have, so it adds nothing but its own run.
@pytest.mark.parametrize("hosts", [1, 3] if RUNS_ALL else [3])
@pytest.mark.parametrize("way", ["ctrl+c", "terminate", "terminate all", "kill", "kill all"])
def test_no_process_survives(playbooks: Playbooks, control: Control, api_url: str, way: str, hosts: int) -> None:
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    for _moment in range(_MOMENTS if way == "ctrl+c" else 1):
        waiting = Waiting(playbooks, control, api_url, hosts)
        # Any time within a poll.
        time.sleep(moments.random() * 0.05)
        number = waiting.process.pid
        if way == "ctrl+c":
            # A terminal sends the signal to all processes in the foreground.
            os.killpg(number, signal.SIGINT)
        elif way == "terminate":
            os.kill(number, signal.SIGTERM)
        elif way == "terminate all":
            os.killpg(number, signal.SIGTERM)
        elif way == "kill":
            os.kill(number, signal.SIGKILL)
        else:
            os.killpg(number, signal.SIGKILL)
        waiting.assert_over()


def test_a_timeout_of_the_task_ends_its_wait(playbooks: Playbooks, control: Control, api_url: str) -> None:
    ids = campaign_ids(4)
    for campaign_id in ids:
        control.add_campaign(campaign_id, body={"status": "CampaignScheduled"})
    options: dict[str, Any] = {**FAST, "wait_interval": 0.01, "wait_max_interval": 0.01, "campaign_id": ids}
    tasks = [info("wait", {"api_url": api_url, **options}, timeout=2)]
    run = playbooks.run(
        [play(tasks, hosts="all")], hosts=local_hosts(["a", "b"]), environment=as_environment(CREDENTIALS)
    )

    assert run.code == 2, run.output
    for host in ("a", "b"):
        assert len(run.failure("wait", host).get("campaigns", ids)) == 4
    assert run.event("wait", "a").at - run.event("wait", "b").at < _LIMIT_SECONDS
