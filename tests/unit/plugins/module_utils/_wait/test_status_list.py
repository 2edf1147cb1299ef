# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the list by status is read instead of single campaigns, and what is taken from it."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Iterable

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    ConnectionFailed,
    RequestRefused,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import Client, Reading
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.status_list import (
    StatusList,
    items_of,
    read_pages,
)

NOW: t.Final = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
IDS: t.Final = tuple(f"c{number:03}" for number in range(300))


class Lists:
    """Stands in for the client: the campaigns of an account by status, in pages; remembers what was asked for."""

    def __init__(self, page_size: int = 100, **statuses: Iterable[str]) -> None:
        self.statuses = {status: list(ids) for status, ids in statuses.items()}
        self.page_size = page_size
        self.asked: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.more: dict[str, t.Any] = {}

    def campaigns_with_status(self, account_name: str, status: str, after: str = "0") -> Reading:
        assert account_name == "account"
        self.asked.append((status, after))
        if self.error is not None:
            raise self.error
        ids = self.statuses.get(status, [])
        first = ids.index(after) + 1 if after != "0" else 0
        page = ids[first : first + self.page_size]
        body: dict[str, t.Any] = {"campaignList": [{"id": one, "status": status} for one in page]}
        body["hasMoreData"] = first + len(page) < len(ids)
        if page:
            body["lastSeenCampaignId"] = page[-1]
        return Reading({**body, **self.more}, NOW)


def report_of(lists: Lists) -> StatusList:
    return StatusList(t.cast(Client, lists), "account")


def test_three_hundred_are_three_pages() -> None:
    lists = Lists(CampaignScheduled=IDS)
    found = report_of(lists).look_up(IDS)
    assert set(found) == set(IDS)
    assert [after for _status, after in lists.asked] == ["0", "c099", "c199"]
    assert found["c150"].body == {"id": "c150", "status": "CampaignScheduled"}
    assert found["c150"].service_time == NOW


@pytest.mark.parametrize(("count", "pages"), [(9, 0), (10, 1), (300, 3)])
def test_few_are_not_worth_a_list(count: int, pages: int) -> None:
    lists = Lists(CampaignScheduled=IDS)
    report_of(lists).look_up(IDS[:count])
    assert len(lists.asked) == pages


def test_each_status_has_its_own_list() -> None:
    lists = Lists(CampaignScheduled=IDS[:50], CampaignRequestQueued=IDS[50:100], CampaignRequestPending=IDS[100:150])
    report = report_of(lists)
    for state, ids in (("scheduled", IDS[:50]), ("queued", IDS[50:100]), ("request_pending", IDS[100:150])):
        for one in ids:
            report.record_state(one, state)
    assert set(report.look_up(IDS[:150])) == set(IDS[:150])
    assert sorted(status for status, _after in lists.asked) == [
        "CampaignRequestPending",
        "CampaignRequestQueued",
        "CampaignScheduled",
    ]


@pytest.mark.parametrize("state", ["ended", "failed", "cancelled", "unknown", "pre_scheduled"])
def test_states_without_a_useful_list_are_not_listed(state: str) -> None:
    lists = Lists()
    report = report_of(lists)
    for one in IDS:
        report.record_state(one, state)
    assert report.look_up(IDS) == {}
    assert lists.asked == []


def test_a_campaign_that_left_its_list_is_left_to_a_single_read() -> None:
    lists = Lists(CampaignScheduled=IDS[:299])
    assert set(IDS) - set(report_of(lists).look_up(IDS)) == {"c299"}


def test_strangers_in_the_list_are_of_no_interest() -> None:
    lists = Lists(CampaignScheduled=[*IDS[:20], "foreign"])
    assert set(report_of(lists).look_up(IDS[:20])) == set(IDS[:20])


def test_a_list_in_which_most_are_strangers_is_read_in_part_and_only_once() -> None:
    strangers = [f"s{number}" for number in range(5000)]
    lists = Lists(CampaignScheduled=[*strangers, *IDS[:40]])
    report = report_of(lists)
    assert report.look_up(IDS[:40]) == {}
    assert len(lists.asked) == 10
    for _round in range(20):
        report.look_up(IDS[:40])
    assert len(lists.asked) == 10


def test_in_each_look_the_next_of_a_hundred_listed_campaigns_is_read_alone() -> None:
    report = report_of(Lists(CampaignScheduled=IDS))
    chosen = [report.pick_for_check(report.look_up(IDS)) for _poll in range(100)]
    assert [len(each) for each in chosen] == [3] * 100
    assert set().union(*chosen) == set(IDS)


def contradict(report: StatusList, times: int) -> None:
    """Read a listed campaign this many times, each time in another state than in its list."""
    for _time in range(times):
        for name in report.pick_for_check(report.look_up(IDS[:20])):
            report.record_state(name, "ended")
            report.record_state(name, "scheduled")


def test_lists_that_are_often_wrong_are_not_asked_for_again() -> None:
    lists = Lists(CampaignScheduled=IDS[:20])
    contradict(report_of(lists), 5)
    assert len(lists.asked) == 3


def test_a_list_that_is_right_stays_in_use() -> None:
    lists = Lists(CampaignScheduled=IDS[:20])
    report = report_of(lists)
    for _poll in range(5):
        for campaign_id in report.pick_for_check(report.look_up(IDS[:20])):
            report.record_state(campaign_id, "scheduled")
    assert len(lists.asked) == 5


def test_a_refused_list_is_not_asked_for_again() -> None:
    lists = Lists(CampaignScheduled=IDS)
    lists.error = RequestRefused("Input binding error")
    report = report_of(lists)
    assert report.look_up(IDS) == {}
    lists.error = None
    assert report.look_up(IDS) == {}
    assert len(lists.asked) == 1


def test_an_outage_is_handed_on_and_the_list_is_asked_for_again() -> None:
    lists = Lists(CampaignScheduled=IDS)
    lists.error = ConnectionFailed("reset")
    report = report_of(lists)
    with pytest.raises(ConnectionFailed):
        report.look_up(IDS)
    lists.error = None
    assert len(report.look_up(IDS)) == 300


@pytest.mark.parametrize(
    "more",
    [
        {"hasMoreData": True, "lastSeenCampaignId": "c099"},
        {"hasMoreData": True, "lastSeenCampaignId": None},
        {"hasMoreData": True, "lastSeenCampaignId": "0"},
        {"hasMoreData": "true", "campaignList": []},
    ],
    ids=str,
)
def test_a_list_that_goes_round_in_circles_is_left(more: dict[str, t.Any]) -> None:
    lists = Lists(CampaignScheduled=IDS)
    lists.more = more
    report_of(lists).look_up(IDS)
    assert len(lists.asked) <= 4


@pytest.mark.parametrize("odd", [None, 7, "text", {"id": "c001"}, [None, 7, "c001", {"id": None}, {}]], ids=str)
def test_a_list_of_an_odd_shape_shows_nothing(odd: object) -> None:
    lists = Lists(CampaignScheduled=IDS)
    lists.more = {"campaignList": odd}
    assert report_of(lists).look_up(IDS) == {}


def test_a_list_without_campaigns_stays_in_use() -> None:
    lists = Lists(CampaignScheduled=IDS[:20])
    report = report_of(lists)
    lists.more = {"campaignList": None}
    assert report.look_up(IDS[:40]) == {}
    lists.more = {}
    # The empty list was not worth its request for so few campaigns, but it is for more.
    assert len(report.look_up(IDS)) == 20


def test_pages_are_read_until_the_service_has_no_more() -> None:
    lists = Lists(page_size=2, CampaignScheduled=IDS[:4])
    pages = [items_of(page) for page in read_pages(t.cast(Client, lists), "account", "scheduled")]
    assert [[item["id"] for item in page] for page in pages] == [["c000", "c001"], ["c002", "c003"]]
    assert lists.asked == [("CampaignScheduled", "0"), ("CampaignScheduled", "c001")]


@pytest.mark.parametrize("last_seen", ["0", None, ""])
def test_a_list_whose_next_page_is_the_first_one_ends(last_seen: str | None) -> None:
    lists = Lists(CampaignScheduled=IDS[:4])
    lists.more = {"hasMoreData": True, "lastSeenCampaignId": last_seen}
    assert len(list(read_pages(t.cast(Client, lists), "account", "scheduled"))) == 1


def test_a_list_has_a_thousand_pages_at_most() -> None:
    lists = Lists(page_size=1, CampaignScheduled=[f"c{number}" for number in range(1100)])
    pages = read_pages(t.cast(Client, lists), "account", "scheduled")
    with pytest.raises(BadResponse, match="A list of campaigns has more than 1000 pages: the rest was not read."):
        for _page in pages:
            assert len(lists.asked) <= 1000
    assert len(lists.asked) == 1000
    lists = Lists(page_size=1, CampaignScheduled=[f"c{number}" for number in range(1000)])
    assert len(list(read_pages(t.cast(Client, lists), "account", "scheduled"))) == 1000


@pytest.mark.parametrize("failures", [2, 3])
def test_a_list_that_fails_three_times_in_a_row_is_not_used_again(failures: int) -> None:
    lists = Lists(CampaignScheduled=IDS)
    report = report_of(lists)
    for _round in range(2):
        lists.error = BadResponse("HTML")
        for _poll in range(failures):
            assert report.look_up(IDS) == {}
        lists.error = None
        assert len(report.look_up(IDS)) == (300 if failures == 2 else 0)
    assert len(lists.asked) == (2 * (2 + 3) if failures == 2 else 3)


@pytest.mark.parametrize(("times", "is_used"), [(2, True), (3, False)])
def test_a_list_that_is_wrong_three_times_is_not_used_again(times: int, is_used: bool) -> None:
    report = report_of(Lists(CampaignScheduled=IDS[:20]))
    contradict(report, times)
    assert bool(report.look_up(IDS[:20])) is is_used


def test_a_refused_list_is_not_used_again_after_a_contradiction() -> None:
    lists = Lists(CampaignScheduled=IDS[:20])
    report = report_of(lists)
    found = report.look_up(IDS[:20])
    lists.error = RequestRefused("Input binding error")
    report.look_up(IDS[:20])
    lists.error = None
    for name in report.pick_for_check(found):
        report.record_state(name, "ended")
    assert report.look_up(IDS[:20]) == {}


@pytest.mark.parametrize(("listed", "checks"), [(0, 0), (1, 1), (100, 1), (101, 2), (300, 3)])
def test_one_of_a_hundred_listed_campaigns_is_checked(listed: int, checks: int) -> None:
    report = report_of(Lists(CampaignScheduled=IDS[:listed]))
    found = {name: Reading({"id": name, "status": "CampaignScheduled"}, NOW) for name in IDS[:listed]}
    assert len(report.pick_for_check(found)) == checks


@pytest.mark.parametrize(("own", "pages"), [(20, 1), (19, 1), (10, 1), (9, 0)])
def test_a_list_of_which_half_is_wanted_is_read_again(own: int, pages: int) -> None:
    """Twenty campaigns are wanted: a page may cost as much as four of them, so five pages are worth it."""
    lists = Lists(CampaignScheduled=[*IDS[:own], *[f"s{number}" for number in range(100 - own)]])
    report = report_of(lists)
    assert len(report.look_up(IDS[:20])) == own
    before = len(lists.asked)
    report.look_up(IDS[:20])
    assert len(lists.asked) - before == pages


@pytest.mark.parametrize(("wanted", "is_read"), [(20, False), (47, False), (48, True)])
def test_a_list_that_was_too_long_is_read_again_for_more_campaigns(wanted: int, is_read: bool) -> None:
    """Twenty wanted campaigns are worth five pages. None was found there, so twelve pages have to be worth it."""
    lists = Lists(CampaignScheduled=[f"s{number}" for number in range(1000)])
    report = report_of(lists)
    report.look_up(IDS[:20])
    assert len(lists.asked) == 5
    report.look_up(IDS[:wanted])
    assert (len(lists.asked) > 5) is is_read
