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
      - The address below which the service's interfaces stand.
      - Can also be set with the environment variable E(THINGSPACE_API_URL).
    type: str
    default: https://thingspace.verizon.com/api
  request_timeout:
    description:
      - How long a single request may take to connect, to begin its answer, and to finish it, in seconds or with a unit
        such as V(1m).
    type: str
    default: "30"
  validate_certs:
    description:
      - Whether the server's TLS certificate is checked. Set this to V(false) only in tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, or a folder of such files as OpenSSL expects it.
      - Without it the environment variable E(REQUESTS_CA_BUNDLE) decides, then the certificates that come with the
        Python library C(requests).
    type: path
  max_concurrency:
    description:
      - How many campaigns are read at the same time, from V(1) to V(64).
      - When many campaigns of V(v2) are waited for, those that have not changed are found in the list of all
        campaigns of one status, which takes far fewer requests.
    type: int
    default: 8
  api_key:
    description:
      - The key of the application, as shown in ThingSpace under I(Key Management). Needs O(api_secret).
      - With these two the module gets the OAuth access token itself, and renews it when its hour is over.
      - Can also be set with the environment variable E(THINGSPACE_API_KEY).
    type: raw
  api_secret:
    description:
      - The secret that belongs to O(api_key).
      - Can also be set with the environment variable E(THINGSPACE_API_SECRET).
    type: raw
  username:
    description:
      - The name of the UWS user that opens the session. Needs O(password).
      - The service locks a user after five refused logins. A refused login is therefore never tried again, neither
        later in the same task nor by another host of the same run.
      - Can also be set with the environment variable E(THINGSPACE_USERNAME).
    type: raw
  password:
    description:
      - The password that belongs to O(username).
      - Can also be set with the environment variable E(THINGSPACE_PASSWORD).
    type: raw
  access_token:
    description:
      - A ready-made OAuth access token, instead of O(api_key) and O(api_secret).
      - If these are given too, the token is used until the service refuses it.
      - Can also be set with the environment variable E(THINGSPACE_ACCESS_TOKEN).
    type: raw
  session_token:
    description:
      - A ready-made session token, the value of the header C(VZ-M2M-Token), instead of O(username) and O(password).
      - If these are given too, the token is used until the service refuses it.
      - Can also be set with the environment variable E(THINGSPACE_SESSION_TOKEN).
    type: raw
requirements:
  - requests >= 2.28 on the host that sends the requests
notes:
  - An environment variable that is empty counts as not set.
  - The environment variables may be set for the controller, or with the keyword C(environment) of the task, the block
    or the play.
  - Redirects are never followed. Proxies are taken from the environment (E(https_proxy), E(no_proxy)), C(~/.netrc) is
    not used.
"""
