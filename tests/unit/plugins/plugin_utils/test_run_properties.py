# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of a run with any interleaving of its processes, of kills, expiries and deadlines.

A process is a thread that pauses before each request and each sleep, until the schedule resumes or kills it. Only one
runs at a time, with the real folder and its real locks, and a virtual clock.
"""

from __future__ import annotations

import json
import pathlib
import random
import tempfile
import threading
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ConnectionFailed, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller, Poll, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_polls import RunPolls
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.run_processes import in_processes
from ansible_collections.fleetops.thingspace.tests.unit.run_world import GIVEN, params_of
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock, wait_settings

FLOOR: t.Final = 300.0
PATIENCE: t.Final = 60.0
REQUEST_SECONDS: t.Final = 30.0
SESSION_SECONDS: t.Final = 1200.0
STATES: t.Final = ("CampaignScheduled", "CampaignEnded", "CampaignCancelled")
GOOD: t.Final = "good-password"


class Killed(BaseException):
    """The process was killed."""


class Schedule:
    """The clock of all processes, which run one at a time, in a random order from C(chance)."""

    def __init__(self, chance: random.Random, deaths: float) -> None:
        self.chance = chance
        self.deaths = deaths
        self.now = 5000.0
        self._asleep: dict[Process, float] = {}

    def run(self, processes: t.Sequence[Process]) -> None:
        """Run all processes until they have ended."""
        self._asleep = {process: self.now for process in processes}
        for _step in range(20_000):
            if not self._asleep:
                return
            soonest = min(self._asleep.values())
            self.now = max(self.now, soonest)
            ready = [process for process, moment in self._asleep.items() if moment <= self.now]
            process = self.chance.choice(ready)
            wake_at = process.go_on(self.chance.random() < self.deaths)
            if wake_at is None:
                del self._asleep[process]
            else:
                self._asleep[process] = wake_at
        raise AssertionError("a deadlock, or a busy loop")


class Process:
    """A thread that only runs between C(go_on) and its next pause. It has its own clock."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._mine, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self._wake_at: float | None = None
        self._is_doomed = False
        self.result: t.Any = None
        self.crash: BaseException | None = None
        self.ended_at = 0.0
        self.clock = _Clock(schedule, self)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.work: t.Callable[[], t.Any] = lambda: None

    def go_on(self, is_doomed: bool) -> float | None:
        """Run it until it sleeps. Returns the time at which to resume it, or None if it has ended."""
        self._is_doomed = is_doomed
        if not self._thread.is_alive():
            self._thread.start()
        else:
            self._mine.release()
        assert self._theirs.acquire(timeout=PATIENCE), "a process waits for something that is not the clock"
        return self._wake_at

    def pause(self, seconds: float) -> None:
        """Sleep. Other processes run during this time, and this one can be killed."""
        self._wake_at = self._schedule.now + seconds
        self._theirs.release()
        assert self._mine.acquire(timeout=PATIENCE)
        if self._is_doomed:
            raise Killed

    def _run(self) -> None:
        try:
            self.result = self.work()
        except Killed:
            self.result = "killed"
        except BaseException as error:
            self.crash = error
        self.ended_at = self._schedule.now
        self._wake_at = None
        self._theirs.release()


class _Clock(FakeClock):
    def __init__(self, schedule: Schedule, process: Process) -> None:
        super().__init__()
        self._schedule = schedule
        self._process = process

    def monotonic(self) -> float:
        return self._schedule.now

    def now(self) -> t.Any:
        return self.date(self._schedule.now)

    def sleep(self, seconds: float) -> None:
        self._process.pause(seconds)


class Service:
    """The service for all transports. It counts requests, expires sessions, and loses answers."""

    def __init__(self, schedule: Schedule, plan: dict[str, t.Any]) -> None:
        self.schedule = schedule
        self.plan = plan
        self.refused: list[str] = []
        self.accepted: list[float] = []
        self.lost_in_a_row = self.most_lost = 0
        self.sessions: dict[str, float] = {}
        self.revoked = 0
        # The time and the returned status of each read of the campaign.
        self.reads: list[tuple[float, str]] = []
        self.under_way = 0
        self.logins_under_way = 0

    def state(self, moment: float) -> str:
        """Return the campaign's status at a given time."""
        return str([word for since, word in [(0.0, STATES[0]), *self.plan["steps"]] if since <= moment - 5000.0][-1])

    def log_in(self, login: dict[str, str], process: Process) -> Response:
        """Log in. This takes time, and the request or its answer can be lost."""
        assert self.logins_under_way == 0, "two logins at once"
        self.logins_under_way += 1
        self.lost_in_a_row += 1
        self.most_lost = max(self.most_lost, self.lost_in_a_row)
        try:
            process.pause(self.schedule.chance.choice([0.1, 5.0]))
        finally:
            self.logins_under_way -= 1
        if login["password"] != GOOD:
            self.refused.append(login["username"])
            self.lost_in_a_row -= 1
            return Response(400, {}, b'{"errorCode": "X", "errorMessage": "Wrong password."}')
        if self.schedule.chance.random() < self.plan["lost"]:
            raise ConnectionFailed("The answer was lost.")
        self.lost_in_a_row = 0
        token = f"session-{len(self.accepted)}-{self.schedule.now}"
        self.accepted.append(self.schedule.now)
        self.sessions[token] = self.schedule.now
        return Response(200, {}, f'{{"sessionToken": "{token}"}}'.encode())

    def read(self, token: str, process: Process) -> Response:
        """Read the campaign."""
        process.pause(self.schedule.chance.choice([0.1, 1.0, 20.0]))
        now = self.schedule.now
        if self.schedule.chance.random() < self.plan["revoked"]:
            self.sessions.clear()
            self.revoked += 1
        if now - self.sessions.get(token, -1e9) > SESSION_SECONDS:
            body = b'{"errorCode": "X.REQUEST_FAILED.SessionToken.Expired", "errorMessage": "Expired."}'
            return Response(400, {}, body)
        self.sessions[token] = now
        if self.schedule.chance.random() < self.plan["broken"]:
            raise ConnectionFailed("It broke.")
        self.reads.append((now, self.state(now)))
        campaign = {"id": "c1", "accountName": GIVEN["account_name"], "status": self.state(now)}
        return Response(200, {}, json.dumps(campaign).encode())


class Transport:
    """The transport of one process."""

    base_url, host = "https://host/api", "host:443"
    names = str

    def __init__(self, service: Service, process: Process) -> None:
        self._service = service
        self._process = process
        self.give_up_at = float("inf")
        self.request_timeout = REQUEST_SECONDS
        self.requests = 0

    def send(self, method: str, _path: t.Any, headers: t.Mapping[str, str], *_query: t.Any, **body: t.Any) -> Response:
        """Send a request, whose access token is never refused."""
        self.requests += 1
        if method == "POST":
            return self._service.log_in(body["json"], self._process)
        return self._service.read(headers.get("VZ-M2M-Token", ""), self._process)


def process_of(service: Service, folder: pathlib.Path, host: dict[str, t.Any], started: float) -> Process:
    """A host that waits."""
    process = Process(service.schedule)
    user = {"username": "user", "password": GOOD if host["good"] else "wrong-password"}
    task_settings = task_settings_of(
        params_of("c1", **user, api_key=None, api_secret=None, access_token="an-access-token")
    )
    clock = process.clock
    transport: t.Any = Transport(service, process)
    settings_ = wait_settings(timeout=host["timeout"], pace=Pace(FLOOR, FLOOR), max_consecutive_errors=1000)

    def work() -> t.Any:
        process.pause(host["delay"])
        secrets = Secrets()
        auth = Auth(task_settings.credentials, transport, secrets, RunLogins(folder, clock), clock)
        sharing = Sharing(RunPolls(folder, task_settings, clock), FLOOR, clock)
        poller = HttpPoller(Client(transport, auth, secrets, clock), task_settings.campaigns, 1, None, sharing)

        def checked(
            ids: t.Sequence[str], kind: PollKind = PollKind.FIRST, deadline: float = 0.0, give_up_at: float = 0.0
        ) -> dict[str, Poll]:
            begun = service.schedule.now
            polls = poller(ids, kind, deadline, give_up_at)
            check_look(polls["c1"], begun, deadline, service)
            return polls

        wait = Wait(
            checked, ["c1"], settings_, clock, ProgressReporter(), random.Random(1), None, started, sharing.memory
        )
        return wait, wait.run()

    process.work = work
    return process


hosts = st.fixed_dictionaries(
    {
        "good": st.sampled_from([True, True, True, False]),
        "delay": st.sampled_from([0.0, 0.0, 1.0, 100.0, 1500.0, 20_000.0]),
        "timeout": st.sampled_from([0.0, 10.0, 1000.0, 5000.0, 5000.0]),
    }
)
moments = st.sampled_from([1.0, 20.0, 299.0, 400.0, 1500.0, 4000.0])
plans = st.fixed_dictionaries(
    {
        "steps": st.lists(st.tuples(moments, st.sampled_from(STATES)), max_size=3).map(sorted),
        "lost": st.sampled_from([0.0, 0.5, 1.0]),
        "revoked": st.sampled_from([0.0, 0.0, 0.1]),
        "broken": st.sampled_from([0.0, 0.0, 0.3]),
    }
)

PATIENT: t.Final = {"good": True, "delay": 0.0, "timeout": 5000.0}
QUIET: t.Final = {"steps": [], "lost": 0.0, "revoked": 0.0, "broken": 0.0}


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@example([PATIENT] * 3, {**QUIET, "lost": 1.0}, 0.0, 1)
@example([PATIENT] * 3, QUIET, 0.3, 1)
@example([PATIENT, {**PATIENT, "good": False}] * 2, QUIET, 0.0, 1)
# Due to rounding, the interval of a poll is over by one sum, but not by another.
@example([PATIENT, {**PATIENT, "timeout": 0.0}], {**QUIET, "steps": [(4000.0, STATES[2])], "broken": 0.3}, 0.0, 0)
@given(st.lists(hosts, min_size=1, max_size=4), plans, st.sampled_from([0.0, 0.0, 0.05, 0.3]), st.integers(0, 10**6))
def test_any_interleaving(wanted: list[dict[str, t.Any]], plan: dict[str, t.Any], deaths: float, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        schedule = Schedule(random.Random(seed), deaths)
        service = Service(schedule, plan)
        processes = [process_of(service, pathlib.Path(folder), host, schedule.now) for host in wanted]
        schedule.run(processes)
    for process in processes:
        if process.crash is not None:
            raise process.crash
    check_logins(service, deaths)
    for process, host in zip(processes, wanted):
        if process.result != "killed":
            check_wait(process, host, service)


def check_logins(service: Service, deaths: float) -> None:
    """Check the limits of refused logins, and that there is at most one additional token per ended session."""
    assert len(service.refused) <= 1
    # A login whose process is killed has an unclear result.
    assert service.most_lost <= 2
    if not deaths and not service.plan["lost"] and not service.revoked:
        gaps = [after - before for before, after in zip(service.accepted, service.accepted[1:])]
        assert all(gap >= SESSION_SECONDS - 60.0 for gap in gaps)


def check_look(poll: Poll, begun: float, deadline: float, service: Service) -> None:
    """Check that polls of others match the service, and are recent, after the deadline, or terminal."""
    if poll.facts is None or poll.polled_at is None:
        return
    assert (poll.polled_at, poll.facts["status"]) in service.reads
    if not poll.is_confirmed:
        assert poll.polled_at > begun - FLOOR or poll.polled_at >= deadline
        # After a host's deadline, earlier polls are not used.
        assert poll.polled_at >= deadline or begun < deadline
    else:
        words = [word for moment, word in service.reads if moment <= poll.polled_at]
        assert words[-2:] == [poll.facts["status"]] * 2 and words[-1] != STATES[0]


def check_wait(process: Process, host: dict[str, t.Any], service: Service) -> None:
    """Check that a wait ends in time, with a status that the service returned at most an interval ago."""
    wait, outcome = process.result
    begun = 5000.0 + host["delay"]
    # The last round: waiting for others, a probe, a login, a read with a renewal, and the same to confirm it.
    late = max(5000.0 + host["timeout"], begun) + 8 * REQUEST_SECONDS
    assert process.ended_at <= late
    if outcome.is_reached:
        words = [word for _moment, word in service.reads]
        # Two consecutive reads, by any processes.
        assert any(pair == (STATES[1], STATES[1]) for pair in zip(words, words[1:]))
    elif outcome.reason == "timed_out" and wait.trackers[0].state is not None:
        last = max(moment for moment, _word in service.reads)
        assert last >= min(5000.0 + host["timeout"], begun) - FLOOR
    elif outcome.reason not in ("login_refused", "access_refused"):
        assert outcome.reason in ("timed_out", "not_reachable")


@pytest.mark.parametrize("seed", range(3))
def test_real_processes(tmp_path: pathlib.Path, seed: int) -> None:
    """With real concurrency, the limits of logins are respected, too, and all processes end."""
    log = tmp_path / "log"
    log.touch()

    class Real:
        base_url, host, request_timeout, give_up_at = "https://host/api", "host:443", 20.0, 1e12
        names = str

        def send(self, _method: str, _path: t.Any, *_more: t.Any, **body: t.Any) -> Response:
            with log.open("a") as file:
                file.write(f"{body['json']['password']}\n")
            if body["json"]["password"] != GOOD:
                return Response(400, {}, b'{"errorCode": "X", "errorMessage": "Wrong password."}')
            return Response(200, {}, b'{"sessionToken": "session-token-9999"}')

    def work(password: str) -> t.Callable[[], str]:
        given = {"username": "user", "password": password, "access_token": "an-access-token"}
        task_settings = task_settings_of(params_of("c1", **{**given, "api_key": None, "api_secret": None}))

        def log_in() -> str:
            memory = RunLogins(tmp_path)
            for _time in range(5):
                auth = Auth(task_settings.credentials, t.cast(t.Any, Real()), Secrets(), memory, Clock())
                try:
                    auth.headers()
                except ThingSpaceError as error:
                    return type(error).__name__
            return "in"

        return log_in

    passwords = [GOOD] * 4 + ["wrong-password"] * 4
    random.Random(seed).shuffle(passwords)
    ends = in_processes([work(password) for password in passwords])
    sent = log.read_text().split()
    assert sent.count("wrong-password") == 1
    assert sent.count(GOOD) <= 1
    assert {end for end, password in zip(ends, passwords) if password != GOOD} == {"LoginRefused"}
