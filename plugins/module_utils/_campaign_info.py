# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The run of one task, shared by the module and the action plugin: from parameters to a result."""

from __future__ import annotations

import math
import typing as t
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import secret_names
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ThingSpaceError,
    TransientError,
    WaitFailed,
    expected,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.device_verdict import (
    DEVICE_NOT_UPGRADED,
    device_in,
    is_upgraded,
    not_upgraded,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import Report
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout, LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    Connection,
    Credentials,
    TaskSettings,
    WaitSettings,
    task_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import (
    Facts,
    ReadResult,
    TaskResult,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.device_reports import DeviceReports
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.loop import Wait
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poll_memory import PollMemory, Sharing
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller, PollKind
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.result import Times, wait_result
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.target import Target
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TIMED_OUT, WaitOutcome

# A read outside a wait has three attempts. A wait has its own retry budget.
_RETRIES: t.Final = 2


def _no_memory(_task_settings: TaskSettings) -> PollMemory:
    return PollMemory()


@dataclass(frozen=True)
class Runtime:
    """The environment of a run.

    C(logins) and C(polls) are shared with other tasks and hosts. C(started) is the start on the monotonic clock for
    waits that share it. C(interruptions) are exceptions that end a wait early but keep its result. C(names) maps the
    name of an option to what the user calls it.
    """

    clock: Clock = field(default_factory=Clock)
    reporter: ProgressReporter = field(default_factory=ProgressReporter)
    logins: LoginMemory = field(default_factory=LoginMemory)
    polls: Callable[[TaskSettings], PollMemory] = _no_memory
    started: float | None = None
    interruptions: tuple[type[BaseException], ...] = ()
    names: Names = str


def run(params: Mapping[str, t.Any], runtime: Runtime, secrets: Secrets) -> ReadResult:
    """Read campaigns, wait if requested, and return the task's result without any secret: a TaskResult after a wait.

    Raises only ThingSpaceError, whose C(message) and C(facts) contain no secrets either. C(facts) has the keys of a
    result as far as they are known. Every token is added to C(secrets).
    """
    try:
        return _run_masked(params, runtime, secrets)
    except ThingSpaceError as error:
        failure = error.with_changes()
    except Exception as error:
        failure = expected(error)
        failure = failure.with_changes(facts={"changed": False, "reason": failure.reason})
    # Not chained to the original error, which is not masked.
    raise failure


def _run_masked(params: Mapping[str, t.Any], runtime: Runtime, secrets: Secrets) -> ReadResult:
    register_secrets(params, secrets)
    runtime = replace(runtime, reporter=MaskingProgressReporter(runtime.reporter, secrets))
    try:
        return t.cast(ReadResult, secrets.clean(_run(params, runtime, secrets)))
    except ThingSpaceError as error:
        facts = secrets.clean({"changed": False, "reason": error.reason, **error.facts})
        raise error.with_changes(message=secrets.mask(error.message), facts=facts) from None


class MaskingProgressReporter(ProgressReporter):
    """Masks secrets in progress lines and warnings."""

    def __init__(self, reporter: ProgressReporter, secrets: Secrets) -> None:
        self._reporter = reporter
        self._secrets = secrets

    def progress(self, text: str, key: str = "") -> None:
        """Forward the masked line."""
        self._reporter.progress(self._secrets.mask(text), key)

    def warning(self, text: str) -> None:
        """Forward the masked warning."""
        self._reporter.warning(self._secrets.mask(text))


def register_secrets(params: Mapping[str, t.Any], secrets: Secrets) -> None:
    """Mask every credential in these parameters from now on."""
    for name in secret_names():
        secrets.add(params.get(name))
    secrets.add_pair(params.get("api_key"), params.get("api_secret"))


def _run(params: Mapping[str, t.Any], runtime: Runtime, secrets: Secrets) -> ReadResult:
    task_settings = task_settings_of(params, runtime.names)
    with assembled(task_settings, runtime, secrets) as parts:
        return _read(parts) if task_settings.wait_settings is None else _wait(parts, task_settings.wait_settings)


@dataclass(frozen=True)
class Parts:
    """All objects that work on the settings of one task."""

    task_settings: TaskSettings
    client: Client
    poller: HttpPoller
    device_reports: DeviceReports | None
    sharing: Sharing
    runtime: Runtime

    def wait(self, wait_settings: WaitSettings, targets: t.Sequence[Target] | None = None) -> Wait:
        """A wait for the campaigns, which has not started yet."""
        return Wait(
            self.poller,
            self.task_settings.campaigns.ids,
            wait_settings,
            self.runtime.clock,
            self.runtime.reporter,
            targets=targets,
            started=self.runtime.started,
            memory=self.sharing.memory,
        )

    def result(self, known: t.Iterable[Facts | None]) -> ReadResult:
        """What is known of the campaigns, and of the device if requested, with the number of requests."""
        return read_result(self.task_settings, known, self._reports, self.client.requests, self.client.logins)

    @property
    def all_reports_were_read(self) -> bool:
        """True if the device report of every campaign is known."""
        return self.device_reports is not None and len(self._reports) == len(self.task_settings.campaigns.ids)

    @property
    def _reports(self) -> Mapping[str, Report]:
        return {} if self.device_reports is None else self.device_reports.reports


def add_late_reports(parts: Parts, wait: Wait, outcome: WaitOutcome) -> bool:
    """Read device reports after a wait: those that are missing, or that may be outdated because of a timeout.

    They no longer change the outcome. A report that cannot be read causes a warning, and an earlier version is
    dropped. An interruption does the same to all reports that are still missing. Return false in that case, because
    nothing limits the time of further requests.
    """
    device_reports = parts.device_reports
    if device_reports is None:
        return True
    parts.client.give_up_at(math.inf)
    missing = [
        tracker for tracker in wait.trackers if tracker.facts is not None and _needs_late_report(tracker.facts, outcome)
    ]
    for number, tracker in enumerate(missing):
        try:
            may_continue = _add_late_report(parts, device_reports, tracker, wait.deadline)
        except parts.runtime.interruptions:
            for unread in missing[number:]:
                device_reports.forget(unread.campaign_id)
                parts.runtime.reporter.warning(_not_in_time(unread))
            return False
        if not may_continue:
            break
    return True


def _add_late_report(parts: Parts, device_reports: DeviceReports, tracker: Tracker, deadline: float) -> bool:
    """Read a device report after a wait. Return whether it makes sense to read further reports."""
    facts = t.cast(Facts, tracker.facts)
    limit = parts.sharing.clock.monotonic() + parts.client.request_timeout
    try:
        with parts.sharing.memory.locked(limit):
            known = device_reports.known(facts, tracker.campaign_id, deadline)
            tracker.record_report(
                known or device_reports.add_to(facts, tracker.campaign_id, is_final=tracker.confirmed)
            )
    except LockTimeout:
        parts.runtime.reporter.warning(_not_in_time(tracker))
    except ThingSpaceError as error:
        device_reports.forget(tracker.campaign_id)
        parts.runtime.reporter.warning(
            f"The device report of campaign {tracker.name} could not be read: {error.message}"
        )
        return isinstance(error, TransientError) and not error.affects_all
    return True


def _not_in_time(tracker: Tracker) -> str:
    return f"The device report of campaign {tracker.name} could not be read in time."


def _needs_late_report(facts: Facts, outcome: WaitOutcome) -> bool:
    return facts["device_summary"] is None or (outcome.reason == TIMED_OUT and not facts["terminal"])


@contextmanager
def connected(
    connection: Connection,
    credentials: Credentials,
    runtime: Runtime,
    secrets: Secrets,
    retries: int = _RETRIES,
    pool_size: int = 1,
) -> Iterator[Client]:
    """A client of the service for the duration of the block. It has not logged in yet."""
    warn_of_plain_http(connection, runtime.reporter)
    transport = Transport(connection, pool_size)
    try:
        auth = Auth(credentials, transport, secrets, runtime.logins, runtime.clock)
        yield Client(transport, auth, secrets, runtime.clock, retries, runtime.names)
    finally:
        transport.close()


@contextmanager
def assembled(
    task_settings: TaskSettings, runtime: Runtime, secrets: Secrets, needs_reports: bool = False
) -> Iterator[Parts]:
    """The objects of a task for the duration of the block. No login has been sent yet.

    With C(needs_reports), device reports of campaigns that are over are read even if no option needs them.
    """
    connection, campaigns, wait_settings = (
        task_settings.connection,
        task_settings.campaigns,
        task_settings.wait_settings,
    )
    retries = 0 if wait_settings else _RETRIES
    with connected(
        connection, task_settings.credentials, runtime, secrets, retries, connection.max_concurrency
    ) as client:
        sharing = Sharing(clock=runtime.clock)
        if wait_settings is not None:
            sharing = Sharing(runtime.polls(task_settings), wait_settings.pace.floor, runtime.clock)
        every = _report_interval(wait_settings)
        wants_reports = campaigns.devices != "none" or campaigns.device_id is not None or needs_reports
        device_reports = None
        if wants_reports or (wait_settings is not None and wait_settings.thresholds.are_set):
            device_reports = DeviceReports(client, campaigns, every, sharing)
        poller = HttpPoller(client, campaigns, connection.max_concurrency, device_reports, sharing)
        yield Parts(task_settings, client, poller, device_reports, sharing, runtime)


def read_result(
    task_settings: TaskSettings,
    known: t.Iterable[Facts | None],
    reports: Mapping[str, Report],
    requests: int,
    logins: int,
) -> ReadResult:
    """The result with the C(known) facts, and the entry of the device in the reports if one was requested."""
    facts, device_id = [one for one in known if one is not None], task_settings.campaigns.device_id
    result: ReadResult = {
        "changed": False,
        "campaigns": facts,
        "device": None if device_id is None else device_in(reports, device_id),
        "requests": requests,
        "logins": logins,
    }
    if len(task_settings.campaigns.ids) == 1:
        result["campaign"] = facts[0] if facts else None
    return result


def empty_result(
    task_settings: TaskSettings, error: ThingSpaceError, requests: int, logins: int, clock: Clock
) -> ReadResult:
    """The result of a task that failed with C(error) before it could request anything but tokens.

    It is a TaskResult if the task was to wait.
    """
    result, settings = read_result(task_settings, [], {}, requests, logins), task_settings.wait_settings
    if settings is None:
        return result
    now = clock.monotonic()
    trackers = [Tracker(campaign_id, now) for campaign_id in task_settings.campaigns.ids]
    times = Times(now, now, settings.deadline(now), clock.now())
    of_wait: TaskResult = {**result, **wait_result(WaitOutcome(error.reason, error.message), trackers, times)}
    return of_wait


def _report_interval(wait_settings: WaitSettings | None) -> int:
    """How many polls there are per device report; 0 means only the final report."""
    if wait_settings is None:
        return 1
    return wait_settings.report_every if wait_settings.thresholds.are_set else 0


def warn_of_plain_http(connection: Connection, reporter: ProgressReporter) -> None:
    """Warn if credentials are sent to another host without TLS."""
    if connection.api_url.startswith("http://") and not connection.is_loopback:
        name = connection.names("api_url")
        reporter.warning(f"{name} is not https: credentials and tokens travel unencrypted to another host.")


def _read(parts: Parts) -> ReadResult:
    polls = parts.poller(parts.task_settings.campaigns.ids, PollKind.ONLY)
    result = parts.result(poll.facts for poll in polls.values())
    for poll in polls.values():
        if poll.error is not None:
            raise poll.error.with_changes(facts=result)
    return result


def _wait(parts: Parts, wait_settings: WaitSettings) -> TaskResult:
    wait = parts.wait(wait_settings)
    try:
        outcome = _outcome_of(parts, wait)
    except Exception as error:
        # Everything that the wait has learned so far is still returned.
        failure = expected(error)
        outcome = WaitOutcome(failure.reason, failure.message)
    known = parts.result(tracker.facts for tracker in wait.trackers)
    result: TaskResult = {**known, **wait.result(outcome)}
    is_good = outcome.is_reached or (outcome.reason == TIMED_OUT and wait_settings.return_on_timeout)
    if not is_good:
        raise WaitFailed(outcome.message, dict(result))
    device = result["device"]
    if device is not None and not is_upgraded(device):
        message = not_upgraded(device, parts.all_reports_were_read)
        of_campaigns = {"reason": result["reason"], "message": result["message"]}
        raise WaitFailed(message, {**result, "reason": DEVICE_NOT_UPGRADED, "message": message}, of_campaigns)
    return result


def _outcome_of(parts: Parts, wait: Wait) -> WaitOutcome:
    try:
        outcome = wait.run()
    except parts.runtime.interruptions:
        return wait.interruption()
    add_late_reports(parts, wait, outcome)
    return outcome
