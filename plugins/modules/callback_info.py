#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: callback_info
short_description: Read the addresses to which ThingSpace sends callbacks
version_added: 0.3.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Reads the addresses to which Verizon ThingSpace sends a message (a I(callback)) when the status of a campaign
    changes. An account has one such address for each version of the interface.
  - It shows scheme, host and port of each address. The rest may be a secret. To compare a whole address, use
    M(fleetops.thingspace.callback) in check mode.
options:
  account_name:
    description:
      - The account whose addresses are read. Required.
      - Put it in quotes. YAML reads an unquoted name as a number and drops its leading zeros, so a number is refused.
      - Can also be set with the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  api_version:
    description:
      - The versions of the software management interface, one or several.
    type: list
    elements: str
    choices: [v1, v2, v3]
    default: [v1, v2, v3]
  log_in:
    description:
      - Whether the task may log in with O(username) and O(password). With V(false) it needs O(session_token), and fails
        when that is refused.
      - A task that runs on another host or in the background is given V(false) and tokens by the controller, which
        counts the logins of the whole run.
    type: bool
    default: true
extends_documentation_fragment:
  - fleetops.thingspace.auth
  - fleetops.thingspace.attributes
seealso:
  - module: fleetops.thingspace.callback
"""

EXAMPLES = r"""
# The credentials come from THINGSPACE_API_KEY, THINGSPACE_API_SECRET, THINGSPACE_USERNAME and THINGSPACE_PASSWORD.
- name: Read what is registered
  fleetops.thingspace.callback_info:
    account_name: "0402196254-00001"
  register: listeners

- name: Show the hosts that get callbacks
  ansible.builtin.debug:
    msg: "{{ listeners.callbacks | selectattr('registered') | map(attribute='url') }}"
"""

RETURN = r"""
callbacks:
  description:
    - One entry for each version, in the order of O(api_version). A failed task returns those that it could read.
  returned: always, unless the options were refused
  type: list
  elements: dict
  sample:
    - account_name: "0402196254-00001"
      api_version: v2
      has_credentials: false
      registered: true
      url: https://callbacks.example.com:9001/********
  contains:
    account_name:
      description: The account.
      type: str
      returned: always
    api_version:
      description: The version of the interface.
      type: str
      returned: always
    registered:
      description: Whether an address is registered.
      type: bool
      returned: always
    url:
      description:
        - Scheme, host and port of the address; null if none is registered.
        - Its path and its query may be secrets, and are masked.
      type: str
      returned: always
    has_credentials:
      description: Whether a user or a password is registered that is sent in the body of each callback.
      type: bool
      returned: always
requests:
  description: How many requests were sent, logins included.
  returned: always, unless the options were refused
  type: int
logins:
  description: How many logins were sent.
  returned: always, unless the options were refused
  type: int
reason:
  description:
    - Why the task failed, in one word. The words are those of M(fleetops.thingspace.campaign_info).
  returned: on failure
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    argument_spec,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import run_callback_info
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._module_warnings import ModuleWarnings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets


def main() -> None:
    """Run as a module, on a host that is not the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(CALLBACK_INFO_OPTIONS), supports_check_mode=True)
    result = run_callback_info(module.params, Runtime(reporter=ModuleWarnings(module)), Secrets())
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
