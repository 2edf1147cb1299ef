# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes ansible-core so that plays do not have their keyword run_once."""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: no_run_once
type: notification
short_description: Take run_once from plays
description: Plays lose their attribute run_once.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Changes the process of this plugin, from which workers are forked."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "no_run_once"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Change a play when it starts."""
        type(play).run_once = property(_gone)


def _gone(play: Any) -> bool:
    raise AttributeError(f"{type(play).__name__} has no run_once")
