# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what the waits came to, to the gate's result: each host with its part, and what they share only once."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    Campaigns,
    Connection,
    Credentials,
    Wishes,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Fleet, Member, Party, Terms
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_result import (
    gate_result,
    names_of,
    of_host,
    only_for,
    refusal,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_wait import GoalEnd
from ansible_collections.fleetops.thingspace.tests.unit.goal_ends import ACCOUNT, Campaign, goal_end

TERMS: t.Final = Terms("fail", "fail", "thingspace_campaigns", False)
OTHER_ACCOUNT: t.Final = "0642233522-00001"
C1: t.Final = Goal(("c1",), 1)
C2: t.Final = Goal(("c2",), 1)
MIXED: t.Final[dict[str | None, str]] = {"1": "succeeded", "2": "failed", "3": "pending"}


def member(host: str, goal: Goal | None = C1, device: str | None = None, **terms: t.Any) -> Member:
    """A host with its terms."""
    return Member(host, goal, device, replace(TERMS, **terms))


def party(*members: Member) -> Party:
    """Hosts that share a wait."""
    credentials = Credentials("the-key", "the-secret", "the-user", "the-password", None, None)
    connection = Connection("https://host/api", 30, True, 8)
    return Party(Wishes(Campaigns(ACCOUNT, ("c1", "c2"), "v2"), connection, None, credentials), members)


def fleet(*members: Member, without: tuple[Member, ...] = ()) -> Fleet:
    """A fleet of one party."""
    return Fleet((party(*members),), without)


def decisions(gate: dict[str, t.Any]) -> dict[str, str]:
    """Each host's decision."""
    return {host: entry["decision"] for host, entry in gate["hosts"].items()}


def stats_of(gate: dict[str, t.Any], key: str = "thingspace_campaigns") -> dict[str, t.Any]:
    """What is left under a key."""
    return t.cast("dict[str, t.Any]", gate["ansible_stats"]["data"][key])


def test_each_host_by_its_device() -> None:
    hosts = [member("a", C1, "1"), member("b", C1, "2"), member("c", C1, "3", on_device_failure="skip"), member("d")]
    hosts += [member("e", C1, "9"), member("f", C1, "2", on_device_failure="continue")]
    gate = gate_result(fleet(*hosts), [{C1: goal_end({"c1": Campaign(MIXED)})}])
    assert decisions(gate) == {"a": "go", "b": "fail", "c": "skip", "d": "go", "e": "fail", "f": "go"}
    assert gate["held"] == {"b": "fail", "c": "skip", "e": "fail"}
    assert gate["passing"] == "\na\nd\nf\n"
    assert gate["message"] == "3 of 6 hosts go on, 2 fail, 1 are left out."
    assert gate["changed"] is False
    assert len(gate["goals"]) == 1
    assert json.loads(json.dumps(gate)) == gate


def test_the_part_of_a_host_is_a_whole_result() -> None:
    end = goal_end({"c1": Campaign(MIXED)})
    gate = gate_result(fleet(member("a", C1, "1"), member("b", C1, "2"), member("c")), [{C1: end}])
    assert set(of_host(gate, "a")) == {*end.result, "goal", "device", "decision"}
    a, b, c = (of_host(gate, name) for name in "abc")
    assert a["device"] == {
        "campaign_id": "c1",
        "device_id": "1",
        "state": "succeeded",
        "status": "UpgradeSuccess",
        "reason": "why",
    }
    assert (a["reason"], a["message"], a["reached"]) == ("reached", "A sentence.", True)
    # Its campaign is a success all the same.
    assert (b["reason"], b["reached"], b["decision"]) == ("device_not_upgraded", True, "fail")
    assert b["message"] == "Device 2 was not upgraded: it is failed [UpgradeFailed]: why."
    assert b["campaign"]["id"] == "c1"
    assert c["device"] is None


def test_hosts_of_several_parties_and_goals_find_their_own() -> None:
    # The same goal under two accounts is two goals.
    ends: list[dict[Goal, GoalEnd]] = [
        {C1: goal_end({"c1": Campaign()}), C2: goal_end({"c2": Campaign()}, "timed_out", "Too late.")},
        {C1: goal_end({"c1": Campaign(account=OTHER_ACCOUNT)}, "not_found", "It is not there.")},
    ]
    parties = (party(member("a"), member("b", C2, on_timeout="skip"), member("c", C2)), party(member("d")))
    gate = gate_result(Fleet(parties, ()), ends)
    assert decisions(gate) == {"a": "go", "b": "skip", "c": "fail", "d": "fail"}
    assert [of_host(gate, name)["message"] for name in "abcd"] == [
        "A sentence.",
        "Too late.",
        "Too late.",
        "It is not there.",
    ]
    assert len(gate["goals"]) == 3


def test_hosts_without_a_campaign_pass() -> None:
    lost = (member("x", None), member("y", None))
    gate = gate_result(fleet(member("a"), without=lost), [{C1: goal_end({"c1": Campaign()})}])
    assert decisions(gate) == {"a": "go", "x": "go", "y": "go"}
    part = of_host(gate, "y")
    assert (part["reason"], part["reached"], part["campaign"], part["campaigns"]) == ("no_campaign", False, None, [])
    assert "campaign_wait_missing is pass" in part["message"]
    assert len(gate["goals"]) == 2


def test_with_no_host_nothing_is_said_of_any() -> None:
    gate = gate_result(Fleet((), ()), [])
    assert (gate["hosts"], gate["held"], gate["passing"], gate["goals"]) == ({}, {}, "\n", [])
    assert "ansible_stats" not in gate


@pytest.mark.parametrize("reason", ["timed_out", "not_reachable", "reached", "too_many_failures"])
def test_a_report_lets_every_host_pass_whose_campaigns_could_be_read(reason: str) -> None:
    hosts = [member("a", C1, "2"), member("b"), member("c", C2)]
    ends = {C1: goal_end({"c1": Campaign(MIXED)}, reason), C2: goal_end({"c2": Campaign(is_read=False)}, "not_found")}
    gate = gate_result(fleet(*hosts), [ends], is_report=True)
    assert decisions(gate) == {"a": "go", "b": "go", "c": "fail"}
    assert of_host(gate, "a")["device"]["state"] == "failed"
    assert of_host(gate, "a")["reason"] == reason


def test_a_report_of_several_campaigns_needs_them_all() -> None:
    both = Goal(("c1", "c2"), 1)
    end = goal_end({"c1": Campaign(), "c2": Campaign(is_read=False)})
    assert decisions(gate_result(fleet(member("a", both)), [{both: end}], is_report=True)) == {"a": "fail"}
    assert decisions(gate_result(fleet(member("a", both)), [{both: end}])) == {"a": "go"}


def test_a_refusal_is_the_same_for_all() -> None:
    gate = refusal(OptionError("It is wrong.", {"hosts_without_campaign": ["b"]}), ["a", "b"])
    assert decisions(gate) == gate["held"] == {"a": "fail", "b": "fail"}
    assert gate["passing"] == ""
    for host in ("a", "b"):
        part = of_host(gate, host)
        assert (part["reason"], part["message"], part["device"]) == ("invalid_option", "It is wrong.", None)
        assert (part["campaigns"], part["campaign"], part["reached"]) == ([], None, False)
        assert part["hosts_without_campaign"] == ["b"]
    assert (gate["reason"], gate["message"]) == ("invalid_option", "It is wrong.")


def test_what_one_host_needs_to_know() -> None:
    ends = {C1: goal_end({"c1": Campaign()}), C2: goal_end({"c2": Campaign(MIXED)}, message="Of the second.")}
    gate = gate_result(fleet(member("a"), member("b", C2, "2"), member("c", C2)), [ends])
    part = only_for(gate, "b")
    assert set(part["hosts"]) == {"b"}
    assert of_host(part, "b") == {**of_host(gate, "b"), "goal": 0}
    assert part["ansible_stats"] == gate["ansible_stats"]
    del gate["ansible_stats"]
    assert set(only_for(gate, "a")) == {"goals", "hosts"}


def test_names_are_each_between_line_breaks() -> None:
    text = names_of(["a", "ab", "b a"])
    assert [f"\n{name}\n" in text for name in ("a", "ab", "b a", "b", "")] == [True, True, True, False, False]


def test_a_thousand_hosts_share_what_they_share() -> None:
    devices: dict[str | None, str] = {str(number): "succeeded" for number in range(1000)}
    hosts = [member(f"host-{number:04}", C1, str(number)) for number in range(1000)]
    gate = gate_result(fleet(*hosts), [{C1: goal_end({"c1": Campaign(devices)})}])
    assert len(gate["goals"]) == 1
    assert len(json.dumps(gate)) < 1000 * 250
    assert len(stats_of(gate)) == 1


def test_stats_are_left_under_the_key_of_each_host() -> None:
    hosts = [member("a"), member("b", C2, stats="mine"), member("c", stats=""), member("d", C1, stats="mine")]
    ends = {C1: goal_end({"c1": Campaign(MIXED)}), C2: goal_end({"c2": Campaign()})}
    gate = gate_result(fleet(*hosts), [ends])
    assert {key: set(value) for key, value in gate["ansible_stats"]["data"].items()} == {
        "thingspace_campaigns": {"c1"},
        "mine": {"c1", "c2"},
    }
    assert (gate["ansible_stats"]["per_host"], gate["ansible_stats"]["aggregate"]) == (False, True)
    assert "ansible_stats" not in gate_result(fleet(member("a", stats="")), [ends])


@pytest.mark.parametrize("order", [(False, True), (True, False)])
def test_stats_have_devices_if_any_host_asks_for_them(order: tuple[bool, bool]) -> None:
    hosts = [member("a", stats_devices=order[0]), member("b", stats_devices=order[1])]
    gate = gate_result(fleet(*hosts), [{C1: goal_end({"c1": Campaign(MIXED)})}])
    assert stats_of(gate)["c1"]["device_ids"]["failed"] == ["2"]
    without = gate_result(fleet(member("a", C1, "2")), [{C1: goal_end({"c1": Campaign(MIXED)})}])
    assert "device_ids" not in stats_of(without)["c1"]


def test_the_same_id_under_two_accounts_is_two_campaigns() -> None:
    ends = [
        {C1: goal_end({"c1": Campaign(MIXED)})},
        {C1: goal_end({"c1": Campaign(account=OTHER_ACCOUNT)}, "timed_out")},
        {C1: goal_end({"c1": Campaign(api_version="v3")})},
        {C1: goal_end({"c1": Campaign(MIXED)})},
    ]
    gate = gate_result(Fleet(tuple(party(member(name)) for name in "abcd"), ()), ends)
    kept = stats_of(gate)
    assert set(kept) == {"c1", f"c1 {OTHER_ACCOUNT} v2", f"c1 {ACCOUNT} v3"}
    assert {name: (one["account_name"], one["api_version"]) for name, one in kept.items()} == {
        "c1": (ACCOUNT, "v2"),
        f"c1 {OTHER_ACCOUNT} v2": (OTHER_ACCOUNT, "v2"),
        f"c1 {ACCOUNT} v3": (ACCOUNT, "v3"),
    }


def test_no_secret_is_in_the_result() -> None:
    gate = json.dumps(gate_result(fleet(member("a", C1, "1")), [{C1: goal_end({"c1": Campaign(MIXED)})}]))
    assert not [text for text in ("the-key", "the-secret", "the-user", "the-password") if text in gate]
