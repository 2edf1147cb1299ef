# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a wait for a state."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors WAIT_OPTIONS of plugins/module_utils/_arguments.py."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until every campaign has reached one of the states in O(wait_state).
    type: bool
    default: false
  wait_state:
    description:
      - The states to wait for. Any of them will do.
      - One of V(request_pending), V(queued), V(pre_scheduled), V(scheduled), V(in_progress), V(ended),
        V(request_failed), V(failed), V(cancelled), V(aborted), or the service's own spelling of a state, such as
        V(CampaignEnded).
      - The states from V(request_pending) to V(ended) are the good path, in this order. One of them counts as reached
        when the campaign is at it or past it, because a poll can miss a state.
      - The others are reached only exactly. Any other state that a campaign never leaves fails the wait at once.
      - V(ended) does not mean that the devices were upgraded. Only the campaign's device report tells.
    type: list
    elements: str
    default: [ended]
  wait_match:
    description:
      - How many of the campaigns must reach a target state, V(all), V(any), or a number.
      - The wait fails as soon as too few of them still can. A campaign that does not exist fails it at once.
    type: str
    default: all
  wait_timeout:
    description:
      - How many seconds to wait at most. The last poll is made when they are over.
      - With V(0) there is one poll.
      - Without this option and O(wait_until_end_plus) it is an hour (3600).
    type: float
  wait_until_end_plus:
    description:
      - Wait until so many seconds after the end of the campaigns' last day (midnight UTC) at most.
      - The end day is taken from the campaign at every poll, because it can be changed while the campaign runs. Of
        several campaigns the one that ends last counts. As long as no end day is known, the limit is an hour.
      - With O(wait_timeout) as well, the limit that comes first counts.
    type: float
  wait_not_found:
    description:
      - For how many seconds after the start a campaign may be unknown to the service, because it was just created.
    type: float
    default: 0
  wait_interval:
    description:
      - The least number of seconds between two polls of one campaign.
    type: float
    default: 300
  wait_max_interval:
    description:
      - The greatest number of seconds between two polls of one campaign.
      - Between the two, polls are rare far from the campaign's start day, end day and hour windows, and frequent near
        them. Set both options to the same value for a fixed interval.
    type: float
    default: 5400
  wait_on_timeout:
    description:
      - What happens when the time is over and the goal is not reached.
      - With V(fail) the task fails.
      - With V(return) it succeeds with RV(reached=false) and RV(timed_out=true), so that the play can decide.
      - Either way it returns everything that was learned.
    type: str
    choices: [fail, return]
    default: fail
  wait_unknown_state:
    description:
      - What to do about a status that this version of the collection does not know.
      - With V(wait) it is warned of once, and the wait goes on.
      - With V(fail) the wait ends at once.
    type: str
    choices: [wait, fail]
    default: wait
  max_consecutive_errors:
    description:
      - How many polls of one campaign may fail in a row before the wait gives up. A good poll resets the count.
      - Only trouble that may pass is counted, such as a broken connection, a time-out, HTTP 429 or 5xx, or an answer
        that is not JSON. Refused credentials, or a campaign that does not exist, end the wait at once.
    type: int
    default: 20
  max_error_seconds:
    description:
      - For how many seconds the polls of one campaign may go on failing before the wait gives up. A good poll resets
        the time. With V(0) only O(max_consecutive_errors) counts.
    type: float
    default: 3600
  min_success_percent:
    description:
      - The wait fails unless so many percent of each campaign's devices were upgraded, by the device report, which is
        then read during the wait as well. It fails early, as soon as too few devices still can be upgraded.
      - Needs a O(wait_state) in which a campaign is over.
    type: float
  max_failure_percent:
    description:
      - The wait fails as soon as more than so many percent of a campaign's devices have failed or were rejected.
    type: float
  max_failure_count:
    description:
      - The wait fails as soon as more than so many devices of a campaign have failed or were rejected.
    type: int
  min_devices:
    description:
      - How many devices of a campaign must have succeeded or failed before a percentage may end the wait early. When
        the campaign is over, percentages count in any case.
    type: int
    default: 1
  report_every:
    description:
      - With O(min_success_percent), O(max_failure_percent) or O(max_failure_count), in which of a campaign's polls its
        device report is read. V(10) means the first, the eleventh, and so on. It is always read when the campaign is
        over.
    type: int
    default: 10
  progress_interval:
    description:
      - A line of progress is printed when something has changed, and at least every so many seconds.
      - With V(0), and when the task has C(no_log), nothing is printed.
      - Only a task that runs on the controller itself can print. With C(async), and on another host, it is silent.
    type: float
    default: 240
"""
