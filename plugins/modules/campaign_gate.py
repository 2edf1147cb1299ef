#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: campaign_gate
short_description: The work of the role campaign_wait, for all hosts of a play at once
version_added: 0.2.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - A part of the role P(fleetops.thingspace.campaign_wait#role), which is what you want to use.
  - It reads the variables of that role as each host of the batch has them, waits once for all their campaigns, and
    decides for each host whether it goes on. It runs in Ansible's own process on the controller and uses no connection.
options:
  step:
    description:
      - With V(wait) it waits and decides. With V(stop) it fails the host if the decision is that it must not go on.
    type: str
    choices: [wait, stop]
    default: wait
  look_once:
    description:
      - Look once and do not wait. Every host goes on whose campaigns could be read.
    type: bool
    default: false
extends_documentation_fragment:
  - fleetops.thingspace.gate_attributes
seealso:
  - module: fleetops.thingspace.campaign_info
"""

EXAMPLES = r"""
- name: Wait for the campaigns of all hosts, as the role does
  fleetops.thingspace.campaign_gate:
  run_once: true
  register: campaign_wait_gate
"""

RETURN = r"""
message:
  description: How many hosts go on.
  returned: always
  type: str
  sample: 970 of 1000 hosts go on, 30 fail.
passing:
  description: The names of the hosts that go on, in a text, each between line breaks.
  returned: always
  type: str
  sample: "\ntracker-01\ntracker-02\n"
held:
  description: The hosts that do not go on, each with V(fail) or V(skip).
  returned: always
  type: dict
  sample:
    tracker-07: fail
goals:
  description:
    - What the wait came to, in the form of M(fleetops.thingspace.campaign_info), once for each set of campaigns that
      hosts have in common.
  returned: always
  type: list
  elements: dict
  sample: []
hosts:
  description:
    - Each host's C(goal), an index of RV(goals), C(device), what the device report says of its device, and C(decision).
      C(reason) and C(message) are there if they are not those of the goal.
  returned: always
  type: dict
  sample:
    tracker-01:
      decision: go
      device:
        campaign_id: 60b5d639-ccdc-4db8-8824-069bd94c95bf
        device_id: "990003425730535"
        reason: DownloadInstallSucceeded
        state: succeeded
        status: UpgradeSuccess
      goal: 0
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import GATE_OPTIONS, argument_spec


def main() -> None:
    """Only reached where no action plugin runs, as on a host in the background."""
    module = AnsibleModule(argument_spec=argument_spec(GATE_OPTIONS), supports_check_mode=True)
    module.fail_json(msg="campaign_gate runs on the controller only: use the role campaign_wait, without async.")


if __name__ == "__main__":
    main()
