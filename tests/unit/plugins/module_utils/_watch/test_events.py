# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID of an event depends on the campaign and on what is told of it, and on nothing else."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import events
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.events import Subject
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.standing import Judged, Standing

MOMENT: t.Final = datetime.datetime(2026, 3, 9, 1, 2, 3, tzinfo=datetime.timezone.utc)
SUBJECT: t.Final = Subject("0402196254-00001", "v2", "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21")
STANDING: t.Final = Standing("ended", "succeeded", "met")
BODY: t.Final = {"id": SUBJECT.campaign_id, "status": "CampaignEnded", "campaignName": "Trackers"}


def identity(
    subject: Subject = SUBJECT,
    standing: Standing = STANDING,
    moment: datetime.datetime = MOMENT,
    **body: t.Any,
) -> str:
    """The ID of a change."""
    facts = campaign_facts({**BODY, **body}, "v2", moment.date())
    event = events.changed(subject, facts, Judged(standing, None), moment, None, ["state"])
    assert event["meta"]["uuid"] == event["id"]
    return str(event["id"])


def test_it_never_changes() -> None:
    """What is launched once for an event is named after it: another version must not launch again."""
    assert identity() == "47b5bfd966115f9eb03f36476d78da2b"


def test_nothing_else_counts() -> None:
    facts, now = campaign_facts(BODY, "v2", MOMENT.date()), Judged(STANDING, "because")
    same = {
        identity(),
        identity(moment=MOMENT + datetime.timedelta(days=3)),
        identity(campaignName="Other", endDate="2026-04-01"),
        identity(replace(SUBJECT, campaign_id=SUBJECT.campaign_id.upper())),
        events.seen(SUBJECT, facts, now, MOMENT, is_repeated=True)["id"],
        events.seen(SUBJECT, facts, now, MOMENT, is_repeated=False)["id"],
        events.changed(SUBJECT, facts, now, MOMENT, replace(STANDING, state="scheduled"), ["outcome"])["id"],
        events.again(events.changed(SUBJECT, facts, now, MOMENT, None, []))["id"],
    }
    assert len(same) == 1


@pytest.mark.parametrize("name", ["state", "outcome", "threshold"])
def test_each_part_of_what_is_told_counts(name: str) -> None:
    assert identity(standing=replace(STANDING, **{name: "other"})) != identity()


@pytest.mark.parametrize("name", ["account_name", "api_version", "campaign_id"])
def test_each_part_of_the_campaign_counts(name: str) -> None:
    assert identity(replace(SUBJECT, **{name: "other"})) != identity()


def test_trouble_is_another_event_on_another_day_and_for_another_reason() -> None:
    def trouble(moment: datetime.datetime = MOMENT, reason: str = "not_found") -> str:
        return str(events.trouble(SUBJECT, None, None, moment, reason, "It cannot be read.")["id"])

    assert trouble() == trouble(MOMENT + datetime.timedelta(hours=20))
    other_day, other_reason = trouble(MOMENT + datetime.timedelta(days=1)), trouble(reason="bad_response")
    assert len({trouble(), other_day, other_reason, identity()}) == 4
