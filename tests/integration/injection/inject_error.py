# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raises an exception that nobody expects in a function of the collection, in each worker once."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: inject_error
type: notification
short_description: Raise an exception in the collection
description: The function FLEETOPS_INJECT_INTO raises an exception with the text FLEETOPS_INJECT_TEXT.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Changes the process of this plugin, from which workers are forked."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "inject_error"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Inject the exception from the first play on."""
        found = importlib.util.spec_from_file_location(
            "injection", Path(__file__).resolve().parents[2] / "tools" / "injection.py"
        )
        assert found is not None and found.loader is not None
        injection = importlib.util.module_from_spec(found)
        found.loader.exec_module(injection)
        self._context = injection.injected(os.environ["FLEETOPS_INJECT_INTO"], os.environ["FLEETOPS_INJECT_TEXT"])
        self._context.__enter__()
