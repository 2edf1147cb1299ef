#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: campaign_info
short_description: Read ThingSpace firmware campaigns and wait for a state
version_added: 0.1.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Reads firmware or software upgrade campaigns of Verizon ThingSpace by account name and campaign ID.
  - With O(wait=true), waits until the campaigns have reached a target state. Fails with a reason as soon as they can no
    longer reach it.
  - On a local connection, such as C(hosts=localhost) or C(delegate_to=localhost), the task runs in the Ansible process
    on the controller and prints progress. With C(async) or on another host, it runs there as a module. The results are
    the same.
  - On another host, the module receives credentials from the environment of the controller as options.
options:
  account_name:
    description:
      - The name of the account that owns the campaigns. Required.
      - Quote the name. YAML can read an unquoted name as a number and drop its leading zeros. A number is therefore
        refused.
      - You can also set the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  campaign_id:
    description:
      - The ID of a campaign, or a list of IDs. Duplicates are ignored.
      - Quote an ID that YAML could read as a number. Otherwise YAML drops leading zeros, a sign or an exponent. A
        number is therefore refused.
    type: list
    elements: str
    required: true
  api_version:
    description:
      - The version of the software management API with which the campaign was created.
      - V(v1) is for OMA-DM and LWM2M devices that receive a push, and calls a campaign an I(upgrade). V(v2) is for HTTP
        devices that check in. V(v3) is for LWM2M devices with network awareness.
    type: str
    choices: [v1, v2, v3]
    default: v2
  devices:
    description:
      - How much of the device report to return. Reading it takes one request for each thousand devices.
      - V(none) does not read it. V(summary) returns the counts. V(failed) also returns the devices that this campaign
        did not upgrade; when the campaign is over, these include pending devices. V(all) returns every device.
      - A wait reads the device report when a campaign is over, or when the wait ends.
    type: str
    choices: [none, summary, failed, all]
    default: none
  device_id:
    description:
      - The ID (IMEI) of one device. RV(device) returns its entry in the device reports of the campaigns.
      - With O(wait=true) the task also fails unless that device was upgraded, with the RV(reason)
        V(device_not_upgraded). Requires a terminal state in O(wait_state).
      - Quote the ID. YAML can read an unquoted ID as a number and drop its leading zeros. A number that does not have
        15 digits is therefore refused. An empty value is refused as well.
    type: raw
    version_added: 0.3.0
  log_in:
    description:
      - Whether the task can log in with O(username) and O(password). With V(false) it requires O(session_token), and
        fails when the service refuses that token.
      - For a task on another host or in the background, the controller logs in, passes the tokens, and sets this option
        to V(false). That way, the controller counts all logins of the run.
    type: bool
    default: true
    version_added: 0.3.0
  options_from:
    description:
      - A prefix of variables from which to read options. The name of a variable is the prefix followed by the name of
        the option without a leading C(wait_). With V(campaign_wait_), the variable C(campaign_wait_timeout) sets
        O(wait_timeout).
      - Each host uses its own values. A variable overrides an argument and a module default.
      - A variable that has the prefix and is not an option is refused.
      - The task also reads the variables that only the role P(fleetops.thingspace.campaign_wait#role) has. With
        O(wait=true), RV(decision) returns the decision that follows from them.
      - The task runs on the controller, even if its connection is not local.
    type: str
    version_added: 0.3.0
extends_documentation_fragment:
  - fleetops.thingspace.auth
  - fleetops.thingspace.wait
  - fleetops.thingspace.attributes
seealso:
  - name: ThingSpace software management
    description: Verizon's description of campaigns.
    link: https://thingspace.verizon.com/documentation/apis/software-management.html
"""

EXAMPLES = r"""
# These examples take the credentials from THINGSPACE_API_KEY, THINGSPACE_API_SECRET, THINGSPACE_USERNAME and
# THINGSPACE_PASSWORD.
- name: Read a campaign
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
  register: upgrade

- name: Show the software and the state of the campaign
  ansible.builtin.debug:
    msg: "{{ upgrade.campaign.software_to }} is {{ upgrade.campaign.state }}"

- name: Wait up to two days until a campaign has ended
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
    wait: true
    wait_timeout: 2d

- name: Poll two campaigns once, and continue even if they are not scheduled yet
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
    - The campaigns, in the order of O(campaign_id). A failed task returns the campaigns that it could read.
    - Every documented field of the O(api_version) is present. Its value is null if the service did not send it.
      C(api_version), C(state), C(phase), C(terminal), C(outcome) and C(extra) are never null.
  returned: always, except when an option is invalid
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
      description: The ID of the campaign.
      type: str
      returned: always
    account_name:
      description: The account that owns the campaign.
      type: str
      returned: always
    api_version:
      description: The API version that was used to read the campaign.
      type: str
      returned: always
    status:
      description: The status exactly as the service sent it.
      type: str
      returned: always
    state:
      description:
        - The state of the campaign, one of V(request_pending), V(queued), V(pre_scheduled), V(scheduled),
          V(in_progress), V(ended), V(request_failed), V(failed), V(cancelled), V(aborted), V(unknown).
      type: str
      returned: always
    phase:
      description:
        - The phase of the campaign. V(requested) until it is scheduled, V(scheduled) before its start day, V(running)
          from its start day on, V(over) in a terminal state, or V(unknown).
      type: str
      returned: always
    terminal:
      description: Whether the state is terminal, that is, cannot change any more.
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
      description: The name of the campaign.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    make:
      description: The manufacturer of the devices.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    model:
      description: The model of the devices.
      type: str
      returned: with O(api_version=v2) and O(api_version=v3)
    software_name:
      description: The software that the campaign installs.
      type: str
      returned: with O(api_version=v2)
    software_from:
      description: The software version before the upgrade.
      type: str
      returned: with O(api_version=v2)
    software_to:
      description: The software version after the upgrade.
      type: str
      returned: with O(api_version=v2)
    distribution_type:
      description: How the software reaches the devices.
      type: str
      returned: with O(api_version=v2)
    download_after_date:
      description: The first day on which devices can download.
      type: str
      returned: with O(api_version=v2)
    download_time_window_list:
      description: The hours of the day in which devices can download, without the end hour.
      type: list
      elements: dict
      returned: with O(api_version=v2)
      contains:
        start_time:
          description: The first hour, from 0 to 23. Null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24. Null if the service did not send it.
          type: int
          returned: always
        extra:
          description: Other fields of the window, with the names that the service uses.
          type: dict
          returned: when there are such fields
    install_after_date:
      description: The first day on which devices can install.
      type: str
      returned: with O(api_version=v2)
    install_time_window_list:
      description: The hours of the day in which devices can install, without the end hour.
      type: list
      elements: dict
      returned: with O(api_version=v2)
      contains:
        start_time:
          description: The first hour, from 0 to 23. Null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24. Null if the service did not send it.
          type: int
          returned: always
        extra:
          description: Other fields of the window, with the names that the service uses.
          type: dict
          returned: when there are such fields
    protocol:
      description: How the firmware reaches the devices.
      type: str
      returned: with O(api_version=v3)
    firmware_name:
      description: The firmware that the campaign installs.
      type: str
      returned: with O(api_version=v1) and O(api_version=v3)
    firmware_from:
      description: The firmware version before the upgrade.
      type: str
      returned: with O(api_version=v3)
    firmware_to:
      description: The firmware version after the upgrade.
      type: str
      returned: with O(api_version=v1) and O(api_version=v3)
    campaign_time_window_list:
      description: The hours of the day in which devices can be upgraded, without the end hour.
      type: list
      elements: dict
      returned: with O(api_version=v3)
      contains:
        start_time:
          description: The first hour, from 0 to 23. Null if the service did not send it.
          type: int
          returned: always
        end_time:
          description: The hour at which the window closes, from 1 to 24. Null if the service did not send it.
          type: int
          returned: always
        extra:
          description: Other fields of the window, with the names that the service uses.
          type: dict
          returned: when there are such fields
    auto_assign_license_flag:
      description: Whether ThingSpace assigns licences automatically.
      type: bool
      returned: with O(api_version=v3)
    auto_add_devices_flag:
      description: Whether ThingSpace adds devices automatically.
      type: bool
      returned: with O(api_version=v3)
    device_list:
      description: The devices that the campaign itself lists.
      type: list
      elements: dict
      returned: with O(api_version=v1)
      contains:
        device_id:
          description: The ID of the device, an IMEI with its leading zeros. Null if the service did not send it.
          type: str
          returned: always
        status:
          description: The status exactly as the service sent it. Null if it sent none.
          type: str
          returned: always
        result_reason:
          description: The result reason that the service sent. Null if it sent none.
          type: str
          returned: always
        extra:
          description: Other fields of the device, with the names that the service uses.
          type: dict
          returned: when there are such fields
    outcome:
      description:
        - The outcome of the campaign. V(pending) while it is not over, V(succeeded) if every device was upgraded,
          V(partial) if some were, V(failed), or V(cancelled). V(unverified) if it has ended and its device report was
          not read, is empty, or is incomplete or inconsistent.
      type: str
      returned: always
    device_summary:
      description: The counts of the device report. Null if it was not read.
      type: dict
      returned: always
      contains:
        total:
          description: The number of different devices that the device report lists.
          type: int
          returned: always
        reported_total:
          description: The total number of devices that the service sent. Null if it sent none.
          type: int
          returned: always
        complete:
          description: Whether the device report is complete and consistent.
          type: bool
          returned: always
        doubt:
          description: Why the device report is incomplete or inconsistent, as part of a sentence. Null if it is not.
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
              description: Devices that are not upgraded yet.
              type: int
              returned: always
            cancelled:
              description: Devices that were not upgraded because the campaign was cancelled or aborted.
              type: int
              returned: always
            rejected:
              description: Devices that the service did not accept.
              type: int
              returned: always
            failed:
              description: Devices that could not be upgraded.
              type: int
              returned: always
            unknown:
              description: Devices with a status that this version of the collection does not know.
              type: int
              returned: always
        success_percent:
          description: The percentage of devices that succeeded, rounded down. Null if there is no device.
          type: float
          returned: always
        failure_percent:
          description: The percentage of devices that failed or were rejected, rounded down. Null if there is no device.
          type: float
          returned: always
        top_reasons:
          description: The ten most frequent reasons why devices were not upgraded.
          type: list
          elements: dict
          returned: always
          contains:
            state:
              description: The state of these devices, as in C(by_state).
              type: str
              returned: always
            status:
              description: The status exactly as the service sent it. Null if it sent none.
              type: str
              returned: always
            reason:
              description: The reason that the service sent. Null if it sent none.
              type: str
              returned: always
            count:
              description: The number of devices.
              type: int
              returned: always
    devices:
      description:
        - The devices of the device report. Null unless O(devices=failed) or O(devices=all).
      type: list
      elements: dict
      returned: always
      contains:
        device_id:
          description: The ID of the device, an IMEI with its leading zeros. Null if the service did not send it.
          type: str
          returned: always
        state:
          description: The state of the device, as in C(by_state).
          type: str
          returned: always
        status:
          description: The status exactly as the service sent it. Null if it sent none.
          type: str
          returned: always
        reason:
          description: The reason that the service sent. Null if it sent none.
          type: str
          returned: always
    extra:
      description:
        - Other fields of the campaign, with the names that the service uses, and values that do not have the documented
          type.
      type: dict
      returned: always
campaign:
  description: The only element of RV(campaigns). Null if the campaign could not be read.
  returned: when O(campaign_id) names a single campaign, except when an option is invalid
  type: dict
reason:
  description:
    - Why the task ended, in one word. With O(wait=true) V(reached), V(past_target) (passed every target state),
      V(not_reachable), V(too_many_failures), V(unknown_state), V(timed_out), V(too_many_errors),
      V(interrupted) (by the task's C(timeout)).
    - For a failed request V(connection_failed), V(tls_failed), V(service_trouble), V(bad_answer), V(wrong_address),
      V(proxy_refused), V(login_refused), V(access_refused), V(request_refused), V(not_found).
    - V(device_not_upgraded) if the campaigns have reached their target state, and the device in O(device_id) was not
      upgraded.
    - V(invalid_option) for an invalid option, V(library_missing) for a missing Python library, V(run_folder_unusable)
      if the tasks of a run cannot share their login history.
    - V(unexpected_error) for a fault of the collection or of the controller, such as a lack of memory.
  returned: with O(wait=true), and on failure
  type: str
  sample: reached
device:
  description: What the device reports say about the device in O(device_id). Null without that option.
  returned: always, except when an option is invalid
  type: dict
  sample:
    campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
    device_id: "990003425730535"
    reason: DownloadInstallSucceeded
    state: succeeded
    status: UpgradeSuccess
  contains:
    device_id:
      description: The ID from O(device_id).
      type: str
      returned: always
    state:
      description: The state of the device, as in C(by_state), or V(not_listed) if no device report that was read lists
        it.
      type: str
      returned: always
    status:
      description: The status exactly as the service sent it. Null if there is none.
      type: str
      returned: always
    reason:
      description: The reason that the service sent. Null if it sent none.
      type: str
      returned: always
    campaign_id:
      description: The campaign whose device report lists the device. If several do, the one with the worst result. Null
        if none does.
      type: str
      returned: always
decision:
  description:
    - The decision for the host. V(continue), V(fail) or V(skip).
  returned: with O(wait=true) and O(options_from)
  type: str
  sample: continue
can_be_held:
  description: Whether the conditions of the task let the host run the next task of the role.
  returned: with O(wait=true) and O(options_from)
  type: bool
  sample: true
message:
  description: Why the wait ended, in one sentence. If the wait failed, it equals C(msg).
  returned: with O(wait=true)
  type: str
  sample: "Campaign Upgrade (60b5d639-ccdc-4db8-8824-069bd94c95bf) has reached ended: it is ended [CampaignEnded]."
reached:
  description: Whether enough campaigns have reached a target state, as set in O(wait_match).
  returned: with O(wait=true)
  type: bool
  sample: true
timed_out:
  description: Whether the timeout was over before the target state was reached.
  returned: with O(wait=true)
  type: bool
  sample: false
elapsed:
  description: The duration of the wait in seconds.
  returned: with O(wait=true)
  type: float
  sample: 4211.037
polls:
  description: The number of polls of all campaigns.
  returned: with O(wait=true)
  type: int
  sample: 14
errors:
  description: The number of polls that failed.
  returned: with O(wait=true)
  type: int
  sample: 0
last_errors:
  description: The last five failed polls.
  returned: with O(wait=true)
  type: list
  elements: dict
  sample: []
  contains:
    campaign_id:
      description: The campaign that was polled.
      type: str
      returned: always
    at:
      description: The time of the poll, in UTC by the clock of the service.
      type: str
      returned: always
    message:
      description: What went wrong, in one sentence.
      type: str
      returned: always
requests:
  description: The number of requests that were sent, including logins.
  returned: always, except when an option is invalid
  type: int
  sample: 16
logins:
  description: The number of logins that were sent, of both kinds.
  returned: always, except when an option is invalid
  type: int
  sample: 2
deadline:
  description: The deadline of the wait, in UTC by the clock of the service.
  returned: with O(wait=true)
  type: str
  sample: "2026-03-02T12:00:00Z"
next_poll_at:
  description: When the next poll would be due, in UTC by the clock of the service. Null if no poll is due.
  returned: with O(wait=true)
  type: str
  sample: "2026-03-01T13:00:00Z"
history:
  description:
    - The states of each campaign during the wait, in order. If a campaign has had more than a hundred, some in the
      middle are left out.
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
      description: The campaign.
      type: str
      returned: always
    state:
      description: The state, as in RV(campaigns[].state).
      type: str
      returned: always
    status:
      description: The status exactly as the service sent it. Null if it sent none.
      type: str
      returned: always
    first_seen:
      description: When a poll first returned this state, in UTC by the clock of the service.
      type: str
      returned: always
    last_seen:
      description: When a poll last returned this state, in UTC by the clock of the service.
      type: str
      returned: always
    polls:
      description: The number of consecutive polls that returned this state.
      type: int
      returned: always
waits:
  description: The result of the wait for each campaign.
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
      description: The ID of the campaign.
      type: str
      returned: always
    state:
      description: The last known state, as in RV(campaigns[].state). Null if the campaign was never read.
      type: str
      returned: always
    verdict:
      description:
        - What the state means for the wait. V(reached), V(past_target), V(waiting), V(not_reachable),
          V(too_many_failures), V(unknown_state), or V(given_up) if an error ended the wait for this campaign.
      type: str
      returned: always
    overdue:
      description: Whether the campaign is still not over a day after its end day.
      type: bool
      returned: always
    polls:
      description: The number of polls of this campaign.
      type: int
      returned: always
    errors:
      description: The number of polls that failed.
      type: int
      returned: always
    next_poll_at:
      description: When the next poll would be due, in UTC by the clock of the service. Null if no poll is due.
      type: str
      returned: always
    history:
      description: The states of the campaign during the wait, in order.
      type: list
      elements: dict
      returned: always
      contains:
        campaign_id:
          description: The campaign.
          type: str
          returned: always
        state:
          description: The state, as in RV(campaigns[].state).
          type: str
          returned: always
        status:
          description: The status exactly as the service sent it. Null if it sent none.
          type: str
          returned: always
        first_seen:
          description: When a poll first returned this state, in UTC by the clock of the service.
          type: str
          returned: always
        last_seen:
          description: When a poll last returned this state, in UTC by the clock of the service.
          type: str
          returned: always
        polls:
          description: The number of consecutive polls that returned this state.
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
    """Run as a module, on a host other than the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(MODULE_OPTIONS), supports_check_mode=True)
    try:
        result = run(module.params, Runtime(reporter=ModuleWarnings(module)), Secrets())
    except ThingSpaceError as error:
        module.fail_json(msg=error.message, **error.facts)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
