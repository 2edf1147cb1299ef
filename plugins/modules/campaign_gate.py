#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: campaign_gate
short_description: The steps of the role campaign_wait that all its hosts share
version_added: 0.2.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - A part of the role P(fleetops.thingspace.campaign_wait#role), which is what you want to use.
  - It decides nothing. What it learns it keeps for the other tasks of the run, where
    M(fleetops.thingspace.campaign_info) finds it.
  - It runs in Ansible's own process on the controller and uses no connection.
options:
  step:
    description:
      - V(guard) fails if C(run_once) around the role would keep hosts from it.
      - V(note) checks the options of the host, and notes what it waits for.
      - V(wait) waits in one process for all that was noted. It never fails.
      - V(summary) prints how the campaigns ended, and which hosts do not continue.
    type: str
    choices: [guard, note, wait, summary]
    required: true
  options_from:
    description: As in M(fleetops.thingspace.campaign_info).
    type: str
    default: campaign_wait_
extends_documentation_fragment:
  - fleetops.thingspace.gate_attributes
seealso:
  - module: fleetops.thingspace.campaign_info
"""

EXAMPLES = r"""
- name: Wait in one process for all that was noted, as the role does
  fleetops.thingspace.campaign_gate:
    step: wait
  run_once: true
"""

RETURN = r"""
reason:
  description: Why the step failed, in one word. The same words as those of M(fleetops.thingspace.campaign_info).
  returned: on failure
  type: str
  sample: invalid_option
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import GATE_OPTIONS, argument_spec


def main() -> None:
    """Only reached where no action plugin runs, as on a host in the background."""
    module = AnsibleModule(argument_spec=argument_spec(GATE_OPTIONS), supports_check_mode=True)
    module.fail_json(msg="campaign_gate runs on the controller only: use the role campaign_wait, without async.")


if __name__ == "__main__":
    main()
