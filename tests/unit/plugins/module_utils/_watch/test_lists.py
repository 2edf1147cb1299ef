# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Campaigns in the status lists of the service."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.lists import HttpLists
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import START

ACCOUNT: t.Final = "0402196254-00001"


def campaign(campaign_id: t.Any, word: str = "CampaignScheduled", account: str = ACCOUNT) -> dict[str, t.Any]:
    """Return an entry of a list."""
    return {"id": campaign_id, "accountName": account, "status": word}


class Service:
    """A client whose lists have this number of pages."""

    def __init__(self, lists: Mapping[str, Sequence[t.Any]]) -> None:
        self._lists = lists
        self.asked: list[tuple[str, str]] = []

    def campaigns_with_status(self, account_name: str, status: str, after: str) -> Reading:
        """Return a page. The cursor is the number of the next page."""
        assert account_name == ACCOUNT
        self.asked.append((status, after))
        pages = self._lists.get(status, [[]])
        number = int(after)
        more = number + 1 < len(pages)
        return Reading(
            {"campaignList": pages[number], "hasMoreData": more, "lastSeenCampaignId": str(number + 1)}, START
        )


def lists_of(service: Service, *states: str) -> HttpLists:
    return HttpLists(t.cast(t.Any, service), Campaigns(ACCOUNT, (), "v2", "none"), states)


def test_each_list_is_read_to_its_end() -> None:
    pages = [[campaign("c1"), campaign("c2")], [campaign("c3")]]
    service = Service({"CampaignScheduled": pages, "CampaignRequestQueued": [[campaign("c4", "CampaignQueued")]]})
    found = lists_of(service, "scheduled", "queued")()
    assert {name: poll.facts and poll.facts["state"] for name, poll in found.items()} == {
        **dict.fromkeys(("c1", "c2", "c3"), "scheduled"),
        "c4": "queued",
    }
    assert all(poll.is_listed and poll.service_time == START for poll in found.values())
    assert service.asked == [("CampaignScheduled", "0"), ("CampaignScheduled", "1"), ("CampaignRequestQueued", "0")]


def test_of_a_campaign_that_moves_to_another_list_the_later_word_counts() -> None:
    service = Service(
        {
            "CampaignRequestQueued": [[campaign("c1", "CampaignQueued")]],
            "CampaignScheduled": [[campaign("c1")]],
        }
    )
    poll = lists_of(service, "queued", "scheduled")()["c1"]
    assert poll.facts is not None and poll.facts["state"] == "scheduled"


@pytest.mark.parametrize("entry", [None, "c1", [], {}, campaign(None), campaign(""), campaign(" ")])
def test_an_entry_that_names_no_campaign_is_left_out(entry: t.Any) -> None:
    assert list(lists_of(Service({"CampaignScheduled": [[entry, campaign("c2")]]}), "scheduled")()) == ["c2"]


def test_an_entry_of_another_account_is_an_error_of_its_own() -> None:
    found = lists_of(Service({"CampaignScheduled": [[campaign("c1", account="x"), campaign("c2")]]}), "scheduled")()
    assert isinstance(found["c1"].error, BadResponse) and found["c2"].is_good
