# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a wait in its own thread, so that a test can change the service in the meantime."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID

# The real seconds after which a test fails, far more than any test here needs.
PATIENCE = 60.0
_POLL = 0.02
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


class Running:
    """A task that is running."""

    def __init__(self, params: dict[str, Any], control: Control) -> None:
        self.reporter = Lines()
        self._control = control
        self._result: dict[str, Any] = {}
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(params,), daemon=True)
        self._thread.start()

    def _run(self, params: dict[str, Any]) -> None:
        try:
            self._result = {**run(params, Runtime(reporter=self.reporter), Secrets())}
        except ThingSpaceError as error:
            self._result = {"failed": True, "msg": error.message, **error.facts}
        except BaseException as error:
            self._crash = error

    def result(self) -> dict[str, Any]:
        """Wait for the end of the task, and return its result. A failed one has ``failed`` and ``msg``."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the run does not end"
        if self._crash is not None:
            raise self._crash
        return self._result

    @property
    def is_over(self) -> bool:
        """Whether the task has ended."""
        return not self._thread.is_alive()

    def until_read(self, more: int = 3, kind: str = "campaign_read") -> None:
        """Wait until this number of additional requests of a kind have reached the service."""
        wanted = self._control.count(kind) + more
        self.until(lambda: self._control.count(kind) >= wanted)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition. Fails if the task ends before."""
        give_up_at = time.monotonic() + PATIENCE
        while not condition():
            assert not self.is_over, f"the run has ended: {self._crash or self._result}"
            assert time.monotonic() < give_up_at, "nothing happened"
            time.sleep(_POLL)


class Background:
    """Starts tasks."""

    def __init__(self, api_url: str, control: Control) -> None:
        self.api_url = api_url
        self._control = control

    def start(self, *campaign_ids: str, **options: Any) -> Running:
        """Start a fast wait for the end of campaigns of the stock account (by default the stock campaign)."""
        given = {"api_url": self.api_url, "account_name": ACCOUNT, "campaign_id": list(campaign_ids) or [V2_ID]}
        checked = ArgumentSpecValidator(argument_spec()).validate({**given, **DEMO_CREDENTIALS, **QUICK, **options})
        assert not checked.error_messages, checked.error_messages
        return Running(checked.validated_parameters, self._control)
