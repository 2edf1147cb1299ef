# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life cycle of a campaign that follows its dates: when it changes its state.

The states and their order are those of the life cycle pages in the documents. The documents do not say how long the
service takes for a step. Where they disagree, there is a switch.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Literal

from simulator.behaviour import Behaviour
from simulator.clock import UTC
from simulator.timeline import Step

DAY_SECONDS = 86400.0
Fate = Literal["normal", "request_failed", "failed"]


@dataclasses.dataclass(frozen=True)
class Words:
    """The states of one API version, in their order without failures, and the two failures."""

    pending: str = "CampaignRequestPending"
    queued: str = "CampaignQueued"
    running: str = "CampaignScheduled"
    ended: str = "CampaignEnded"
    request_failed: str = "CampaignRequestFailed"
    failed: str = "CampaignFailed"


WORDS = {
    "v1": Words("RequestPending", "Queued", "InProgress", "Finished", "RequestFailed", "UpgradeFailed"),
    "v2": Words(),
    "v3": Words(),
}
PRE_SCHEDULED = "CampaignPreScheduled"
CANCELLED = "CampaignCancelled"
ABORTED = "CampaignAborted"

_ALL = WORDS.values()
EARLY = frozenset({word for words in _ALL for word in (words.pending, words.queued)} | {"CampaignRequestQueued"})
ENDED = frozenset(words.ended for words in _ALL)
OVER = (
    ENDED
    | {word for words in _ALL for word in (words.request_failed, words.failed)}
    | {CANCELLED, ABORTED, "Cancelled"}
)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The inputs of a life cycle, as ages of the campaign (simulated seconds).

    ``start`` is the begin of the start date, ``end`` the end of the last day, ``not_before`` the time when the start
    date was last changed. ``on_demand``: the start date is the day on which the campaign was scheduled.
    """

    start: float
    end: float
    on_demand: bool = False
    not_before: float = 0.0
    fate: Fate = "normal"


@dataclasses.dataclass(frozen=True)
class Life:
    """A life cycle: its steps, and the ages at which the upgrades begin and the campaign is over."""

    steps: list[Step]
    begins: float
    ends: float


def life_of(api_version: str, plan: Plan, behaviour: Behaviour, devices_need: float | None = None) -> Life:
    """Return the life cycle of a plan. ``devices_need`` is the seconds until all devices are done (None: never)."""
    words = WORDS[api_version]
    if plan.fate == "request_failed":
        steps = [_step(0, words.pending), _step(behaviour.request_seconds, words.request_failed)]
        return Life(steps, begins=plan.end, ends=behaviour.request_seconds)
    steps, ready = _preparation(api_version, plan, behaviour)
    runs = _running_from(api_version, plan, behaviour, ready)
    if plan.fate == "failed":
        return Life([*steps, _step(runs, words.failed)], begins=plan.end, ends=runs)
    begins = max(plan.start, runs)
    ends = max(plan.end, begins)
    if behaviour.early_end and devices_need is not None:
        ends = min(ends, begins + devices_need)
    return Life([*steps, _step(runs, words.running), _step(ends, words.ended)], begins, ends)


def _preparation(api_version: str, plan: Plan, behaviour: Behaviour) -> tuple[list[Step], float]:
    """Return the steps before a campaign is scheduled, and the age at which it is ready for that."""
    words, each = WORDS[api_version], behaviour.request_seconds
    steps = [_step(0, words.pending)]
    if api_version == "v2" and plan.on_demand:
        return steps, each
    steps.append(_step(each, words.queued))
    if api_version != "v3":
        return steps, each
    if behaviour.pre_scheduled:
        steps.append(_step(2 * each, PRE_SCHEDULED))
    return steps, 3 * each


def _running_from(api_version: str, plan: Plan, behaviour: Behaviour, ready: float) -> float:
    start = plan.start
    if api_version == "v1" and plan.on_demand:
        start = behaviour.v1_on_demand_seconds
    if api_version != "v1" and behaviour.scheduled_when == "day_before":
        start -= DAY_SECONDS
    return max(start, ready, plan.not_before)


def _step(after: float, status: str) -> Step:
    return Step(status, after=after)


def midnight(day: dt.date) -> dt.datetime:
    """Return the begin of a day. The service uses UTC days."""
    return dt.datetime.combine(day, dt.time(), UTC)


def end_of(day: dt.date, behaviour: Behaviour) -> dt.datetime:
    """Return when a campaign with this end date is over."""
    return midnight(day) + dt.timedelta(days=1 if behaviour.last_day == "included" else 0)
