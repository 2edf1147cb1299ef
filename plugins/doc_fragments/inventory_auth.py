# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of inventory plugins: where ThingSpace is, and who asks. Ansible itself reads the environment variables."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors AUTH_OPTIONS and CONNECTION_OPTIONS of plugins/module_utils/_arguments.py."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The base URL of the ThingSpace API.
    type: str
    default: https://thingspace.verizon.com/api
    env:
      - name: THINGSPACE_API_URL
  request_timeout:
    description:
      - The timeout of a single request, in seconds or with a unit such as V(1m).
      - It limits the connection, the wait for the response, and the transfer of the response.
    type: str
    default: "30"
  validate_certs:
    description:
      - Whether to validate the TLS certificate of the server. Set this to V(false) only in tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of trusted certificate authorities, or a directory of such files that C(openssl
        rehash) has prepared.
      - The default is the environment variable E(REQUESTS_CA_BUNDLE). If that is not set either, it is the certificates
        of the Python library C(requests).
    type: path
  max_concurrency:
    description:
      - How many campaigns to poll in parallel, from V(1) to V(64).
    type: int
    default: 8
  api_key:
    description:
      - The API key of your application. ThingSpace shows it under I(Key Management). Requires O(api_secret).
    type: raw
    env:
      - name: THINGSPACE_API_KEY
  api_secret:
    description:
      - The API secret for O(api_key).
    type: raw
    env:
      - name: THINGSPACE_API_SECRET
  username:
    description:
      - The name of the UWS user who logs in. Requires O(password).
      - The service locks a user after five refused logins. A refused login is therefore never repeated in the same run,
        even if there are several inventory files.
    type: raw
    env:
      - name: THINGSPACE_USERNAME
  password:
    description:
      - The password for O(username).
    type: raw
    env:
      - name: THINGSPACE_PASSWORD
  access_token:
    description:
      - An existing OAuth access token, instead of O(api_key) and O(api_secret).
      - If you set all three, the token is used until the service refuses it.
    type: raw
    env:
      - name: THINGSPACE_ACCESS_TOKEN
  session_token:
    description:
      - An existing session token (the value of the header C(VZ-M2M-Token)), instead of O(username) and O(password).
      - If you set all three, the token is used until the service refuses it.
    type: raw
    env:
      - name: THINGSPACE_SESSION_TOKEN
requirements:
  - requests >= 2.28 on the controller
notes:
  - An empty environment variable counts as not set.
  - Redirects are never followed. Proxies come from the environment variables E(https_proxy) and E(no_proxy).
    C(~/.netrc) is not read.
"""
