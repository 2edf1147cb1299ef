# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what an error means for a wait that is under way."""

from __future__ import annotations

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CampaignNotFound,
    Severity,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import WaitSettings
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.messages import never_answered, too_many_errors
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.wait_outcome import TOO_MANY_ERRORS, WaitOutcome


def outcome_by_error(
    tracker: Tracker, error: ThingSpaceError, wait_settings: WaitSettings, now: float, started: float, has_worked: bool
) -> WaitOutcome | None:
    """The outcome that an error means, None if the wait can live with it.

    C(tracker) has taken in the error already; C(now) and C(started) are moments of the monotonic clock; C(has_worked)
    tells whether anything has been read in this wait.
    """
    if _may_pass(tracker, error, has_worked):
        return _used_up(tracker, wait_settings, now)
    is_new = isinstance(error, CampaignNotFound) and tracker.facts is None
    if is_new and now - started < wait_settings.not_found_grace:
        return None
    return WaitOutcome(error.reason, error.message)


def is_unreached(error: ThingSpaceError) -> bool:
    """True if the request certainly never reached the service, as with a refused port or an unknown host."""
    return isinstance(error, TransientError) and not error.maybe_processed


def outcome_unanswered(
    error: ThingSpaceError, wait_settings: WaitSettings, now: float, started: float
) -> WaitOutcome | None:
    """The outcome of a wait of which no request has ever reached the service, None if it may try again."""
    if 0 < wait_settings.first_answer <= now - started:
        return WaitOutcome(TOO_MANY_ERRORS, never_answered(error, now - started, wait_settings.names))
    return None


def _may_pass(tracker: Tracker, error: ThingSpaceError, has_worked: bool) -> bool:
    if error.severity is Severity.SUSPECT:
        return has_worked
    # A campaign that was there a moment ago: believed when it is missing for the second time in a row.
    was_there = isinstance(error, CampaignNotFound) and tracker.facts is not None and tracker.missing_in_a_row == 1
    return was_there or error.severity is Severity.TRANSIENT


def _used_up(tracker: Tracker, wait_settings: WaitSettings, now: float) -> WaitOutcome | None:
    troubled_for = now - (tracker.first_error_at if tracker.first_error_at is not None else now)
    is_over = tracker.errors_in_a_row > wait_settings.max_consecutive_errors
    if is_over or troubled_for >= wait_settings.max_error_seconds > 0:
        return WaitOutcome(TOO_MANY_ERRORS, too_many_errors(tracker, troubled_for, wait_settings.names))
    return None
