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
      - Whether to wait until the campaigns have reached one of the target states in O(wait_state).
    type: bool
    default: false
  wait_state:
    description:
      - The target states. The wait ends when a campaign has reached any of them.
      - One of V(request_pending), V(queued), V(pre_scheduled), V(scheduled), V(in_progress), V(ended),
        V(request_failed), V(failed), V(cancelled), V(aborted), or the service's own spelling of a state, such as
        V(CampaignEnded).
      - A campaign normally passes through the states from V(request_pending) to V(ended) in this order. Such a target
        is reached when the campaign is in that state or has passed it, because polls can miss a state.
      - Other targets are reached only in exactly that state. Any other terminal state fails the wait immediately.
      - V(ended) does not mean that the devices were upgraded. Only the device report of the campaign says so.
    type: list
    elements: str
    default: [ended]
  wait_match:
    description:
      - How many of the campaigns must reach a target state, V(all), V(any), or a number.
      - The wait fails as soon as this number can no longer be reached. A campaign that does not exist fails it
        immediately.
    type: str
    default: all
  wait_timeout:
    description:
      - The maximum time to wait. The last poll is sent when this time is over.
      - In this option and in all other options for times, a number means seconds. You can also use units, for example
        V(45s), V(90m), V(1h30m), V(2d) or V(1w).
      - V(0) polls once.
      - If you set neither this option nor O(wait_until_end_plus), the timeout is one hour (V(1h)).
    type: str
  wait_until_end_plus:
    description:
      - How long to keep waiting after the last day of the campaigns is over (midnight UTC), in seconds or with a unit
        such as V(2h).
      - Every poll reads the end day again, because it can change while the campaign runs. With several campaigns, the
        latest end day applies. While no end day is known, the timeout is one hour.
      - If you also set O(wait_timeout), the earlier deadline applies.
    type: str
  wait_not_found:
    description:
      - How long the service may not know a campaign yet, counted from the start of the wait, in seconds or with a unit
        such as V(10m). Use it when the campaign was created just before.
    type: str
    default: "0"
  wait_first_answer:
    description:
      - How long to retry while no request of the wait has reached the service yet, in seconds or with a unit such as
        V(5m). Examples are a refused connection, an unknown host name, and an unavailable proxy. The wait then retries
        every 5 to 30 seconds.
      - After a request has reached the service, these errors count as transient errors, see O(max_consecutive_errors).
      - With V(0) they count as transient errors from the start.
    type: str
    default: "120"
    version_added: 0.3.0
  wait_interval:
    description:
      - The minimum time between two polls of a campaign, in seconds or with a unit such as V(5m).
    type: str
    default: "300"
  wait_max_interval:
    description:
      - The maximum time between two polls of a campaign, in seconds or with a unit such as V(90m).
      - Polls are more frequent near the start day, the end day and the time windows of the campaign. For a fixed
        interval, set O(wait_interval) and O(wait_max_interval) to the same value.
    type: str
    default: "5400"
  wait_on_timeout:
    description:
      - What to do when the timeout is over before the target state is reached.
      - V(fail) fails the task.
      - V(return) returns RV(reached=false) and RV(timed_out=true), so that the play can decide.
      - Both return the complete result.
    type: str
    choices: [fail, return]
    default: fail
  wait_unknown_state:
    description:
      - What to do about a status that this version of the collection does not know.
      - V(wait) warns once and keeps waiting.
      - V(fail) fails the wait immediately.
    type: str
    choices: [wait, fail]
    default: wait
  max_consecutive_errors:
    description:
      - The retry budget in polls. The wait fails when more polls of a campaign than this fail in a row. A successful
        poll resets the count.
      - Only transient errors count, such as a broken connection, a timeout, HTTP 429 or 5xx, or a response that is not
        JSON. Refused credentials and a campaign that does not exist end the wait immediately.
    type: int
    default: 20
  max_error_seconds:
    description:
      - The retry budget in time, in seconds or with a unit such as V(1h). The wait fails when the polls of a campaign
        have failed for longer than this. A successful poll resets the time. With V(0), only O(max_consecutive_errors)
        applies.
    type: str
    default: "3600"
  min_success_percent:
    description:
      - The percentage of devices that must be upgraded in each campaign. Otherwise the wait fails. It fails early when
        the percentage can no longer be reached.
      - A number from 0 to 100, with or without a percent sign, for example V(95), V(99.5) or V(95%). A value below one
        percent needs the percent sign, for example V(0.5%).
      - The wait also reads the device report while the campaign runs, see O(report_every). An incomplete or
        inconsistent device report never meets the threshold.
      - Requires a terminal state in O(wait_state).
    type: str
  max_failure_percent:
    description:
      - The percentage of devices in a campaign that may fail or be rejected. The wait fails as soon as more do. The
        format is that of O(min_success_percent).
      - When the campaign is over, devices with an unknown status count as failed.
    type: str
  max_failure_count:
    description:
      - The number of devices in a campaign that may fail or be rejected. The wait fails as soon as more do.
      - When the campaign is over, devices with an unknown status count as failed.
    type: int
  min_devices:
    description:
      - How many devices of a campaign must have succeeded or failed before a percentage can end the wait early. When
        the campaign is over, percentages always apply.
    type: int
    default: 1
  report_every:
    description:
      - How often to read the device report of a running campaign when you set O(min_success_percent),
        O(max_failure_percent) or O(max_failure_count). V(10) reads it in every tenth poll, beginning with the first.
      - The device report is always read when the campaign is over.
    type: int
    default: 10
  progress_interval:
    description:
      - The maximum time between two lines of progress, in seconds or with a unit such as V(5m). A change prints a line
        immediately.
      - V(0) prints nothing. C(no_log) does the same.
      - Only a task that runs on the controller can print progress. A task with C(async) or on another host prints
        nothing.
    type: str
    default: "240"
"""
