# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: a hint for each callback of ThingSpace."""

from __future__ import annotations

import asyncio
import datetime
import pathlib
import runpy
import typing as t
from collections import OrderedDict

_PLUGINS = pathlib.Path(__file__).absolute().parents[1]
runpy.run_path(str(_PLUGINS / "plugin_utils" / "collection_path.py"))["find"](__file__)

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.callback_server import CallbackServer
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint, hint_event
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import listener_settings_of

DOCUMENTATION = r"""
short_description: Listen for callbacks of ThingSpace
description:
  - Verizon ThingSpace sends a request (a I(callback)) to a registered URL when the status of a campaign changes. This
    event source listens for callbacks. Register its URL with the module M(fleetops.thingspace.callback).
  - Callbacks have no signature. Therefore, each callback is only a hint that a campaign may have changed, and its
    event contains no status. Do not launch anything because of it. Use M(fleetops.thingspace.campaign_info) or the
    event source C(fleetops.thingspace.campaign) to poll the campaign. That event source can also run this listener,
    with its option C(callback_listener).
options:
  host:
    description:
      - The address to listen on. V(0.0.0.0) listens on all addresses.
    type: str
    default: 127.0.0.1
  port:
    description:
      - The port to listen on, from V(1) to V(65535).
    type: int
    required: true
  path:
    description:
      - The path of the registered URL, with a secret of 16 characters or more. Requests to any other path get HTTP
        404. Required.
      - You can also set the environment variable E(THINGSPACE_CALLBACK_PATH).
    type: raw
  callback_username:
    description:
      - The user name that must be in the body of each callback. Only callbacks of version 1 contain one. Requires
        O(callback_password).
      - You can also set the environment variable E(THINGSPACE_CALLBACK_USERNAME).
    type: raw
  callback_password:
    description:
      - The password for O(callback_username).
      - You can also set the environment variable E(THINGSPACE_CALLBACK_PASSWORD).
    type: raw
  certfile:
    description:
      - A file with the certificate of this listener and its chain (PEM). Required unless O(host) is a loopback
        address, or O(trusted_proxies) contains a proxy that terminates TLS.
      - ThingSpace accepts only certificates of a public certificate authority.
    type: path
  keyfile:
    description:
      - A file with the private key of the certificate (PEM, not encrypted). If it is not set, O(certfile) must
        contain the key.
    type: path
  allowed_addresses:
    description:
      - The addresses and networks from which to accept callbacks. All others get HTTP 403.
      - The default is the list in ThingSpace's documentation.
    type: list
    elements: str
    default:
      - 3.87.163.45
      - 3.91.119.203
      - 54.197.62.209
      - 54.200.43.232
      - 34.216.81.234
      - 137.117.33.109
      - 168.62.173.153
      - 68.128.212.217
  trusted_proxies:
    description:
      - The addresses and networks of your own proxies. The listener trusts the header C(X-Forwarded-For) only from
        these addresses. It refuses a request of a proxy that does not name its client.
    type: list
    elements: str
    default: []
  max_body_bytes:
    description:
      - The maximum size of a callback in bytes. A larger callback gets HTTP 413.
    type: int
    default: 65536
  max_per_minute:
    description:
      - How many requests one address can send in a minute. Further requests get HTTP 429.
    type: int
    default: 120
  request_timeout:
    description:
      - The timeout of a request, in seconds or with a unit such as V(1m). A slower request gets HTTP 408, or its
        connection is closed.
    type: str
    default: "10"
"""

EXAMPLES = r"""
- name: Log the hints of ThingSpace
  hosts: localhost
  sources:
    - fleetops.thingspace.callback:
        host: 0.0.0.0
        port: 9001
        path: "{{ callback_path }}"
        certfile: /etc/pki/callbacks/fullchain.pem
        keyfile: /etc/pki/callbacks/privkey.pem
  rules:
    - name: Print the hint
      condition: event.type == "hint"
      action:
        print_event:
"""

# The maximum number of different hints that wait for the rulebook. Equal hints count once.
_MAX_HINTS: t.Final = 1000


class CallbackSourceError(Exception):
    """The source cannot listen. The message is one sentence without secrets."""


class Queue(t.Protocol):
    """The queue of ansible-rulebook for events."""

    async def put(self, data: t.Any) -> None:
        """Add one event."""


class _HintQueue:
    """Queue of different hints with a maximum length. It keeps the first of equal hints."""

    def __init__(self) -> None:
        self._hints: OrderedDict[Hint, datetime.datetime] = OrderedDict()
        self._is_not_empty = asyncio.Event()

    def add(self, hint: Hint) -> None:
        """Add a hint, unless the queue is full. Never blocks."""
        if hint not in self._hints and len(self._hints) < _MAX_HINTS:
            self._hints[hint] = datetime.datetime.now(datetime.timezone.utc)
        self._is_not_empty.set()

    async def next(self) -> dict[str, t.Any]:
        """Wait for a hint, and return the event of the oldest one."""
        await self._is_not_empty.wait()
        hint, at = self._hints.popitem(last=False)
        if not self._hints:
            self._is_not_empty.clear()
        return hint_event(hint, at)


async def main(queue: Queue, args: dict[str, t.Any]) -> None:
    """Put a hint into the queue for each callback, until the task is cancelled. Raises CallbackSourceError."""
    try:
        hints = _HintQueue()
        server = CallbackServer(listener_settings_of(args), hints.add)
        await server.start()
    except Exception as error:
        raise CallbackSourceError(expected(error).message) from None
    try:
        try:
            while True:
                await queue.put(await hints.next())
        finally:
            await server.stop()
    except Exception as error:
        # For example, of a filter. ansible-rulebook logs what a source raises, whatever it contains.
        raise CallbackSourceError(expected(error).message) from None
