# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The cheap way to poll many campaigns: the list of an account's campaigns of one status, page by page.

A listed campaign is one that has not changed; it never decides anything. One that is missing from the list of its last
status, or that would change a verdict, is read on its own. How fresh the lists of the real service are is not known,
so in each poll some listed campaigns, in turn, are read on their own as well; lists that are wrong about them are not
used any more. Only version 2 is read this way: version 3 documents two different paths for the report and leaves fields
out of it, and version 1 pages by a cursor of another kind.
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

# Measured against the simulator: a page of 100 campaigns costs as much CPU as four single reads.
_READS_A_PAGE: t.Final = 4
# Below this many campaigns of one status nothing is gained.
_FEWEST: t.Final = 10
# One of so many listed campaigns is read on its own, too.
_LISTED_FOR_ONE_CHECK: t.Final = 100
# A campaign may change between the list and the check of it, but not this often.
_MOST_CONTRADICTIONS: t.Final = 3
_MOST_FAILURES: t.Final = 3
# A list must end: so many pages of a hundred campaigns.
_MOST_PAGES: t.Final = 1000
# The spellings that the report's filter documents. Terminal states are never listed: their lists only grow.
FILTERS: t.Final = {
    "request_pending": "CampaignRequestPending",
    "queued": "CampaignRequestQueued",
    "scheduled": "CampaignScheduled",
}


class StatusList:
    """Remembers the last known state of each campaign and what a list has cost; for one wait of one account."""

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
        """Take note of a campaign that was read on its own."""
        self._states[campaign_id] = state
        if self._listed_as.pop(campaign_id, state) != state:
            self._contradictions += 1
            self._is_usable = self._is_usable and self._contradictions < _MOST_CONTRADICTIONS

    def look_up(self, ids: Iterable[str]) -> dict[str, Reading]:
        """Those of the campaigns that stand in a list that is worth reading, each with its body as it is listed.

        Raises TransientError for trouble of the whole service. With any other trouble nothing more is found, and lists
        that fail a few times in a row, or that the service refuses, are not asked for again.
        """
        found: dict[str, Reading] = {}
        if not self._is_usable:
            return found
        try:
            for state, wanted in self._worth_listing(ids).items():
                found.update(self._list(state, wanted))
                self._failures = 0
        except TransientError as error:
            self._failures += 1
            self._is_usable = self._failures < _MOST_FAILURES
            if error.affects_all:
                raise
        except ThingSpaceError:
            self._is_usable = False
        return found

    def to_check(self, found: Mapping[str, Reading]) -> set[str]:
        """Which of the campaigns that were found are to be read on their own all the same: each has its turn."""
        names = sorted(found)
        chosen = set()
        for _check in range(math.ceil(len(names) / _LISTED_FOR_ONE_CHECK)):
            self._turn += 1
            name = names[self._turn % len(names)]
            self._listed_as[name] = state_of(found[name].body.get("status"))
            chosen.add(name)
        return chosen

    def _worth_listing(self, ids: Iterable[str]) -> dict[str, set[str]]:
        groups: dict[str, set[str]] = collections.defaultdict(set)
        for campaign_id in ids:
            # Not seen yet: most campaigns that somebody waits for are scheduled.
            groups[self._states.get(campaign_id, "scheduled")].add(campaign_id)
        return {state: wanted for state, wanted in groups.items() if self._is_worth(state, len(wanted))}

    def _is_worth(self, state: str, wanted: int) -> bool:
        return state in FILTERS and wanted >= max(_FEWEST, _READS_A_PAGE * self._pages.get(state, 1))

    def _list(self, state: str, wanted: set[str]) -> dict[str, Reading]:
        found: dict[str, Reading] = {}
        most = max(len(wanted) // _READS_A_PAGE, 1)
        pages = 0
        for reading in read_pages(self._client, self._account_name, state):
            pages += 1
            for body in items_of(reading):
                campaign_id = str(body.get("id")) if isinstance(body, Mapping) else ""
                if campaign_id in wanted:
                    found[campaign_id] = Reading(dict(body), reading.service_time)
            if pages >= most or len(found) == len(wanted):
                break
        # A list that is too long for what it shows is not tried again until more campaigns are wanted from it.
        self._pages[state] = pages if len(found) * 2 >= len(wanted) else 2 * most + 2
        return found


def read_pages(client: Client, account_name: str, state: str) -> Iterator[Reading]:
    """The pages of the list of a state of C(FILTERS), one request each. Raises what the client raises."""
    after, seen = "0", {"0"}
    while len(seen) <= _MOST_PAGES:
        reading = client.campaigns_with_status(account_name, FILTERS[state], after)
        yield reading
        after = str(reading.body.get("lastSeenCampaignId") or "")
        if not flag_of(reading.body.get("hasMoreData")) or not after or after in seen:
            return
        seen.add(after)
    raise BadResponse(f"A list of campaigns has more than {_MOST_PAGES} pages: the rest was not read.")


def items_of(reading: Reading) -> list[t.Any]:
    """The campaigns on a page, each as it is listed."""
    items = reading.body.get("campaignList") or []
    if not isinstance(items, list):
        raise BadResponse("The service returned a status list whose campaignList is not a list.")
    return items
