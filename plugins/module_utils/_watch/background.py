# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A watch in a thread of its own, put together by the one assembler of this collection."""

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
    LoginRefused,
    OptionError,
    ProxyRefused,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginMemory
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import WaitOutcome
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.latest_secrets import LatestSecrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import HttpLists
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Kept
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.remembered_logins import RememberedLogins
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.state_file import opened
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.wakeful_clock import WakefulClock
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch import Surroundings, Watch
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.watch_settings import (
    WatchSettings,
    watch_settings_of,
)

# So many events may be on their way to whoever reacts to them; then the watch waits.
_MOST_ON_THEIR_WAY: t.Final = 500
# Whoever starts the process again after these would repeat what locks users.
_NEVER_AGAIN: t.Final = (LoginRefused.reason, ProxyRefused.reason)


class BackgroundWatch:
    """Checks its options when it is made, and runs until C(stop), or until there is nothing more to learn.

    C(hand_over) takes an event, without secrets, and C(on_end) is called at the end, both in the thread of the watch;
    C(told) is to be called with each event that has arrived. Raises OptionError, with one sentence and no secret.
    """

    def __init__(
        self,
        given: Mapping[str, t.Any],
        hand_over: Callable[[Kept], None],
        on_end: Callable[[], None],
        reporter: ProgressReporter,
    ) -> None:
        self._hand_over = hand_over
        self._on_end = on_end
        self._secrets = LatestSecrets()
        self._clock = WakefulClock()
        self._places = threading.Semaphore(_MOST_ON_THEIR_WAY)
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
        # A daemon: the end of the program does not wait for it.
        self._thread = threading.Thread(target=self._run, name="thingspace-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def told(self, kept: Kept) -> None:
        """This event has arrived. Never blocks."""
        self._places.release()
        if self._watch is not None:
            self._watch.told(kept)

    def poll_now(self, campaign_id: str | None = None) -> bool:
        """As C(Watch.poll_now). False as well before the watch has begun, which polls everything anyway."""
        return self._watch is not None and self._watch.poll_now(campaign_id)

    def stop(self) -> None:
        """Let it end as soon as it can; requests that are under way are given up. Never blocks."""
        with self._lock:
            self._is_stopped = True
            watch, parts = self._watch, self._parts
        if parts is not None:
            parts.client.abandon()
        if watch is not None:
            watch.stop()
        self._places.release(_MOST_ON_THEIR_WAY)

    @property
    def failure(self) -> str | None:
        """After the end: one sentence for the user, None if all campaigns are over or it was stopped."""
        if self._error is not None:
            return self._secrets.mask(self._error.message)
        is_good = self._outcome is None or self._outcome.is_reached
        return None if self._outcome is None or is_good else self._secrets.mask(self._outcome.message)

    @property
    def must_not_start_again(self) -> bool:
        """After the end: whether another process with these options would repeat a login that was refused."""
        reason = self._outcome.reason if self._outcome is not None else self._error.reason if self._error else ""
        is_known = isinstance(self._logins, RememberedLogins) and self._logins.remembers_refusals()
        return reason in _NEVER_AGAIN and not (reason == LoginRefused.reason and is_known)

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
        # Not from the error above, which is not masked.
        raise refusal

    def _logins_of(self, settings: WatchSettings) -> LoginMemory:
        if settings.state_file is None:
            return LoginMemory()
        path = f"{settings.state_file}.refused"
        return RememberedLogins(path, settings.task_settings.credentials, self._secrets.mask)

    def _run(self) -> None:
        try:
            self._outcome = self._watched()
        except ThingSpaceError as error:
            self._error = error
        finally:
            self._on_end()

    def _watched(self) -> WaitOutcome | None:
        settings, task_settings = self._settings, self._settings.task_settings
        runtime = Runtime(clock=self._clock, reporter=self._reporter, logins=self._logins)
        memory = opened(settings.state_file, settings.identity, settings.repeat_within, self._clock)
        try:
            with assembled(task_settings, runtime, self._secrets, needs_reports=True) as parts:
                watch = self._watch_of(parts, memory)
                with self._lock:
                    self._watch, self._parts = watch, parts
                    if self._is_stopped:
                        return None
                return watch.run()
        finally:
            memory.close()

    def _watch_of(self, parts: Parts, memory: t.Any) -> Watch:
        settings = self._settings

        def hand_over(kept: Kept) -> None:
            self._places.acquire()
            self._hand_over(kept)

        def forget(ids: Sequence[str]) -> None:
            for campaign_id in ids:
                if parts.device_reports is not None:
                    parts.device_reports.forget(campaign_id)

        around = Surroundings(self._clock, hand_over, self._secrets.clean, forget, self._reporter)
        campaigns = settings.task_settings.campaigns
        lists = HttpLists(parts.client, campaigns, settings.states) if settings.states else None
        return Watch(settings, parts.poller, lists, memory, around)
