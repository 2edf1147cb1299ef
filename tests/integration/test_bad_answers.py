# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faulty networks and services: each error is one sentence."""

from __future__ import annotations

from typing import Any

from integration.cases import Case, case, run_cases
from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, FAST, campaign_ids, info, local_hosts, play, remote_hosts
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

# One poll without retries.
ONCE = {**FAST, "max_consecutive_errors": 0}
NOWHERE = "00000000-0000-4000-8000-999999999999"


def network_cases(good: dict[str, Any]) -> list[Case]:
    refused = {**good, **ONCE, "api_url": "http://127.0.0.1:9/api"}
    no_tls = {**good, **ONCE, "api_url": good["api_url"].replace("http:", "https:")}
    unresolved = {**good, **ONCE, "api_url": "https://nosuch.invalid/api"}
    return [
        case(info("refused", refused), "too_many_errors", "127.0.0.1:9", "Connection refused"),
        case(info("refused once", {**refused, "wait": False}), "connection_failed", "127.0.0.1:9"),
        case(info("unresolved", unresolved), "too_many_errors", "nosuch.invalid", "resolved"),
        case(info("no TLS", no_tls), "too_many_errors", "127.0.0.1", "TLS"),
    ]


def answer_cases(control: Control, good: dict[str, Any]) -> list[Case]:
    """Return cases with their own campaigns, so that each has its own fault."""
    faults: list[tuple[str, dict[str, Any], str, tuple[str, ...]]] = [
        ("html", {}, "too_many_errors", ("HTML", "JSON")),
        ("truncated", {}, "too_many_errors", ("was closed before the response was complete",)),
        ("not_json", {}, "too_many_errors", ("JSON",)),
        ("empty", {}, "too_many_errors", ("an empty body",)),
        ("huge", {"mib": 40}, "too_many_errors", ("32 MiB",)),
        ("wrong_encoding", {"name": "gzip"}, "too_many_errors", ("127.0.0.1",)),
        ("reset", {}, "too_many_errors", ("127.0.0.1", "was closed")),
        ("status", {"status": 503, "text": "down"}, "too_many_errors", ("HTTP 503",)),
        ("gateway", {"name": "xml_404"}, "wrong_address", ("api_url", "HTTP 404")),
        ("gateway", {"name": "900800"}, "too_many_errors", ("900800",)),
        ("hang", {}, "too_many_errors", ("request_timeout", "1 seconds")),
        ("status", {"status": 200, "text": "[" * 5000 + "]" * 5000}, "too_many_errors", ("nested too deeply",)),
    ]
    cases = []
    for campaign_id, (action, rule, reason, says) in zip(campaign_ids(len(faults)), faults, strict=True):
        control.add_campaign(campaign_id)
        control.fault(action, path=campaign_id, **rule)
        options = {**good, **ONCE, "campaign_id": campaign_id, "request_timeout": 1 if action == "hang" else 30}
        cases.append(case(info(f"{action} {rule.get('name', '')}".strip(), options), reason, *says))
    unknown = {**good, "campaign_id": NOWHERE}
    return [
        *cases,
        case(info("unknown", unknown), "not_found", "does not know this campaign", "Invalid upgradeId"),
        case(info("unknown while waiting", {**unknown, **FAST}), "not_found", "does not know this campaign"),
        case(info("no UUID", {**good, "campaign_id": "x y"}), "not_found", "does not know this campaign"),
        case(info("foreign account", {**good, "account_name": "0999999999-00001"}), "request_refused", "account"),
    ]


def test_in_process(playbooks: Playbooks, control: Control, api_url: str) -> None:
    good = {"api_url": api_url, **BY_VARIABLES}
    cases = [*network_cases(good), *answer_cases(control, good)]
    results = run_cases(playbooks, cases, local_hosts, variables=CREDENTIALS)
    assert results["unknown"]["campaigns"] == []
    assert results["unknown"]["campaign"] is None


def test_on_another_host(playbooks: Playbooks, control: Control, api_url: str) -> None:
    good = {"api_url": api_url, **BY_VARIABLES}
    chosen = ("html", "truncated", "huge", "unknown")
    cases = [each for each in [*network_cases(good), *answer_cases(control, good)] if each.task["name"] in chosen]
    assert len(cases) == len(chosen)
    results = run_cases(playbooks, cases, remote_hosts, variables=CREDENTIALS)
    assert results["unknown"]["campaign"] is None


def test_logins_on_another_host_that_were_never_sent_do_not_count(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    """The errors of the network are the same as in the process of Ansible."""
    good = {"api_url": api_url, **BY_VARIABLES}
    names = ("refused", "refused once", "unresolved")
    unreachable = [each for each in network_cases(good) if each.task["name"] in names]
    tasks = [*({**each.task, "ignore_errors": True} for each in unreachable), info("read", good)]
    run = playbooks.run([play(tasks, hosts="all")], hosts=remote_hosts(["there"]), variables=CREDENTIALS)

    assert run.code == 0, run.output
    for each in unreachable:
        failure = run.failure(each.task["name"], "there")
        assert (failure["reason"], failure["logins"], failure["changed"]) == (each.reason, 0, False)
        assert [text for text in each.says if text not in failure["msg"]] == []
        assert "\n" not in failure["msg"]
    assert run.result("read", "there")["logins"] == control.count("session_login") + control.count("oauth_token") == 2


def test_texts_that_no_terminal_can_show(playbooks: Playbooks, control: Control, api_url: str) -> None:
    odd = r"\udfff\u0000 \u001b[31m {{ 7 * 7 }} \u202e\ud83d\ude00"
    fields = f'"status": "Campaign{odd}", "campaignName": "{odd}", "{odd}": [1e999]'
    text = f'{{"id": "{V2_ID}", "accountName": "{ACCOUNT}", {fields}}}'
    control.fault("status", status=200, text=text, kind="campaign_read")
    task = info("wait", {**FAST, "api_url": api_url, **BY_VARIABLES, "wait_timeout": 1, "wait_on_timeout": "return"})
    run = playbooks.run(
        [play([task], hosts="all")], hosts={**local_hosts(["here"]), **remote_hosts(["there"])}, variables=CREDENTIALS
    )

    assert run.code == 0, run.output
    for host in ("here", "there"):
        campaign = run.result("wait", host)["campaign"]
        assert campaign["state"] == "unknown"
        assert campaign["campaign_name"] == "\ufffd\ufffd \x1b[31m {{ 7 * 7 }} \u202e\U0001f600"
        assert list(campaign["extra"].values()) == [[None]]
    assert "\x1b" not in run.output


def test_trouble_in_between_does_not_end_a_wait(playbooks: Playbooks, control: Control, api_url: str) -> None:
    control.fault("html", kind="campaign_read", times=1)
    control.fault("reset", kind="campaign_read", times=1)
    control.fault("status", kind="campaign_read", status=503, text="down", times=1)
    run = playbooks.run(
        [play([info("wait", {**FAST, "api_url": api_url, **BY_VARIABLES})])], variables=CREDENTIALS, verbosity=0
    )

    assert run.code == 0, run.output
    result = run.result("wait")
    assert (result["reached"], result["errors"], result["polls"], result["logins"]) == (True, 2, 4, 2)
    # After a connection error before the answer, the request is repeated at once, which does not count as an error.
    assert [error["campaign_id"] for error in result["last_errors"]] == [result["campaign"]["id"]] * 2
    assert "HTTP 503" in result["last_errors"][-1]["message"]
    assert any("not read yet" in line for line in run.progress_lines())
    assert any("failed poll" in line for line in run.progress_details())
