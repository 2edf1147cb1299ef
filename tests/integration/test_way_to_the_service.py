# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirects, proxies and ~/.netrc: tokens are sent only to the service."""

from __future__ import annotations

import urllib.parse

import pytest

from integration.listener import listening
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, FAST, defaults, info, local_hosts, play, remote_hosts
from simulator.control import Control
from simulator.stock import V2_ID


def address_of(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


@pytest.mark.parametrize(("status", "kind"), [(302, "campaign_read"), (307, "oauth_token"), (308, "session_login")])
def test_a_redirect_is_not_followed(
    playbooks: Playbooks, control: Control, api_url: str, status: int, kind: str
) -> None:
    with listening() as elsewhere:
        control.fault("redirect", kind=kind, url=f"{elsewhere.url}/api", status=status, times=2)
        run = playbooks.run(
            [play([info("read", ignore_errors=True)], hosts="all", defaults=defaults(api_url), serial=1)],
            hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
            variables=CREDENTIALS,
        )

        assert elsewhere.seen == []
    failures = [event.result for event in run.events if event.failed]
    assert [failure["reason"] for failure in failures] == ["wrong_address"] * 2
    assert all("redirect" in failure["msg"] and "api_url" in failure["msg"] for failure in failures)
    assert control.counters()["faults"] == 2


def test_netrc_does_not_replace_the_token(playbooks: Playbooks, control: Control, api_url: str) -> None:
    netrc = {"username": "netrc-user-7777", "password": "netrc-password-8888-wrong"}
    playbooks.know_secrets(netrc)
    line = f"machine 127.0.0.1 login {netrc['username']} password {netrc['password']}\n"
    for home in (playbooks.home, playbooks.home / "elsewhere"):
        home.mkdir(exist_ok=True)
        (home / ".netrc").write_text(line, encoding="utf-8")
        (home / ".netrc").chmod(0o600)
    playbooks.expect_on_disk(".netrc")
    run = playbooks.run(
        [play([info("read")], hosts="all", defaults=defaults(api_url))],
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        variables=CREDENTIALS,
    )

    assert run.code == 0, run.output
    assert {run.result("read", host)["campaign"]["id"] for host in ("here", "there")} == {V2_ID}
    assert set(control.counters()["by_status"]) == {"200"}


def test_proxies_of_the_environment(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """The first URL can only be resolved by the proxy, so that only the proxy can have returned the answer."""
    with listening(forward_to=address_of(api_url)) as proxy, listening() as unused:
        by_proxy = {"api_url": "http://thingspace.invalid/api"}
        through = {"http_proxy": proxy.url, "HTTP_PROXY": proxy.url}
        around = {"http_proxy": unused.url, "HTTP_PROXY": unused.url, "no_proxy": "127.0.0.1"}
        tasks = [
            info("through", by_proxy, environment=through),
            info("around", environment=around),
        ]
        run = playbooks.run(
            [play(tasks, hosts="all", defaults=defaults(api_url), serial=1)],
            hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
            variables=CREDENTIALS,
        )

        assert run.code == 0, run.output
        read = f"GET http://thingspace.invalid/api/fota/v2/campaigns/0402196254-00001/{V2_ID}"
        assert proxy.seen.count(read) == 2
        assert all("http://thingspace.invalid/api/" in request for request in proxy.seen)
        assert unused.seen == []
    for host in ("here", "there"):
        assert run.result("through", host)["campaign"] == run.result("around", host)["campaign"]
    assert "api_url is not https" in run.output


@pytest.mark.parametrize("dead", ["http://127.0.0.1:9", "http://nosuch.invalid:3128"])
def test_a_proxy_that_is_not_there(playbooks: Playbooks, control: Control, api_url: str, dead: str) -> None:
    run = playbooks.run(
        [play([info("read", {**FAST, "max_consecutive_errors": 0})], defaults=defaults(api_url))],
        variables=CREDENTIALS,
        environment={"http_proxy": dead},
    )

    assert run.code == 2, run.output
    assert "proxy" in run.failure("read")["msg"]
    assert control.counters()["total"] == 0
