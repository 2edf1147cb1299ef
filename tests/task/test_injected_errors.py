# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exceptions that nobody expects, in each function in turn: nothing is decided, repeated or printed because of them."""

from __future__ import annotations

import asyncio
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from simulator.control import Control
from simulator.stock import DEMO_CREDENTIALS, V2_ID
from task.background import PATIENCE, Background, Running
from task.test_event_source import ID, SOURCE, Rulebook
from tools.injection import injected, recorded

SECRETS = list(DEMO_CREDENTIALS.values())
TEXT = " ".join(SECRETS)
# Errors here are those of a request, which are transient.
NETWORK = ("_http/adapter.py", "_http/request_limit.py", "_http/decoding.py", "_http/transport.py")
# Pure functions, whose callers are in the list too.
PURE = ("_arguments.py", "_disguises.py", "_escapes.py", "_facts/", "_options.py", "_quantities.py", "_text.py")
# What the test itself calls.
OWN = ("_http/login_memory.py:LoginMemory.__init__", "_secrets.py:Secrets.__init__", "_campaign_info.py:run")
OTHER = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f22"


def leaks(text: str) -> list[str]:
    """Return the secrets in this text."""
    return [secret for secret in SECRETS if secret in text]


def outcome_of(running: Running) -> dict[str, Any]:
    """Return the result of a wait. It has to end, and to raise nothing but its own errors."""
    result = running.result()
    assert not leaks(json.dumps([result, running.reporter.lines, running.reporter.warnings], default=str))
    return result


def test_a_wait_reports_an_unexpected_error_and_nothing_else(background: Background, control: Control) -> None:
    """One of the campaigns is cancelled, so no wait can succeed, whatever is overlooked because of an error."""
    control.add_campaign(OTHER, body={"status": "CampaignCancelled"}, devices={"count": 1})

    def wait() -> dict[str, Any]:
        return outcome_of(background.start(V2_ID, OTHER, wait_match="all", devices="failed"))

    with recorded() as names:
        assert wait()["reason"] == "not_reachable"
    targets = [name for name in names if not name.startswith((*NETWORK, *PURE)) and name not in OWN]
    assert len(targets) > 100
    seen = set()
    for target in targets:
        control.reset_counters()
        with injected(target, TEXT) as hits:
            result = wait()
        assert hits and result["failed"], target
        assert control.count("session_login") <= 1 and control.count("oauth_token") <= 1, target
        seen.add(result["reason"])
    assert seen == {"unexpected_error"}


def test_a_wait_returns_what_it_has_learned_before_an_unexpected_error(
    background: Background, control: Control
) -> None:
    control.set_status(V2_ID, "CampaignScheduled")
    running = background.start(V2_ID)
    running.until_read()
    with injected("_wait/schedule.py:next_delay", TEXT) as hits:
        result = outcome_of(running)
    assert hits and result["reason"] == "unexpected_error" and result["failed"]
    assert result["campaign"]["state"] == "scheduled" and result["waits"][0]["polls"] >= 3
    assert result["msg"].startswith("An unexpected error: KeyError, at injection.py:")


# The functions that a source calls outside of its loop, and some in it. All of them take a minute.
OF_SOURCE = ("event_source/campaign.py", "_watch/background.py", "_campaign_info.py", "_watch/state_file.py")


def test_a_source_never_ends_normally_because_of_an_unexpected_error(
    api_url: str, control: Control, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    control.add_campaign(ID, body={"status": "CampaignEnded"}, devices={"count": 1})

    def ends() -> tuple[str, list[str]]:
        given = {"state_file": str(tmp_path_factory.mktemp("state") / "file"), "campaign_id": ID}
        rulebook = Rulebook(api_url=api_url, **given)
        try:
            rulebook.run()
        except Exception as error:
            assert type(error).__name__ == "CampaignSourceError" and not leaks(str(error))
            assert error.__suppress_context__ or error.__context__ is None
            return "error", rulebook.shorts
        return "normal", rulebook.shorts

    with recorded() as names:
        whole = ends()
    assert whole == ("normal", ["present ended", "done ended"])
    # A callback of the event loop: asyncio logs the error, and the event is lost.
    targets = [name for name in names if name.startswith(OF_SOURCE) and not name.endswith("main.<locals>.put")]
    for target in targets:
        # The beginning of the thread and of the coroutine are outside of every "try".
        if target.endswith((":main", "BackgroundWatch._run")):
            continue
        with injected(target, TEXT) as hits:
            end = ends()
        assert hits and (end == whole or end[0] == "error"), target
    printed = capfd.readouterr()
    assert not leaks(printed.out + printed.err)


@pytest.mark.parametrize(
    "target",
    [
        "_http/responses.py:_quote",
        "_http/login_memory.py:LoginMemory.login_refused",
        "_watch/remembered_logins.py:RememberedLogins._write",
        "_http/transport.py:Transport.close",
        "_watch/watch.py:Watch._finish",
        "_watch/background.py:BackgroundWatch.mark_delivered",
    ],
)
def test_a_source_does_not_repeat_a_refused_login_after_an_unexpected_error(
    api_url: str, control: Control, tmp_path: Path, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    """Something starts a source again that ends with an error. It must know of the refused login then, or not end."""
    given = {"state_file": str(tmp_path / "file"), "campaign_id": ID, "password": "wrong-password-9999"}
    first, second = Rulebook(api_url=api_url, **given), Rulebook(api_url=api_url, **given)
    with injected(target, TEXT) as hits:
        stays = asyncio.run(asyncio.wait_for(_stays(first, caplog), PATIENCE))
    assert hits
    if not stays:
        assert not asyncio.run(asyncio.wait_for(_stays(second, caplog), PATIENCE))
    assert control.count("session_login") == 1


async def _stays(rulebook: Rulebook, caplog: pytest.LogCaptureFixture) -> bool:
    """Run a source. Return whether it stays, or else has ended with an error."""
    main = asyncio.ensure_future(runpy.run_path(str(SOURCE))["main"](rulebook, rulebook.args))
    while not main.done():
        if "The source stays" in caplog.text:
            main.cancel()
            return True
        await asyncio.wait([main], timeout=0.02)
    assert type(main.exception()).__name__ == "CampaignSourceError"
    return False
