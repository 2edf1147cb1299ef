# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the start time of each task to the file in BENCHMARK_STAMPS."""

from __future__ import annotations

import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: stamp
type: notification
short_description: Stamp the start of each task
description: One line a task, monotonic seconds and the name of the task.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Records monotonic time, which is the same for all processes of a machine, including the simulator."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "stamp"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Record the start of a task."""
        with open(os.environ["BENCHMARK_STAMPS"], "a", encoding="utf-8") as stamps:
            stamps.write(f"{time.monotonic()} {task.get_name()}\n")
