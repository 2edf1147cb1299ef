# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job that launches once, killed at random times: never two launches, and a claim that users can see."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from integration.playbooks import LOCALHOST, Playbooks

from awx.chance import chance
from awx.controller.variables import as_awx_writes
from awx.test_launch_once import CLAIM, PLAYBOOK, Launches, launches

__all__ = ["launches"]

SECONDS = 120.0
# The steps of a job before it sends the request for its claim.
EARLY = range(14)
NUMBER = 41


class MortalJob:
    """A job that launches, in its own process group. Each request to AWX consists of two steps."""

    def __init__(self, playbooks: Playbooks, launches: Launches) -> None:
        self._playbooks = playbooks
        self._launches = launches
        self._steps = 0

    def run(self, dies_at: int) -> None:
        """Run it, kill it at this step, and wait until AWX has finished its requests."""
        folder, given = self._playbooks.folder, self._launches.variables(NUMBER)
        for name, content in (("mortal-variables", as_awx_writes(given)), ("mortal-inventory", None)):
            hosts = {"all": {"hosts": {host: dict(own) for host, own in LOCALHOST.items()}}}
            (folder / f"{name}.json").write_text(json.dumps(hosts if content is None else content), encoding="utf-8")
        controller, lane = self._launches.controller, self._playbooks.lane
        command = [*lane.program("ansible-playbook"), "-i", "mortal-inventory.json", "-e", "@mortal-variables.json"]
        process = subprocess.Popen(
            [*command, PLAYBOOK],
            cwd=folder,
            env={**lane.environment(self._playbooks.home), **controller.environment_for(self._launches.user)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

        def step() -> None:
            self._steps += 1
            if self._steps - 1 == dies_at:
                for number in family(process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)

        controller.each_step(step)
        try:
            code = process.wait(SECONDS)
        finally:
            controller.each_step(lambda: None)
        assert code == -signal.SIGKILL
        until(lambda: controller.is_idle)


def family(number: int) -> list[int]:
    """Return a process and all its descendants. Ansible's workers have their own sessions, so a group is not enough."""
    children = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
    return [number, *(one for child in children for one in family(int(child)))]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_at_most_one_launch_whenever_the_job_is_killed(playbooks: Playbooks, launches: Launches) -> None:
    """The job is killed before its claim, between claim and launch, and after the launch. Then the next job runs."""
    random = chance()
    # The claims and launches in AWX at each step of a complete job, which is the one after the first that is killed.
    steps: list[tuple[int, int]] = []
    for claims, launched in ((0, 0), (1, 0), (1, 1)):
        later = [number for number, seen in enumerate(steps) if seen == (claims, launched)]
        moment = random.choice(later if claims else EARLY)
        print(f"killed at step {moment} of {len(steps)}")
        MortalJob(playbooks, launches).run(moment)
        # A request that was in progress when the job was killed can still have taken effect.
        made, found = len(launches.launched), len(launches.claims)
        assert (claims, launched) <= (found, made) <= (1, 1)
        if not claims:
            launches.controller.each_step(lambda: steps.append((len(launches.claims), len(launches.launched))))
        next_one = launches.job(NUMBER + 1)
        launches.controller.each_step(lambda: None)
        if found and not made:
            # Users see whose claim it is, and that nothing was launched. Nothing is launched without their decision.
            assert launches.claims == [(CLAIM, f"Job {NUMBER}")]
            assert next_one.code == 2
            assert f"Job {NUMBER} has claimed this launch, but has not launched" in next_one.output
            assert launches.launched == []
        else:
            assert next_one.code == 0, next_one.output
            (one,) = launches.launched
            assert launches.claims == [(CLAIM, f"Launched Gate as workflow job {one['id']}.")]
            launches.tables.remove("workflow_jobs", one["id"])
        launches.tables.remove("schedules", launches.tables.all("schedules")[0]["id"])
