# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event filter of ansible-rulebook: a callback of ThingSpace from an event stream becomes a hint, and starts a poll."""

from __future__ import annotations

import datetime
import pathlib
import runpy
import typing as t
from collections.abc import Mapping

_PLUGINS = pathlib.Path(__file__).absolute().parents[1]
runpy.run_path(str(_PLUGINS / "plugin_utils" / "collection_path.py"))["find"](__file__)

from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import (
    SOURCE,
    Hint,
    hint_event,
    hint_in,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.running import RUNNING

DOCUMENTATION = r"""
short_description: Turn callbacks of ThingSpace from an event stream into hints
description:
  - An event stream of Event-Driven Ansible hands over the body of a callback as it has arrived, below C(event.payload).
    This filter makes of it the event of the source C(fleetops.thingspace.callback), of the type V(hint). So a rulebook
    is the same with a listener and with an event stream in its place.
  - Every source C(fleetops.thingspace.campaign) of the same rulebook then polls what the callback names, at most once a
    minute because of callbacks.
  - All else of the event is left out, with the headers of the request, the user and the password in the body, and the
    status that it claims. Events of C(fleetops.thingspace.callback) stay as they are.
options: {}
"""

EXAMPLES = r"""
- name: Poll as soon as a callback arrives
  hosts: localhost
  sources:
    - name: callbacks
      fleetops.thingspace.callback:
        port: 9001
      filters:
        - fleetops.thingspace.callback_hint:
    - name: campaigns
      fleetops.thingspace.campaign:
        account_name: "0402196254-00001"
        campaign_state: [scheduled]
  rules:
    - name: A campaign has a new state
      condition: event.type == "changed"
      action:
        print_event:
"""


def main(event: dict[str, t.Any]) -> dict[str, t.Any]:
    """The event of a hint. Never blocks, and never fails, whatever the event is."""
    told = _of_the_listener(event)
    hint = hint_in(event.get("payload")) if told is None else told
    RUNNING.poll_now(hint.campaign_id)
    return event if told is not None else hint_event(hint, datetime.datetime.now(datetime.timezone.utc))


def _of_the_listener(event: Mapping[str, t.Any]) -> Hint | None:
    """The hint in an event of the listener, None for all others. What a sender can write is all below "payload"."""
    meta, campaign = event.get("meta"), event.get("campaign")
    source = meta.get("source") if isinstance(meta, Mapping) else None
    if not isinstance(source, Mapping) or source.get("type") != SOURCE or not isinstance(campaign, Mapping):
        return None
    return Hint(campaign.get("id"), campaign.get("account_name"), event.get("callback_type"))
