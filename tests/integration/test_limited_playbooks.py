# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays after an imported playbook run only if it lets hosts continue, with any --limit and --tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from integration.fleets import TOUCH, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, local_hosts, play
from simulator.control import Control
from tools.environments import RUNS_ALL

GATES = ("campaign_wait", "campaign_verify", "canary")
# The play that stops hosts is written in each of these playbooks, with the same tasks. So each playbook plays each
# outcome, and the other options of the command line, which only Ansible handles, are played with one of them.
_ONE = GATES if RUNS_ALL else ("campaign_wait",)
TRACKERS = ("tracker-01", "tracker-02")
IMEIS = ("990003425730535", "990003425730543")
NOBODY: set[str] = set()
# The user's own play for the devices, with its own tag.
FOLLOWING = play([{**TOUCH, "tags": ["deploy"]}], hosts="all:localhost")


def _add(control: Control, status: str, number: int = 1, **statuses: str) -> str:
    campaign_id = campaign_ids(number)[-1]
    devices = [{"id": imei, "status": statuses.get(f"d{imei}", "UpgradeSuccess")} for imei in IMEIS]
    control.add_campaign(campaign_id, body={"status": status}, devices=devices)
    return campaign_id


def _run(
    playbooks: Playbooks,
    api_url: str,
    gates: Sequence[Any],
    arguments: Sequence[str] = (),
    hosts: Any = None,
    **variables: Any,
) -> Run:
    imports = [
        {"import_playbook": f"fleetops.thingspace.{gate}"} if isinstance(gate, str) else dict(gate) for gate in gates
    ]
    return playbooks.run(
        [*imports, FOLLOWING],
        hosts=local_hosts(TRACKERS) if hosts is None else hosts,
        variables={**role_variables(api_url, campaign_id=None, device_id=None), **variables},
        environment=as_environment(CREDENTIALS),
        arguments=arguments,
        verbosity=0,
    )


def _ids(campaign_id: str) -> dict[str, str]:
    return {"campaign_wait_campaign_id": campaign_id, "canary_campaign_id": campaign_id}


def _each(campaign_id: str) -> dict[str, Any]:
    """Return trackers with their own campaigns and devices, and a host that has neither."""
    hosts = local_hosts([*TRACKERS, "other"])
    for name, imei in zip(TRACKERS, IMEIS):
        hosts[name] |= {"campaign_wait_campaign_id": campaign_id, "campaign_wait_device_id": imei}
    return hosts


@pytest.mark.parametrize(
    ("gate", "arguments", "inventory"),
    [
        *(pytest.param(gate, (), "implicit", id=f"plain-{gate}") for gate in GATES),
        *(pytest.param(gate, ("--tags", "deploy"), "explicit", id=f"tags-{gate}") for gate in _ONE),
    ],
)
def test_a_limit_that_leaves_out_the_gate(
    playbooks: Playbooks, control: Control, api_url: str, gate: str, arguments: tuple[str, ...], inventory: str
) -> None:
    campaign_id = _add(control, "CampaignCancelled")
    hosts = local_hosts([*TRACKERS, "localhost"] if inventory == "explicit" else TRACKERS)
    run = _run(playbooks, api_url, [gate], ["--limit", "tracker-01", *arguments], hosts, **_ids(campaign_id))

    assert run.code == 2, run.output
    assert run.hosts_of("touch") == NOBODY
    assert f"The playbook {gate} let no host of localhost continue" in run.stdout
    assert control.counters()["total"] == 0


_TAGS = ["--tags", "deploy"]


@pytest.mark.parametrize(
    ("gate", "arguments", "status", "code", "on"),
    [
        *(
            pytest.param(
                gate,
                *(["--limit", "tracker-01,localhost"], "CampaignEnded", 0, {"tracker-01", "localhost"}),
                id=f"limit-{gate}",
            )
            for gate in _ONE
        ),
        *(pytest.param(gate, _TAGS, "CampaignEnded", 0, {*TRACKERS, "localhost"}, id=f"tags-{gate}") for gate in GATES),
        *(pytest.param(gate, _TAGS, "CampaignCancelled", 2, NOBODY, id=f"tags-cancelled-{gate}") for gate in GATES),
    ],
)
def test_the_gate_decides(
    playbooks: Playbooks,
    control: Control,
    api_url: str,
    gate: str,
    arguments: list[str],
    status: str,
    code: int,
    on: set[str],
) -> None:
    campaign_id = _add(control, status)
    run = _run(playbooks, api_url, [gate], arguments, **_ids(campaign_id))

    assert run.code == code, run.output
    assert run.hosts_of("touch") == on


# With fail, Ansible itself leaves localhost out of the next play.
@pytest.mark.parametrize(
    ("gate", "term"),
    [*((gate, "skip") for gate in GATES), *((gate, "fail") for gate in _ONE)],
)
def test_a_localhost_that_is_left_out(
    playbooks: Playbooks, control: Control, api_url: str, gate: str, term: str
) -> None:
    """Hosts that are not in the gate's own play must not take part in the next play."""
    campaign_id = _add(control, "CampaignScheduled")
    variables: dict[str, Any] = {"campaign_wait_timeout": 0, "campaign_wait_on_timeout": term, **_ids(campaign_id)}
    run = _run(playbooks, api_url, [gate], **variables)

    assert run.code == 2, run.output
    assert run.hosts_of("touch") == NOBODY


@pytest.mark.parametrize(
    ("gate", "term", "limit", "on"),
    [
        ("campaign_wait", "skip", "all", {"tracker-01", "other"}),
        ("campaign_wait", "fail", "all", {"tracker-01", "other"}),
        ("campaign_verify", "skip", "all", {"tracker-01", "other"}),
        ("campaign_verify", "fail", "all", {"tracker-01", "other"}),
        ("campaign_wait", "skip", "tracker-01", {"tracker-01"}),
        ("campaign_verify", "skip", "tracker-02", NOBODY),
        ("campaign_wait", "fail", "other", NOBODY),
    ],
)
def test_hosts_with_campaigns_of_their_own(
    playbooks: Playbooks, control: Control, api_url: str, gate: str, term: str, limit: str, on: set[str]
) -> None:
    campaign_id = _add(control, "CampaignEnded", d990003425730543="UpgradeFailed")
    variables = {
        "thingspace_hosts": "tracker-*",
        "campaign_wait_on_device_failure": term,
        "campaign_wait_min_success_percent": 50,
    }
    run = _run(playbooks, api_url, [gate], ["--limit", limit], _each(campaign_id), **variables)

    assert run.hosts_of("touch") == on, run.output
    assert run.code == (0 if limit == "tracker-01" else 2)


@pytest.mark.parametrize("second", ["campaign_wait", "campaign_verify", "canary"])
def test_a_gate_before_does_not_stand_for_another_one(
    playbooks: Playbooks, control: Control, api_url: str, second: str
) -> None:
    """The first gate lets the trackers continue. The limit excludes the second one, which is on localhost."""
    good, bad = _add(control, "CampaignEnded"), _add(control, "CampaignCancelled", number=2)
    first = {"import_playbook": "fleetops.thingspace.campaign_wait", "vars": {"thingspace_hosts": "tracker-*"}}
    hosts = {name: {**own, "campaign_wait_campaign_id": good} for name, own in local_hosts(TRACKERS).items()}
    run = _run(playbooks, api_url, [first, second], ["--limit", "tracker-01"], hosts, canary_campaign_id=bad)

    assert run.code == 2, run.output
    assert run.hosts_of("touch") == NOBODY
    assert f"The playbook {second} let no host of localhost continue" in run.stdout


def test_nothing_is_sent_to_a_host(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Neither the gate nor the play that checks its result connects to a host."""
    campaign_id = _add(control, "CampaignEnded")
    hosts = {name: {"ansible_connection": "no.such.plugin"} for name in TRACKERS}
    run = _run(playbooks, api_url, ["campaign_wait"], (), hosts, **_ids(campaign_id), ansible_become=True)

    need = {event.host for event in run.events if "gate let the host continue" in event.task and not event.failed}
    assert need == {*TRACKERS, "localhost"}, run.output
