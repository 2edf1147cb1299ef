#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: campaign_gate
short_description: Internal steps of the role campaign_wait
version_added: 0.2.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - An internal part of the role P(fleetops.thingspace.campaign_wait#role). Use the role instead.
  - It makes no decision. It stores the results of polls for later tasks of the run, such as
    M(fleetops.thingspace.campaign_info).
  - It runs in the Ansible process on the controller and uses no connection.
options:
  step:
    description:
      - V(guard) fails if C(run_once) around the role would exclude hosts.
      - V(note) validates the options of the host, and records which campaigns it waits for.
      - V(wait) waits for all recorded campaigns in one process. It never fails.
      - V(summary) prints the result of each campaign, and the hosts that do not continue. It also writes the reports.
      - V(report) writes the reports in C(campaign_wait_report) of the hosts if their content has changed. If it cannot
        write a report, it warns.
    type: str
    choices: [guard, note, wait, summary, report]
    required: true
  options_from:
    description: The prefix of the variables of the role, as in M(fleetops.thingspace.campaign_info).
    type: str
    default: campaign_wait_
extends_documentation_fragment:
  - fleetops.thingspace.gate_attributes
seealso:
  - module: fleetops.thingspace.campaign_info
"""

EXAMPLES = r"""
- name: Wait for all campaigns in one process, as the role does
  fleetops.thingspace.campaign_gate:
    step: wait
  run_once: true
"""

RETURN = r"""
reason:
  description: Why the step failed, in one word. M(fleetops.thingspace.campaign_info) lists the words.
  returned: on failure
  type: str
  sample: invalid_option
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import GATE_OPTIONS, argument_spec


def main() -> None:
    """Fail, because this only runs without the action plugin, for example with async."""
    module = AnsibleModule(argument_spec=argument_spec(GATE_OPTIONS), supports_check_mode=True)
    module.fail_json(msg="campaign_gate runs only on the controller. Use the role campaign_wait without async.")


if __name__ == "__main__":
    main()
