# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a wait in its own thread, and pauses it between two polls, so that a test can change the service."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID

# The real seconds after which a test fails, far more than any test here needs.
PATIENCE = 60.0
QUICK = {
    "wait": True,
    "wait_interval": 0.05,
    "wait_max_interval": 0.2,
    "wait_timeout": 50,
    "max_consecutive_errors": 200,
}


class Lines(ProgressReporter):
    """Records all progress and warnings."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []

    def progress(self, text: str, key: str = "") -> None:
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class PausingClock(Clock):
    """A clock whose sleep skips time, also on the clock of the service. The wait can be paused in a sleep."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._skipped = 0.0
        self._turn = threading.Condition()
        self._is_paused = False
        self._until: Callable[[], bool] | None = None

    def monotonic(self) -> float:
        """Return the real seconds plus the skipped ones."""
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip these seconds, and pause if the condition for it holds."""
        with self._turn:
            self._skipped += seconds
        # A test can stop the service.
        with contextlib.suppress(OSError):
            self._control.advance(seconds)
        # Retries of single requests sleep in threads of their own.
        if isinstance(threading.current_thread(), WaitThread) and self._until is not None and self._until():
            with self._turn:
                self._is_paused = True
                self._turn.notify_all()
                self._turn.wait_for(lambda: not self._is_paused)

    def run_until(self, condition: Callable[[], bool] | None) -> None:
        """Let the wait continue until it sleeps while this condition holds (None: until its end)."""
        with self._turn:
            self._until, self._is_paused = condition, False
            self._turn.notify_all()

    def pause_or(self, is_over: Callable[[], bool], seconds: float) -> bool:
        """Block until the wait is paused or over, and return whether it is paused."""
        with self._turn:
            assert self._turn.wait_for(lambda: self._is_paused or is_over(), seconds), "nothing happened"
            return self._is_paused

    def end(self) -> None:
        """Tell that the wait is over."""
        with self._turn:
            self._turn.notify_all()


def moment(entry: dict[str, Any]) -> float:
    """Return the seconds of the log's entry on the clock of the wait: the skipped and the real ones."""
    return float(entry["t"] + entry["real"])


class WaitThread(threading.Thread):
    """The thread of a wait."""


class Running:
    """A task that is paused, or that has ended. Before the first ``until``, it has not begun."""

    def __init__(self, params: dict[str, Any], control: Control) -> None:
        self.reporter = Lines()
        self.clock = PausingClock(control)
        self._control = control
        self._result: dict[str, Any] = {}
        self._crash: BaseException | None = None
        self._is_over = False
        self._thread = WaitThread(target=self._run, args=(params,), daemon=True)

    def _run(self, params: dict[str, Any]) -> None:
        try:
            self._result = {**run(params, Runtime(clock=self.clock, reporter=self.reporter), Secrets())}
        except ThingSpaceError as error:
            self._result = {"failed": True, "msg": error.message, **error.facts}
        except BaseException as error:
            self._crash = error
        finally:
            self._is_over = True
            self.clock.end()

    def result(self) -> dict[str, Any]:
        """Run the task to its end, and return its result. A failed one has ``failed`` and ``msg``."""
        assert not self._continue(None)
        if self._crash is not None:
            raise self._crash
        return self._result

    def until_read(self, more: int = 3, kind: str = "campaign_read") -> None:
        """Run until this number of additional requests of a kind have reached the service."""
        wanted = self._control.count(kind) + more
        self.until(lambda: self._control.count(kind) >= wanted)

    def until(self, condition: Callable[[], bool]) -> None:
        """Run until the task sleeps while a condition holds. Fails if the task ends before."""
        assert self._continue(condition), f"the run has ended: {self._crash or self._result}"

    def _continue(self, condition: Callable[[], bool] | None) -> bool:
        self.clock.run_until(condition)
        if self._thread.ident is None:
            self._thread.start()
        return self.clock.pause_or(lambda: self._is_over, PATIENCE)


class Background:
    """Makes tasks."""

    def __init__(self, api_url: str, control: Control) -> None:
        self.api_url = api_url
        self._control = control

    def start(self, *campaign_ids: str, **options: Any) -> Running:
        """Make a wait for the end of campaigns of the stock account (by default the stock campaign)."""
        given = {"api_url": self.api_url, "account_name": ACCOUNT, "campaign_id": list(campaign_ids) or [V2_ID]}
        checked = ArgumentSpecValidator(argument_spec()).validate({**given, **DEMO_CREDENTIALS, **QUICK, **options})
        assert not checked.error_messages, checked.error_messages
        return Running(checked.validated_parameters, self._control)
