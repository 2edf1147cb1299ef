# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: callbacks of ThingSpace, each as a hint that a campaign may be worth a poll."""

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
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint, hint_event
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import listener_settings_of

DOCUMENTATION = r"""
short_description: Listen for callbacks of ThingSpace, each of which is a hint
description:
  - Verizon ThingSpace posts a message (a I(callback)) to a registered address when the status of a campaign changes.
    This event source listens for them. Register its address with the module M(fleetops.thingspace.callback).
  - Callbacks carry no signature. So each one is only a hint that a campaign may be worth a poll, and its event has no
    status. Never launch anything because of it. Let M(fleetops.thingspace.campaign_info) or the event source
    C(fleetops.thingspace.campaign) ask the service, which can embed this listener with its option C(callback_listener).
options:
  host:
    description:
      - The address on which it listens. V(0.0.0.0) is all of them.
    type: str
    default: 127.0.0.1
  port:
    description:
      - The port on which it listens, from V(1) to V(65535).
    type: int
    required: true
  path:
    description:
      - The path of the registered address, with a secret of 16 characters or more. Callbacks to any other path are
        answered with 404. Required.
      - Can also be set with the environment variable E(THINGSPACE_CALLBACK_PATH).
    type: raw
  callback_username:
    description:
      - The user that must be in the body of each callback. Only those of version 1 have one. Needs
        O(callback_password).
      - Can also be set with the environment variable E(THINGSPACE_CALLBACK_USERNAME).
    type: raw
  callback_password:
    description:
      - The password that belongs to O(callback_username).
      - Can also be set with the environment variable E(THINGSPACE_CALLBACK_PASSWORD).
    type: raw
  certfile:
    description:
      - A file with the certificate of this listener and its chain (PEM). Required, unless O(host) is a loopback address
        or O(trusted_proxies) names a proxy that ends TLS.
      - ThingSpace refuses certificates that are not from a public authority.
    type: path
  keyfile:
    description:
      - A file with the key of the certificate (PEM, not encrypted). Without it, O(certfile) has the key as well.
    type: path
  allowed_addresses:
    description:
      - Addresses and networks from which callbacks are taken. All others get 403.
      - The default are those that ThingSpace's documentation asks to let in.
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
      - Addresses and networks of your own proxies. From these, and from nobody else, the header C(X-Forwarded-For) is
        believed. A request of a proxy that does not name its client is refused.
    type: list
    elements: str
    default: []
  max_body_bytes:
    description:
      - How large a callback may be. Larger ones get 413.
    type: int
    default: 65536
  max_per_minute:
    description:
      - How many callbacks one address may send in a minute. More get 429.
    type: int
    default: 120
  request_timeout:
    description:
      - How long a callback may take, in seconds or with a unit. Slower ones get 408, or are cut off.
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
    - name: A hint is something to look into, and nothing to act upon
      condition: event.type == "hint"
      action:
        print_event:
"""

# So many different hints may wait for the rulebook; what is repeated meanwhile is the same hint.
_MOST_WAITING: t.Final = 1000


class CallbackSourceError(Exception):
    """It cannot listen; the message is one sentence, free of secrets."""


class Queue(t.Protocol):
    """Where events go."""

    async def put(self, data: t.Any) -> None:
        """Take one event."""


class _Waiting:
    """Hints that have not been handed over; of equal ones the first. A flood makes it no longer than its limit."""

    def __init__(self) -> None:
        self._hints: OrderedDict[Hint, datetime.datetime] = OrderedDict()
        self._has_some = asyncio.Event()

    def add(self, hint: Hint) -> None:
        """Never blocks."""
        if hint not in self._hints and len(self._hints) < _MOST_WAITING:
            self._hints[hint] = datetime.datetime.now(datetime.timezone.utc)
        self._has_some.set()

    async def next(self) -> dict[str, t.Any]:
        """The event of the oldest."""
        await self._has_some.wait()
        hint, at = self._hints.popitem(last=False)
        if not self._hints:
            self._has_some.clear()
        return hint_event(hint, at)


async def main(queue: Queue, args: dict[str, t.Any]) -> None:
    """Put a hint into the queue for each callback, until it is cancelled. Raises CallbackSourceError."""
    waiting = _Waiting()
    try:
        server = CallbackServer(listener_settings_of(args), waiting.add)
        await server.start()
    except ThingSpaceError as error:
        raise CallbackSourceError(error.message) from None
    try:
        while True:
            await queue.put(await waiting.next())
    finally:
        await server.stop()
