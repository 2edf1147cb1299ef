# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events of a watch fit their schema, and their IDs depend only on their content."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts, with_report
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import events
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Assessment, Standing
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import START
from ansible_collections.fleetops.thingspace.tests.unit.watch_world import VALIDATOR

SUBJECT: t.Final = events.Subject("0402196254-00001", "v2", "60B5D639-ccdc-4db8-8824-069bd94c95bf")
WATCH: t.Final = ("https://thingspace.verizon.com/api", "0402196254-00001", "v2")
BEFORE: t.Final = Standing("queued", "pending", "not_set")
NOW: t.Final = Assessment(Standing("scheduled", "pending", "failed"), "6 of 100 devices have failed")
LATER: t.Final = START + datetime.timedelta(hours=11)
NEXT_DAY: t.Final = START + datetime.timedelta(hours=12)
COUNTS: t.Final = events.Counts(5, 2, 1)


def facts(api_version: str = "v2", **more: t.Any) -> Facts:
    """Facts of a scheduled campaign."""
    return campaign_facts({"status": "CampaignScheduled", **more}, api_version, START.date())


def changed(
    moment: datetime.datetime = START, subject: events.Subject = SUBJECT, now: Assessment = NOW
) -> events.Event:
    return events.changed(subject, facts(), now, moment, BEFORE, ["state"])


ALL: t.Final[dict[str, events.Event]] = {
    "present": events.present(SUBJECT, facts(), NOW, START, is_repeated=True),
    "changed": changed(),
    "changed, new": events.changed(SUBJECT, facts(), NOW, START, None, ["state"]),
    "trouble": events.trouble(SUBJECT, facts(), NOW, START, "not_found", "It is not there."),
    "trouble, never read": events.trouble(SUBJECT, None, None, START, "not_found", "It is not there."),
    "recovered": events.recovered(SUBJECT, facts(), NOW, START, "not_found"),
    "trouble of all": events.of_watch(events.TROUBLE, WATCH, START, "too_many_errors", "No way.", COUNTS),
    "done": events.of_watch(events.DONE, WATCH, START, "ended", "All is over.", COUNTS),
    "heartbeat": events.of_watch(events.HEARTBEAT, WATCH, START, None, "5 campaigns.", COUNTS),
}


@pytest.mark.parametrize("name", ALL)
def test_each_fits_the_schema(name: str) -> None:
    event = ALL[name]
    VALIDATOR.validate(event)
    assert event["type"] == name.partition(" ")[0].rstrip(",")
    assert event["meta"] == {"source": {"type": events.SOURCE}, "uuid": event["id"]}
    assert (event["watch"] is None) is (event["campaign"] is not None)
    assert events.as_repeated(event) == {**event, "repeated": True}


def test_what_is_told_of_a_campaign() -> None:
    event = changed()
    assert event["previous"] == {"state": "queued", "outcome": "pending", "threshold": "not_set"}
    assert event["threshold"] == {"verdict": "failed", "message": "6 of 100 devices have failed"}
    assert event["message"] == (
        f"Campaign {SUBJECT.campaign_id} is scheduled [CampaignScheduled]; 6 of 100 devices have failed."
    )
    assert (event["campaign"]["id"], event["campaign"]["terminal"]) == (SUBJECT.campaign_id, False)
    assert ALL["changed, new"]["previous"] is None


@pytest.mark.parametrize(("api_version", "field"), [("v1", "firmwareTo"), ("v2", "softwareTo")])
def test_software_and_firmware_are_one_field(api_version: str, field: str) -> None:
    event = events.present(SUBJECT, facts(api_version, **{field: "FW_2"}), NOW, START, is_repeated=False)
    assert (event["campaign"]["software_to"], event["campaign"]["software_from"]) == ("FW_2", None)


def test_foreign_words_cannot_break_a_sentence() -> None:
    event = events.recovered(
        SUBJECT, facts(status="Evil\nword", campaignName="A\x1b[31m name"), NOW, START, "not_found"
    )
    assert event["message"] == (
        f"Campaign A [31m name ({SUBJECT.campaign_id}) can be read again: it is unknown [Evil word]."
    )


def test_the_same_change_has_the_same_id() -> None:
    same = changed(LATER, replace(SUBJECT, campaign_id=SUBJECT.campaign_id.upper()))
    assert same["id"] == changed()["id"] == ALL["present"]["id"] == changed(NEXT_DAY)["id"]
    others = [
        events.changed(SUBJECT, facts(campaignName="Other", endDate="2026-04-01"), NOW, START, BEFORE, ["state"]),
        events.changed(SUBJECT, facts(), replace(NOW, failure="because"), START, None, ["outcome"]),
        events.as_repeated(changed()),
    ]
    assert {one["id"] for one in others} == {changed()["id"]}


def test_an_id_is_the_same_in_each_version() -> None:
    """AWX stores the claims of launches with these IDs. A new ID for an old change would cause another launch."""
    assert changed()["id"] == "86affc9b4dfb59d7ae1bcaa500aa4313"


@pytest.mark.parametrize(
    "other",
    [
        changed(subject=replace(SUBJECT, campaign_id="c2")),
        changed(subject=replace(SUBJECT, api_version="v3")),
        changed(subject=replace(SUBJECT, account_name="another")),
        changed(now=replace(NOW, standing=replace(NOW.standing, state="queued"))),
        changed(now=replace(NOW, standing=replace(NOW.standing, outcome="partial"))),
        changed(now=replace(NOW, standing=replace(NOW.standing, threshold="open"))),
    ],
)
def test_another_change_has_another_id(other: events.Event) -> None:
    assert other["id"] != changed()["id"]


@pytest.mark.parametrize(
    ("kind", "moment", "is_same"),
    [
        (events.TROUBLE, LATER, True),
        (events.TROUBLE, NEXT_DAY, False),
        (events.DONE, LATER, True),
        # Each heartbeat has its own ID.
        (events.HEARTBEAT, LATER, False),
    ],
)
def test_trouble_is_the_same_for_a_day(kind: str, moment: datetime.datetime, is_same: bool) -> None:
    first, second = (events.of_watch(kind, WATCH, at, "x", "y", COUNTS) for at in (START, moment))
    assert (first["id"] == second["id"]) is is_same
    assert first["id"] != events.of_watch(kind, ("other", *WATCH[1:]), START, "x", "y", COUNTS)["id"]
    of_one = [events.trouble(SUBJECT, None, None, at, "x", "y")["id"] for at in (START, LATER, NEXT_DAY)]
    assert of_one[0] == of_one[1] != of_one[2]
    assert of_one[0] != events.trouble(SUBJECT, None, None, START, "z", "y")["id"]


def test_ids_are_uuids_and_all_different() -> None:
    ids = {ALL[name]["id"] for name in ALL if name not in ("present", "changed, new", "trouble, never read")}
    assert len(ids) == len(ALL) - 3
    assert all(len(one) == 32 and int(one, 16) for one in ids)


@pytest.mark.parametrize(("version", "kind"), [("v2", "software"), ("v3", "firmware")])
def test_an_event_carries_what_is_known_of_its_campaign(version: str, kind: str) -> None:
    names = {"campaignName": "Spring", "startDate": "2026-03-01", "endDate": "2026-03-09"}
    read = facts(version, **names, **{f"{kind}From": "A", f"{kind}To": "B"})
    report = DeviceReport()
    report.add([{"deviceId": "1", "status": "UpgradeFailed"}])
    event = events.changed(SUBJECT, with_report(read, report, "all"), NOW, START, BEFORE, ["state"])
    VALIDATOR.validate(event)
    told = {
        "name": "Spring",
        "status": "CampaignScheduled",
        "state": "scheduled",
        "phase": "running",
        "start_date": "2026-03-01",
        "end_date": "2026-03-09",
        "software_from": "A",
        "software_to": "B",
        "device_summary": report.summary(),
        "devices": report.devices(),
    }
    assert {name: event["campaign"][name] for name in told} == told


def test_what_makes_each_kind_of_event_another() -> None:
    threshold = {"verdict": "failed", "message": "6 of 100 devices have failed"}
    not_set = {"verdict": "not_set", "message": None}
    of_campaign, of_all = (None, {"campaigns": 5, "over": 2, "in_trouble": 1})
    told = {name: (event["reason"], event["threshold"], event["watch"]) for name, event in ALL.items()}
    assert told == {
        "present": (None, threshold, of_campaign),
        "changed": (None, threshold, of_campaign),
        "changed, new": (None, threshold, of_campaign),
        "trouble": ("not_found", threshold, of_campaign),
        "trouble, never read": ("not_found", not_set, of_campaign),
        "recovered": ("not_found", threshold, of_campaign),
        "trouble of all": ("too_many_errors", not_set, of_all),
        "done": ("ended", not_set, of_all),
        "heartbeat": (None, not_set, of_all),
    }
    assert {name for name, event in ALL.items() if event["repeated"]} == {"present"}


@pytest.mark.parametrize(
    ("status", "is_over", "words"),
    [
        ("CampaignScheduled", False, "is scheduled [CampaignScheduled]; "),
        ("CampaignEnded", True, "is ended [CampaignEnded], outcome unverified; "),
    ],
)
def test_the_outcome_is_told_when_a_campaign_is_over(status: str, is_over: bool, words: str) -> None:
    event = events.changed(SUBJECT, facts(status=status), NOW, START, BEFORE, ["state"])
    assert event["campaign"]["terminal"] is is_over
    assert words in event["message"]
