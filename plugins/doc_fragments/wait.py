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
      - How long to wait at most. The last poll is made when the time is over.
      - Here, and in every option that is a time, a number means seconds. With a unit it can be V(45s), V(90m),
        V(1h30m), V(2d) or V(1w).
      - With V(0) there is one poll.
      - Without this option and O(wait_until_end_plus) it is an hour (V(1h)).
    type: str
  wait_until_end_plus:
    description:
      - Wait until so long after the end of the campaigns' last day (midnight UTC) at most, in seconds or with a unit
        such as V(2h).
      - The end day is taken from the campaign at every poll, because it can be changed while the campaign runs. Of
        several campaigns the one that ends last counts. As long as no end day is known, the limit is an hour.
      - With O(wait_timeout) as well, the limit that comes first counts.
    type: str
  wait_not_found:
    description:
      - For how long after the start a campaign may be unknown to the service, because it was just created. In seconds,
        or with a unit such as V(10m).
    type: str
    default: "0"
  wait_first_answer:
    description:
      - For how long the wait goes on if none of its requests has reached the service, because of a refused port, an
        unknown host name, or a proxy that is not there. In seconds, or with a unit such as V(5m). Until then it tries
        again after 5 to 30 seconds each time.
      - Once a request has reached the service, such trouble counts as any other that may pass.
      - With V(0) it does so from the beginning.
    type: str
    default: "120"
    version_added: 0.3.0
  wait_interval:
    description:
      - The shortest time between two polls of one campaign, in seconds or with a unit such as V(5m).
    type: str
    default: "300"
  wait_max_interval:
    description:
      - The longest time between two polls of one campaign, in seconds or with a unit such as V(90m).
      - Between the two, polls are rare far from the campaign's start day, end day and hour windows, and frequent near
        them. Set both options to the same value for a fixed interval.
    type: str
    default: "5400"
  wait_on_timeout:
    description:
      - What happens when the time is over and the target state is not reached.
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
      - For how long the polls of one campaign may go on failing before the wait gives up, in seconds or with a unit
        such as V(1h). A good poll resets the time. With V(0) only O(max_consecutive_errors) counts.
    type: str
    default: "3600"
  min_success_percent:
    description:
      - The wait fails unless so many percent of each campaign's devices were upgraded, by the device report, which is
        then read during the wait as well. It fails early, as soon as too few devices still can be upgraded.
      - A number from 0 to 100, with or without the sign, such as V(95), V(99.5) or V(95%). Less than one percent needs
        the sign, as in V(0.5%).
      - A device report that does not add up never meets it.
      - Needs a O(wait_state) in which a campaign is over.
    type: str
  max_failure_percent:
    description:
      - The wait fails as soon as more than so many percent of a campaign's devices have failed or were rejected.
        Written as O(min_success_percent).
      - When the campaign is over, devices of an unknown status count as well.
    type: str
  max_failure_count:
    description:
      - The wait fails as soon as more than so many devices of a campaign have failed or were rejected.
      - When the campaign is over, devices of an unknown status count as well.
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
      - A line of progress is printed when something has changed, and at least once in this time, in seconds or with a
        unit such as V(5m).
      - With V(0), and when the task has C(no_log), nothing is printed.
      - Only a task that runs on the controller itself can print. With C(async), and on another host, it is silent.
    type: str
    default: "240"
"""
