# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what an error means for a running wait."""

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


def outcome_of_error(
    tracker: Tracker, error: ThingSpaceError, wait_settings: WaitSettings, now: float, started: float, has_worked: bool
) -> WaitOutcome | None:
    """The outcome that an error causes, None if the wait continues.

    C(tracker) has already recorded the error. C(now) and C(started) are times of the monotonic clock. C(has_worked) is
    True if any campaign has been read in this wait.
    """
    if _is_temporary(tracker, error, has_worked):
        return _budget_outcome(tracker, wait_settings, now)
    is_new = isinstance(error, CampaignNotFound) and tracker.facts is None
    if is_new and now - started < wait_settings.not_found_grace:
        return None
    return WaitOutcome(error.reason, error.message)


def never_reached_service(error: ThingSpaceError) -> bool:
    """True if the request certainly never reached the service, as with a refused port or an unknown host."""
    return isinstance(error, TransientError) and not error.maybe_processed


def outcome_if_unanswered(
    error: ThingSpaceError, wait_settings: WaitSettings, now: float, started: float
) -> WaitOutcome | None:
    """The outcome of a wait whose requests have never reached the service, None if it may try again."""
    if 0 < wait_settings.first_answer <= now - started:
        return WaitOutcome(TOO_MANY_ERRORS, never_answered(error, now - started, wait_settings.names))
    return None


def _is_temporary(tracker: Tracker, error: ThingSpaceError, has_worked: bool) -> bool:
    if error.severity is Severity.SUSPECT:
        return has_worked
    # A campaign that was read before counts as missing only when it is not found twice in a row.
    was_there = isinstance(error, CampaignNotFound) and tracker.facts is not None and tracker.missing_in_a_row == 1
    return was_there or error.severity is Severity.TRANSIENT


def _budget_outcome(tracker: Tracker, wait_settings: WaitSettings, now: float) -> WaitOutcome | None:
    failing_for = now - (tracker.first_error_at if tracker.first_error_at is not None else now)
    is_over = tracker.errors_in_a_row > wait_settings.max_consecutive_errors
    if is_over or failing_for >= wait_settings.max_error_seconds > 0:
        return WaitOutcome(TOO_MANY_ERRORS, too_many_errors(tracker, failing_for, wait_settings.names))
    return None
