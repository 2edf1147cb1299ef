# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that is down, hangs, or sends invalid answers during a wait."""

from __future__ import annotations

import datetime
import email.utils
from typing import Any

import pytest

from simulator.control import Control, SimulatorProcess
from simulator.stock import V2_ID
from task.background import Background, Running, moment

RUNNING = "CampaignScheduled"
ENDED = "CampaignEnded"


def start_running(background: Background, control: Control, **options: Any) -> Running:
    """Start a wait that has already polled its running campaign a few times."""
    control.set_status(V2_ID, RUNNING)
    run = background.start(**options)
    run.until_read(3)
    return run


def finish(run: Running, control: Control) -> dict[str, Any]:
    """End the campaign, and return the result of the wait, which has reached its target."""
    control.clear_faults()
    control.set_status(V2_ID, ENDED)
    result = run.result()
    assert result.get("failed") is None, result
    assert result["reached"] is True
    assert [row["state"] for row in result["history"]] == ["scheduled", "ended"]
    return result


def logins(control: Control) -> tuple[int, int]:
    """Return the numbers of requests for OAuth tokens and sessions."""
    kinds = control.counters()["by_kind"]
    return kinds["oauth_token"], kinds["session_login"]


def test_a_quiet_wait_has_one_login_of_each_kind(background: Background, control: Control) -> None:
    result = finish(start_running(background, control), control)
    counters = control.counters()
    assert logins(control) == (1, 1)
    assert result["logins"] == 2
    assert result["requests"] == counters["total"]
    assert result["polls"] == counters["by_kind"]["campaign_read"]
    assert result["errors"] == 0
    # Logins are never repeated, so each of them has a new connection. The last connection is kept.
    assert len({entry["client_port"] for entry in counters["log"]}) == 2


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_the_service_is_restarted(how: str) -> None:
    with SimulatorProcess(["--speed", "0", "--start", "2026-03-01T00:00:00Z"]) as own:
        control = Control(own.admin_url)
        run = start_running(Background(own.url, control), control)
        getattr(own, how)()
        time_of_death = run.clock.monotonic()
        run.until(lambda: run.clock.monotonic() > time_of_death + 0.5)
        own.start()
        # It restarts with the stock scenario, in which the campaign has ended, and does not know the old tokens.
        result = run.result()
        assert result.get("failed") is None, result
        assert [row["state"] for row in result["history"]] == ["scheduled", "ended"]
        assert result["errors"] >= 1
        assert logins(control) == (1, 1)
        assert result["logins"] == 4
        assert control.counters()["logins_refused"] == 0


# tests/client and tests/unit/plugins/module_utils/_http/test_responses.py test the meaning of other answers.
@pytest.mark.parametrize("action", ["truncated", "html"])
def test_every_answer_is_broken_for_a_while(background: Background, control: Control, action: str) -> None:
    run = start_running(background, control)
    control.fault(action, times=8)
    run.until(lambda: control.counters()["faults"] == 8)
    result = finish(run, control)
    # With reset and close, the first request, on a kept connection, was sent twice, but counts as one error.
    assert result["errors"] == (7 if action in ("reset", "close") else 8)
    assert logins(control) == (1, 1)
    assert len(result["last_errors"]) == 5


@pytest.mark.parametrize("status", [500, 503])
def test_a_storm_of_trouble(background: Background, control: Control, status: int) -> None:
    run = start_running(background, control)
    control.fault("status", status=status, text="busy", times=8)
    run.until(lambda: control.counters()["faults"] == 8)
    result = finish(run, control)
    assert result["errors"] == 8
    assert logins(control) == (1, 1)


def test_trouble_without_an_end_uses_up_the_budget(background: Background, control: Control) -> None:
    run = start_running(background, control, max_consecutive_errors=5)
    control.reset_counters()
    control.fault("status", status=503)
    result = run.result()
    assert (result["failed"], result["reason"]) == (True, "too_many_errors")
    assert control.counters()["faults"] == 6
    assert result["campaign"]["state"] == "scheduled"


def gap_after_trouble(control: Control) -> float:
    """Return the seconds between the request with the fault and the next one."""
    log = control.counters()["log"]
    index = next(number for number, entry in enumerate(log) if entry["fault"])
    return moment(log[index + 1]) - moment(log[index])


def test_retry_after_in_seconds(background: Background, control: Control) -> None:
    run = start_running(background, control)
    control.fault("status", status=429, headers={"Retry-After": "1"}, times=1)
    run.until(lambda: control.counters()["faults"] == 1)
    run.until_read(2)
    assert gap_after_trouble(control) >= 1.0
    assert finish(run, control)["errors"] == 1


def test_retry_after_as_a_date_of_the_services_clock(background: Background, control: Control) -> None:
    run = start_running(background, control)
    # Two to three seconds from now by the service's clock, which differs from that of this machine by weeks.
    now = datetime.datetime.fromisoformat(control.clock()["now"])
    then = now.replace(microsecond=0) + datetime.timedelta(seconds=3)
    control.fault("status", status=429, headers={"Retry-After": email.utils.format_datetime(then, True)}, times=1)
    run.until(lambda: control.counters()["faults"] == 1)
    run.until_read(2)
    assert 2.0 <= gap_after_trouble(control) < 30.0
    assert finish(run, control)["errors"] == 1


@pytest.mark.parametrize(("action", "more"), [("slow", {"seconds": 1.0}), ("hang", {})])
def test_answers_that_take_forever(
    background: Background, control: Control, action: str, more: dict[str, float]
) -> None:
    run = start_running(background, control, request_timeout=0.3)
    control.fault(action, times=3, **more)
    run.until(lambda: control.counters()["faults"] == 3)
    run.until_read(2)
    result = finish(run, control)
    assert result["errors"] >= 3
    assert logins(control) == (1, 1)
    assert "request_timeout" in result["last_errors"][0]["message"]


def test_the_deadline_holds_while_the_service_hangs(background: Background, control: Control) -> None:
    run = start_running(background, control, wait_timeout=3, request_timeout=0.5)
    control.fault("hang")
    result = run.result()
    assert (result["failed"], result["reason"], result["timed_out"]) == (True, "timed_out", True)
    # The poll that was in progress, and the last one.
    assert 3.0 <= result["elapsed"] < 3.0 + 2 * 0.5 + 5.0
    assert result["campaign"]["state"] == "scheduled"


def test_a_redirect_is_tolerated_once_the_address_has_worked(background: Background, control: Control) -> None:
    run = start_running(background, control)
    control.fault("redirect", url="http://127.0.0.1:9/login", times=4)
    run.until(lambda: control.counters()["faults"] == 4)
    assert finish(run, control)["errors"] == 4


def test_a_redirect_at_the_first_poll_is_a_wrong_address(background: Background, control: Control) -> None:
    control.set_status(V2_ID, RUNNING)
    control.fault("redirect", url="http://127.0.0.1:9/login", kind="campaign_read")
    result = background.start().result()
    assert (result["failed"], result["reason"], result["polls"]) == (True, "wrong_address", 1)


@pytest.mark.parametrize("date", ["Sat, 28 Feb 2026 05:00:00 GMT", "Mon, 02 Mar 2026 07:00:00 GMT", "yesterday"])
def test_the_dates_of_a_result_are_the_services_own(background: Background, control: Control, date: str) -> None:
    control.set_status(V2_ID, RUNNING)
    control.fault("date", value=date)
    run = background.start()
    run.until_read(3)
    result = finish(run, control)
    if date != "yesterday":
        # The last polls were without the fault.
        assert result["history"][0]["first_seen"] == f"2026-{'02-28T05' if 'Feb' in date else '03-02T07'}:00:00Z"


def test_the_end_day_in_the_services_time_ends_the_wait(background: Background, control: Control) -> None:
    control.add_campaign(V2_ID, body={"status": RUNNING, "startDate": "2026-02-01", "endDate": "2026-02-27"})
    run = background.start(wait_timeout=None, wait_until_end_plus=3600)
    result = run.result()
    assert (result["reason"], result["timed_out"]) == ("timed_out", True)
    assert result["polls"] <= 2


def test_an_end_day_just_ahead_ends_the_wait_with_few_polls(background: Background, control: Control) -> None:
    # The deadline is in two seconds, and the clock of the service is stopped.
    control.add_campaign(V2_ID, body={"status": RUNNING, "startDate": "2026-02-01", "endDate": "2026-02-28"})
    run = background.start(wait_timeout=None, wait_until_end_plus=2, wait_interval=30, wait_max_interval=30)
    result = run.result()
    assert (result["reason"], result["timed_out"]) == ("timed_out", True)
    assert result["elapsed"] >= 1.0
    assert result["polls"] <= 4
