# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the moment at which each task starts into the file that BENCHMARK_STAMPS names."""

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
    """The monotonic clock is one for all processes of a machine, the simulator's too."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "stamp"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task starts."""
        with open(os.environ["BENCHMARK_STAMPS"], "a", encoding="utf-8") as stamps:
            stamps.write(f"{time.monotonic()} {task.get_name()}\n")
