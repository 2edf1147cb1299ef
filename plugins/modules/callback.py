#!/usr/bin/python

# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: callback
short_description: Register the address to which ThingSpace sends callbacks
version_added: 0.3.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Registers, changes or deletes the address to which Verizon ThingSpace sends a message (a I(callback)) when the
    status of a campaign changes. An account has one such address for each version of the interface.
  - It reads what is registered, changes it if need be, and reads it back. A change that cannot be read back is a
    failure.
  - Callbacks carry no signature. Put a long secret into the path of O(url), and let your listener compare it. The path
    is never shown.
options:
  account_name:
    description:
      - The account whose campaigns the callbacks are about. Required.
      - Put it in quotes. YAML reads an unquoted name as a number and drops its leading zeros, so a number is refused.
      - Can also be set with the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  api_version:
    description:
      - The version of the software management interface whose campaigns the callbacks are about.
    type: str
    choices: [v1, v2, v3]
    default: v2
  state:
    description:
      - With V(present), O(url) is registered, in place of any other address. With V(absent), no address is.
    type: str
    choices: [present, absent]
    default: present
  url:
    description:
      - The address of your listener. Required with O(state=present).
      - ThingSpace asks for V(https) with a certificate of a public authority. V(http) is refused with O(api_version=v2)
        and O(api_version=v3), unless it is for the host itself, as in tests.
      - It is a secret. Results and diff show its scheme, host and port.
    type: raw
  callback_username:
    description:
      - The user that ThingSpace puts into the body of each callback. Needs O(callback_password), and O(api_version=v1).
      - Without it none is registered, and one that was registered before is removed.
    type: raw
  callback_password:
    description:
      - The password that belongs to O(callback_username).
    type: raw
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
  - fleetops.thingspace.callback_attributes
notes:
  - The registration is sent once. If its answer is lost, the task reads back what is registered and tells it.
seealso:
  - module: fleetops.thingspace.callback_info
  - name: ThingSpace software management
    description: The service's own description of callbacks.
    link: https://thingspace.verizon.com/documentation/apis/software-management.html
"""

EXAMPLES = r"""
# The credentials come from THINGSPACE_API_KEY, THINGSPACE_API_SECRET, THINGSPACE_USERNAME and THINGSPACE_PASSWORD.
- name: Let ThingSpace tell the listener about changes
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"

- name: Do the same for campaigns of version 1, with a user and a password in the body
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    api_version: v1
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"
    callback_username: "{{ callback_user }}"
    callback_password: "{{ callback_word }}"

- name: See whether the listener is still registered, without a change
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    url: "https://callbacks.example.com:9001/{{ callback_secret }}"
  check_mode: true
  diff: true
  register: listener

- name: Let ThingSpace send no callbacks
  fleetops.thingspace.callback:
    account_name: "0402196254-00001"
    state: absent
"""

RETURN = r"""
callback:
  description:
    - What is registered after the task, or would be without check mode.
  returned: when what is registered was read
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
differences:
  description:
    - In what the registration differed from what was asked for. V(url), V(credentials), both, or nothing.
  returned: when what is registered was read
  type: list
  elements: str
  sample: [url]
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
    - Why the task failed, in one word. With V(not_confirmed), a change was sent and could
      not be confirmed by reading it back.
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
    """Run as a module, on a host that is not the controller or in the background."""
    module = AnsibleModule(argument_spec=argument_spec(CALLBACK_OPTIONS), supports_check_mode=True)
    mode = Mode(check=module.check_mode, diff=module._diff)
    result = run_callback(module.params, mode, Runtime(reporter=ModuleWarnings(module)), Secrets())
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
