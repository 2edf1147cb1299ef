# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's decision for each host, depending on its campaign, its device and the options."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from integration.fleets import STOP, TOUCH, VERDICT, Fleet, gate, make_fleet, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, local_hosts
from simulator.control import Control
from simulator.stock import DEMO_CREDENTIALS

SEE = {
    "name": "see",
    "ansible.builtin.debug": {"msg": "{{ campaign_wait_result }}"},
}


def run_gate(playbooks: Playbooks, hosts: dict[str, Any], variables: dict[str, Any], **more: Any) -> Run:
    return playbooks.run(
        [gate(variables, tasks=[TOUCH, SEE])],
        hosts=hosts,
        environment=as_environment(CREDENTIALS),
        **{"verbosity": 1, **more},
    )


def results(run: Run) -> dict[str, dict[str, Any]]:
    """Return the result of each host that has continued."""
    return {event.host: event.result["msg"] for event in run.events if event.task == "see"}


def reasons(run: Run) -> dict[str, str]:
    """Return the reason of each host's wait."""
    return {event.host: event.result["reason"] for event in run.events if event.task == VERDICT}


@pytest.mark.parametrize(("term", "code"), [("fail", 2), ("skip", 0), ("continue", 0)])
def test_devices_that_were_not_upgraded(
    playbooks: Playbooks, control: Control, api_url: str, term: str, code: int
) -> None:
    fleet = make_fleet(control, 4, campaigns=1, failed=0.25)
    fleet.hosts["stranger"] = {**fleet.hosts[fleet.names[0]], "imei": "123456789012345"}
    fleet.hosts["no-device"] = {**fleet.hosts[fleet.names[0]], "imei": "{{ omit }}"}
    run = run_gate(playbooks, fleet.hosts, role_variables(api_url, on_device_failure=term))

    assert run.code == code, run.output
    on = set(fleet.hosts) if term == "continue" else {*fleet.upgraded, "no-device"}
    assert run.hosts_of("touch") == on
    assert {event.host for event in run.events if event.failed} == (
        fleet.not_upgraded - {"no-device"} if code else set()
    )
    told = results(run)
    assert told["no-device"]["device"] is None
    if term == "continue":
        assert told["stranger"]["device"]["state"] == "not_listed"
        assert told["stranger"]["reason"] == "device_not_upgraded"
        assert told["stranger"]["reached"] is True
    if term == "fail":
        assert "no device report of its campaigns lists it" in run.failure(STOP, "stranger")["msg"]


@pytest.mark.parametrize(("term", "code"), [("fail", 2), ("skip", 0), ("continue", 0)])
def test_when_the_time_is_over(playbooks: Playbooks, control: Control, api_url: str, term: str, code: int) -> None:
    """With continue, only hosts whose device was upgraded continue. The device report is read at the timeout."""
    (campaign_id,) = campaign_ids(1)
    devices = [
        {"id": "990003425730535", "status": "UpgradeSuccess", "reason": "DownloadInstallSucceeded"},
        {"id": "990003425730543", "status": "UpgradePending"},
    ]
    control.add_campaign(campaign_id, body={"status": "CampaignScheduled"}, devices=devices)
    names = ["upgraded", "pending", "no-device"]
    hosts = {
        name: {**variables, "campaign": campaign_id, "imei": imei}
        for (name, variables), imei in zip(
            local_hosts(names).items(), ["990003425730535", "990003425730543", "{{ omit }}"]
        )
    }
    variables = role_variables(api_url, timeout=0, on_timeout=term, on_device_failure="skip")
    run = run_gate(playbooks, hosts, variables)

    assert run.code == code, run.output
    assert run.hosts_of("touch") == ({"upgraded", "no-device"} if term == "continue" else set())
    stats = run.stats["thingspace_campaigns"][campaign_id]
    assert (stats["timed_out"], stats["reached"], stats["reason"]) == (True, False, "timed_out")
    for result in results(run).values():
        assert (result["timed_out"], result["reason"], result["decision"]) == (True, "timed_out", "continue")


def test_each_host_waits_for_its_own_campaign(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """The end of one host's wait does not end that of another."""
    cancelled, missing, ended, listed = campaign_ids(4)
    control.add_campaign(cancelled, body={"status": "CampaignCancelled"})
    late = [{"after_looks": 1, "status": "CampaignScheduled"}, {"after_looks": 4, "status": "CampaignEnded"}]
    control.add_campaign(ended, timeline=late)
    control.add_campaign(listed, body={"status": "CampaignEnded"})
    wanted = {
        "cancelled": cancelled,
        "missing": missing,
        "ended": ended,
        "both": [ended, listed],
        "one-of-two": [listed, cancelled],
        "any": [listed, cancelled],
    }
    hosts = {name: {**own, "campaign": wanted[name]} for name, own in local_hosts(list(wanted)).items()}
    hosts["any"]["campaign_wait_match"] = "any"
    run = run_gate(playbooks, hosts, role_variables(api_url, device_id=None))

    assert run.code == 2
    assert run.hosts_of("touch") == {"ended", "both", "any"}, run.output
    assert {event.host for event in run.events if event.failed} == {"cancelled", "missing", "one-of-two"}
    assert reasons(run) == {
        **dict.fromkeys(["ended", "both", "any"], "reached"),
        **{"cancelled": "not_reachable", "missing": "not_found", "one-of-two": "not_reachable"},
    }
    assert [campaign["id"] for campaign in results(run)["both"]["campaigns"]] == [ended, listed]
    assert set(run.stats["thingspace_campaigns"]) == {cancelled, missing, ended, listed}
    reads = control.counters()["reads_by_campaign"]
    # Each campaign is read until its wait ends: once and once to confirm, or in four polls and once to confirm.
    assert (reads[cancelled], reads[ended]) == (2, 5)
    assert (control.count("oauth_token"), control.count("session_login")) == (1, 1)


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_hosts_without_a_campaign(playbooks: Playbooks, control: Control, api_url: str, strategy: str) -> None:
    fleet = make_fleet(control, 4, campaigns=1, failed=0)
    for name in fleet.names[1:3]:
        del fleet.hosts[name]["campaign"]
    play = gate(role_variables(api_url, device_id=None), strategy=strategy)
    run = playbooks.run([play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS))

    assert run.code == 2
    assert run.hosts_of("touch") == {fleet.names[0], fleet.names[3]}
    assert {event.host for event in run.events if event.failed} == set(fleet.names[1:3])


_BAD: list[tuple[dict[str, Any], str]] = [
    ({"campaign_wait_account_name": 4021962540001}, "campaign_wait_account_name was read as a number"),
    ({"imei": 12345}, "campaign_wait_device_id must be a string."),
    ({"campaign_wait_interval": -1}, "campaign_wait_interval must be a time, greater than 0: a number of seconds,"),
    (
        {"campaign_wait_state": "scheduled"},
        "campaign_wait_state scheduled cannot be combined with campaign_wait_device_id",
    ),
    ({"campaign_wait_match": 2}, "campaign_wait_match must be all, any, or a number from 1"),
]


def test_bad_input_names_the_option_and_the_host(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Invalid options of one host fail only that host. The others continue."""
    fleet = make_fleet(control, len(_BAD) + 2, campaigns=1, failed=0, ends_at_poll=1)
    bad = fleet.names[1:-1]
    for host, (own, _sentence) in zip(bad, _BAD):
        fleet.hosts[host].update(own)
    variables = role_variables(api_url, account_name=None, interval=None, max_interval=None)
    environment = as_environment({**CREDENTIALS, "account_name": "0402196254-00001"})
    run = playbooks.run([gate(variables)], hosts=fleet.hosts, environment=environment, verbosity=1)

    failures = {event.host: event.result for event in run.events if event.failed}
    assert set(failures) == set(bad)
    for host, (_own, sentence) in zip(bad, _BAD):
        assert failures[host]["msg"].startswith(sentence), failures[host]["msg"]
        assert failures[host]["reason"] == "invalid_option"
    assert run.hosts_of("touch") == {fleet.names[0], fleet.names[-1]}


def test_two_sets_of_credentials(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """There is one login of each kind per set. Wrong credentials affect only their own hosts, and are sent once."""
    fleet = make_fleet(control, 5, campaigns=1, failed=0)
    wrong = {**CREDENTIALS, "username": "demo-user-other", "password": "mistyped-password-5555-wrong"}
    playbooks.know_secrets(wrong)
    for number, name in enumerate(fleet.names):
        own = wrong if number < 2 else CREDENTIALS
        fleet.hosts[name].update({f"campaign_wait_{option}": value for option, value in own.items()})
    run = playbooks.run([gate(role_variables(api_url))], hosts=fleet.hosts, verbosity=4)

    assert run.hosts_of("touch") == set(fleet.names[2:]), run.output
    assert {reasons(run)[name] for name in fleet.names[:2]} == {"login_refused"}
    counters = control.counters()
    assert (counters["logins_refused"], counters["logins_accepted"]) == (1, 1)


def test_stats_for_workflows(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Statistics are small, under one key, without secrets, by default without IMEIs, and merged over batches."""
    fleet = make_fleet(control, 10, campaigns=2, failed=0.2)
    silent = campaign_ids(3)[-1]
    control.add_campaign(silent, body={"status": "CampaignEnded"})
    variables = role_variables(api_url, on_device_failure="skip")
    of_silent = {"campaign_wait_campaign_id": silent, "campaign_wait_device_id": "{{ omit }}"}
    run = playbooks.run(
        [
            gate(variables, serial=4),
            gate({**variables, "campaign_wait_stats": "mine", "campaign_wait_stats_devices": True}),
            gate({**variables, **of_silent, "campaign_wait_stats": ""}, hosts=fleet.names[0]),
        ],
        hosts=fleet.hosts,
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 0, run.output
    assert set(run.stats) == {"thingspace_campaigns", "mine"}
    plain = run.stats["thingspace_campaigns"]
    # Without the campaign whose gate has no statistics, which was read like the others.
    assert set(plain) == set(run.stats["mine"]) == set(fleet.campaigns)
    assert control.counters()["reads_by_campaign"][silent] > 0
    text = json.dumps(plain)
    assert not [own["imei"] for own in fleet.hosts.values() if own["imei"] in text]
    assert not [secret for secret in DEMO_CREDENTIALS.values() if str(secret) in text]
    for stats in plain.values():
        assert (stats["reached"], stats["outcome"], stats["devices"]["total"]) == (True, "partial", 5)
        assert len(json.dumps(stats)) < 1000
    failed = {imei for stats in run.stats["mine"].values() for imei in stats["device_ids"]["failed"]}
    assert failed == {fleet.hosts[name]["imei"] for name in fleet.not_upgraded}


def test_thresholds_hold_for_each_campaign(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """A campaign that can no longer meet them fails its hosts. Those of the other campaign continue."""
    good = make_fleet(control, 6, campaigns=2, failed=0)
    bad = Fleet(good.campaigns[:1])
    early = [{"count": 3, "status": "UpgradeFailed", "after_looks": 1}]
    endless = [{"after_looks": 1, "status": "CampaignScheduled"}]
    control.add_campaign(bad.campaigns[0], timeline=endless, devices={"count": 5, "groups": early})
    variables = role_variables(api_url, device_id=None, max_failure_count=2, report_every=1)
    run = run_gate(playbooks, good.hosts, variables)

    on = {name for name, own in good.hosts.items() if own["campaign"] == good.campaigns[1]}
    assert run.hosts_of("touch") == on, run.output
    failed = {event.host for event in run.events if event.failed}
    assert {reasons(run)[name] for name in failed} == {"too_many_failures"}
    assert len(failed) == 3


def test_defaults_of_the_action_group_count(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 4, campaigns=1, failed=0.25)
    defaults = {"api_url": api_url, "account_name": "0402196254-00001"}
    play = gate(role_variables(None, account_name=None), defaults=defaults)
    run = playbooks.run([play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.hosts_of("touch") == fleet.upgraded, run.output


def test_the_timeout_of_the_task_ends_the_wait_with_all_facts(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    fleet = make_fleet(control, 4, campaigns=2, failed=0, ends_at_poll=1000)
    variables = role_variables(api_url, interval=0.3, max_interval=0.3)
    play = gate(variables)
    play["roles"][0]["timeout"] = 2
    fleet.hosts[fleet.names[0]]["campaign_wait_max_concurrency"] = 3
    run = playbooks.run([play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=1)

    assert run.code == 2
    verdicts = [event.result for event in run.events if event.task == VERDICT]
    assert {verdict["reason"] for verdict in verdicts} == {"interrupted"}
    assert {verdict["campaign"]["state"] for verdict in verdicts} == {"scheduled"}
    assert run.hosts_of("touch") == set()


def test_the_timeout_of_the_task_during_the_device_reports_keeps_all_facts(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    """The wait has ended, and none of its decisions needs a device report."""
    fleet = make_fleet(control, 4, campaigns=2, failed=0, ends_at_poll=1000)
    control.fault("hang", kind="device_report")
    pace = {"interval": 300, "max_interval": 300}
    variables = role_variables(api_url, device_id=None, state=["scheduled"], devices="summary", **pace)
    play = gate(variables)
    play["roles"][0]["timeout"] = 3
    run = playbooks.run([play], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=1)

    verdicts = {event.host: event.result for event in run.events if event.task == VERDICT}
    assert {verdict["reason"] for verdict in verdicts.values()} == {"reached"}, run.output
    assert {verdict["campaign"]["state"] for verdict in verdicts.values()} == {"scheduled"}
    assert run.hosts_of("touch") == set(fleet.names), run.output
    assert "The device report of campaign" in run.output and "could not be read in time" in run.output


def test_a_password_from_a_vault(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 4, campaigns=1, failed=0.25)
    key = playbooks.folder / "vault-key"
    key.write_text("not-a-secret-of-the-service", encoding="utf-8")
    command = [*playbooks.lane.program("ansible-vault"), "encrypt_string", "--vault-password-file", str(key)]
    command += ["--name", "campaign_wait_password", CREDENTIALS["password"]]
    encrypted = subprocess.run(
        command, env=playbooks.lane.environment(playbooks.home), check=True, capture_output=True, text=True
    ).stdout
    group_vars = playbooks.folder / "group_vars"
    group_vars.mkdir()
    (group_vars / "all.yml").write_text(encrypted, encoding="utf-8")
    run = playbooks.run(
        [gate(role_variables(api_url))],
        hosts=fleet.hosts,
        environment=as_environment({**CREDENTIALS, "password": ""}),
        arguments=["--vault-password-file", str(key)],
    )

    assert run.hosts_of("touch") == fleet.upgraded, run.output
