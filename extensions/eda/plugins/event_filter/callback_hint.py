# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event filter for ansible-rulebook: converts a callback of ThingSpace to a hint, and starts a poll."""

from __future__ import annotations

import datetime
import logging
import pathlib
import runpy
import typing as t
from collections.abc import Mapping

_PLUGINS = pathlib.Path(__file__).absolute().parents[1]
runpy.run_path(str(_PLUGINS / "plugin_utils" / "collection_path.py"))["find"](__file__)

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import (
    EMPTY_HINT,
    SOURCE,
    Hint,
    hint_event,
    hint_in,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.running import RUNNING

DOCUMENTATION = r"""
short_description: Convert callbacks of ThingSpace from an event stream to hints
description:
  - An event stream of Event-Driven Ansible sends an event with the body of a callback in C(event.payload). This filter
    converts it to an event of the type V(hint), as the event source C(fleetops.thingspace.callback) sends it. You can
    therefore use the same rulebook with the event source and with an event stream that replaces it.
  - All event sources C(fleetops.thingspace.campaign) of the rulebook then poll the campaign that the callback names.
    Callbacks cause at most one round of polls a minute.
  - The event contains no headers, no user name, no password and no status of the callback. Events of the event source
    C(fleetops.thingspace.callback) stay unchanged.
options: {}
"""

EXAMPLES = r"""
- name: Poll immediately when a callback arrives
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

_LOG = logging.getLogger("fleetops.thingspace.callback_hint")


def main(event: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the event of a hint. Never blocks or raises."""
    now = datetime.datetime.now(datetime.timezone.utc)
    # After an error, never the event itself: a callback can contain a user and a password.
    returned = hint_event(EMPTY_HINT, now)
    try:
        listener_hint = _listener_hint(event)
        hint = hint_in(event.get("payload")) if listener_hint is None else listener_hint
        returned = event if listener_hint is not None else hint_event(hint, now)
        RUNNING.poll_now(hint.campaign_id)
    except Exception as error:
        # An exception would end the source.
        _LOG.error("%s", expected(error).message)
    return returned


def _listener_hint(event: Mapping[str, t.Any]) -> Hint | None:
    """Return the hint in an event of the listener, or None for other events.

    A sender of callbacks controls only "payload".
    """
    meta, campaign = event.get("meta"), event.get("campaign")
    source = meta.get("source") if isinstance(meta, Mapping) else None
    if not isinstance(source, Mapping) or source.get("type") != SOURCE or not isinstance(campaign, Mapping):
        return None
    return Hint(campaign.get("id"), campaign.get("account_name"), event.get("callback_type"))
