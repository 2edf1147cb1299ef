# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Finds the campaigns of an account that are in given states, with the status lists of the service."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import Poll, poll_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.status_list import items_of, read_pages


class Lists(t.Protocol):
    """Finds campaigns."""

    def __call__(self) -> Mapping[str, Poll]:
        """Return a poll of each listed campaign, by its ID. Raises the errors of the client."""


class HttpLists:
    """Reads the status lists of some states, page by page."""

    def __init__(self, client: Client, campaigns: Campaigns, states: Sequence[str]) -> None:
        self._client = client
        self._campaigns = campaigns
        self._states = states

    def __call__(self) -> dict[str, Poll]:
        """See the protocol. If a campaign moves to another list between two reads, the later entry wins."""
        found = {}
        for state in self._states:
            for page in read_pages(self._client, self._campaigns.account_name, state):
                for body in items_of(page):
                    campaign_id = str(body.get("id") or "").strip() if isinstance(body, Mapping) else ""
                    if campaign_id:
                        reading = Reading(dict(body), page.service_time)
                        found[campaign_id] = poll_of(self._campaigns, campaign_id, reading, is_listed=True)
        return found
