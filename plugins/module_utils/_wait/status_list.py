# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Poll many campaigns at low cost: read the list of an account's campaigns with one status, page by page.

A listed campaign is treated as unchanged; a list never decides anything. A campaign that is missing from the list of
its last status, or whose listed status would change a verdict, is read on its own. How up to date the lists of the real
service are is unknown. So each poll also reads some of the listed campaigns on their own, in turn, and stops using
lists that turn out to be wrong. Only version 2 is read this way: version 3 documents two different paths for the list
and leaves fields out of it, and version 1 uses a different kind of cursor.
"""

from __future__ import annotations

import collections
import math
import typing as t
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import flag_of

# Measured with the simulator: a page of 100 campaigns costs as much CPU time as four single reads.
_READS_PER_PAGE: t.Final = 4
# With fewer campaigns of one status, a list saves nothing.
_MIN_CAMPAIGNS: t.Final = 10
# One in this many listed campaigns is also read on its own.
_CAMPAIGNS_PER_CHECK: t.Final = 100
# A campaign may change between the list and its own read, but not this often.
_MAX_CONTRADICTIONS: t.Final = 3
_MAX_FAILURES: t.Final = 3
# Guards against an endless list. A page has up to 100 campaigns.
_MAX_PAGES: t.Final = 1000
# The spellings that the filter of the list documents. Terminal states are left out: their lists only grow.
FILTERS: t.Final = {
    "request_pending": "CampaignRequestPending",
    "queued": "CampaignRequestQueued",
    "scheduled": "CampaignScheduled",
}


class StatusList:
    """Tracks the last state of each campaign and the cost of its list, for one wait of one account."""

    def __init__(self, client: Client, account_name: str) -> None:
        self._client = client
        self._account_name = account_name
        self._states: dict[str, str] = {}
        self._turn = 0
        self._listed_as: dict[str, str] = {}
        self._contradictions = 0
        self._failures = 0
        self._pages: dict[str, int] = {}
        self._is_usable = True

    def record_state(self, campaign_id: str, state: str) -> None:
        """Record the state of a campaign that was read on its own."""
        self._states[campaign_id] = state
        if self._listed_as.pop(campaign_id, state) != state:
            self._contradictions += 1
            self._is_usable = self._is_usable and self._contradictions < _MAX_CONTRADICTIONS

    def look_up(self, ids: Iterable[str]) -> dict[str, Reading]:
        """Read the lists that are worth it. Returns the campaigns that were found, each with its body from the list.

        Raises TransientError if the error affects the whole service. Any other error ends the search. Lists that fail a
        few times in a row, or that the service refuses, are not used again.
        """
        found: dict[str, Reading] = {}
        if not self._is_usable:
            return found
        try:
            for state, wanted in self._worth_listing(ids).items():
                found.update(self._read_list(state, wanted))
                self._failures = 0
        except TransientError as error:
            self._failures += 1
            self._is_usable = self._failures < _MAX_FAILURES
            if error.affects_all:
                raise
        except ThingSpaceError:
            self._is_usable = False
        return found

    def pick_for_check(self, found: Mapping[str, Reading]) -> set[str]:
        """Pick the campaigns from the list that are read on their own as well, in turn."""
        names = sorted(found)
        chosen = set()
        for _check in range(math.ceil(len(names) / _CAMPAIGNS_PER_CHECK)):
            self._turn += 1
            name = names[self._turn % len(names)]
            self._listed_as[name] = state_of(found[name].body.get("status"))
            chosen.add(name)
        return chosen

    def _worth_listing(self, ids: Iterable[str]) -> dict[str, set[str]]:
        groups: dict[str, set[str]] = collections.defaultdict(set)
        for campaign_id in ids:
            # Not polled yet: most campaigns that are waited for are scheduled.
            groups[self._states.get(campaign_id, "scheduled")].add(campaign_id)
        return {state: wanted for state, wanted in groups.items() if self._is_worth_listing(state, len(wanted))}

    def _is_worth_listing(self, state: str, wanted: int) -> bool:
        return state in FILTERS and wanted >= max(_MIN_CAMPAIGNS, _READS_PER_PAGE * self._pages.get(state, 1))

    def _read_list(self, state: str, wanted: set[str]) -> dict[str, Reading]:
        found: dict[str, Reading] = {}
        most = max(len(wanted) // _READS_PER_PAGE, 1)
        pages = 0
        for reading in read_pages(self._client, self._account_name, state):
            pages += 1
            for body in items_of(reading):
                campaign_id = str(body.get("id")) if isinstance(body, Mapping) else ""
                if campaign_id in wanted:
                    found[campaign_id] = Reading(dict(body), reading.service_time)
            if pages >= most or len(found) == len(wanted):
                break
        # A list that is too long for what it returned is not read again until more campaigns are wanted from it.
        self._pages[state] = pages if len(found) * 2 >= len(wanted) else 2 * most + 2
        return found


def read_pages(client: Client, account_name: str, state: str) -> Iterator[Reading]:
    """The pages of the list of a state in C(FILTERS), one request each. Raises what the client raises."""
    after, seen = "0", {"0"}
    while len(seen) <= _MAX_PAGES:
        reading = client.campaigns_with_status(account_name, FILTERS[state], after)
        yield reading
        after = str(reading.body.get("lastSeenCampaignId") or "")
        if not flag_of(reading.body.get("hasMoreData")) or not after or after in seen:
            return
        seen.add(after)
    raise BadResponse(f"A list of campaigns has more than {_MAX_PAGES} pages: the rest was not read.")


def items_of(reading: Reading) -> list[t.Any]:
    """The campaigns on a page, as the service sent them."""
    items = reading.body.get("campaignList") or []
    if not isinstance(items, list):
        raise BadResponse("The service returned a status list whose campaignList is not a list.")
    return items
