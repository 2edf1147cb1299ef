# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what an error means for a wait that is under way."""

from __future__ import annotations

from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TOO_MANY_ERRORS, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CampaignNotFound,
    Severity,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Waiting
from ansible_collections.fleetops.thingspace.plugins.module_utils._sentences import never_answered, too_many_errors
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import Watch


def ending_by(
    watch: Watch, error: ThingSpaceError, waiting: Waiting, now: float, started: float, has_worked: bool
) -> Ending | None:
    """The ending that an error means, None if the wait can live with it.

    C(watch) has taken in the error already; C(now) and C(started) are moments of the monotonic clock; C(has_worked)
    tells whether anything has been read in this wait.
    """
    if _may_pass(watch, error, has_worked):
        return _used_up(watch, waiting, now)
    is_new = isinstance(error, CampaignNotFound) and watch.facts is None
    if is_new and now - started < waiting.not_found_grace:
        return None
    return Ending(error.reason, error.message)


def is_unreached(error: ThingSpaceError) -> bool:
    """True if the request certainly never reached the service, as with a refused port or an unknown host."""
    return isinstance(error, TransientError) and not error.maybe_processed


def ending_unanswered(error: ThingSpaceError, waiting: Waiting, now: float, started: float) -> Ending | None:
    """The ending of a wait of which no request has ever reached the service, None if it may try again."""
    if 0 < waiting.first_answer <= now - started:
        return Ending(TOO_MANY_ERRORS, never_answered(error, now - started))
    return None


def _may_pass(watch: Watch, error: ThingSpaceError, has_worked: bool) -> bool:
    if error.severity is Severity.SUSPECT:
        return has_worked
    # A campaign that was there a moment ago: believed when it is missing for the second time in a row.
    was_there = isinstance(error, CampaignNotFound) and watch.facts is not None and watch.missing_in_a_row == 1
    return was_there or error.severity is Severity.TRANSIENT


def _used_up(watch: Watch, waiting: Waiting, now: float) -> Ending | None:
    troubled_for = now - (watch.first_error_at if watch.first_error_at is not None else now)
    is_over = watch.errors_in_a_row > waiting.max_consecutive_errors
    if is_over or troubled_for >= waiting.max_error_seconds > 0:
        return Ending(TOO_MANY_ERRORS, too_many_errors(watch, troubled_for, waiting.names))
    return None
