# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the messages of a wait, while it runs and when it ends."""

from __future__ import annotations

import collections
import typing as t
from collections.abc import Iterable, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import FAILED, REJECTED, SUCCEEDED
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary, Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable, shorten
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import Tracker
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import PAST_TARGET, SATISFIED

# More campaigns than this are summarized instead of listed.
_MAX_NAMED: t.Final = 3
# AWX shows 1024 bytes of an event's output. The host name and the times need some of them.
_MAX_LINE_BYTES: t.Final = 700
_MAX_ERROR_CHARS: t.Final = 300
_FAILED: t.Final = (FAILED, REJECTED)


def span(seconds: float) -> str:
    """A duration such as C(45s), C(12m05s), C(3h20m) or C(2d04h).

    It has two units at most, and only the larger one for C(12m), C(3h) and C(2d).
    """
    total = int(round(seconds))
    days, hours, minutes = total // 86400, total // 3600 % 24, total // 60 % 60
    if days:
        return f"{days}d{hours:02d}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h{minutes:02d}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m{total % 60:02d}s" if total % 60 else f"{minutes}m"
    return f"{total}s"


def target_states_text(target_states: Sequence[str]) -> str:
    """C(ended), C(ended or cancelled)."""
    return " or ".join(target_states)


def progress(trackers: Sequence[Tracker], waited: float, next_poll: float, left: float, overdue: int = 0) -> list[str]:
    """Short lines for a running wait. All times are in seconds; C(overdue) is a number of campaigns.

    The first line has the states and the times. The next lines have device counts and errors.
    """
    soon = "now" if round(next_poll) <= 0 else f"in {span(next_poll)}"
    times = f"after {span(waited)} of {span(waited + left)}, next poll {soon}"
    if len(trackers) > _MAX_NAMED:
        details = [_figures(trackers)]
    else:
        details = [detail for tracker in trackers for detail in (_figures([tracker]), _error_text(tracker))]
    if overdue:
        details.append("past its end day" if len(trackers) == 1 else f"{overdue} past their end day")
    first = f"{shorten(_situation(trackers), _MAX_LINE_BYTES)}; {times}"
    return [first, *(f"  {shorten(detail, _MAX_LINE_BYTES)}" for detail in details if detail)]


def device_figures(campaigns: Iterable[Facts | None]) -> str:
    """C(1482 of 2000 devices upgraded, 46 failed) for all campaigns together; empty if any device report is missing.

    An incomplete report is counted against the number of devices that the service has reported.
    """
    summaries = [None if facts is None else facts.get("device_summary") for facts in campaigns]
    known = [summary for summary in summaries if summary is not None]
    if not known or len(known) < len(summaries):
        return ""
    size = sum(max(summary["total"], summary.get("reported_total") or 0) for summary in known)
    succeeded, failed = (sum(_count(summary, states) for summary in known) for states in ((SUCCEEDED,), _FAILED))
    return f"{succeeded} of {size} devices upgraded" + (f", {failed} failed" if failed else "")


def _count(summary: DeviceSummary, states: Iterable[str]) -> int:
    return sum(summary["by_state"][state] for state in states)


def _figures(trackers: Sequence[Tracker]) -> str:
    """The device counts, and the last end date that can still change them."""
    figures = device_figures(tracker.facts for tracker in trackers)
    running = [tracker.facts for tracker in trackers if tracker.facts is not None and not tracker.facts["terminal"]]
    days = [facts.get("end_date") for facts in running]
    if not figures or not days or None in days:
        return figures
    return f"{figures}, until {max(str(day) for day in days)}"


def _situation(trackers: Sequence[Tracker]) -> str:
    if len(trackers) <= _MAX_NAMED:
        return ", ".join(f"{tracker.brief_name}: {_brief_state(tracker)}" for tracker in trackers)
    counts = collections.Counter(tracker.state or "not read" for tracker in trackers)
    troubled = sum(1 for tracker in trackers if tracker.last_error is not None)
    parts = [f"{count} {state}" for state, count in counts.most_common()]
    return f"{len(trackers)} campaigns: {', '.join(parts)}" + (f" ({troubled} with errors)" if troubled else "")


def _brief_state(tracker: Tracker) -> str:
    """The state alone. An unknown state comes with the service's own status."""
    return state_text(tracker) if tracker.state in (None, UNKNOWN) else str(tracker.state)


def _error_text(tracker: Tracker) -> str:
    if tracker.last_error is None or not tracker.errors_in_a_row:
        return ""
    polls = f"{tracker.errors_in_a_row} failed poll{'s' if tracker.errors_in_a_row > 1 else ''}"
    return f"{polls} of {tracker.brief_name}: {printable(tracker.last_error.message, _MAX_ERROR_CHARS)}"


def state_text(tracker: Tracker) -> str:
    """The state followed by the service's own status: C(ended [CampaignEnded])."""
    return f"{tracker.state} [{printable(tracker.facts['status'])}]" if tracker.facts else "not read yet"


def reached(trackers: Sequence[Tracker], target_states: Sequence[str]) -> str:
    """The target is reached."""
    done = [tracker for tracker in trackers if tracker.verdict in SATISFIED]
    if len(done) > _MAX_NAMED:
        return f"{len(done)} of {len(trackers)} campaigns have reached {target_states_text(target_states)}."
    return " ".join(
        f"Campaign {tracker.name} has {'passed' if tracker.verdict == PAST_TARGET else 'reached'} "
        f"{target_states_text(target_states)}: it is {state_text(tracker)}."
        for tracker in done
    )


def not_reachable(trackers: Sequence[Tracker], target_states: Sequence[str]) -> str:
    """Terminal states rule out the target."""
    which = _some([f"campaign {tracker.name} is {state_text(tracker)}" for tracker in trackers])
    return f"{target_states_text(target_states)} can no longer be reached: {which}."


def too_many_failures(trackers: Sequence[Tracker], _target_states: Sequence[str]) -> str:
    """The device report does not meet the thresholds, or can no longer meet them."""
    which = _some(
        [f"in campaign {tracker.name} ({state_text(tracker)}), {tracker.threshold_failure}" for tracker in trackers]
    )
    return f"Too few devices were upgraded: {which}."


def unknown_state(trackers: Sequence[Tracker], target_states: Sequence[str], names: Names = str) -> str:
    """The service sent an unknown status, and the user chose to fail."""
    which = _some(
        [
            f"campaign {tracker.name} has the unknown status {printable(tracker.facts['status'])!r}"
            for tracker in trackers
            if tracker.facts
        ]
    )
    return f"{target_states_text(target_states)} was not reached: {which} ({names('wait_unknown_state')} is fail)."


def timed_out(trackers: Sequence[Tracker], target_states: Sequence[str], waited: float, names: Names = str) -> str:
    """The deadline was over first. The message names the options that move it."""
    which = _some([f"campaign {tracker.name} is {state_text(tracker)}" for tracker in trackers])
    errors = [tracker.last_error for tracker in trackers if tracker.last_error is not None]
    trouble = f" The last poll failed: {errors[0].message}" if errors else ""
    more = f"To wait longer, raise {names('wait_timeout')} or {names('wait_until_end_plus')}."
    return f"{target_states_text(target_states)} was not reached within {span(waited)}: {which}.{trouble} {more}"


def interrupted(trackers: Sequence[Tracker], target_states: Sequence[str], waited: float) -> str:
    """Something outside the wait, such as the timeout of the task, ended it."""
    which = _some([f"campaign {tracker.name} is {state_text(tracker)}" for tracker in trackers])
    return f"The wait for {target_states_text(target_states)} was interrupted after {span(waited)}: {which}."


def too_many_errors(tracker: Tracker, waited: float, names: Names = str) -> str:
    """The retry budget is used up."""
    said = tracker.last_error.message if tracker.last_error else ""
    budget = f"{names('max_consecutive_errors')}, {names('max_error_seconds')}"
    last = f"Its last known state is {state_text(tracker)}" if tracker.facts else "It was never read"
    return (
        f"The retry budget of campaign {tracker.name} is used up: {tracker.errors_in_a_row} polls in a row failed "
        f"within {span(waited)} ({budget}). {last}. {said}"
    )


def never_answered(error: ThingSpaceError, waited: float, names: Names = str) -> str:
    """No request has reached the service since the wait began."""
    began = f"within {span(waited)} of the start of the wait ({names('wait_first_answer')})"
    where = f"Check {names('api_url')}, and the network of the host that sends the requests: DNS, firewall, proxy."
    return f"No request has reached the service {began}. {error.message} {where}"


def _some(parts: Sequence[str]) -> str:
    more = len(parts) - _MAX_NAMED
    return ", ".join(parts[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
