# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the role's variables of each host to parties, goals and terms, or one sentence that says what is wrong."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import (
    VARIABLES,
    Fleet,
    Terms,
    Values,
    fleet_of,
    has_campaign,
    names_text,
    role_variable,
)

IMEI: t.Final = "990003425730535"


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for option in CAMPAIGN_INFO_OPTIONS:
        if option.env:
            monkeypatch.delenv(option.env, raising=False)


def host(*ids: str, **more: t.Any) -> Values:
    """The role's variables of a host with these campaigns; None leaves one out."""
    values = {
        "account_name": "0402196254-00001",
        "campaign_id": list(ids),
        "api_key": "the-key",
        "api_secret": "the-secret",
        "username": "the-user",
        "password": "the-password",
        **more,
    }
    return {f"campaign_wait_{name}": value for name, value in values.items() if value is not None}


def hosts_of(fleet: Fleet) -> list[list[str]]:
    """The names of the hosts of each party."""
    return [[member.host for member in party.members] for party in fleet.parties]


def refusal(hosts: dict[str, Values]) -> str:
    """The sentence with which these hosts are refused."""
    with pytest.raises(OptionError) as caught:
        fleet_of(hosts)
    assert caught.value.reason == "invalid_option"
    assert caught.value.message.isprintable()
    return caught.value.message


def test_hosts_of_one_account_are_one_party_with_a_goal_for_each_set_of_campaigns() -> None:
    fleet = fleet_of({"a": host("c1"), "b": host("c2"), "c": host("c1"), "d": host("c2", "c3")})
    (party,) = fleet.parties
    assert [member.host for member in party.members] == ["a", "c", "b", "d"]
    assert party.goals == (Goal(("c1",), 1), Goal(("c2",), 1), Goal(("c2", "c3"), 2))
    assert party.wishes.campaigns.ids == ("c1", "c2", "c3")
    assert party.wishes.waiting is not None and party.wishes.waiting.needed == 3
    assert [member.goal for member in party.members] == [party.goals[index] for index in (0, 0, 1, 2)]
    assert fleet.without_campaign == ()
    assert not party.has_devices


OTHERS: t.Final[dict[str, t.Any]] = {
    "account_name": "0642233522-00001",
    "api_version": "v3",
    "api_key": "another-key",
    "api_secret": "another-secret",
    "username": "another-user",
    "password": "another-password",
    "access_token": "another-token",
    "session_token": "another-token",
    "api_url": "https://another.host/api",
    "request_timeout": 7,
    "validate_certs": False,
    "ca_path": "/another/file",
    "max_concurrency": 2,
    "devices": "summary",
    "state": ["aborted"],
    "timeout": 77,
    "until_end_plus": 77,
    "interval": 77,
    "max_interval": 7777,
    "unknown_state": "fail",
    "not_found": 77,
    "max_consecutive_errors": 7,
    "max_error_seconds": 77,
    "progress_interval": 77,
    "min_success_percent": 77,
    "max_failure_percent": 7,
    "max_failure_count": 7,
    "min_devices": 7,
    "report_every": 7,
}
OWN: t.Final[dict[str, t.Any]] = {
    "campaign_id": ["c1", "c2"],
    "match": "1",
    "device_id": IMEI,
    "on_device_failure": "skip",
    "on_timeout": "continue",
    "missing": "pass",
    "stats": "another_key",
    "stats_devices": True,
}


def test_every_variable_is_tried_here() -> None:
    assert {f"campaign_wait_{name}" for name in (*OTHERS, *OWN)} == set(VARIABLES)


@pytest.mark.parametrize("name", OTHERS)
def test_hosts_that_want_another_wait_are_another_party(name: str) -> None:
    fleet = fleet_of({"a": host("c1"), "b": host("c1", **{name: OTHERS[name]}), "c": host("c1")})
    assert hosts_of(fleet) == [["a", "c"], ["b"]]


@pytest.mark.parametrize("name", OWN)
def test_what_is_each_hosts_own_business_makes_no_other_wait(name: str) -> None:
    fleet = fleet_of({"a": host("c1"), "b": host("c1", **{name: OWN[name]}), "c": host("c1")})
    (party,) = fleet.parties
    assert sorted(member.host for member in party.members) == ["a", "b", "c"]


def test_values_are_compared_as_what_they_mean() -> None:
    text = host("c1", timeout="60", validate_certs="yes", campaign_id="c1")
    fleet = fleet_of({"a": host("c1", timeout=60, validate_certs=True), "b": text})
    (party,) = fleet.parties
    assert party.goals == (Goal(("c1",), 1),)
    assert fleet_of({"a": host(campaign_id="c1,c2")}).parties[0].goals == (Goal(("c1", "c2"), 2),)


def test_what_is_not_given_has_its_default() -> None:
    (party,) = fleet_of({"a": host("c1")}).parties
    waiting = party.wishes.waiting
    assert waiting is not None
    assert party.members[0].terms == Terms("fail", "fail", "thingspace_campaigns", False)
    assert (waiting.targets, waiting.timeout, waiting.pace.floor) == (("ended",), None, 300)
    assert party.wishes.campaigns.api_version == "v2"
    assert party.wishes.connection.api_url == "https://thingspace.verizon.com/api"
    assert party.is_talkative
    assert not fleet_of({"a": host("c1", progress_interval=0)}).parties[0].is_talkative
    # The role decides by itself what a time-out means, for each host.
    assert waiting.return_on_timeout is True


def test_terms_are_each_hosts_own() -> None:
    terms = {"on_device_failure": "continue", "on_timeout": "skip", "stats": "", "stats_devices": "yes"}
    (party,) = fleet_of({"a": host("c1", **terms), "b": host("c1")}).parties
    assert [member.terms for member in party.members] == [
        Terms("continue", "skip", "", True),
        Terms("fail", "fail", "thingspace_campaigns", False),
    ]


def test_what_is_given_nowhere_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_USERNAME", "from-the-environment")
    monkeypatch.setenv("THINGSPACE_API_KEY", "from-the-environment")
    monkeypatch.setenv("THINGSPACE_ACCOUNT_NAME", "0642233522-00001")
    (party,) = fleet_of({"a": host("c1", username=None, account_name=None)}).parties
    assert party.wishes.credentials.username == "from-the-environment"
    assert party.wishes.credentials.api_key == "the-key"
    assert party.wishes.campaigns.account_name == "0642233522-00001"


@pytest.mark.parametrize(
    ("match", "needed"), [("all", 3), ("any", 1), ("ANY", 1), ("2", 2), (2, 2), (None, 3)], ids=repr
)
def test_lists_of_campaigns_with_a_match(match: t.Any, needed: int) -> None:
    (party,) = fleet_of({"a": host("c1", "c2", "c3", match=match)}).parties
    assert party.goals == (Goal(("c1", "c2", "c3"), needed),)


def test_the_same_campaigns_with_another_match_are_another_goal() -> None:
    (party,) = fleet_of({"a": host("c1", "c2"), "b": host("c1", "c2", match="any"), "c": host("c1", match="1")}).parties
    assert party.goals == (Goal(("c1", "c2"), 2), Goal(("c1", "c2"), 1), Goal(("c1",), 1))
    assert party.wishes.campaigns.ids == ("c1", "c2")


def test_a_campaign_that_is_named_twice_counts_once() -> None:
    assert fleet_of({"a": host("c1", "c1", "c2")}).parties[0].goals == (Goal(("c1", "c2"), 2),)
    assert "from 1 to the number of campaigns (1)" in refusal({"a": host("c1", "c1", match="2")})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (IMEI, IMEI),
        (f" {IMEI} ", IMEI),
        (int(IMEI), IMEI),
        ("012345678901234", "012345678901234"),
        ("A1000051", "A1000051"),
        (None, None),
        ("", None),
    ],
)
def test_a_device_id(given: t.Any, meant: str | None) -> None:
    (party,) = fleet_of({"a": host("c1", device_id=given)}).parties
    assert [member.device_id for member in party.members] == [meant]
    assert party.has_devices is (meant is not None)


@pytest.mark.parametrize("given", [12345678901234, 1.5, True, [IMEI], {"imei": IMEI}])
def test_a_device_id_that_cannot_be_one_names_its_host(given: t.Any) -> None:
    said = refusal({"a": host("c1"), "b": host("c1", device_id=given), "c": host("c1", device_id=IMEI)})
    assert said.startswith("campaign_wait_device_id of host b was read as a number, which loses leading zeros")


def test_each_device_stays_with_its_host() -> None:
    imeis = {f"h{number}": f"{int(IMEI) + number}" for number in range(1000)}
    fleet = fleet_of({name: host(f"c{imei[-1]}", device_id=imei) for name, imei in imeis.items()})
    (party,) = fleet.parties
    assert {member.host: member.device_id for member in party.members} == imeis
    assert all(member.goal == Goal((f"c{imeis[member.host][-1]}",), 1) for member in party.members)
    assert len(party.goals) == 10


@pytest.mark.parametrize("nothing", [None, [], "", "  "], ids=repr)
def test_hosts_without_a_campaign_are_named(nothing: t.Any) -> None:
    hosts = {"a": host("c1"), "b": host(campaign_id=nothing), "c": host(campaign_id=nothing, missing="fail")}
    assert not has_campaign(hosts["b"])
    with pytest.raises(OptionError) as caught:
        fleet_of(hosts)
    assert caught.value.message == (
        "2 of 3 hosts have no campaign_wait_campaign_id: b, c. Set it for them, leave such hosts out of the play, or "
        "set campaign_wait_missing to pass."
    )
    assert caught.value.facts == {"hosts_without_campaign": ["b", "c"]}
    assert refusal({"b": hosts["b"]}).startswith("campaign_wait_campaign_id is missing: set it to the ID of a campaign")


@pytest.mark.parametrize("nothing", [None, [], "", "  "], ids=repr)
def test_hosts_without_a_campaign_may_pass(nothing: t.Any) -> None:
    fleet = fleet_of({"a": host("c1"), "b": host(campaign_id=nothing, missing="pass", stats="")})
    assert hosts_of(fleet) == [["a"]]
    (member,) = fleet.without_campaign
    assert (member.host, member.goal, member.terms.stats) == ("b", None, "")
    assert [one.host for one in fleet.members] == ["a", "b"]


def test_with_no_host_at_all_there_is_nothing_to_wait_for() -> None:
    assert fleet_of({}) == Fleet((), ())


def test_the_options_of_hosts_without_a_campaign_are_checked_too() -> None:
    said = refusal({"a": host(campaign_id=None, missing="pass", timeout="soon")})
    assert "campaign_wait_timeout" in said


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"on_timeout": "explode"}, "campaign_wait_on_timeout must be one of fail, skip, continue, not 'explode'."),
        ({"on_device_failure": "return"}, "campaign_wait_on_device_failure must be one of"),
        ({"stats_devices": "perhaps"}, "campaign_wait_stats_devices"),
        ({"api_version": "v9"}, "campaign_wait_api_version must be one of v1, v2, v3, not 'v9'."),
        (
            {"timeout": "soon"},
            "campaign_wait_timeout must be a time, 0 or more: a number of seconds, or",
        ),
        ({"timeout": -1}, "2d or 1w, not -1."),
        ({"match": "most"}, "campaign_wait_match must be all, any, or a number from 1 to the number of campaigns (1)"),
        ({"state": ["over"]}, "campaign_wait_state 'over' is not a known state"),
        (
            {"interval": 600, "max_interval": 60},
            "campaign_wait_max_interval (60) is below campaign_wait_interval (600)",
        ),
        ({"max_failure_percent": 101}, "campaign_wait_max_failure_percent must be a percentage"),
        ({"campaign_id": ["../x"]}, "campaign_wait_campaign_id"),
        ({"account_name": 402196254}, "campaign_wait_account_name was read as a number"),
        ({"account_name": None}, "campaign_wait_account_name is missing: set it, or THINGSPACE_ACCOUNT_NAME in"),
        ({"password": None}, "campaign_wait_username is set without campaign_wait_password: set both (or THINGSPACE_P"),
        ({"api_url": "ftp://x"}, "campaign_wait_api_url must look like https://thingspace.verizon.com/api (scheme,"),
        ({"max_consecutive_errors": -1}, "campaign_wait_max_consecutive_errors must be a whole number"),
        (
            {"state": ["scheduled"], "min_success_percent": 90},
            "campaign_wait_state scheduled does not go with campaign_wait_min_success_percent",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_the_words_of_the_role(wrong: dict[str, t.Any], says: str) -> None:
    bad = {**host("c1"), **host("c1", **wrong)}
    for name, value in wrong.items():
        if value is None:
            del bad[role_variable(name)]
    assert refusal({"b": bad}).startswith(says) or says in refusal({"b": bad})
    # All hosts alike are not named; some of several are.
    assert "(hosts:" not in refusal({"b": bad, "c": bad})
    said = refusal({"a": host("c1"), "b": bad, "c": bad})
    assert says in said and said.endswith(" (hosts: b, c)")


def test_many_hosts_are_not_all_named() -> None:
    names = [f"h{number}" for number in range(1, 26)]
    assert names_text(names[:20]) == ", ".join(names[:20])
    assert names_text(names) == ", ".join(names[:20]) + " and 5 more"
    said = refusal({"a": host("c1"), **{name: host("c1", timeout=-1) for name in names}})
    assert said.endswith("h19, h20 and 5 more)")


def test_thresholds() -> None:
    (party,) = fleet_of({"a": host("c1", max_failure_count=3, min_devices=10, report_every=2)}).parties
    waiting = party.wishes.waiting
    assert waiting is not None and waiting.thresholds.are_set
    assert (waiting.thresholds.max_failure_count, waiting.thresholds.min_devices, waiting.report_every) == (3, 10, 2)


@pytest.mark.parametrize("state", ["scheduled", "CampaignQueued", ["ended", "scheduled"]])
def test_an_early_target_does_not_go_with_devices(state: t.Any) -> None:
    early = host("c1", state=state, device_id=IMEI)
    said = refusal({"a": host("c1", device_id=IMEI), "b": early})
    assert "does not go with campaign_wait_device_id: what came of a device is known for sure only when its" in said
    assert said.endswith("or set campaign_wait_on_device_failure to continue. (hosts: b)")
    assert "campaign_wait_device_id" in refusal({"a": host("c1", state=state), "b": early})
    # Without a device, or when nothing comes of it, any state will do.
    fleet_of({"a": host("c1", state=state), "b": {**early, "campaign_wait_on_device_failure": "continue"}})


@pytest.mark.parametrize("state", ["ended", "cancelled", ["ended", "aborted"]])
def test_a_final_target_goes_with_devices(state: t.Any) -> None:
    assert fleet_of({"a": host("c1", state=state, device_id=IMEI)}).parties[0].has_devices


def test_a_secret_is_in_no_sentence_and_no_representation() -> None:
    fleet = fleet_of({"a": host("c1")})
    for secret in ("the-key", "the-secret", "the-user", "the-password"):
        assert secret not in repr(fleet)


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("wait_timeout", "campaign_wait_timeout"),
        ("campaign_id", "campaign_wait_campaign_id"),
        ("wait_on_timeout", "campaign_wait_on_timeout"),
        ("on_timeout", "campaign_wait_on_timeout"),
    ],
)
def test_the_name_of_a_variable(option: str, variable: str) -> None:
    assert role_variable(option) == variable
