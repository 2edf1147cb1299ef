#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: callback
short_description: Register the URL to which ThingSpace sends callbacks
version_added: 0.3.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Registers, changes or deletes the URL to which Verizon ThingSpace sends a request (a I(callback)) when the status of
    a campaign changes. An account has one URL for each API version.
  - Reads what is registered, changes it if necessary, and reads it back. The task fails if it cannot confirm the
    change.
  - Callbacks have no signature. Use a long secret as the path of O(url), and let your listener compare it. The module
    never shows the path.
options:
  account_name:
    description:
      - The account whose campaigns cause the callbacks. Required.
      - Quote the name. YAML can read an unquoted name as a number and drop its leading zeros. A number is therefore
        refused.
      - You can also set the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  api_version:
    description:
      - The version of the software management API whose campaigns cause the callbacks.
    type: str
    choices: [v1, v2, v3]
    default: v2
  state:
    description:
      - V(present) registers O(url), and replaces any other URL. V(absent) deletes the registered URL.
    type: str
    choices: [present, absent]
    default: present
  url:
    description:
      - The URL of your listener. Required with O(state=present).
      - ThingSpace requires V(https) with a certificate of a public certificate authority. The module refuses V(http)
        with O(api_version=v2) and O(api_version=v3), except for a loopback address, as in tests.
      - The URL is a secret. Results and diff contain only its scheme, host and port.
    type: raw
  callback_username:
    description:
      - The user name that ThingSpace puts into the body of each callback. Requires O(callback_password) and
        O(api_version=v1).
      - If you do not set this option, the module removes a registered user name.
    type: raw
  callback_password:
    description:
      - The password for O(callback_username).
    type: raw
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
  - fleetops.thingspace.callback_attributes
notes:
  - The module sends a registration only once. If the response is lost, it reads back what is registered.
seealso:
  - module: fleetops.thingspace.callback_info
  - name: ThingSpace software management
    description: The documentation of callbacks by Verizon.
    link: https://thingspace.verizon.com/documentation/apis/software-management.html
"""

EXAMPLES = r"""
# The credentials come from THINGSPACE_API_KEY, THINGSPACE_API_SECRET, THINGSPACE_USERNAME and THINGSPACE_PASSWORD.
- name: Register the listener
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"

- name: Register the listener for API version 1, with a user name and a password in the body
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    api_version: v1
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"
    callback_username: "{{ callback_user }}"
    callback_password: "{{ callback_word }}"

- name: Check whether the listener is still registered, without a change
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"
  check_mode: true
  diff: true
  register: listener

- name: Stop callbacks
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    state: absent
"""

RETURN = r"""
callback:
  description:
    - What is registered after the task. In check mode, what would be registered.
  returned: when the module could read what is registered
  type: dict
  sample:
    account_name: "0402196254-00001"
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
differences:
  description:
    - What differed from your options before the task, V(url), V(credentials), both, or nothing.
  returned: when the module could read what is registered
  type: list
  elements: str
  sample: [url]
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
    - Why the task failed, in one word. With V(not_confirmed), the module has sent a change, but could not confirm it.
  returned: on failure
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CALLBACK_OPTIONS, argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode, run_callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._module_warnings import ModuleWarnings
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets


def main() -> None:
    """Run as a module, on a host other than the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(CALLBACK_OPTIONS), supports_check_mode=True)
    mode = Mode(check=module.check_mode, diff=module._diff)
    result = run_callback(module.params, mode, Runtime(reporter=ModuleWarnings(module)), Secrets())
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
