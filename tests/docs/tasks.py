# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a ``campaign_info`` task against the simulator, in this process, and returns its result, even if it failed."""

from __future__ import annotations

import datetime
import time
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID


class HurriedClock(Clock):
    """A clock whose sleep skips time without waiting. The time that the machine takes does not count."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._start, self._start_date = time.monotonic(), super().now()

    def monotonic(self) -> float:
        """Return the start plus the skipped seconds."""
        return self._start + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip these seconds."""
        self._skipped += seconds

    def now(self) -> datetime.datetime:
        """Return the start plus the skipped time."""
        return self._start_date + datetime.timedelta(seconds=self._skipped)


def result_of(api_url: str, **options: Any) -> dict[str, Any]:
    """Return the result of a task with the demo credentials, with ``failed`` and ``msg`` as Ansible sets them.

    An option of None removes the default of this function.
    """
    given = {
        "api_url": api_url,
        "account_name": ACCOUNT,
        "campaign_id": [V2_ID],
        "request_timeout": 2,
        **DEMO_CREDENTIALS,
        **options,
    }
    checked = ArgumentSpecValidator(argument_spec()).validate(
        {name: value for name, value in given.items() if value is not None}
    )
    assert not checked.error_messages, checked.error_messages
    try:
        return {"failed": False, **run(checked.validated_parameters, Runtime(clock=HurriedClock()), Secrets())}
    except ThingSpaceError as error:
        return {"reason": error.reason, **error.facts, "failed": True, "msg": error.message}
