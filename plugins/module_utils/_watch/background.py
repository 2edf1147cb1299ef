# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Runs a watch in its own thread."""

from __future__ import annotations

import os
import threading
import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import WATCH_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    MaskingProgressReporter,
    Parts,
    Runtime,
    assembled,
    register_secrets,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    OptionError,
    ProxyRefused,
    ThingSpaceError,
    expected,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.latest_secrets import LatestSecrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import HttpLists
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import StoredEvent
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.remembered_logins import RememberedLogins
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file import open_memory
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.wakeful_clock import WakefulClock
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch import Watch, WatchContext
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import (
    WatchSettings,
    watch_settings_of,
)

# The watch pauses while this many events are sent but not yet delivered.
_MAX_IN_FLIGHT: t.Final = 500


class BackgroundWatch:
    """Validates its options on construction, and runs until C(stop) is called or the watch is done.

    The thread of the watch calls C(send) with each event, without secrets, and C(on_end) at its end. Call
    C(mark_delivered) for each event that was delivered. Raises OptionError, with one sentence and no secret.
    """

    def __init__(
        self,
        given: Mapping[str, t.Any],
        send: Callable[[StoredEvent], None],
        on_end: Callable[[], None],
        reporter: ProgressReporter,
    ) -> None:
        self._send = send
        self._on_end = on_end
        self._secrets = LatestSecrets()
        self._clock = WakefulClock()
        self._slots = threading.Semaphore(_MAX_IN_FLIGHT)
        self._lock = threading.Lock()
        self._is_stopped = False
        self._watch: Watch | None = None
        self._parts: Parts | None = None
        self._outcome: WaitOutcome | None = None
        self._error: ThingSpaceError | None = None
        self._reporter = MaskingProgressReporter(reporter, self._secrets)
        self._settings = self._settings_of(given)
        self._secrets.seal()
        self._logins = self._logins_of(self._settings)
        # As a daemon thread, it does not delay the exit of the process.
        self._thread = threading.Thread(target=self._run, name="thingspace-watch", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def mark_delivered(self, stored: StoredEvent) -> None:
        """Record that this event was delivered. Never blocks."""
        self._slots.release()
        if self._watch is not None:
            self._watch.mark_delivered(stored)

    def poll_now(self, campaign_id: str | None = None) -> bool:
        """See C(Watch.poll_now). Return False before the watch has started, because it then polls everything anyway."""
        return self._watch is not None and self._watch.poll_now(campaign_id)

    def stop(self) -> None:
        """Stop the watch as soon as possible, and abandon running requests. Never blocks."""
        with self._lock:
            self._is_stopped = True
            watch, parts = self._watch, self._parts
        if parts is not None:
            parts.client.abandon()
        if watch is not None:
            watch.stop()
        self._slots.release(_MAX_IN_FLIGHT)

    @property
    def failure(self) -> str | None:
        """After the end: one sentence for the user. None if all campaigns are over, or if the watch was stopped."""
        if self._error is not None:
            return self._secrets.mask(self._error.message)
        is_good = self._outcome is None or self._outcome.is_reached
        return None if self._outcome is None or is_good else self._secrets.mask(self._outcome.message)

    @property
    def must_not_restart(self) -> bool:
        """After the end: whether another process with these options would repeat a refused login."""
        # Not by the reason of the end: the watch can end with another error after a refused login.
        is_refused = self._outcome is not None and self._outcome.reason == ProxyRefused.reason
        return is_refused or self._logins.may_repeat_refusal()

    def _settings_of(self, given: Mapping[str, t.Any]) -> WatchSettings:
        for option in WATCH_OPTIONS:
            if option.secret:
                self._secrets.add_within([given.get(option.name), os.environ.get(option.env or "")])
        try:
            settings = watch_settings_of(given)
        except OptionError as error:
            refusal = error.with_changes(message=self._secrets.mask(error.message))
        else:
            register_secrets(vars(settings.task_settings.credentials), self._secrets)
            return settings
        # Raised outside the except block, so that the unmasked error is not its context.
        raise refusal

    def _logins_of(self, settings: WatchSettings) -> LoginMemory:
        if settings.state_file is None:
            return LoginMemory()
        path = f"{settings.state_file}.refused"
        return RememberedLogins(path, settings.task_settings.credentials, self._secrets.mask)

    def _run(self) -> None:
        try:
            self._outcome = self._run_watch()
        except BaseException as error:
            # Left to Python, the traceback is printed with what secrets it has, and the end looks like a normal one.
            self._error = expected(error)
        finally:
            self._on_end()

    def _run_watch(self) -> WaitOutcome | None:
        settings, task_settings = self._settings, self._settings.task_settings
        runtime = Runtime(clock=self._clock, reporter=self._reporter, logins=self._logins)
        memory = open_memory(settings.state_file, settings.identity, settings.repeat_within, self._clock)
        try:
            with assembled(task_settings, runtime, self._secrets, needs_reports=True) as parts:
                watch = self._create_watch(parts, memory)
                with self._lock:
                    self._watch, self._parts = watch, parts
                    if self._is_stopped:
                        return None
                return watch.run()
        finally:
            memory.close()

    def _create_watch(self, parts: Parts, memory: t.Any) -> Watch:
        settings = self._settings

        def send(stored: StoredEvent) -> None:
            self._slots.acquire()
            self._send(stored)

        def forget(ids: Sequence[str]) -> None:
            for campaign_id in ids:
                if parts.device_reports is not None:
                    parts.device_reports.forget(campaign_id)

        context = WatchContext(self._clock, send, self._secrets.clean, forget, self._reporter)
        campaigns = settings.task_settings.campaigns
        lists = HttpLists(parts.client, campaigns, settings.states) if settings.states else None
        return Watch(settings, parts.poller, lists, memory, context)
