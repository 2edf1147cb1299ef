# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of everything that talks to ThingSpace: where it is, and who asks."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors AUTH_OPTIONS and CONNECTION_OPTIONS of plugins/module_utils/_arguments.py."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The base URL of the ThingSpace API.
      - You can also set the environment variable E(THINGSPACE_API_URL).
    type: str
    default: https://thingspace.verizon.com/api
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
      - A wait for many campaigns with O(api_version=v2) finds unchanged campaigns in the status list, which lists all
        campaigns of one status. This takes far fewer requests.
    type: int
    default: 8
  api_key:
    description:
      - The API key of your application. ThingSpace shows it under I(Key Management). Requires O(api_secret).
      - The module uses both to request an OAuth access token, and requests a new one when the token expires after an
        hour.
      - You can also set the environment variable E(THINGSPACE_API_KEY).
    type: raw
  api_secret:
    description:
      - The API secret for O(api_key).
      - You can also set the environment variable E(THINGSPACE_API_SECRET).
    type: raw
  username:
    description:
      - The name of the UWS user who logs in. Requires O(password).
      - The service locks a user after five refused logins. A refused login is therefore never repeated in the same run,
        by any task or host.
      - You can also set the environment variable E(THINGSPACE_USERNAME).
    type: raw
  password:
    description:
      - The password for O(username).
      - You can also set the environment variable E(THINGSPACE_PASSWORD).
    type: raw
  access_token:
    description:
      - An existing OAuth access token, instead of O(api_key) and O(api_secret).
      - If you set all three, the token is used until the service refuses it.
      - You can also set the environment variable E(THINGSPACE_ACCESS_TOKEN).
    type: raw
  session_token:
    description:
      - An existing session token (the value of the header C(VZ-M2M-Token)), instead of O(username) and O(password).
      - If you set all three, the token is used until the service refuses it.
      - You can also set the environment variable E(THINGSPACE_SESSION_TOKEN).
    type: raw
requirements:
  - requests >= 2.28 on the host that sends the requests
notes:
  - An empty environment variable counts as not set.
  - You can set the environment variables for the controller, or with the keyword C(environment) of the task, block or
    play.
  - Redirects are never followed. Proxies come from the environment variables E(https_proxy) and E(no_proxy).
    C(~/.netrc) is not read.
"""
