# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The minimum cost of a task: an action plugin that does nothing, or only sleeps for C(seconds)."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs in the worker process, as campaign_info does on a local connection."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return an empty result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        time.sleep(float(self._task.args.get("seconds", 0)))
        # The keys that the role reads, with which it lets every host continue.
        return {**result, "changed": False, "decision": "continue", "can_be_held": True}
