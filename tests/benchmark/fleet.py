# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet play: hosts of five campaigns, each of which continues if its device was upgraded."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from typing import Any

from benchmark import plays
from benchmark.contests import Contender, Contest
from benchmark.results import Figures
from benchmark.runner import Run, RunError, Runner
from benchmark.service import campaign_ids
from simulator.stock import ACCOUNT
from tools.paths import ROOT

_CAMPAIGNS = 5
_FIRST_IMEI = 900000000000000
# The timeline depends on polls, because the hosts need some time to reach the wait.
_POLLS = 6
_TIMELINE = [
    {"after_looks": 1, "status": "CampaignScheduled"},
    {"after_looks": _POLLS, "status": "CampaignEnded"},
]
_ROLE = {
    "role": "fleetops.thingspace.campaign_wait",
    "vars": {
        "campaign_wait_account_name": ACCOUNT,
        "campaign_wait_campaign_id": "{{ campaign }}",
        "campaign_wait_device_id": "{{ imei }}",
        "campaign_wait_interval": 1,
        "campaign_wait_max_interval": 1,
        "campaign_wait_on_device_failure": "skip",
    },
}
_NAMED = {1: "1 host", 100: "100 hosts", 1000: "1,000 hosts"}


def fleet(sizes: tuple[int, ...] = (1, 100, 1000), largest_uri: int = 100) -> Contest:
    """The gate, the same role with actions that do nothing, the inventory groups, and C(uri) with C(until)."""
    contenders: dict[str, Contender] = {}
    for size in sizes:
        name = _NAMED[size]
        contenders[f"empty play, {name}"] = _contender(size, {"tasks": []})
        contenders[f"idle role, {name}"] = _idle_role(size)
        contenders[f"ours, {name}"] = _contender(size, {"roles": [_ROLE]}, campaigns=min(size, _CAMPAIGNS))
        contenders[f"by group, {name}"] = _by_group(size)
        if size <= largest_uri:
            tasks = plays.uri_wait("{{ campaign }}", 1)
            tasks = [{**task, "run_once": True} if task["name"] == "login" else task for task in tasks]
            contenders[f"uri + until, {name}"] = _contender(size, {"tasks": tasks})
    largest = max(sizes)
    contenders[f"ours, {_NAMED[largest]}, 3 % held"] = _contender(
        largest, {"roles": [_ROLE]}, campaigns=_CAMPAIGNS, failed=0.03
    )
    return Contest("fleet", f"A play over a fleet in {_CAMPAIGNS} campaigns, one poll a second", contenders)


def _idle_role(size: int) -> Contender:
    """The role with its defaults, argument spec, tasks and arguments, but with actions that do nothing."""

    def run(runner: Runner, number: int) -> Figures:
        copy = runner.folder / "roles" / "idle"
        shutil.copytree(ROOT / "roles" / "campaign_wait", copy, dirs_exist_ok=True)
        tasks = copy / "tasks" / "main.yml"
        text = tasks.read_text(encoding="utf-8")
        tasks.write_text(re.sub(r"fleetops\.thingspace\.campaign_(gate|info)", "nothing", text), encoding="utf-8")
        return _contender(size, {"roles": [{**_ROLE, "role": str(copy)}]})(runner, number)

    return run


def _by_group(size: int) -> Contender:
    """One read of the device reports for the inventory, and a play for the devices that were upgraded."""
    ids = campaign_ids(_CAMPAIGNS)
    inventory = {"plugin": "fleetops.thingspace.campaign_devices", "campaign_id": ids}

    def run(runner: Runner, _number: int) -> Figures:
        devices = {"count": -(-size // _CAMPAIGNS), "first": str(_FIRST_IMEI)}
        runner.service.load(ids, [{"after": 0, "status": "CampaignEnded"}], devices)
        play = {"name": "Fleet", "hosts": "campaign_succeeded", "gather_facts": False, "tasks": []}
        return runner.by_inventory([play], inventory).basics()

    return run


def _contender(size: int, play: Mapping[str, Any], campaigns: int = 0, failed: float = 0.0) -> Contender:
    ids = campaign_ids(_CAMPAIGNS)
    devices = {
        "count": -(-size // _CAMPAIGNS),
        "first": str(_FIRST_IMEI),
        "groups": [{"share": failed, "status": "UpgradeFailed", "reason": "Other."}] if failed else [],
    }
    # The devices of all campaigns have the same IDs, which makes no difference.
    hosts = {
        f"host-{number:04}": {
            "ansible_connection": "local",
            "campaign": ids[number % _CAMPAIGNS],
            "imei": str(_FIRST_IMEI + number // _CAMPAIGNS),
        }
        for number in range(size)
    }

    def run(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _TIMELINE, devices)
        done = runner.fleet([{"name": "Fleet", "hosts": "fleet", "gather_facts": False, **play}], hosts)
        return {**done.basics(), **(_round_of(done, campaigns) if campaigns else {})}

    return run


def _round_of(run: Run, campaigns: int) -> Figures:
    """Return the requests of a round, except for the first one (with logins) and the last one (which is read twice)."""
    rounds = run.rounds[1:-1]
    if not rounds:
        raise RunError(f"the campaigns ended too early: {len(run.rounds)} rounds")
    most = max(each.polls for each in rounds)
    if run.counters["by_kind"]["device_report"] != campaigns:
        raise RunError(f"{run.counters['by_kind']['device_report']} device reports instead of {campaigns}")
    return {"round_requests": most}
