# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output for operators: short if there are no problems, and once for each host that does not continue."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from integration.fleets import Fleet, gate, make_fleet, role_variables
from integration.forms import LEFT_OUT
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, local_hosts
from simulator.control import Control
from simulator.stock import V2_ID

# The lines of Ansible itself for plays, tasks and hosts.
_ANSIBLE = re.compile(r"(PLAY|TASK|META|RUNNING HANDLER|ok:|skipping:|included:|fatal:|\S+ +: ok=\d)|\s*$")
_TOUCHED = re.compile(r'ok: \[\S+\] => \{$|    "msg": "touched"$|\}$')


def _run(playbooks: Playbooks, fleet: Fleet, variables: dict[str, Any], **more: Any) -> Run:
    plays = [gate(variables, **more)]
    return playbooks.run(plays, hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)


def _own_lines(run: Run) -> list[str]:
    """Return the lines of the collection."""
    lines = run.stdout.splitlines()
    return [line for line in lines if not _ANSIBLE.match(line) and not _TOUCHED.match(line)]


@pytest.mark.parametrize("keywords", [{}, {"strategy": "free"}], ids=["linear", "free"])
def test_a_gate_that_all_pass(playbooks: Playbooks, control: Control, api_url: str, keywords: dict[str, Any]) -> None:
    """There is one line with device counts for each campaign, and one for the hosts."""
    fleet = make_fleet(control, 8, campaigns=2, failed=0, ends_at_poll=1)
    run = _run(playbooks, fleet, role_variables(api_url), **keywords)

    assert run.code == 0, run.output
    lines = _own_lines(run)
    for campaign in fleet.campaigns:
        (told,) = [line for line in lines if campaign.partition("-")[0] in line and not line.startswith("[")]
        assert "ended" in told
        assert re.search(r"\b4 of 4\b", told)
    assert not [line for line in lines for host in fleet.names if host in line and not line.startswith("[")]
    progress = [line for line in lines if line.startswith("[") and "]   " not in line]
    details = [line for line in lines if "]   " in line]
    # Each change of a campaign is printed once, not once per host.
    assert len(progress) <= 2 * len(fleet.campaigns) + 1, progress
    assert len(lines) - len(progress) - len(details) <= len(fleet.campaigns) + 1, lines
    # Other strategies print a warning about the role's run_once, which they ignore.
    assert keywords or run.stderr == ""


def test_progress_has_each_campaign_and_change(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 8, campaigns=2, failed=0, ends_at_poll=4)
    run = _run(playbooks, fleet, role_variables(api_url))

    assert run.code == 0, run.output
    progress = [line for line in _own_lines(run) if line.startswith("[") and "]   " not in line]
    for campaign in fleet.campaigns:
        told = [line for line in progress if campaign.partition("-")[0] in line]
        assert 1 <= len([line for line in told if "scheduled" in line]) <= 1, progress
    assert len(progress) <= 3 * len(fleet.campaigns) + 1, progress


def test_progress_has_the_figures_of_device_reports_that_are_read(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    """Progress causes no requests: with a threshold, device reports are read during the wait, otherwise at its end."""
    fleet = make_fleet(control, 8, campaigns=2, failed=0.5, ends_at_poll=4)
    terms = {"max_failure_percent": 100, "report_every": 2, "progress_interval": 0.1, "interval": 0.4}
    run = _run(playbooks, fleet, role_variables(api_url, **terms, max_interval=0.4))

    progress = [line for line in _own_lines(run) if line.startswith("[")]
    states = [line for line in progress if ": scheduled" in line]
    for campaign in fleet.campaigns:
        assert [line for line in states if campaign.partition("-")[0] in line], progress
    figures = re.compile(r"\[.*\]   \d of 4 devices upgraded(, \d failed)?, until \d{4}-\d\d-\d\d")
    told = [line for line in progress if figures.fullmatch(line)]
    assert len(told) >= len(states)


@pytest.mark.parametrize("keywords", [{}, {"strategy": "free"}], ids=["linear", "free"])
def test_a_host_that_fails_says_one_sentence(
    playbooks: Playbooks, control: Control, api_url: str, keywords: dict[str, Any]
) -> None:
    fleet = make_fleet(control, 8, campaigns=1, failed=0.25, ends_at_poll=1)
    run = _run(playbooks, fleet, role_variables(api_url), **keywords)

    assert run.code == 2, run.output
    for host in fleet.not_upgraded:
        (event,) = [event for event in run.events if event.failed and event.host == host]
        sentence = event.result["msg"]
        assert fleet.hosts[host]["imei"] in sentence
        assert sentence.count(".") == 1 and "\n" not in sentence
        (fatal,) = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{host}]")]
        assert fatal.count(sentence) == 1
        assert len(fatal) < len(sentence) + 120
        # Other lines are only the table, and in ansible-core 2.19 and newer, an error line of Ansible itself.
        lines = [line for line in run.stdout.splitlines() if not line.startswith("[ERROR]: ")]
        assert len([line for line in lines if json.dumps(sentence)[1:-1] in line]) <= 2
        assert len(_rows(run, host)) == 1


_BAD: dict[str, Any] = {
    **{"timeout": "soon", "min_success_percent": 0.95, "match": "some", "device_id": "", "on_timeout": "shrug"},
    **{"api_version": "v9", "max_concurrency": "many", "validate_certs": "perhaps", "stats_devices": []},
    **{"state": {"ended": True}, "campaign_id": 12345678, "account_name": LEFT_OUT},
}


def test_a_bad_option_is_one_sentence(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Each host has a different one."""
    hosts = local_hosts([f"bad-{option}" for option in _BAD])
    good = role_variables(api_url, campaign_id=V2_ID, device_id="990003425730535")
    for own, (option, value) in zip(hosts.values(), _BAD.items()):
        own.update({name: one for name, one in {**good, f"campaign_wait_{option}": value}.items() if one != LEFT_OUT})
    run = playbooks.run([gate({})], hosts=hosts, environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.code == 2, run.output
    assert run.hosts_of("touch") == set()
    assert control.counters()["total"] == 0
    for host in hosts:
        (fatal,) = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{host}]: ")]
        assert host.replace("bad-", "campaign_wait_") in fatal.partition("]: ")[2] and len(fatal) < 600, fatal


def _rows(run: Run, host: str) -> list[str]:
    return [line for line in _own_lines(run) if line.split()[:1] == [host]]


def test_hosts_that_do_not_continue_are_in_a_table(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """The table has the names of twenty hosts, each with its own decision, and the number of the others."""
    fleet = make_fleet(control, 24, campaigns=1, failed=23 / 24, ends_at_poll=1)
    terms = {host: ("fail", "skip")[number % 2] for number, host in enumerate(fleet.names)}
    for host, term in terms.items():
        fleet.hosts[host]["campaign_wait_on_device_failure"] = term
    run = _run(playbooks, fleet, role_variables(api_url))

    assert run.code == 2, run.output
    assert {event.host for event in run.events if event.failed} == {
        host for host in fleet.not_upgraded if terms[host] == "fail"
    }
    (good,) = fleet.upgraded
    assert run.hosts_of("touch") == {good}
    rows = {host: _rows(run, host) for host in fleet.not_upgraded}
    named = {host: lines for host, lines in rows.items() if lines}
    assert len(named) == 20
    assert all(len(lines) == 1 for lines in named.values())
    for host, (line,) in named.items():
        assert fleet.hosts[host]["imei"] in line
        assert [term for term in ("fail", "skip") if term in line.split()] == [terms[host]]
    assert {terms[host] for host in named} == {"fail", "skip"}
    assert [line for line in _own_lines(run) if re.search(r"\b3 more\b", line)]
    assert _rows(run, good) == []
