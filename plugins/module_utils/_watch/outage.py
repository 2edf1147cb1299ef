# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: decides when an outage of the whole service is reported. The watch keeps polling during it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import WaitSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.error_policy import outcome_if_unanswered
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import span
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TOO_MANY_ERRORS, WaitOutcome


@dataclass(frozen=True)
class Outage:
    """Consecutive polls with an error that affects all requests. Times are monotonic seconds.

    C(reported) is the reason of the V(trouble) event that was sent, or None.
    """

    errors: int = 0
    since: float = 0.0
    reported: str | None = None

    def after(self, now: float) -> Outage:
        """Return a copy with one more failed poll."""
        return replace(self, errors=self.errors + 1, since=now if not self.errors else self.since)

    def outcome(
        self, error: ThingSpaceError, settings: WaitSettings, now: float, started: float, is_answered: bool
    ) -> WaitOutcome | None:
        """Return what to report, or None while the error limits of the options are not exceeded."""
        unanswered = None if is_answered else outcome_if_unanswered(error, settings, now, started)
        if unanswered is not None:
            return unanswered
        lasts = now - self.since
        if self.errors > settings.max_consecutive_errors or lasts >= settings.max_error_seconds > 0:
            return WaitOutcome(
                TOO_MANY_ERRORS,
                f"No campaign could be read for {span(lasts)}, in {self.errors} polls (max_consecutive_errors, "
                f"max_error_seconds). Polling continues. {error.message}",
            )
        return None
