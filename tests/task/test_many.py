# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many campaigns in one wait: few requests with status lists, and single reads only if needed."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest

from simulator.control import Control
from simulator.stock import ACCOUNT
from task.background import Background, Running, moment
from task.test_outages import ENDED, RUNNING

IDS = [str(uuid.UUID(int=number)) for number in range(1, 301)]
# One round per second, so that a test can distinguish them.
ROUNDS = {"wait_interval": 1, "wait_max_interval": 1, "wait_match": "any"}


@pytest.fixture
def three_hundred(control: Control) -> None:
    """Add 300 scheduled campaigns to an account, with pages of 100."""
    campaigns = [
        {"api_version": "v2", "account_name": ACCOUNT, "id": campaign_id, "body": {"status": RUNNING}}
        for campaign_id in IDS
    ]
    control.scenario({"campaigns": campaigns, "behaviour": {"page_size": 100}})
    control.reset_counters()


def kinds(control: Control) -> list[tuple[str, int]]:
    """Return the requests in order, as kinds and numbers of consecutive requests."""
    log = control.counters()["log"]
    return [(kind, len(list(run))) for kind, run in itertools.groupby(log, key=lambda entry: entry["kind"])]


def finished(run: Running, control: Control, campaign_id: str = IDS[250]) -> dict[str, Any]:
    """End one campaign, which is enough for the wait, and return its result."""
    control.set_status(campaign_id, ENDED)
    result = run.result()
    assert result.get("failed") is None, result
    assert [part["campaign_id"] for part in result["waits"] if part["verdict"] == "reached"] == [campaign_id]
    return result


@pytest.mark.usefixtures("three_hundred")
def test_a_round_costs_pages_and_not_campaigns(background: Background, control: Control) -> None:
    run = background.start(*IDS, **ROUNDS)
    run.until_read(9, "campaign_list")
    finished(run, control)
    counters = control.counters()
    assert counters["by_kind"]["campaign_list"] % 3 == 0
    # The campaign that was no longer in the list was read twice. In each round, three others were read as a check.
    reads = counters["reads_by_campaign"]
    assert reads.pop(IDS[250]) == 2
    assert sum(reads.values()) == counters["by_kind"]["campaign_list"]
    assert counters["by_kind"]["oauth_token"] == counters["by_kind"]["session_login"] == 1


@pytest.mark.usefixtures("three_hundred")
def test_each_round_is_one_reading_of_the_list(background: Background, control: Control) -> None:
    run = background.start(*IDS, **ROUNDS)
    run.until_read(9, "campaign_list")
    log = [entry for entry in control.counters()["log"] if entry["kind"] == "campaign_list"]
    starts = [moment(entry) for entry in log[:9:3]]
    assert all(after - before >= 0.9 for before, after in zip(starts, starts[1:]))
    finished(run, control)


@pytest.mark.usefixtures("three_hundred")
@pytest.mark.parametrize("status", [400, 403, 404])
def test_without_a_report_each_campaign_is_read(background: Background, control: Control, status: int) -> None:
    answer = {"errorCode": "FOTA.INVALID", "errorMessage": "No such report."}
    control.fault("status", kind="campaign_list", status=status, json=answer)
    run = background.start(*IDS, **ROUNDS)
    run.until_read(600)
    finished(run, control)
    counters = control.counters()
    assert counters["by_kind"]["campaign_list"] == 1
    assert set(counters["reads_by_campaign"]) == set(IDS)


@pytest.mark.usefixtures("three_hundred")
@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 500, "text": "broken report"},
        {"action": "html"},
        {"action": "extra_fields", "fields": {"campaignList": 7}},
        {"action": "extra_fields", "fields": {"campaignList": [7, None, {"id": 7}]}},
        {"action": "extra_fields", "fields": {"campaignList": {"id": 7}, "hasMoreData": "yes"}},
    ],
    ids=lambda fault: str(fault.get("fields") or fault["action"]),
)
def test_a_report_that_never_works_does_not_fail_a_wait(
    background: Background, control: Control, fault: dict[str, Any]
) -> None:
    control.fault(kind="campaign_list", **fault)
    run = background.start(*IDS, **{**ROUNDS, "max_consecutive_errors": 3})
    run.until_read(300)
    # Errors of the list do not count, because each campaign was read at once instead.
    assert finished(run, control)["errors"] == 0


@pytest.mark.usefixtures("three_hundred")
def test_a_list_that_never_ends_is_left(background: Background, control: Control) -> None:
    control.fault("extra_fields", kind="campaign_list", fields={"hasMoreData": True, "campaignList": []})
    run = background.start(*IDS, **ROUNDS)
    run.until_read(300)
    finished(run, control)
    assert control.count("campaign_list") < 100


@pytest.mark.usefixtures("three_hundred")
def test_a_list_that_is_not_true_decides_nothing(background: Background, control: Control) -> None:
    wrong = [{"id": campaign_id, "status": ENDED, "accountName": ACCOUNT} for campaign_id in IDS]
    control.fault("extra_fields", kind="campaign_list", fields={"campaignList": wrong, "hasMoreData": False})
    run = background.start(*IDS, **ROUNDS)
    run.until_read(300)
    finished(run, control)


@pytest.mark.usefixtures("three_hundred")
def test_a_list_that_runs_ahead_decides_nothing(background: Background, control: Control) -> None:
    few = IDS[:20]
    for campaign_id in few:
        control.set_status(campaign_id, "CampaignRequestPending")
    ahead = [{"id": campaign_id, "status": RUNNING, "accountName": ACCOUNT} for campaign_id in few]
    control.fault("extra_fields", kind="campaign_list", fields={"campaignList": ahead, "hasMoreData": False})
    run = background.start(*few, **ROUNDS, wait_state=[RUNNING])
    run.until_read(40)
    control.set_status(few[7], RUNNING)
    result = run.result()
    assert [part["campaign_id"] for part in result["waits"] if part["verdict"] == "reached"] == [few[7]]


@pytest.mark.usefixtures("three_hundred")
def test_an_outage_of_a_round_costs_one_request(background: Background, control: Control) -> None:
    run = background.start(*IDS, **ROUNDS)
    run.until_read(3, "campaign_list")
    control.fault("status", kind="campaign_list", status=503, headers={"Retry-After": "2"}, times=1)
    run.until(lambda: control.counters()["faults"] == 1)
    run.until_read(3, "campaign_list")
    log = control.counters()["log"]
    index = next(number for number, entry in enumerate(log) if entry["fault"])
    assert moment(log[index + 1]) - moment(log[index]) >= 2.0
    assert finished(run, control)["errors"] == 1


def test_never_more_connections_than_wanted(background: Background, control: Control) -> None:
    few = IDS[:9]
    for campaign_id in few:
        control.add_campaign(campaign_id, body={"status": RUNNING})
    # With a tenth of a millisecond per byte, the reads of a round overlap.
    control.fault("slow", kind="campaign_read", seconds=0.0001)
    run = background.start(*few, max_concurrency=3, wait_match="any")
    run.until_read(9)
    control.clear_faults()
    finished(run, control, few[4])
    ports = {entry["client_port"] for entry in control.counters()["log"] if entry["kind"] == "campaign_read"}
    assert 2 <= len(ports) <= 3


def test_few_campaigns_are_read_one_by_one(background: Background, control: Control) -> None:
    few = IDS[:5]
    for campaign_id in few:
        control.add_campaign(campaign_id, body={"status": RUNNING})
    run = background.start(*few, **ROUNDS)
    run.until_read(10)
    finished(run, control, few[0])
    assert control.count("campaign_list") == 0
