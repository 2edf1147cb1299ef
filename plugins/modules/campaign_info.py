#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: campaign_info
short_description: Read ThingSpace firmware campaigns, and wait for their state
version_added: 0.1.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Fetches firmware or software upgrade campaigns of Verizon ThingSpace by account and campaign ID and returns them as
    structured facts.
  - With O(wait=true) it returns when the campaigns have reached a target state, and fails at once, with the reason,
    when they no longer can.
  - On a local connection, such as C(hosts=localhost) or C(delegate_to=localhost), it runs within Ansible's own process
    on the controller, with one login for all campaigns and with lines of progress. With C(async), or on another host,
    the same code runs as a module there. Both ways return the same.
  - Credentials in the controller's environment also reach another host, as options of the module.
options:
  account_name:
    description:
      - The account that the campaigns belong to. Required.
      - Put it in quotes. YAML reads an unquoted name as a number and drops its leading zeros, so a number is refused.
      - Can also be set with the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  campaign_id:
    description:
      - The ID of a campaign, or a list of IDs. Repeated ones are read once.
      - Put an ID that YAML could read as a number in quotes. Its leading zeros, its sign or its exponent would be lost,
        so a number is refused.
    type: list
    elements: str
    required: true
  api_version:
    description:
      - The version of the software management interface in which the campaign was made.
      - V(v1) is for OMA-DM and LWM2M pushes (there a campaign is called I(upgrade)), V(v2) for HTTP devices that check
        in, V(v3) for LWM2M devices with network awareness.
    type: str
    choices: [v1, v2, v3]
    default: v2
  devices:
    description:
      - How much of the device report is read. It takes one request for each thousand devices.
      - With V(summary) the counts, with V(failed) also the devices that were not upgraded and will not be by this
        campaign (once it is over, that includes the pending ones), with V(all) every device.
      - In a wait the report is read when a campaign is over, or when the wait ends.
    type: str
    choices: [none, summary, failed, all]
    default: none
  device_id:
    description:
      - The ID (IMEI) of one device. RV(device) tells what the device reports of the campaigns say of it.
      - With O(wait=true) the task also fails unless that device was upgraded, with the RV(reason)
        V(device_not_upgraded). Needs an O(wait_state) in which a campaign is over.
      - Put it in quotes. YAML reads an unquoted number with leading zeros as another number, so a number that has not
        15 digits is refused. An empty value is refused, too.
    type: raw
    version_added: 0.3.0
  log_in:
    description:
      - Whether the task may log in with O(username) and O(password). With V(false) it needs O(session_token), and fails
        when that is refused.
      - A task that runs on another host or in the background is given V(false) and tokens by the controller, which
        counts the logins of the whole run.
    type: bool
    default: true
    version_added: 0.3.0
  options_from:
    description:
      - Take options from variables as well, whose names are this prefix and the name of the option without a leading
        C(wait_). With V(campaign_wait_), O(wait_timeout) can be given as C(campaign_wait_timeout).
      - Each host has its own values. A variable is used instead of an argument or a default of the play.
      - A variable with the prefix that is no option is refused.
      - The variables of the role P(fleetops.thingspace.campaign_wait#role) that are no options of this module count as
        well. With O(wait=true), RV(decision) tells what they make of the result.
      - The task then runs on the controller, whatever its connection is.
    type: str
    version_added: 0.3.0
extends_documentation_fragment:
  - fleetops.thingspace.auth
  - fleetops.thingspace.wait
  - fleetops.thingspace.attributes
seealso:
  - name: ThingSpace software management
    description: The service's own description of campaigns.
    link: https://thingspace.verizon.com/documentation/apis/software-management.html
"""

EXAMPLES = r"""
# The credentials come from THINGSPACE_API_KEY, THINGSPACE_API_SECRET, THINGSPACE_USERNAME and THINGSPACE_PASSWORD.
- name: Read a campaign
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
  register: upgrade

- name: Show what it installs, and how it stands
  ansible.builtin.debug:
    msg: "{{ upgrade.campaign.software_to }} is {{ upgrade.campaign.state }}"

- name: Wait at most two days until a campaign has ended
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
    wait: true
    wait_timeout: 172800

- name: Look once at two campaigns, and go on whether they have started or not
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id:
      - 60b5d639-ccdc-4db8-8824-069bd94c95bf
      - f858b8c4-2153-11ec-8c44-aeb16d1aa652
    wait: true
    wait_state: scheduled
    wait_timeout: 0
    wait_on_timeout: return
  register: upgrades
"""

RETURN = r"""
campaigns:
  description:
    - The campaigns, in the order of O(campaign_id). A failed task returns those that it could read.
    - Every documented field of the O(api_version) is present, as null if the service did not send it. C(api_version),
      C(state), C(phase), C(terminal), C(outcome) and C(extra) are never null.
  returned: always, unless the options were refused
  type: list
  elements: dict
  sample:
    - account_name: "0402196254-00001"
      api_version: v2
      campaign_name: FOTA_Verizon_Upgrade
      device_summary: null
      devices: null
      distribution_type: HTTP
      download_after_date: "2020-08-21"
      download_time_window_list:
        - end_time: 21
          start_time: 20
      end_date: "2020-08-22"
      extra: {}
      id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
      install_after_date: "2020-08-21"
      install_time_window_list:
        - end_time: 23
          start_time: 22
      make: Verizon
      model: Model-A
      outcome: unverified
      phase: over
      software_from: FOTA_Verizon_Model-A_00To01_HF
      software_name: FOTA_Verizon_Model-A_02To03_HF
      software_to: FOTA_Verizon_Model-A_02To03_HF
      start_date: "2020-08-21"
      state: ended
      status: CampaignEnded
      terminal: true
  contains:
    id:
      description: The campaign's ID.
      type: str
      returned: always
    account_name:
      description: The account that the campaign belongs to.
      type: str
      returned: always
    api_version:
      description: The version that it was read with.
      type: str
      returned: always
    status:
      description: The state in the service's own word, untouched.
      type: str
      returned: always
    state:
      description:
        - The state in one of the words V(request_pending), V(queued), V(pre_scheduled), V(scheduled),
          V(in_progress), V(ended), V(request_failed), V(failed), V(cancelled), V(aborted), V(unknown).
      type: str
      returned: always
    phase:
      description:
        - Where the campaign stands, roughly. V(requested) until it is scheduled, V(scheduled) before its start day,
          V(running) from its start day on, V(over) when its state cannot change any more, V(unknown).
      type: str
      returned: always
    terminal:
      description: Whether the state cannot change any more.
      type: bool
      returned: always
    start_date:
      description: The first day, in UTC, as C(YYYY-MM-DD).
      type: str
      returned: always
    end_date:
      description: The last day, in UTC, as C(YYYY-MM-DD).
      type: str
      returned: always
    campaign_name:
      description: The campaign's name.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    make:
      description: The devices' manufacturer.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    model:
      description: The devices' model.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    software_name:
      description: The software that is installed.
      type: str
      returned: with O(api_version=v2)
    software_from:
      description: The software that the devices have before.
      type: str
      returned: with O(api_version=v2)
    software_to:
      description: The software that the devices have afterwards.
      type: str
      returned: with O(api_version=v2)
    distribution_type:
      description: How the software reaches the devices.
      type: str
      returned: with O(api_version=v2)
    download_after_date:
      description: The day from which on devices may download.
      type: str
      returned: with O(api_version=v2)
    download_time_window_list:
      description: The hours of the day in which devices may download, the end hour excluded.
      type: list
      elements: dict
      returned: with O(api_version=v2)
      contains:
        start_time:
          description: First hour, from 0 to 23; null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24; null if the service did not send it.
          type: int
          returned: always
        extra:
          description: What else the service sent of the window, under the service's own names.
          type: dict
          returned: when there is something
    install_after_date:
      description: The day from which on devices may install.
      type: str
      returned: with O(api_version=v2)
    install_time_window_list:
      description: The hours of the day in which devices may install, the end hour excluded.
      type: list
      elements: dict
      returned: with O(api_version=v2)
      contains:
        start_time:
          description: First hour, from 0 to 23; null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24; null if the service did not send it.
          type: int
          returned: always
        extra:
          description: What else the service sent of the window, under the service's own names.
          type: dict
          returned: when there is something
    protocol:
      description: How the firmware reaches the devices.
      type: str
      returned: with O(api_version=v3)
    firmware_name:
      description: The firmware that is installed.
      type: str
      returned: with O(api_version=v1) and O(api_version=v3)
    firmware_from:
      description: The firmware that the devices have before.
      type: str
      returned: with O(api_version=v3)
    firmware_to:
      description: The firmware that the devices have afterwards.
      type: str
      returned: with O(api_version=v1) and O(api_version=v3)
    campaign_time_window_list:
      description: The hours of the day in which devices may be upgraded, the end hour excluded.
      type: list
      elements: dict
      returned: with O(api_version=v3)
      contains:
        start_time:
          description: First hour, from 0 to 23; null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24; null if the service did not send it.
          type: int
          returned: always
        extra:
          description: What else the service sent of the window, under the service's own names.
          type: dict
          returned: when there is something
    auto_assign_license_flag:
      description: Whether licences are assigned by themselves.
      type: bool
      returned: with O(api_version=v3)
    auto_add_devices_flag:
      description: Whether devices are added by themselves.
      type: bool
      returned: with O(api_version=v3)
    device_list:
      description: The devices, as they stand in the campaign itself.
      type: list
      elements: dict
      returned: with O(api_version=v1)
      contains:
        device_id:
          description: The device's ID, an IMEI with its leading zeros; null if the service did not send it.
          type: str
          returned: always
        status:
          description: The service's own word, null if it did not send one.
          type: str
          returned: always
        result_reason:
          description: What the service says of the result, null if it did not.
          type: str
          returned: always
        extra:
          description: What else the service sent of the device, under the service's own names.
          type: dict
          returned: when there is something
    outcome:
      description:
        - What came of the campaign. V(pending) while it is not over, V(succeeded) if every device was upgraded,
          V(partial) if some were, V(failed), V(cancelled), or V(unverified) if it has ended and its device report was
          not read, is empty, or does not add up.
      type: str
      returned: always
    device_summary:
      description: The device report in figures, null if it was not read.
      type: dict
      returned: always
      contains:
        total:
          description: How many different devices the report lists.
          type: int
          returned: always
        reported_total:
          description: How many devices the service says that there are, null if it does not.
          type: int
          returned: always
        complete:
          description: Whether the report adds up, so that no device is missing in the list.
          type: bool
          returned: always
        doubt:
          description: Why the report does not add up, as a part of a sentence; null if it does.
          type: str
          returned: always
        by_state:
          description: The number of devices in each state.
          type: dict
          returned: always
          contains:
            succeeded:
              description: Devices that were upgraded.
              type: int
              returned: always
            pending:
              description: Devices that have not been upgraded yet.
              type: int
              returned: always
            cancelled:
              description: Devices that were left out because the campaign was cancelled or aborted.
              type: int
              returned: always
            rejected:
              description: Devices that the service did not take.
              type: int
              returned: always
            failed:
              description: Devices that could not be upgraded.
              type: int
              returned: always
            unknown:
              description: Devices that have a status that this version does not know.
              type: int
              returned: always
        success_percent:
          description: The share of devices that succeeded, rounded down; null if there is no device.
          type: float
          returned: always
        failure_percent:
          description: The share of devices that failed or were rejected, rounded down; null if there is no device.
          type: float
          returned: always
        top_reasons:
          description: The ten most frequent reasons of devices that were not upgraded.
          type: list
          elements: dict
          returned: always
          contains:
            state:
              description: The state of these devices, as in C(by_state).
              type: str
              returned: always
            status:
              description: The service's own word, null if it did not send one.
              type: str
              returned: always
            reason:
              description: What the service says of the reason, null if it did not.
              type: str
              returned: always
            count:
              description: The number of devices.
              type: int
              returned: always
    devices:
      description:
        - The devices of the device report; null unless O(devices=failed) or O(devices=all).
      type: list
      elements: dict
      returned: always
      contains:
        device_id:
          description: The device's ID, an IMEI with its leading zeros; null if the service did not send it.
          type: str
          returned: always
        state:
          description: The device's state, as in C(by_state).
          type: str
          returned: always
        status:
          description: The service's own word, null if it did not send one.
          type: str
          returned: always
        reason:
          description: What the service says of the reason, null if it did not.
          type: str
          returned: always
    extra:
      description:
        - What else the service sent, under the service's own names, and values that could not be read as their type.
      type: dict
      returned: always
campaign:
  description: The only element of RV(campaigns), null if it could not be read.
  returned: when O(campaign_id) names a single campaign, unless the options were refused
  type: dict
reason:
  description:
    - Why the task ended, in one word. With O(wait=true) V(reached), V(past_target) (gone past every target),
      V(not_reachable), V(too_many_failures), V(unknown_state), V(timed_out), V(too_many_errors),
      V(interrupted) (by the task's C(timeout)).
    - For a failed request V(connection_failed), V(tls_failed), V(service_trouble), V(bad_answer), V(wrong_address),
      V(proxy_refused), V(login_refused), V(access_refused), V(request_refused), V(not_found).
    - V(device_not_upgraded) if the campaigns have reached their target and the device of O(device_id) was not upgraded.
    - V(invalid_option) for a refused option, V(library_missing) for a missing Python library, V(run_folder_unusable)
      if the tasks of a run cannot share what they know of logins.
  returned: with O(wait=true), and on failure
  type: str
  sample: reached
device:
  description: What the device reports say of the device of O(device_id); null without that option.
  returned: always, unless the options were refused
  type: dict
  sample:
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
    device_id: "990003425730535"
    reason: DownloadInstallSucceeded
    state: succeeded
    status: UpgradeSuccess
  contains:
    device_id:
      description: The ID that was asked for.
      type: str
      returned: always
    state:
      description: The device's state, as in C(by_state), or V(not_listed) if it is in no device report that was read.
      type: str
      returned: always
    status:
      description: The service's own word, null if there is none.
      type: str
      returned: always
    reason:
      description: What the service says of the reason, null if it did not.
      type: str
      returned: always
    campaign_id:
      description: The campaign in whose device report it is, the one in which it fared worst; null if it is in none.
      type: str
      returned: always
decision:
  description:
    - What the variables of the role make of the result. V(continue), V(fail), or V(skip).
  returned: with O(wait=true) and O(options_from)
  type: str
  sample: continue
can_be_held:
  description: Whether the conditions around the task would let the host come to the next task of the role.
  returned: with O(wait=true) and O(options_from)
  type: bool
  sample: true
message:
  description: Why the wait ended, in one sentence. The same as C(msg) when it failed.
  returned: with O(wait=true)
  type: str
  sample: "Campaign Upgrade (60b5d639-ccdc-4db8-8824-069bd94c95bf) has reached ended: it is ended [CampaignEnded]."
reached:
  description: Whether as many campaigns as O(wait_match) asks for have reached a target state.
  returned: with O(wait=true)
  type: bool
  sample: true
timed_out:
  description: Whether the time was over before the target state was reached.
  returned: with O(wait=true)
  type: bool
  sample: false
elapsed:
  description: How many seconds the wait took.
  returned: with O(wait=true)
  type: float
  sample: 4211.037
polls:
  description: How many times campaigns were polled, all counted.
  returned: with O(wait=true)
  type: int
  sample: 14
errors:
  description: How many of these polls failed.
  returned: with O(wait=true)
  type: int
  sample: 0
last_errors:
  description: The last failed polls, five at most.
  returned: with O(wait=true)
  type: list
  elements: dict
  sample: []
  contains:
    campaign_id:
      description: Which campaign was polled.
      type: str
      returned: always
    at:
      description: When, in UTC by the service's clock.
      type: str
      returned: always
    message:
      description: What went wrong, in one sentence.
      type: str
      returned: always
requests:
  description: How many requests were sent, logins included.
  returned: always, unless the options were refused
  type: int
  sample: 16
logins:
  description: How many of these requests were logins, of either kind.
  returned: always, unless the options were refused
  type: int
  sample: 2
deadline:
  description: When the time was or would have been over, in UTC by the service's clock.
  returned: with O(wait=true)
  type: str
  sample: "2026-03-02T12:00:00Z"
next_poll_at:
  description: When the next poll would have been due, in UTC by the service's clock; null if there is none.
  returned: with O(wait=true)
  type: str
  sample: "2026-03-01T13:00:00Z"
history:
  description:
    - The states that were seen, in order, campaign after campaign. When a campaign has had more than a hundred, some
      in the middle are left out.
  returned: with O(wait=true)
  type: list
  elements: dict
  sample:
    - campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
      first_seen: "2026-03-01T12:00:00Z"
      last_seen: "2026-03-01T12:45:10Z"
      polls: 4
      state: scheduled
      status: CampaignScheduled
  contains:
    campaign_id:
      description: Which campaign was seen.
      type: str
      returned: always
    state:
      description: Its state, as in RV(campaigns[].state).
      type: str
      returned: always
    status:
      description: The service's own word, null if it did not send one.
      type: str
      returned: always
    first_seen:
      description: When this state was seen first, in UTC by the service's clock.
      type: str
      returned: always
    last_seen:
      description: When it was seen last, in UTC by the service's clock.
      type: str
      returned: always
    polls:
      description: In how many polls in a row.
      type: int
      returned: always
waits:
  description: How the wait stands or ended for each campaign.
  returned: with O(wait=true)
  type: list
  elements: dict
  sample:
    - campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
      errors: 0
      next_poll_at: null
      overdue: false
      polls: 14
      state: ended
      verdict: reached
      history: []
  contains:
    campaign_id:
      description: Which campaign.
      type: str
      returned: always
    state:
      description: Its last known state, as in RV(campaigns[].state); null if it was never read.
      type: str
      returned: always
    verdict:
      description:
        - What its state means for the wait. V(reached), V(past_target), V(waiting), V(not_reachable),
          V(too_many_failures) or V(unknown_state).
      type: str
      returned: always
    overdue:
      description: Whether it has not ended a day after its last day.
      type: bool
      returned: always
    polls:
      description: How many times it was polled.
      type: int
      returned: always
    errors:
      description: How many of these polls failed.
      type: int
      returned: always
    next_poll_at:
      description: When the next poll would have been due, in UTC by the service's clock; null if there is none.
      type: str
      returned: always
    history:
      description: Its states that were seen, in order.
      type: list
      elements: dict
      returned: always
      contains:
        campaign_id:
          description: Which campaign was seen.
          type: str
          returned: always
        state:
          description: Its state, as in RV(campaigns[].state).
          type: str
          returned: always
        status:
          description: The service's own word, null if it did not send one.
          type: str
          returned: always
        first_seen:
          description: When this state was seen first, in UTC by the service's clock.
          type: str
          returned: always
        last_seen:
          description: When it was seen last, in UTC by the service's clock.
          type: str
          returned: always
        polls:
          description: In how many polls in a row.
          type: int
          returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import MODULE_OPTIONS, argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._module_warnings import ModuleWarnings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets


def main() -> None:
    """Run as a module, on a host that is not the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(MODULE_OPTIONS), supports_check_mode=True)
    try:
        result = run(module.params, Runtime(reporter=ModuleWarnings(module)), Secrets())
    except ThingSpaceError as error:
        module.fail_json(msg=error.message, **error.facts)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
