#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: callback_info
short_description: Read the URLs to which ThingSpace sends callbacks
version_added: 0.3.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Reads the URLs to which Verizon ThingSpace sends a request (a I(callback)) when the status of a campaign changes. An
    account has one URL for each API version.
  - Returns the scheme, host and port of each URL. The path can be a secret. To compare a whole URL, use
    M(fleetops.thingspace.callback) in check mode.
options:
  account_name:
    description:
      - The account whose URLs to read. Required.
      - Quote the name. YAML can read an unquoted name as a number and drop its leading zeros. A number is therefore
        refused.
      - You can also set the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  api_version:
    description:
      - One or more versions of the software management API.
    type: list
    elements: str
    choices: [v1, v2, v3]
    default: [v1, v2, v3]
  log_in:
    description:
      - Whether the task can log in with O(username) and O(password). With V(false), it requires O(session_token), and
        fails when the service refuses that token.
      - The controller sets this to V(false), and passes tokens, for a task that runs on another host or in the
        background, because only the controller counts the logins of the run.
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

- name: Show the hosts that receive callbacks
  ansible.builtin.debug:
    msg: "{{ listeners.callbacks | selectattr('registered') | map(attribute='url') }}"
"""

RETURN = r"""
callbacks:
  description:
    - One entry for each API version, in the order of O(api_version). A failed task returns the entries that it could
      read.
  returned: always, except with invalid options
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
      description: The API version.
      type: str
      returned: always
    registered:
      description: Whether a URL is registered.
      type: bool
      returned: always
    url:
      description:
        - The scheme, host and port of the URL. Null if none is registered.
        - The path and the query can be secrets, so they are masked.
      type: str
      returned: always
    has_credentials:
      description: Whether a user name or a password for the body of each callback is registered.
      type: bool
      returned: always
requests:
  description: The number of requests, including logins.
  returned: always, except with invalid options
  type: int
logins:
  description: The number of logins.
  returned: always, except with invalid options
  type: int
reason:
  description:
    - Why the task failed, in one word. M(fleetops.thingspace.campaign_info) lists the words.
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
    """Run as a module, on a host other than the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(CALLBACK_INFO_OPTIONS), supports_check_mode=True)
    result = run_callback_info(module.params, Runtime(reporter=ModuleWarnings(module)), Secrets())
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
