# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every result of a run as a line of JSON to the file in FLEETOPS_RECORD."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: notification
short_description: Write results as data
description: Writes what a callback is told, as the screen gets it, but as JSON.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Writes one line per event: ``event``, ``host``, ``task``, ``result``, ``at`` (monotonic seconds)."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def _write(self, event: str, told: Any, **more: Any) -> None:
        self._put(event, told._result, host=told._host.get_name(), task=told._task.get_name(), **more)

    @staticmethod
    def _put(event: str, result: Any, **more: Any) -> None:
        line = {"event": event, "host": "", "task": "", "result": result, "at": time.monotonic(), **more}
        with open(os.environ["FLEETOPS_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Record a task that succeeded on a host."""
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Record a task that failed on a host."""
        self._write("failed", result, ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Record an unreachable host."""
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Record a task that was skipped on a host."""
        self._write("skipped", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Record an item of a loop that succeeded."""
        self._write("item_ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Record an item of a loop that failed."""
        self._write("item_failed", result)

    def v2_runner_retry(self, result: Any) -> None:
        """Record an attempt of an ``until`` loop that was not the last one."""
        self._write("retry", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Record the statistics for workflows at the end of the run."""
        self._put("stats", stats.custom.get("_run", {}))
