# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests for a fleet: one login of each kind, the polls of one waiting process, each report page once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integration.fleets import Fleet, gate, make_fleet, role_variables
from integration.lane import IS_NEWEST
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, FAST, as_environment, info, play
from simulator.control import Control
from tools.environments import RUNS_ALL

_CAMPAIGNS = 3
_ENDS_AT, _APART = 2, 2
_PAGE = 2
_FORKS_5, _FORKS_50 = ("--forks", "5"), ("--forks", "50")


def _fleet(control: Control, size: int = 9, **more: Any) -> Fleet:
    """Return hosts in several campaigns that end one after another, with device reports of several pages."""
    fleet = make_fleet(control, size, _CAMPAIGNS, **{"ends_at_poll": _ENDS_AT, "apart": _APART, "failed": 0.34, **more})
    control.behaviour(device_page_size=_PAGE)
    control.reset_counters()
    return fleet


def _run(playbooks: Playbooks, fleet: Fleet, plays: list[dict[str, Any]], arguments: tuple[str, ...]) -> Run:
    environment = as_environment(CREDENTIALS)
    return playbooks.run(plays, hosts=fleet.hosts, environment=environment, arguments=arguments, verbosity=0)


def _check(control: Control, fleet: Fleet, batches: int = 1, logins: int = 1) -> None:
    counters = control.counters()
    assert (control.count("oauth_token"), control.count("session_login")) == (logins, logins)
    reads = counters["reads_by_campaign"]
    for number, campaign in enumerate(fleet.campaigns):
        # The poll that shows the end, and one to confirm it.
        alone = _ENDS_AT + _APART * number + 1
        assert alone <= reads[campaign] <= alone + batches - 1, (number, reads)
    pages = -(-len(fleet.hosts) // _CAMPAIGNS // _PAGE)
    assert counters["reports_by_campaign"] == dict.fromkeys(fleet.campaigns, pages)
    assert counters["by_kind"]["campaign_list"] == 0


@pytest.mark.parametrize(
    ("keywords", "batches", "arguments"),
    [
        pytest.param({}, 1, _FORKS_5, id="linear-5"),
        pytest.param({"strategy": "free"}, 1, _FORKS_50, id="free-50"),
        pytest.param({"strategy": "host_pinned"}, 1, _FORKS_5, id="host-pinned-5"),
        pytest.param({"serial": 3, "strategy": "free"}, 3, _FORKS_50, id="serial-free-50"),
    ],
)
def test_the_gate(
    playbooks: Playbooks,
    control: Control,
    api_url: str,
    keywords: dict[str, Any],
    batches: int,
    arguments: tuple[str, ...],
) -> None:
    fleet = _fleet(control)
    run = _run(playbooks, fleet, [gate(role_variables(api_url, timeout="1h"), **keywords)], arguments)

    assert run.hosts_of("touch") == fleet.upgraded, run.output
    _check(control, fleet, batches)


def test_a_task_of_the_users_own(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Polls and logins are also shared without the role, so ``campaign_info`` on each host costs no more requests."""
    fleet = _fleet(control, 6)
    options = {**FAST, "campaign_id": "{{ campaign }}", "device_id": "{{ imei }}", "api_url": api_url}
    run = _run(playbooks, fleet, [play([info("wait", options)], hosts="all")], _FORKS_50)

    assert run.hosts_of("wait") == fleet.upgraded, run.output
    failures = [event.result for event in run.events if event.failed]
    assert {failure["reason"] for failure in failures} == {"device_not_upgraded"}
    _check(control, fleet)


@contextmanager
def _when_polled(control: Control, polls: int, then: Callable[[], object]) -> Iterator[None]:
    """Call ``then`` after this number of polls."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            if control.count("campaign_read") >= polls:
                then()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


@pytest.mark.parametrize(("what", "strategy"), [("session", "free"), ("token", "linear")])
def test_one_login_more_for_each_expiry(
    playbooks: Playbooks, control: Control, api_url: str, what: str, strategy: str
) -> None:
    fleet = _fleet(control, 6)
    expire = control.expire_sessions if what == "session" else control.expire_tokens
    with _when_polled(control, 6, expire):
        plays = [gate(role_variables(api_url, interval=0.4, max_interval=0.4), strategy=strategy)]
        run = _run(playbooks, fleet, plays, _FORKS_50)

    assert run.hosts_of("touch") == fleet.upgraded, run.output
    logins = (control.count("oauth_token"), control.count("session_login"))
    assert logins == ((1, 2) if what == "session" else (2, 1))


def test_all_plays_of_a_run_share(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Two gates and a task of the user: ended campaigns are not polled again."""
    fleet = _fleet(control, 3, failed=0)
    options = {**FAST, "campaign_id": "{{ campaign }}", "device_id": "{{ imei }}", "api_url": api_url}
    plays = [
        gate(role_variables(api_url)),
        gate(role_variables(api_url), strategy="free"),
        play([info("wait", options)], hosts="all"),
    ]
    run = _run(playbooks, fleet, plays, _FORKS_5)

    assert run.code == 0, run.output
    _check(control, fleet)


def test_one_read_without_wait_is_always_fresh(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = _fleet(control, 3, failed=0)
    options = {"campaign_id": fleet.campaigns[0], "api_url": api_url}
    plays = [gate(role_variables(api_url)), play([info("read", options), info("again", options)], hosts=fleet.names[0])]
    run = _run(playbooks, fleet, plays, _FORKS_5)

    assert run.code == 0, run.output
    assert control.counters()["reads_by_campaign"][fleet.campaigns[0]] == _ENDS_AT + 1 + 2
    assert (control.count("oauth_token"), control.count("session_login")) == (1, 1)


@pytest.mark.parametrize("arguments", [_FORKS_5, _FORKS_50], ids=["forks-5", "forks-50"])
@pytest.mark.parametrize(
    "keywords",
    [{}, {"strategy": "free"}, {"strategy": "host_pinned"}, {"serial": 100}],
    ids=["linear", "free", "host-pinned", "serial-100"],
)
def test_a_thousand_hosts(
    playbooks: Playbooks, control: Control, api_url: str, keywords: dict[str, Any], arguments: tuple[str, ...]
) -> None:
    """This takes minutes of CPU time, so it runs only on request, in one lane."""
    if not (RUNS_ALL and IS_NEWEST):
        pytest.skip("FLEETOPS_FORMS=all is not set, or this is not the newest lane")
    playbooks.limit_seconds = 3600
    campaigns = 5
    fleet = make_fleet(control, 1000, campaigns, failed=0.03, ends_at_poll=_ENDS_AT, apart=_APART)
    control.reset_counters()
    run = _run(playbooks, fleet, [gate(role_variables(api_url, timeout="1h"), **keywords)], arguments)

    assert run.hosts_of("touch") == fleet.upgraded
    assert (control.count("oauth_token"), control.count("session_login")) == (1, 1)
    assert control.count("device_report") == campaigns
    reads = control.counters()["reads_by_campaign"]
    batches = 10 if "serial" in keywords else 1
    for number, campaign in enumerate(fleet.campaigns):
        alone = _ENDS_AT + _APART * number + 1
        assert alone <= reads[campaign] <= alone + batches - 1, (number, reads)
