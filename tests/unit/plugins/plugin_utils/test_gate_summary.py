# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that are printed at the end of a gate."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._gate_summary import decision_of, summary_lines

SUMMARY: t.Final = {
    "total": 2000,
    "by_state": {"succeeded": 1482, "pending": 0, "cancelled": 0, "rejected": 6, "failed": 40, "unknown": 472},
}


def decided(verb: str = "continue", reason: str = "", device: str | None = None, **facts: t.Any) -> dict[str, t.Any]:
    """Return a host's decision, as in its result."""
    campaign = {"id": "C1", "campaign_name": "Spring", "state": "ended", "status": "CampaignEnded"}
    result = {
        "message": reason,
        "waits": [{"campaign_id": "c1"}],
        "campaigns": [{**campaign, "device_summary": None, **facts}],
    }
    return decision_of(result, verb, device)


def lines_of(decisions: dict[str, t.Any], told: t.Collection[str] = ()) -> list[str]:
    return summary_lines(decisions, lambda line: line not in told)


def test_one_line_for_each_campaign_however_many_hosts_continue() -> None:
    lines = lines_of({f"h{number}": decided(device_summary=SUMMARY) for number in range(1000)})
    assert lines == [
        "Campaign Spring (c1): ended, 1482 of 2000 devices upgraded, 46 failed.",
        "1000 of 1000 hosts continue.",
    ]


def test_a_campaign_that_was_reported_is_not_reported_again() -> None:
    (line,) = lines_of({"a": decided()})
    assert line == "Campaign Spring (c1): ended."
    assert lines_of({"a": decided()}, told=[line]) == []


def test_a_campaign_that_was_not_read() -> None:
    decision = decision_of({"msg": "No.", "waits": [{"campaign_id": "c1"}], "campaigns": []}, "fail", None)
    assert lines_of({"a": decision})[0] == "Campaign c1: could not be read."
    # A host with invalid options has no wait.
    assert decision_of({"msg": "No."}, "fail", None) == {
        "decision": "fail",
        "device": None,
        "reason": "No.",
        "campaigns": {},
    }


@pytest.mark.parametrize(
    ("verbs", "says"),
    [
        (["continue"] * 3, "3 of 3 hosts continue."),
        (["continue", "fail", "fail"], "1 of 3 hosts continue, 2 fail."),
        (["continue", "skip"], "1 of 2 hosts continue, 1 left out."),
        (["fail", "skip"], "0 of 2 hosts continue, 1 fail, 1 left out."),
    ],
)
def test_how_many_continue(verbs: list[str], says: str) -> None:
    assert says in lines_of({f"h{number}": decided(verb) for number, verb in enumerate(verbs)})


def test_who_does_not_continue_and_why() -> None:
    decisions = {
        "short": decided("fail", "The end.", "990003425730535"),
        "good": decided(),
        "a-longer-name": decided("skip", "Out\nof\ttime.\x1b[2J"),
    }
    table = lines_of(decisions)[2:]
    assert table[0].split() == ["host", "device", "decision", "reason"]
    assert table[1].split(maxsplit=3) == ["short", "990003425730535", "fail", "The end."]
    assert table[2].split(maxsplit=3)[:3] == ["a-longer-name", "-", "skip"]
    assert len(table) == 3
    assert table[0].index("decision") == table[1].index("fail") == table[2].index("skip")
    assert all(line.isprintable() for line in table)


def test_twenty_are_named_and_the_others_counted() -> None:
    lines = lines_of({f"h{number}": decided("fail", "x" * 5000) for number in range(60)})
    assert len(lines) == 2 + 1 + 20 + 1
    assert lines[-1] == "  and 40 more"
    assert max(map(len, lines)) < 300


@pytest.mark.parametrize(("hosts", "rest"), [(20, []), (21, ["  and 1 more"])])
def test_the_rest_is_counted_only_if_there_is_one(hosts: int, rest: list[str]) -> None:
    lines = lines_of({f"h{number}": decided("fail", "No.") for number in range(hosts)})
    assert lines[2 + 1 + 20 :] == rest


def test_a_reason_has_160_characters_at_most() -> None:
    (row,) = lines_of({"a": decided("fail", "x" * 161)})[2:]
    assert row.endswith(" " + "x" * 159 + "\u2026")
    (row,) = lines_of({"a": decided("fail", "x" * 160)})[2:]
    assert row.endswith(" " + "x" * 160)


FAILED: t.Final = {"state": "failed", "status": "UpgradeFailed", "reason": "No battery."}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"reason": "device_not_upgraded", "device": FAILED}, "failed [UpgradeFailed]: No battery"),
        ({"reason": "device_not_upgraded", "device": None}, "The message."),
        ({"reason": "timed_out", "device": FAILED}, "The message."),
        ({"device": FAILED}, "The message."),
        ({"message": "", "msg": "Ansible's own."}, "Ansible's own."),
        ({"message": None}, ""),
    ],
)
def test_why_a_host_does_not_continue(result: dict[str, t.Any], reason: str) -> None:
    assert decision_of({"message": "The message.", **result}, "fail", "9")["reason"] == reason


def test_an_unknown_state_is_shown_with_the_status_of_the_service() -> None:
    (line,) = lines_of({"a": decided(state="unknown", status="Pondering\nmore")})
    assert line == "Campaign Spring (c1): unknown [Pondering more]."


def test_each_wait_has_the_line_of_its_own_campaign() -> None:
    facts = {"campaign_name": None, "status": "CampaignEnded", "device_summary": None}
    campaigns = [{**facts, "id": "c2", "state": "ended"}, {**facts, "id": "c1", "state": "failed"}]
    result = {"waits": [{"campaign_id": "c1"}, {"campaign_id": "c2"}], "campaigns": campaigns}
    assert decision_of(result, "continue", None)["campaigns"] == {
        "c1": "Campaign c1: failed.",
        "c2": "Campaign c2: ended.",
    }
