# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Days of polls with random outages of the controller, git and the service, with real jobs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from integration.lane import Lane
from integration.playbooks import Playbooks

from awx.chain import ID, Chain
from awx.conftest import TOKEN, state_after_first_job
from awx.controller.serving import Controller
from awx.days import CONTROLLER, DAY, GIT, HOUR, KILLED, SERVICE, Month, Outage, Time, random_outages
from awx.sharing import made_once
from awx.shipped import EXTENSIONS
from simulator.control import Control, SimulatorProcess
from tools.environments import RUNS_ALL

# One poll per day, because each job takes seconds.
INTERVAL = DAY
MINUTES = 24 * 60
DAILY = {
    "awx_wait_min_minutes": MINUTES,
    "awx_wait_max_minutes": MINUTES,
    "campaign_wait_interval": 86400,
    "campaign_wait_max_interval": 86400,
}
# A schedule is up to 30 s late, its job starts up to 20 s later, and the next rule begins at a full minute after that.
SLACK = datetime.timedelta(minutes=5)
# The days of a wait, and the seed. Thirty days are about 45 jobs, so they run once a week only.
WAITS = [(10, 71), *([(30, 1)] if RUNS_ALL else [])]


@pytest.fixture
def time(control: Control) -> Time:
    now = datetime.datetime.fromisoformat(str(control.clock()["now"]).replace("Z", "+00:00"))
    return Time(now)


@pytest.fixture
def month_of(playbooks: Playbooks, control: Control, api_url: str, time: Time) -> Iterator[tuple[Chain, Time]]:
    with Controller(EXTENSIONS / "project", TOKEN, time) as controller:
        yield Chain(playbooks, controller, api_url), time


def add_campaign(control: Control) -> None:
    """Add a campaign that runs until a test ends it."""
    control.add_campaign(
        ID, body={"endDate": "2099-12-31"}, timeline=[{"after_looks": 1, "status": "CampaignScheduled"}]
    )


@pytest.mark.parametrize(("days", "seed"), WAITS)
def test_days_with_outages(month_of: tuple[Chain, Time], control: Control, days: int, seed: int) -> None:
    chain, time = month_of
    add_campaign(control)
    begin = time.now
    last = Outage(CONTROLLER, begin + (days - 4) * DAY, begin + (days - 3) * DAY + 5 * HOUR)
    outages = [*random_outages(seed, begin, days - 5, dict.fromkeys((CONTROLLER, GIT, SERVICE), days // 7)), last]
    first = chain.job(awx_wait_days=days, awx_wait_now=int(begin.timestamp()), **DAILY)
    assert first.code == 0, first.output
    deadline = chain.schedules[0]["extra_data"]["awx_wait_deadline"]
    assert deadline == (begin + days * DAY).strftime("%Y-%m-%d %H:%M:%S UTC")

    month = Month(chain, control, time, outages, seed)
    month.killed_share = 0.3
    month.run_until(last.begin)
    # In any case there is one schedule that will start a job, with the deadline of the first job.
    (planned,) = chain.schedules
    assert planned["next_run"] is not None
    assert planned["extra_data"]["awx_wait_deadline"] == deadline
    lost = [one for one in month.done if one.run is None or one.run.code]
    # Each kind of outage has affected a job.
    assert month.met == {CONTROLLER, GIT, SERVICE, KILLED}
    assert lost
    assert all(one.run is None or one.run.code == 0 or one.run.failure for one in month.done)
    # At most one poll per job, and no polls at shorter intervals than planned.
    assert all(one.polls <= 1 for one in month.done)
    assert chain.started == []
    check_gaps(
        [one.at for one in month.done if one.run is not None and one.polls], outages, lost_at=[one.at for one in lost]
    )

    # The target is reached while the controller is down. It is detected within one interval after the controller is up.
    month.killed_share = 0.0
    month.run_until(last.begin + HOUR)
    control.set_status(ID, "CampaignEnded")
    month.run_until(begin + (days + 5) * DAY)
    assert chain.schedules == []
    assert len(chain.started) == 1
    noticed = month.done[-1].at
    assert last.end <= noticed <= last.end + INTERVAL + SLACK


@pytest.fixture(scope="module")
def first_of_two_days(lane: Lane, simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The time of the first job of a wait of two days, and the state of the controller after it."""

    def make() -> Any:
        now, folder = datetime.datetime.now(datetime.timezone.utc), tmp_path_factory.mktemp("first-of-two-days")
        wait = {"awx_wait_days": 2, "awx_wait_now": int(now.timestamp()), **DAILY}
        return now, state_after_first_job(lane, simulator, folder, add_campaign, Time(now), **wait)

    return made_once(tmp_path_factory, "first-of-two-days", make)


@pytest.fixture
def two_days(first_of_two_days: Any, month_of: tuple[Chain, Time], control: Control) -> tuple[Chain, Time]:
    """A wait of two days after its first job."""
    chain, time = month_of
    time.now, state = first_of_two_days
    control.set_now(time.now.isoformat())
    chain.controller.service.restore(state)
    add_campaign(control)
    return chain, time


def check_gaps(polls: list[datetime.datetime], outages: list[Outage], lost_at: list[datetime.datetime]) -> None:
    """Check that there is one interval between two polls, or a reason for each additional one."""
    for before, after in zip(polls, polls[1:], strict=False):
        reasons = sum(1 for at in lost_at if before < at < after)
        down = sum(
            (min(one.end, after) - max(one.begin, before)).total_seconds()
            for one in outages
            if one.begin < after and one.end > before
        )
        allowed = INTERVAL * (2 + reasons) + datetime.timedelta(seconds=down) if reasons or down else INTERVAL
        assert after - before <= allowed + SLACK, (before, after, reasons, down)
        assert after - before >= 10 * datetime.timedelta(minutes=1)


def test_the_deadline_is_kept(two_days: tuple[Chain, Time], control: Control) -> None:
    chain, time = two_days
    begin = time.now
    month = Month(chain, control, time, [Outage(GIT, begin + 20 * HOUR, begin + 25 * HOUR)], 1)
    month.run_until(begin + 10 * DAY)
    ends = [one.run.code if one.run else None for one in month.done]
    # Git is unreachable on the first day; the second poll is the last, at the deadline.
    assert ends == [None, 2]
    (last,) = [one for one in month.done if one.run]
    assert last.polls == 1
    assert begin + 2 * DAY <= last.at <= begin + 2 * DAY + SLACK
    assert "No further poll is planned" in last.run.output if last.run else False
    assert chain.schedules == []
    assert chain.started == []


def test_a_controller_that_comes_back_after_the_deadline(two_days: tuple[Chain, Time], control: Control) -> None:
    """The first job after the deadline reports the timeout. Without it, the schedule remains, but starts nothing."""
    chain, time = two_days
    begin = time.now
    control.set_status(ID, "CampaignEnded")
    polls = control.count("campaign_read")
    month = Month(chain, control, time, [Outage(CONTROLLER, begin + HOUR, begin + 3 * DAY)], 1)
    month.run_until(begin + 10 * DAY)
    (only,) = month.done
    assert only.run is not None
    assert only.run.code == 2
    assert "this job began later" in only.run.failure("Print that the deadline was over before this job began")["msg"]
    assert control.count("campaign_read") == polls
    assert (chain.schedules, chain.started) == ([], [])


def test_a_controller_that_is_down_for_weeks(two_days: tuple[Chain, Time], control: Control) -> None:
    chain, time = two_days
    begin = time.now
    assert chain.schedules[0]["next_run"] is not None
    month = Month(chain, control, time, [Outage(CONTROLLER, begin + HOUR, begin + 20 * DAY)], 1)
    month.run_until(begin + 30 * DAY)
    assert month.done == []
    assert [one["next_run"] for one in chain.schedules] == [None]
